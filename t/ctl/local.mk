# t/ctl/: installing models. The choice of files is pure and tested alone; the scripts run the command.
check_PROGRAMS += t/ctl/05-files.t

t_ctl_05_files_t_SOURCES = t/ctl/05-files.c app/ctl/model_files.c app/ctl/model_licence.c
t_ctl_05_files_t_LDADD = common/libcommon.a $(COMMON_LIBS)
