# app/view: appends its files to app_SOURCES.
