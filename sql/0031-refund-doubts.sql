-- The processor's messages say how much went back of a payment in all. Once a refund has failed that sum has shrunk, and an old
-- message cannot be told from a new one: then the processor is asked.
ALTER TABLE purchase
    ADD refund_doubts  SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'messages that left open how much went back',
    ADD refund_settled SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many of them were settled by asking',
    ADD KEY refund_doubts (refund_doubts);
