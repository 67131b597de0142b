-- From which network accounts were opened, for a few days and as a keyed code: many from one place are pointed out to people.
CREATE TABLE account_origin (
    account_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    network    BINARY(16)      NOT NULL COMMENT 'keyed code of the /24 or /48',
    created_at BIGINT          NOT NULL,
    KEY age (created_at),
    KEY place (network, created_at),
    CONSTRAINT account_origin_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE flag MODIFY kind ENUM('prompt','burst','travel','crowd') NOT NULL;
