# t/fuzz: parsers of outside bytes under deterministic mutations.
