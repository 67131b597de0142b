-- What else can be made than a picture from words, and the pictures that it is made from. An upload is kept without
-- end while a job waits for it or runs; `lives` says how long after the end of the last one it stays.
ALTER TABLE job MODIFY kind ENUM('generate','variation','edit','repaint','cleanup','animate','upscale') NOT NULL;

ALTER TABLE media
    MODIFY kind      ENUM('result','thumb','upload','source') NOT NULL,
    MODIFY extension ENUM('png','jpg','bin','webp','mp4') NOT NULL;

CREATE TABLE job_source (
    job_id   BIGINT UNSIGNED NOT NULL,
    role     ENUM('picture','mask') NOT NULL,
    media_id BIGINT UNSIGNED NOT NULL,
    lives    BIGINT          NOT NULL COMMENT 'of uploads and sources, after the job has ended',
    PRIMARY KEY (job_id, role),
    KEY media (media_id),
    CONSTRAINT source_job FOREIGN KEY (job_id) REFERENCES job (id),
    CONSTRAINT source_media FOREIGN KEY (media_id) REFERENCES media (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
