# t/studio/: the rules of asking for pictures.
check_PROGRAMS += t/studio/10-price.t t/studio/11-wait.t t/studio/12-sizes.t t/studio/13-progress.t

t_studio_10_price_t_SOURCES = t/studio/10-price.c
t_studio_10_price_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
t_studio_11_wait_t_SOURCES = t/studio/11-wait.c
t_studio_11_wait_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
t_studio_12_sizes_t_SOURCES = t/studio/12-sizes.c
t_studio_12_sizes_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
t_studio_13_progress_t_SOURCES = t/studio/13-progress.c
t_studio_13_progress_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
