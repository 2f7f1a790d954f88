# rank 5: the whole put together; knows everything
libhandbox_a_SOURCES += \
	engine/daemon.c engine/daemon_files.c engine/daemon_files.h engine/daemon.h \
	engine/settings.c engine/settings.h \
	engine/settings_consent.c engine/settings_consent.h \
	engine/settings_instance.c engine/settings_instance.h \
	engine/settings_derive.c engine/settings_parts.h \
	engine/settings_report.c \
	engine/settings_sender.c engine/settings_sender.h \
	engine/settings_limits.c engine/settings_limits.h \
	engine/settings_values.c

# the program: what all sub-commands share, then one file per group of them
bin_PROGRAMS += handbox
handbox_SOURCES = \
	engine/main.c \
	engine/cli/args.c engine/cli/args.h \
	engine/cli/bulk.c engine/cli/bulk.h \
	engine/cli/card.c engine/cli/card.h \
	engine/cli/cli.c engine/cli/cli.h \
	engine/cli/files.c engine/cli/files.h \
	engine/cli/help.c engine/cli/help.h \
	engine/cli/job.c engine/cli/job.h \
	engine/cli/remote.c engine/cli/remote.h \
	engine/cli/secret_in.c engine/cli/secret_in.h \
	engine/cli/table.c engine/cli/table.h \
	engine/cli/value.c engine/cli/value.h
handbox_SOURCES += \
	engine/cli/channel.c \
	engine/cli/check.c \
	engine/cli/consent.c \
	engine/cli/contact.c engine/cli/contact.h \
	engine/cli/copy.c \
	engine/cli/csv.c engine/cli/csv.h \
	engine/cli/doctor.c \
	engine/cli/event_source.c \
	engine/cli/enroll.c \
	engine/cli/import.c \
	engine/cli/kannel_snippet.c \
	engine/cli/kannel_log.c engine/cli/kannel_log.h \
	engine/cli/message.c \
	engine/cli/probe.c engine/cli/probe.h \
	engine/cli/serve.c \
	engine/cli/snippet.c \
	engine/cli/task.c \
	engine/cli/task_acts.c \
	engine/cli/task_pick.c engine/cli/task_pick.h \
	engine/cli/thread.c \
	engine/cli/token.c \
	engine/cli/user.c \
	engine/cli/verify.c \
	engine/cli/why.c \
	engine/cli/workflow.c
handbox_LDADD = $(LDADD)
EXTRA_DIST += tests/e2e/test_cli.py tests/e2e/test_cli_acts.py tests/e2e/test_cli_copy.py

# The word lists of consent are carried in the program too; settings_consent.c names them.
CONSENT_WORDS = conf/consent/de.txt conf/consent/en.txt conf/consent/es.txt conf/consent/fr.txt conf/consent/it.txt \
	conf/consent/nl.txt conf/consent/pt.txt
consentdir = $(pkgdatadir)/consent
dist_consent_DATA = $(CONSENT_WORDS)
BUILT_SOURCES += engine/consent_txt.h
CLEANFILES += engine/consent_txt.h

engine/consent_txt.h: $(CONSENT_WORDS) conf/embed.awk
	$(AM_V_at)$(MKDIR_P) engine
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -f conf/embed.awk $(CONSENT_WORDS)) >$@.tmp && mv -f $@.tmp $@
engine/settings_consent.$(OBJEXT): engine/consent_txt.h
