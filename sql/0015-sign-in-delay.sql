-- Wrong passwords per address and client; the bucket is a keyed hash of both, so neither is stored.
CREATE TABLE sign_in_delay (
    bucket  BINARY(32) NOT NULL PRIMARY KEY,
    tries   INT        NOT NULL COMMENT 'without a right password since',
    last_at BIGINT     NOT NULL,
    free_at BIGINT     NOT NULL COMMENT 'until then no password is looked at',
    KEY expiry (last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
