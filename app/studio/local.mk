# app/studio: appends its files to app_SOURCES.
