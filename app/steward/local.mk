# app/steward: appends its files to steward_SOURCES.
