-- What the staff looked at and did. Rows are added under a lock of audit_head, so that there is one chain; no program may
-- change or remove one. Retention empties old rows; their hashes stay, so the chain can still be walked.
CREATE TABLE audit_event (
    id           BIGINT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'counts from 1 without a gap',
    created_at   BIGINT          NOT NULL COMMENT 'never smaller than in the row before',
    salt         BINARY(16)      NULL COMMENT 'random, so that content_hash tells nothing once the words are gone',
    staff_id     BIGINT UNSIGNED NULL COMMENT 'account that acted; 0 = the operator at the machine',
    action       VARCHAR(39)     CHARACTER SET ascii COLLATE ascii_bin NULL,
    subject_kind VARCHAR(39)     CHARACTER SET ascii COLLATE ascii_bin NULL,
    subject_id   VARCHAR(39)     CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'public id; empty = nothing single',
    reason       VARCHAR(500)    NULL,
    content_hash BINARY(32)      NOT NULL COMMENT 'SHA-256 of salt and words',
    previous     BINARY(32)      NOT NULL COMMENT 'hash of the row before; of the first: zeros',
    hash         BINARY(32)      NOT NULL COMMENT 'SHA-256 of previous, id, created_at, content_hash',
    KEY age (created_at),
    KEY staff (staff_id, id),
    KEY subject (subject_id, id),
    KEY action (action, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The newest row once more: locked by whoever adds one, and a witness that no row was cut off at the end.
CREATE TABLE audit_head (
    one        TINYINT    NOT NULL PRIMARY KEY,
    last_id    BIGINT     NOT NULL,
    created_at BIGINT     NOT NULL,
    hash       BINARY(32) NOT NULL,
    CONSTRAINT only_one_head CHECK (one = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO audit_head (one, last_id, created_at, hash) VALUES (1, 0, 0, REPEAT('\0', 32));
