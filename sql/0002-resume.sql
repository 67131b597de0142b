-- Pictures that are half made: what another attempt goes on from, on any host. The bytes are the engine's own business;
-- they hold no prompt. Rows go when their job ends.
CREATE TABLE job_resume (
    job_id     BIGINT UNSIGNED  NOT NULL,
    position   TINYINT UNSIGNED NOT NULL COMMENT 'variation, from 0',
    step       INT              NOT NULL COMMENT 'done so far',
    state      MEDIUMBLOB       NOT NULL,
    updated_at BIGINT           NOT NULL,
    PRIMARY KEY (job_id, position),
    CONSTRAINT resume_job FOREIGN KEY (job_id) REFERENCES job (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
