# t/library/: times in words; the probe needs a server and is run by 20-library.t.
check_PROGRAMS += t/library/10-expiry.t t/library/11-filter.t t/library/12-file-name.t
noinst_PROGRAMS += t/library/library_probe

t_library_10_expiry_t_SOURCES = t/library/10-expiry.c
t_library_10_expiry_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
t_library_11_filter_t_SOURCES = t/library/11-filter.c
t_library_11_filter_t_LDADD = app/libapp.a common/libcommon.a $(FCGI_LIBS) $(COMMON_LIBS) $(ACCOUNT_LIBS)
t_library_12_file_name_t_SOURCES = t/library/12-file-name.c
t_library_12_file_name_t_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
t_library_library_probe_SOURCES = t/library/library_probe.c
t_library_library_probe_LDADD = app/libapp.a common/libcommon.a $(COMMON_LIBS)
