-- Purchases of credits, and the payment processor's events. Amounts are minor units of the currency (cents). A purchase is
-- made before anybody pays; only an event of the processor, or asking it, makes it paid.
CREATE TABLE purchase (
    id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id        BINARY(16)      NOT NULL UNIQUE,
    account_id       BIGINT UNSIGNED NOT NULL,
    plan             VARCHAR(40)     NOT NULL,
    plan_name        VARCHAR(80)     NOT NULL COMMENT 'as it was sold',
    credits          BIGINT          NOT NULL,
    amount           BIGINT          NOT NULL,
    currency         CHAR(3)         NOT NULL,
    state            ENUM('open','waiting','paid','failed','expired') NOT NULL DEFAULT 'open' COMMENT 'waiting: the money is on its way',
    live             TINYINT         NOT NULL COMMENT '0 = in test mode, no money moved',
    session_id       VARCHAR(255)    CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE COMMENT 'of the processor',
    payment_id       VARCHAR(255)    CHARACTER SET ascii COLLATE ascii_bin NULL UNIQUE COMMENT 'of the processor: its payment intent',
    submit_key       BINARY(16)      NOT NULL COMMENT 'of the form: a second submission finds the first purchase',
    receipt          BIGINT          NULL UNIQUE COMMENT 'number without gaps, given when it is paid',
    refunded_amount  BIGINT          NOT NULL DEFAULT 0,
    refunded_credits BIGINT          NOT NULL DEFAULT 0 COMMENT 'really taken back; what was spent cannot be',
    disputed_credits BIGINT          NOT NULL DEFAULT 0 COMMENT 'taken back while a dispute lasts, or for good',
    dispute          ENUM('none','open','won','lost') NOT NULL DEFAULT 'none',
    created_at       BIGINT          NOT NULL,
    paid_at          BIGINT          NULL,
    UNIQUE KEY submit (account_id, submit_key),
    KEY of_account (account_id, id),
    KEY state_created (state, created_at),
    CONSTRAINT purchase_account FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT purchase_refund CHECK (refunded_amount BETWEEN 0 AND amount),
    CONSTRAINT purchase_taken CHECK (refunded_credits >= 0 AND disputed_credits >= 0 AND refunded_credits + disputed_credits <= credits)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row; locked by whoever gives out the next number, so that a rollback leaves no gap.
CREATE TABLE receipt_number (
    one  TINYINT NOT NULL PRIMARY KEY,
    last BIGINT  NOT NULL,
    CONSTRAINT only_one CHECK (one = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO receipt_number (one, last) VALUES (1, 0);

-- Stored first, then acted upon. The id is the processor's, so that an event counts once however often it comes.
CREATE TABLE processor_event (
    id          VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    type        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state       ENUM('new','done','ignored','failed') NOT NULL DEFAULT 'new',
    attempts    INT          NOT NULL DEFAULT 0,
    next_try_at BIGINT       NOT NULL,
    error       VARCHAR(255) NULL,
    body        MEDIUMTEXT   NOT NULL COMMENT 'JSON as it was signed',
    received_at BIGINT       NOT NULL,
    KEY due (state, next_try_at),
    KEY received (received_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
