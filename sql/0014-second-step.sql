-- The second step of signing in. The secret of the authenticator app is not stored: it is made from `nonce` and the
-- site's secret file, so that a copy of the database opens nothing.
CREATE TABLE account_second (
    account_id   BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    nonce        BINARY(16)      NOT NULL,
    last_step    BIGINT          NOT NULL DEFAULT 0 COMMENT 'of the newest code that was used: it and older ones are over',
    created_at   BIGINT          NOT NULL,
    confirmed_at BIGINT          NULL COMMENT 'NULL = being set up; signing in does not ask yet',
    CONSTRAINT second_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE account_recovery (
    account_id BIGINT UNSIGNED NOT NULL,
    code_hash  BINARY(32)      NOT NULL COMMENT 'keyed hash of a code that works once',
    created_at BIGINT          NOT NULL,
    PRIMARY KEY (account_id, code_hash),
    CONSTRAINT recovery_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE account_proof
    ADD COLUMN tries TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'wrong codes at the second step';
