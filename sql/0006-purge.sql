-- What retention did last, by rule of the data register, and where it goes on.
CREATE TABLE purge_run (
    rule         VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'session, job.params, …',
    mark         BIGINT NOT NULL COMMENT 'id up to which columns were looked at',
    ran_at       BIGINT NOT NULL,
    changed      BIGINT NOT NULL COMMENT 'rows, in the last run',
    changed_ever BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
