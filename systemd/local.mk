# systemd/: units, system users and folders, filled in with the places of this installation.
systemdsystemunit_DATA = $(systemd_units)
sysusersdir = $(prefix)/lib/sysusers.d
sysusers_DATA = systemd/gempix.sysusers.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
tmpfiles_DATA = systemd/gempix.tmpfiles.conf

systemd_units =

CLEANFILES += $(systemd_units)
EXTRA_DIST += $(sysusers_DATA) $(tmpfiles_DATA)
