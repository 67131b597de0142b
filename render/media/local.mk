# render/media: appends its files to media_SOURCES.
