# render/pipeline: appends its files to engine_SOURCES.
