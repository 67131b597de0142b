-- What a person should look at: prompts that rules point out, and accounts that behave unlike a person.
CREATE TABLE flag (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind       ENUM('prompt','burst','travel') NOT NULL,
    account_id BIGINT UNSIGNED NOT NULL,
    subject    VARCHAR(39)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'public id of a job',
    about      VARCHAR(120)    NOT NULL COMMENT 'category of the rule, or what was counted',
    mark       VARCHAR(80)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'so that one thing is pointed out once',
    state      ENUM('open','closed') NOT NULL DEFAULT 'open',
    note       VARCHAR(300)    NOT NULL DEFAULT '' COMMENT 'what the person decided',
    created_at BIGINT          NOT NULL,
    closed_at  BIGINT          NULL,
    KEY queue (state, id),
    KEY age (created_at),
    KEY ended (closed_at),
    KEY account (account_id, id),
    CONSTRAINT flag_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
