# render/sampler: appends its files to engine_SOURCES.
