-- Which account holders were told of a material change of the policy, and when.
CREATE TABLE policy_notice (
    account_id BIGINT UNSIGNED NOT NULL,
    version    VARCHAR(10)     NOT NULL,
    told_at    BIGINT          NOT NULL COMMENT 'letter written, notice on the pages',
    seen_at    BIGINT          NULL COMMENT 'the notice was put away',
    PRIMARY KEY (account_id, version),
    KEY age (told_at),
    CONSTRAINT notice_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
