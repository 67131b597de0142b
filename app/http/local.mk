# app/http: appends its files to app_SOURCES.
