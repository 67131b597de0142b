# t/media: C tests of this folder; each a program in check_PROGRAMS.
check_PROGRAMS += t/media/10-picture.t

t_media_10_picture_t_SOURCES = t/media/10-picture.c
t_media_10_picture_t_LDADD = $(MEDIA_LIBS) $(COMMON_LIBS)
check_PROGRAMS += t/media/11-film.t
t_media_11_film_t_SOURCES = t/media/11-film.c
t_media_11_film_t_LDADD = $(MEDIA_LIBS) $(COMMON_LIBS)
check_PROGRAMS += t/media/12-intake.t
t_media_12_intake_t_SOURCES = t/media/12-intake.c render/intake/sandbox.c
t_media_12_intake_t_LDADD = $(MEDIA_LIBS) $(ENGINE_LIBS) $(SECCOMP_LIBS)
started_by_c_tests += gempix-decode$(EXEEXT)
