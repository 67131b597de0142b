# app/account: appends its files to app_SOURCES.
