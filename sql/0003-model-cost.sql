-- How fast each worker is with each model it has: for prices and waiting times. Seconds of one picture with guidance are
-- prompt + steps × step + decode, each a + b·px + c·px²; NULL until the worker has measured them.
CREATE TABLE model_cost (
    worker   VARCHAR(80) NOT NULL COMMENT 'host:pid',
    model    VARCHAR(64) NOT NULL,
    seen_at  BIGINT      NOT NULL,
    speed    BIGINT      NOT NULL DEFAULT 0 COMMENT 'job.cost per second, moving average; 0 = unknown',
    prompt_a DOUBLE      NULL,
    prompt_b DOUBLE      NULL,
    prompt_c DOUBLE      NULL,
    step_a   DOUBLE      NULL,
    step_b   DOUBLE      NULL,
    step_c   DOUBLE      NULL,
    decode_a DOUBLE      NULL,
    decode_b DOUBLE      NULL,
    decode_c DOUBLE      NULL,
    PRIMARY KEY (worker, model),
    KEY of_model (model, seen_at),
    KEY seen (seen_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
