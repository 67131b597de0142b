-- Requests under the law of data protection, their deadline and their history.
CREATE TABLE rights_request (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id    BINARY(16)      NOT NULL UNIQUE,
    account_id   BIGINT UNSIGNED NULL COMMENT 'who asked, when signed in',
    email        VARCHAR(254)    NOT NULL DEFAULT '' COMMENT 'who asked without an account',
    language     VARCHAR(15)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of the letters',
    kind         ENUM('access','export','correct','delete','restrict','object','withdraw') NOT NULL,
    body         TEXT            NOT NULL COMMENT 'plain text',
    state        ENUM('unverified','open','extended','answered','refused') NOT NULL,
    refusal      ENUM('','unfounded','excessive','identity','law','others') NOT NULL DEFAULT '' COMMENT 'the legal reason',
    confirm_hash BINARY(32)      NULL UNIQUE COMMENT 'of the secret link, where there is no account',
    submit_key   BINARY(32)      NOT NULL UNIQUE COMMENT 'of the form, so that what is sent twice is kept once',
    asked_at     BIGINT          NOT NULL,
    verified_at  BIGINT          NULL COMMENT 'from here the month counts',
    due_at       BIGINT          NULL,
    answered_at  BIGINT          NULL COMMENT 'answered or refused',
    KEY queue (state, due_at),
    KEY unverified (state, asked_at),
    KEY age (answered_at),
    KEY account (account_id, id),
    KEY address (email, asked_at),
    CONSTRAINT rights_request_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE rights_event (
    id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    request_id BIGINT UNSIGNED NOT NULL,
    what       ENUM('asked','confirmed','extended','answered','refused') NOT NULL,
    note       TEXT            NOT NULL COMMENT 'the reason or the answer',
    created_at BIGINT          NOT NULL,
    KEY request (request_id, id),
    CONSTRAINT rights_event_request FOREIGN KEY (request_id) REFERENCES rights_request (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
