# nginx/: the site file an operator enables, made from the template that quickstart and the tests fill too,
# and the few pages nginx shows on its own.
nginxsitedir = $(sysconfdir)/nginx/sites-available
nginxsite_DATA = nginx/gempix.conf
nginxpagesdir = $(pkgdatadir)/pages
nginxpages_DATA = $(wildcard $(srcdir)/nginx/pages/*.html)
logrotatedir = $(sysconfdir)/logrotate.d
dist_logrotate_DATA = nginx/logrotate.d/gempix

nginx/gempix.conf: $(srcdir)/nginx/gempix.conf.in $(srcdir)/scripts/fill Makefile
	$(AM_V_GEN)$(MKDIR_P) nginx && $(SHELL) $(srcdir)/scripts/fill $(srcdir)/nginx/gempix.conf.in \
	    zone=gempix rate=30 burst=120 listen='listen 80; listen [::]:80;' server_name=_ \
	    app_socket=/run/gempix/app.sock static='$(pkgdatadir)/static' pages='$(pkgdatadir)/pages' \
	    media=/var/lib/gempix/media copies=/var/lib/gempix/copies log=/var/log/gempix \
	    countries=/usr/share/GeoIP/GeoIPv6.dat cache=/var/lib/nginx/gempix-pages > $@.tmp
	$(AM_V_at)mv $@.tmp $@

CLEANFILES += nginx/gempix.conf
