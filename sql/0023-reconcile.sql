-- What the processor lists, compared with our books. A difference is a report for a person and repairs nothing. No row says
-- anything about who paid.
CREATE TABLE reconcile_run (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    since       BIGINT NOT NULL COMMENT 'payments made from here on were compared',
    ran_at      BIGINT NOT NULL,
    sessions    INT    NOT NULL,
    charges     INT    NOT NULL,
    purchases   INT    NOT NULL,
    differences INT    NOT NULL,
    KEY ran (ran_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE reconcile_difference (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    run_id      BIGINT UNSIGNED NOT NULL,
    kind        ENUM('not_credited','not_paid','amount','refunded','disputed','unknown_payment','ledger') NOT NULL,
    object      VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'what the processor calls it; empty: it has none',
    purchase_id BIGINT UNSIGNED NULL,
    ours        BIGINT NOT NULL COMMENT 'minor units; of ledger: credits; of disputed: 0 or 1',
    theirs      BIGINT NOT NULL,
    KEY of_run (run_id),
    CONSTRAINT difference_run FOREIGN KEY (run_id) REFERENCES reconcile_run (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
