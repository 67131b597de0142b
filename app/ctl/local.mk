# app/ctl: appends its files to ctl_SOURCES.
