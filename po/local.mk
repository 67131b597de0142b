# po/: the languages. CODE.po is edited by hand, gempix.pot and the references are made by `make messages`.
LANGUAGE_CODES = de fr es ja zh_CN
catalogues = $(LANGUAGE_CODES:%=po/%/LC_MESSAGES/gempix.mo)

all-local: $(catalogues)
check-c-programs: $(catalogues)
CLEANFILES += $(catalogues)

# A catalogue with an error in it stops the build; what is untranslated is the business of t/language.
po/%/LC_MESSAGES/gempix.mo: po/%.po
	$(AM_V_GEN)$(MKDIR_P) $(@D) && msgfmt --check-format --check-domain --output-file=$@ $<

# Collects every sentence of the code and the templates, and merges them into the languages.
.PHONY: messages
messages:
	cd $(srcdir) && $(SHELL) scripts/messages $(LANGUAGE_CODES)

install-data-hook:
	for code in $(LANGUAGE_CODES); do \
	    $(INSTALL_DATA) -D po/$$code/LC_MESSAGES/gempix.mo "$(DESTDIR)$(localedir)/$$code/LC_MESSAGES/gempix.mo" || exit 1; done
