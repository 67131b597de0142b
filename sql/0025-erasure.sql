-- Deletion of an account: asked for, a time of grace in which it can be taken back, then done. Once it is done the row
-- names nobody: it holds the code of the receipt and the end of its chain, and so proves that a deletion took place.
ALTER TABLE account
    MODIFY state ENUM('active','closed','leaving') NOT NULL DEFAULT 'active' COMMENT 'leaving: closed to use, erased soon';

CREATE TABLE erasure (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id   BINARY(16)      NOT NULL UNIQUE COMMENT 'code of the receipt',
    account_id  BIGINT UNSIGNED NULL UNIQUE COMMENT 'until it is done',
    state       ENUM('asked','running','done') NOT NULL DEFAULT 'asked',
    asked_at    BIGINT          NOT NULL,
    due_at      BIGINT          NOT NULL COMMENT 'end of the grace',
    reminded_at BIGINT          NULL,
    done_at     BIGINT          NULL,
    head        BINARY(32)      NULL COMMENT 'last hash of the receipt',
    KEY due (state, due_at),
    CONSTRAINT erasure_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What has gone so far. The receipt is made of it; then it goes too.
CREATE TABLE erasure_step (
    erasure_id BIGINT UNSIGNED NOT NULL,
    what       VARCHAR(100)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'table, or table and column',
    action     VARCHAR(20)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    entries    BIGINT          NOT NULL,
    files      BIGINT          NOT NULL,
    ended_at   BIGINT          NOT NULL,
    PRIMARY KEY (erasure_id, what),
    CONSTRAINT step_erasure FOREIGN KEY (erasure_id) REFERENCES erasure (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
