# systemd/: units, system users and folders, filled in with the places of this installation.
systemd_units = \
	systemd/gempix-app.socket \
	systemd/gempix-app.target \
	systemd/gempix-app@.service \
	systemd/gempix-render.service \
	systemd/gempix-steward@.service \
	systemd/gempix-steward-copies.timer \
	systemd/gempix-steward-erasure.timer \
	systemd/gempix-steward-flags.timer \
	systemd/gempix-steward-leases.timer \
	systemd/gempix-steward-mail.timer \
	systemd/gempix-steward-media.timer \
	systemd/gempix-steward-months.timer \
	systemd/gempix-steward-payments.timer \
	systemd/gempix-steward-notices.timer \
	systemd/gempix-steward-purge.timer \
	systemd/gempix-steward-reconcile.timer \
	systemd/gempix-steward-rights.timer \
	systemd/gempix-steward-usage.timer

systemdsystemunit_DATA = $(systemd_units)
dropindir = $(pkgdatadir)/systemd
dist_dropin_DATA = systemd/payments.conf
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = systemd/gempix.sysusers.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
dist_tmpfiles_DATA = systemd/gempix.tmpfiles.conf
journaldir = $(sysconfdir)/systemd
dist_journal_DATA = systemd/journald@gempix.conf

$(systemd_units): %: $(srcdir)/%.in $(srcdir)/scripts/fill Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(SHELL) $(srcdir)/scripts/fill '$(srcdir)/$@.in' \
	    bindir='$(bindir)' sbindir='$(sbindir)' sysconfdir='$(sysconfdir)' > '$@.tmp'
	$(AM_V_at)mv '$@.tmp' '$@'

CLEANFILES += $(systemd_units)
