# t/view: C tests of this folder; each a program in check_PROGRAMS.
check_PROGRAMS += t/view/10-mustache.t t/view/11-view.t

t_view_10_mustache_t_SOURCES = t/view/10-mustache.c t/view/mustache_cases.h
t_view_10_mustache_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
t_view_11_view_t_SOURCES = t/view/11-view.c
t_view_11_view_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
