# t/http: C tests of this folder; each a program in check_PROGRAMS.
check_PROGRAMS += t/http/10-form.t t/http/11-parts.t

t_http_10_form_t_SOURCES = t/http/10-form.c
t_http_10_form_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
t_http_11_parts_t_SOURCES = t/http/11-parts.c
t_http_11_parts_t_LDADD = app/libapp.a common/libcommon.a $(FCGI_LIBS) $(COMMON_LIBS) $(ACCOUNT_LIBS)
