# render/model: appends its files to engine_SOURCES.
