-- The library: pages and filters from one key, search in one's own prompts, and deletions that can be undone.

-- Everything a page of the gallery shows of a picture, and what its filters look at, in the order of the page: such a
-- page reads one range of one key.
ALTER TABLE media
    ADD COLUMN deletion       BINARY(16) NULL COMMENT 'of a picture its owner deleted: all that one click took, for undo',
    ADD COLUMN was_expires_at BIGINT     NULL COMMENT 'expires_at before that deletion',
    ADD KEY library (account_id, state, kind, id, job_id, created_at, expires_at, saved, width, height, public_id),
    DROP KEY gallery;

-- The words of a job, out of its parameters. The key holds them in the order of a search: one account's, newest first.
-- It keeps 600 characters because a key has room for no more.
ALTER TABLE job
    ADD COLUMN prompt VARCHAR(600) AS (LEFT(JSON_VALUE(params, '$.prompt'), 600)) PERSISTENT,
    ADD KEY account_words (account_id, id, prompt),
    DROP KEY account_recent;
