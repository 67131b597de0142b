# app/home: appends its files to app_SOURCES.
