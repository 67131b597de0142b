-- The first schema: accounts, sessions, credits, jobs, media, mail. Times are microseconds since 1970 UTC (clock_now).
-- Public ids are 128 random bits. Every table is InnoDB and utf8mb4; text keys compare by bytes.

CREATE TABLE account (
    id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id        BINARY(16)      NOT NULL UNIQUE,
    email            VARCHAR(254)    NOT NULL COMMENT 'as typed',
    email_key        VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL UNIQUE COMMENT 'trimmed, lower case',
    display_name     VARCHAR(80)     NOT NULL,
    password_hash    VARCHAR(128)    NOT NULL COMMENT 'argon2id, PHC string',
    age_confirmed_at BIGINT          NOT NULL COMMENT 'the assertion, never a birthday (P18)',
    terms_version    VARCHAR(16)     NOT NULL,
    state            ENUM('active','closed') NOT NULL DEFAULT 'active',
    created_at       BIGINT          NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE session (
    token_hash   BINARY(32)      NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the cookie token',
    account_id   BIGINT UNSIGNED NOT NULL,
    created_at   BIGINT          NOT NULL,
    last_seen_at BIGINT          NOT NULL,
    expires_at   BIGINT          NOT NULL COMMENT 'absolute end',
    KEY account (account_id),
    KEY expiry (expires_at),
    CONSTRAINT session_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Hits per rate class and client within one window; the bucket is a keyed hash, so no address is stored.
CREATE TABLE rate_window (
    bucket     BINARY(32) NOT NULL,
    starts_at  BIGINT     NOT NULL,
    hits       INT        NOT NULL,
    PRIMARY KEY (bucket, starts_at),
    KEY expiry (starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Double entry, append only. The entries of a transfer add up to zero.
CREATE TABLE ledger_transfer (
    id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    idempotency_key VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'job:ID:hold, job:ID:settle, welcome:ID, …',
    cause           ENUM('grant','hold','capture','release','order','refund','expire') NOT NULL,
    account_id      BIGINT UNSIGNED NOT NULL,
    job_id          BIGINT UNSIGNED NULL,
    note            VARCHAR(200)    NOT NULL DEFAULT '',
    created_at      BIGINT          NOT NULL,
    KEY account (account_id, id),
    KEY job (job_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE ledger_entry (
    transfer_id BIGINT UNSIGNED NOT NULL,
    book        ENUM('available','held','sold','granted','spent','refunded','expired') NOT NULL,
    account_id  BIGINT UNSIGNED NOT NULL,
    amount      BIGINT          NOT NULL COMMENT 'credits; positive = into the book',
    PRIMARY KEY (transfer_id, book),
    KEY account_book (account_id, book, amount),
    CONSTRAINT entry_transfer FOREIGN KEY (transfer_id) REFERENCES ledger_transfer (id),
    CONSTRAINT entry_not_zero CHECK (amount <> 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A cache of two books per account, moved only together with entries; ledger_check rebuilds and compares.
CREATE TABLE balance (
    account_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    available  BIGINT NOT NULL DEFAULT 0,
    held       BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT balance_account FOREIGN KEY (account_id) REFERENCES account (id),
    CONSTRAINT available_not_negative CHECK (available >= 0),
    CONSTRAINT held_not_negative CHECK (held >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- One row per submitted job. States move as the table in common/job_move.c allows and nowhere else. A model is
-- a queue of its own. Only `claim` changes when a job moves: the other keys hold what stays, so a claim or a renewal
-- touches as few pages as it can. `claim` also covers what waiting times are counted from.
CREATE TABLE job (
    id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id      BINARY(16)      NOT NULL UNIQUE,
    account_id     BIGINT UNSIGNED NOT NULL,
    kind           ENUM('generate') NOT NULL,
    state          ENUM('queued','running','done','failed','cancelled') NOT NULL DEFAULT 'queued',
    turn           BIGINT          NOT NULL COMMENT 'virtual time of fair queueing: lowest first',
    cost           BIGINT          NOT NULL COMMENT 'work in pixel-steps, for turns and waiting times',
    model          VARCHAR(64)     NOT NULL,
    images         TINYINT UNSIGNED NOT NULL COMMENT '1-4 variations',
    params_version SMALLINT UNSIGNED NOT NULL,
    params         TEXT            NOT NULL COMMENT 'JSON of the kind and version',
    price          BIGINT          NOT NULL COMMENT 'credits held at submission',
    submit_key     BINARY(16)      NOT NULL COMMENT 'of the form: a second submission finds the first job',
    attempts       TINYINT UNSIGNED NOT NULL DEFAULT 0,
    lease_owner    VARCHAR(80)     NULL COMMENT 'host:pid of the worker',
    lease_token    BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'grows with each claim; writes of an older token match no row',
    lease_until    BIGINT          NULL,
    cancel_asked   TINYINT         NOT NULL DEFAULT 0,
    step           INT             NOT NULL DEFAULT 0 COMMENT 'done so far over all images',
    steps          INT             NOT NULL COMMENT 'of all images together',
    error_code     VARCHAR(32)     NULL,
    error_message  VARCHAR(255)    NULL COMMENT 'for the visitor',
    queued_at      BIGINT          NOT NULL,
    started_at     BIGINT          NULL,
    finished_at    BIGINT          NULL,
    UNIQUE KEY submit (account_id, submit_key),
    KEY claim (state, model, turn, id, cost),
    KEY model_turn (model, turn),
    KEY account_turn (account_id, model, turn),
    KEY account_recent (account_id, id),
    CONSTRAINT job_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE job_preview (
    job_id     BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    step       INT             NOT NULL,
    image      MEDIUMBLOB      NOT NULL COMMENT 'small JPEG; dropped when the job ends',
    updated_at BIGINT          NOT NULL,
    CONSTRAINT preview_job FOREIGN KEY (job_id) REFERENCES job (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A row per file of the store. The row comes before the file ('writing') and goes after it ('doomed'). A claim has one
-- slot per kind and position, so a job can never publish two pictures for one variation.
CREATE TABLE media (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id   BINARY(16)      NOT NULL UNIQUE,
    account_id  BIGINT UNSIGNED NOT NULL,
    job_id      BIGINT UNSIGNED NULL,
    kind        ENUM('result','thumb','upload') NOT NULL,
    position    TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'variation, from 0',
    state       ENUM('writing','stored','doomed') NOT NULL,
    lease_token BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the job claim that writes it',
    extension   ENUM('png','jpg') NOT NULL,
    width       INT             NOT NULL,
    height      INT             NOT NULL,
    bytes       BIGINT          NOT NULL,
    sha256      BINARY(32)      NOT NULL,
    seed        BIGINT UNSIGNED NULL,
    saved       TINYINT         NOT NULL DEFAULT 0,
    created_at  BIGINT          NOT NULL,
    expires_at  BIGINT          NULL COMMENT 'stored: NULL = kept while the account lives; doomed: when the file may go',
    UNIQUE KEY slot (job_id, lease_token, kind, position),
    KEY job_state (job_id, state, kind, position),
    KEY gallery (account_id, state, kind, id),
    KEY expiry (state, expires_at),
    KEY stale (state, created_at),
    CONSTRAINT media_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- Who renders, since when, how fast: for waiting times and the admin page.
CREATE TABLE render_worker (
    name         VARCHAR(80) NOT NULL PRIMARY KEY COMMENT 'host:pid',
    model        VARCHAR(64) NOT NULL,
    started_at   BIGINT      NOT NULL,
    last_seen_at BIGINT      NOT NULL,
    speed        BIGINT      NOT NULL DEFAULT 0 COMMENT 'pixel-steps per second, moving average; 0 = unknown',
    KEY seen (last_seen_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE mail_outbox (
    id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    mail_key    VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'welcome:ID: sent once',
    account_id  BIGINT UNSIGNED NULL,
    recipient   VARCHAR(254) NOT NULL,
    subject     VARCHAR(200) NOT NULL,
    body        TEXT         NOT NULL COMMENT 'plain text',
    state       ENUM('queued','sent','failed') NOT NULL DEFAULT 'queued',
    attempts    INT          NOT NULL DEFAULT 0,
    next_try_at BIGINT       NOT NULL,
    created_at  BIGINT       NOT NULL,
    sent_at     BIGINT       NULL,
    KEY due (state, next_try_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
