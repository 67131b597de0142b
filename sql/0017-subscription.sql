-- Monthly plans. A subscription is made before anybody pays. Each of its invoices that is paid is a purchase like any other, with
-- a receipt of the same numbers; its credits may expire, when the plan says so.
CREATE TABLE subscription (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id    BINARY(16)      NOT NULL UNIQUE,
    account_id   BIGINT UNSIGNED NOT NULL,
    plan         VARCHAR(40)     NOT NULL,
    plan_name    VARCHAR(80)     NOT NULL COMMENT 'as it was sold',
    credits      BIGINT          NOT NULL COMMENT 'a month',
    amount       BIGINT          NOT NULL COMMENT 'a month',
    currency     CHAR(3)         NOT NULL,
    expires      ENUM('never','month') NOT NULL COMMENT 'what becomes of credits that are not used',
    live         TINYINT         NOT NULL COMMENT '0 = in test mode, no money moves',
    state        ENUM('open','active','past_due','ended','expired') NOT NULL DEFAULT 'open' COMMENT 'expired: never paid',
    ends         TINYINT         NOT NULL DEFAULT 0 COMMENT '1 = with the month that is paid',
    period_end   BIGINT          NULL COMMENT 'until when it is paid',
    session_id   VARCHAR(255)    CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE COMMENT 'of the processor',
    processor_id VARCHAR(255)    CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE COMMENT 'of the processor: its subscription',
    submit_key   BINARY(16)      NOT NULL COMMENT 'of the form: a second submission finds the first subscription',
    told_at      BIGINT          NOT NULL DEFAULT 0 COMMENT 'seconds; how new what we know is, by the processor''s clock',
    unsure       TINYINT         NOT NULL DEFAULT 0 COMMENT '1 = two messages of one second; the processor is to be asked',
    created_at   BIGINT          NOT NULL,
    UNIQUE KEY submit (account_id, submit_key),
    KEY of_account (account_id, id),
    CONSTRAINT subscription_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE purchase
    ADD subscription_id BIGINT UNSIGNED NULL COMMENT 'whose month was paid',
    ADD invoice_id      VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE COMMENT 'of the processor',
    ADD expires_at      BIGINT NULL COMMENT 'when credits that are not used expire; NULL = never',
    ADD expired_credits BIGINT NULL COMMENT 'how many did; NULL = not yet',
    ADD KEY expiry (expired_credits, expires_at),
    ADD CONSTRAINT purchase_subscription FOREIGN KEY (subscription_id) REFERENCES subscription (id),
    DROP CONSTRAINT purchase_taken,
    ADD CONSTRAINT purchase_taken CHECK (refunded_credits >= 0 AND disputed_credits >= 0 AND COALESCE(expired_credits, 0) >= 0
        AND refunded_credits + disputed_credits + COALESCE(expired_credits, 0) <= credits);
