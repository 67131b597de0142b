# t/admin/: the audit log and the staff's pages; the probe needs a server and is run by 10-audit.t.
noinst_PROGRAMS += t/admin/audit_probe
t_admin_audit_probe_SOURCES = t/admin/audit_probe.c
t_admin_audit_probe_LDADD = common/libcommon.a $(COMMON_LIBS)
