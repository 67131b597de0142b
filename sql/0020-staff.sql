-- Who of the accounts works for the site and as what; which sessions have shown a code; which accounts are restricted.
-- What happened to whom and why is in audit_event.
CREATE TABLE staff (
    account_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    role       ENUM('support','moderator','billing','privacy','owner') NOT NULL,
    added_at   BIGINT          NOT NULL,
    CONSTRAINT staff_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

ALTER TABLE session
    ADD COLUMN second_at BIGINT NULL COMMENT 'when a code of the second step was shown in this session';

ALTER TABLE account
    ADD COLUMN restricted_at BIGINT       NULL COMMENT 'since when it may neither make nor publish',
    ADD COLUMN restriction   VARCHAR(500) NULL COMMENT 'the reason, as the member reads it';
