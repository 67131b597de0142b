-- Questions to the people who run the site, and their answers.
CREATE TABLE ticket (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id  BINARY(16)      NOT NULL UNIQUE,
    account_id BIGINT UNSIGNED NULL COMMENT 'who asked, when signed in',
    email      VARCHAR(254)    NOT NULL DEFAULT '' COMMENT 'who asked without an account',
    language   VARCHAR(15)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of letters to somebody without an account',
    kind       ENUM('problem','account','payment','picture','appeal','security','other') NOT NULL,
    subject    VARCHAR(120)    NOT NULL,
    state      ENUM('open','waiting','resolved') NOT NULL DEFAULT 'open' COMMENT 'open = we answer, waiting = they answer',
    token_hash BINARY(32)      NULL UNIQUE COMMENT 'of the secret link, where there is no account',
    created_at BIGINT          NOT NULL,
    changed_at BIGINT          NOT NULL COMMENT 'newest message or change of state',
    KEY queue (state, changed_at),
    KEY age (changed_at),
    KEY account (account_id, id),
    KEY address (email, created_at),
    CONSTRAINT ticket_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE ticket_message (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ticket_id  BIGINT UNSIGNED NOT NULL,
    author     ENUM('asker','staff') NOT NULL,
    body       TEXT            NOT NULL COMMENT 'plain text',
    submit_key BINARY(32)      NOT NULL UNIQUE COMMENT 'of the form or the letter, so that what is sent twice is kept once',
    mail_id    VARCHAR(250)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Message-ID of a letter, for answers to it',
    created_at BIGINT          NOT NULL,
    KEY ticket (ticket_id, id),
    CONSTRAINT ticket_message_ticket FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Pictures that came with a message, as they were sent: nothing on the site looks into them.
CREATE TABLE ticket_file (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ticket_id  BIGINT UNSIGNED NOT NULL,
    message_id BIGINT UNSIGNED NOT NULL,
    extension  ENUM('png','jpg','webp') NOT NULL,
    bytes      BIGINT          NOT NULL,
    data       MEDIUMBLOB      NOT NULL,
    KEY ticket (ticket_id, id),
    KEY message (message_id),
    CONSTRAINT ticket_file_ticket FOREIGN KEY (ticket_id) REFERENCES ticket (id) ON DELETE CASCADE,
    CONSTRAINT ticket_file_message FOREIGN KEY (message_id) REFERENCES ticket_message (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Letters that belong to a conversation.
ALTER TABLE mail_outbox
    ADD COLUMN reply_to VARCHAR(254) NOT NULL DEFAULT '' COMMENT 'where answers go',
    ADD COLUMN answers  VARCHAR(600) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'References, separated by blanks';
