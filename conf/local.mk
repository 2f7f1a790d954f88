# conf: what an operator gets besides the program
dist_pkgdata_DATA += conf/handbox.conf.sample

# When the law of a place lets numbers be texted: tables for handbox.conf to include.
lawhoursdir = $(pkgdatadir)/hours
dist_lawhours_DATA = conf/hours/us.conf

# One template, two units: the plain one, and one for several instances on a machine.
systemdsystemunit_DATA = conf/handbox.service conf/handbox@.service
CLEANFILES += $(systemdsystemunit_DATA)
UNIT_SED = sed -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g'

conf/handbox.service: conf/handbox.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(UNIT_SED) -e 's|@INSTANCE_TEXT[@]||' -e 's|@STATE[@]|handbox|' -e 's|@USER[@]|handbox|' \
		-e 's|@CONF[@]|$(sysconfdir)/handbox/handbox.conf|' $(srcdir)/conf/handbox.service.in >$@

conf/handbox@.service: conf/handbox.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && $(UNIT_SED) -e 's|@INSTANCE_TEXT[@]| (%i)|' -e 's|@STATE[@]|handbox/%i|' \
		-e 's|@USER[@]|handbox-%i|' \
		-e 's|@CONF[@]|$(sysconfdir)/handbox/%i.conf|' $(srcdir)/conf/handbox.service.in >$@

sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = conf/sysusers.d/handbox.conf

MAN_SCD = conf/man/handbox.8.scd conf/man/handbox.conf.5.scd conf/man/handbox-workflow.5.scd
if HAVE_SCDOC
man_MANS += conf/man/handbox.8 conf/man/handbox.conf.5 conf/man/handbox-workflow.5
CLEANFILES += conf/man/handbox.8 conf/man/handbox.conf.5 conf/man/handbox-workflow.5
SUFFIXES = .scd
.scd:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SCDOC) <$< >$@
endif

EXTRA_DIST += conf/handbox.service.in $(MAN_SCD) conf/m4/flags.m4 \
	conf/quickstart conf/lib.sh conf/packages \
	conf/demo/README.md conf/demo/package.json conf/demo/package-lock.json conf/demo/.npmrc \
	conf/demo/smscsim.js conf/demo/gsm.js conf/demo/welcome.xml conf/demo/contacts.csv
