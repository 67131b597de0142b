-- Who agreed to what is not essential, and when; and the page views of those who did, until they are added up.
CREATE TABLE consent (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    word_hash  BINARY(32)      NOT NULL COMMENT 'SHA-256 of the random word in the cookie',
    account_id BIGINT UNSIGNED NULL COMMENT 'NULL: not signed in',
    choice     ENUM('accept','refuse') NOT NULL,
    version    VARCHAR(10)     NOT NULL COMMENT 'of the policy that was in force',
    decided_at BIGINT          NOT NULL,
    KEY word (word_hash, id),
    KEY account (account_id),
    KEY age (decided_at),
    CONSTRAINT consent_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE usage_event (
    id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    route     VARCHAR(40)     NOT NULL COMMENT 'name of the page',
    opened_at BIGINT          NOT NULL,
    KEY age (opened_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE usage_day (
    starts_at BIGINT      NOT NULL COMMENT 'of the day, UTC',
    route     VARCHAR(40) NOT NULL,
    views     BIGINT      NOT NULL COMMENT 'five or more',
    PRIMARY KEY (starts_at, route)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
