-- The language of an account's letters, and of its pages where no cookie says another. '' = the member never said.
ALTER TABLE account ADD COLUMN language VARCHAR(15) NOT NULL DEFAULT '' COMMENT 'BCP 47 tag' AFTER display_name;
