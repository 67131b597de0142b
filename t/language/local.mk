# t/language/: the languages of the site.
check_PROGRAMS += t/language/10-language.t

t_language_10_language_t_SOURCES = t/language/10-language.c
t_language_10_language_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
