# t/: the tests. A C test NAME.c becomes the program NAME.t by three lines in its folder's local.mk;
# a script NAME.t is found by itself (scripts/check).
include t/common/local.mk
include t/queue/local.mk
include t/billing/local.mk
include t/http/local.mk
include t/view/local.mk
include t/account/local.mk
include t/admin/local.mk
include t/ctl/local.mk
include t/language/local.mk
include t/safety/local.mk
include t/studio/local.mk
include t/library/local.mk
include t/render/local.mk
include t/media/local.mk
include t/daemon/local.mk
include t/fuzz/local.mk

# A picture of every page, to look at: make screenshots [DIR=folder] [ONLY=home,create] [IN=de]
.PHONY: screenshots
screenshots: programs
	GEMPIX_SRC=$(abs_top_srcdir) GEMPIX_BUILD=$(abs_top_builddir) PERL5LIB=$(abs_top_srcdir)/t/lib:$(abs_top_srcdir)/scripts/lib \
	    $(PERL) $(abs_top_srcdir)/t/site/screenshots $(if $(DIR),$(DIR),$(abs_top_builddir)/t/screenshots/pages) "$(ONLY)" $(IN)

# Random histories of buying and spending, more than everyday tests run: make check-histories [HISTORIES=5000] [SEED=N]
.PHONY: check-histories
check-histories: programs t/queue/queue_tool
	GEMPIX_HISTORIES=$(if $(HISTORIES),$(HISTORIES),5000) GEMPIX_SEED=$(SEED) GEMPIX_SRC=$(abs_top_srcdir) \
	    GEMPIX_BUILD=$(abs_top_builddir) PERL5LIB=$(abs_top_srcdir)/t/lib:$(abs_top_srcdir)/scripts/lib \
	    $(PERL) $(abs_top_srcdir)/t/billing/40-histories.t

# The landing page's pictures and icons anew, after a better model or another sign: make landing-pictures
.PHONY: landing-pictures
landing-pictures: programs
	GEMPIX_SRC=$(abs_top_srcdir) GEMPIX_BUILD=$(abs_top_builddir) PERL5LIB=$(abs_top_srcdir)/t/lib:$(abs_top_srcdir)/scripts/lib \
	    $(PERL) $(abs_top_srcdir)/scripts/landing-pictures
