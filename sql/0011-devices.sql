-- Where sessions are, as coarsely as a person would say it, and which browsers an account knows: a sign-in from a new
-- one is told by letter, and a known one is never slowed by somebody else's guessing.
ALTER TABLE session
    ADD COLUMN browser VARCHAR(40) NOT NULL DEFAULT '' COMMENT 'Firefox on Linux; empty = not told',
    ADD COLUMN region  CHAR(2)     NOT NULL DEFAULT '' COMMENT 'country by the web server; empty = unknown';

CREATE TABLE account_device (
    token_hash   BINARY(32)      NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the cookie that knows a browser again',
    account_id   BIGINT UNSIGNED NOT NULL,
    browser      VARCHAR(40)     NOT NULL,
    region       CHAR(2)         NOT NULL,
    created_at   BIGINT          NOT NULL,
    last_seen_at BIGINT          NOT NULL,
    KEY account (account_id, browser, region),
    KEY expiry (last_seen_at),
    CONSTRAINT device_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
