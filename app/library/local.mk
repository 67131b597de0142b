# app/library: appends its files to app_SOURCES.
