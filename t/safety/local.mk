# t/safety/: what may not be asked for, and what people should look at.
check_PROGRAMS += t/safety/10-words.t
t_safety_10_words_t_SOURCES = t/safety/10-words.c
t_safety_10_words_t_LDADD = common/libcommon.a $(COMMON_LIBS)
