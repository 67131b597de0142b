-- The steward looks for months that are over without a word of the next.
ALTER TABLE subscription ADD KEY renewal (state, period_end);
