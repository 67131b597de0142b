-- A member's copy of their data: asked for on a page, written by the steward into a file, fetched once with the link of a
-- letter. The file has the name `file_id` and is there exactly as long as the row names it.
CREATE TABLE data_copy (
    id           BIGINT UNSIGNED  NOT NULL AUTO_INCREMENT PRIMARY KEY,
    account_id   BIGINT UNSIGNED  NOT NULL,
    state        ENUM('asked','building','ready','fetched','failed','gone') NOT NULL DEFAULT 'asked',
    asked_at     BIGINT           NOT NULL,
    due_at       BIGINT           NOT NULL COMMENT 'asked: when it may be begun; building: end of the lease',
    attempts     TINYINT UNSIGNED NOT NULL DEFAULT 0,
    file_id      BINARY(16)       NULL UNIQUE COMMENT 'of the file, and of the claim that writes it',
    token_hash   BINARY(32)       NULL UNIQUE COMMENT 'SHA-256 of the token in the link',
    ready_at     BIGINT           NULL,
    ends_at      BIGINT           NULL COMMENT 'until then it can be fetched',
    bytes        BIGINT           NULL,
    fetched_at   BIGINT           NULL,
    fetched_by   BINARY(32)       NULL COMMENT 'session that may fetch it again after a broken download',
    open_account BIGINT UNSIGNED  GENERATED ALWAYS AS (IF(state IN ('asked','building','ready'), account_id, NULL)) VIRTUAL
        COMMENT 'an account has one open copy',
    UNIQUE KEY open_account (open_account),
    KEY due (state, due_at),
    KEY of_account (account_id, asked_at),
    CONSTRAINT copy_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
