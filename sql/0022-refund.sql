-- Money that goes back because a member or the operator asked for it. Its credits are held (refund:ID:hold in the ledger) until
-- the processor says that it went, or that it cannot. At most one of a purchase is on its way.
CREATE TABLE refund (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id   BINARY(16)      NOT NULL UNIQUE COMMENT 'makes a repeated request to the processor the same one',
    purchase_id BIGINT UNSIGNED NOT NULL,
    account_id  BIGINT UNSIGNED NOT NULL,
    amount      BIGINT          NOT NULL COMMENT 'minor units',
    credits     BIGINT          NOT NULL COMMENT 'held for it; fewer than were sold for the amount when the rest is spent',
    asked_by    ENUM('member','operator') NOT NULL,
    reason      VARCHAR(300)    NOT NULL DEFAULT '' COMMENT 'the operator''s',
    state       ENUM('asked','sent','done','failed') NOT NULL DEFAULT 'asked' COMMENT 'sent: the processor has it',
    refund_id   VARCHAR(255)    CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE COMMENT 'of the processor',
    attempts    INT             NOT NULL DEFAULT 0,
    next_try_at BIGINT          NOT NULL,
    created_at  BIGINT          NOT NULL,
    ended_at    BIGINT          NULL,
    KEY due (state, next_try_at),
    KEY of_purchase (purchase_id, id),
    CONSTRAINT refund_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id),
    CONSTRAINT refund_account FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT refund_sums CHECK (amount > 0 AND credits >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
