# app/language: the languages of the site and their catalogues.
app_SOURCES += app/language/language.c app/language/language.h
