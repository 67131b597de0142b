-- Pictures that their owners show to everybody, and what visitors say against them. A publication has an id of its own, so
-- that the private address of the picture stays private. It shows only while its picture is there and kept.
CREATE TABLE publication (
    id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id    BINARY(16)      NOT NULL UNIQUE,
    media_id     BIGINT UNSIGNED NOT NULL UNIQUE,
    account_id   BIGINT UNSIGNED NOT NULL,
    show_name    TINYINT         NOT NULL COMMENT 'the display name beside it, as it is now',
    show_prompt  TINYINT         NOT NULL,
    state        ENUM('shown','hidden') NOT NULL DEFAULT 'shown' COMMENT 'hidden: by the operator, and stays so',
    published_at BIGINT          NOT NULL,
    KEY shown (state, id),
    KEY account (account_id),
    CONSTRAINT publication_media FOREIGN KEY (media_id) REFERENCES media (id) ON DELETE CASCADE,
    CONSTRAINT publication_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A reporter without an account leaves no trace but the reason and what was written.
CREATE TABLE report (
    id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    publication_id BIGINT UNSIGNED NOT NULL,
    account_id     BIGINT UNSIGNED NULL COMMENT 'who reported, when signed in',
    reason         ENUM('illegal','minor','person','sexual','violence','hate','rights','other') NOT NULL,
    note           VARCHAR(500)    NOT NULL DEFAULT '',
    state          ENUM('open','closed') NOT NULL DEFAULT 'open',
    created_at     BIGINT          NOT NULL,
    KEY queue (state, id),
    KEY publication (publication_id, state),
    KEY account (account_id),
    CONSTRAINT report_publication FOREIGN KEY (publication_id) REFERENCES publication (id) ON DELETE CASCADE,
    CONSTRAINT report_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
