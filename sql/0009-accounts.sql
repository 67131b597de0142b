-- Addresses are proven by a mailed link. Until then an account works, but the address is only claimed: others may
-- claim it too, so that opening an account tells nobody which addresses are known. Whoever proves it owns it.
ALTER TABLE account
    ADD COLUMN verified_at BIGINT NULL COMMENT 'when the address was proven to be the owner''s' AFTER password_hash;
UPDATE account SET verified_at = created_at;
ALTER TABLE account
    DROP INDEX email_key,
    ADD KEY email_key (email_key),
    ADD COLUMN owner_key VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
        GENERATED ALWAYS AS (IF(verified_at IS NULL, NULL, email_key)) VIRTUAL COMMENT 'an address has one owner',
    ADD UNIQUE KEY owner_key (owner_key);

-- What a mailed link or a half-made step is worth. Used once, then gone. Without an account: somebody asked for an
-- address that has none, and the answer had to look the same.
CREATE TABLE account_proof (
    token_hash BINARY(32)      NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the token in the link',
    kind       ENUM('confirm','reset','move','step') NOT NULL,
    account_id BIGINT UNSIGNED NULL,
    email      VARCHAR(254)    NOT NULL DEFAULT '' COMMENT 'the address that is to be proven, as typed',
    email_key  VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    created_at BIGINT          NOT NULL,
    expires_at BIGINT          NOT NULL,
    KEY account (account_id, kind),
    KEY asked (email_key, kind, created_at),
    KEY expiry (expires_at),
    CONSTRAINT proof_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
