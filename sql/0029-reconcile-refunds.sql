-- The processor's list of refunds is compared, too.
ALTER TABLE reconcile_run ADD refunds INT NOT NULL DEFAULT 0 AFTER charges;
ALTER TABLE reconcile_difference
    MODIFY kind ENUM('not_credited','not_paid','amount','refunded','disputed','unknown_payment','ledger','refund') NOT NULL;
