# nginx/: the site file an operator enables, made from the template that quickstart and the tests fill too.
nginxsitedir = $(sysconfdir)/nginx/sites-available
nginxsite_DATA = nginx/gempix.conf

nginx/gempix.conf: $(srcdir)/nginx/gempix.conf.in $(srcdir)/scripts/fill Makefile
	$(AM_V_GEN)$(MKDIR_P) nginx && $(SHELL) $(srcdir)/scripts/fill $(srcdir)/nginx/gempix.conf.in \
	    zone=gempix listen='listen 80;' server_name=example.org app_socket=/run/gempix/app.sock \
	    static='$(pkgdatadir)/static' media=/var/lib/gempix/media log=/var/log/nginx > $@.tmp
	$(AM_V_at)mv $@.tmp $@

CLEANFILES += nginx/gempix.conf
