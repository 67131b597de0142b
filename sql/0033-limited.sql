-- Restriction of processing: what is about the account is stored, and used for nothing that its owner did not ask for.
ALTER TABLE account
    ADD COLUMN limited_at BIGINT NULL COMMENT 'since when its data are only stored' AFTER restriction;
