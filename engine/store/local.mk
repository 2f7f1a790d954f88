# rank 2: the one way to change or read what handbox knows
libhandbox_a_SOURCES += \
	engine/store/contact_page.c engine/store/contact_rows.c engine/store/contact_rows.h \
	engine/store/digest_rows.c engine/store/digest_rows.h \
	engine/store/driver.h engine/store/email_rows.c engine/store/email_rows.h \
	engine/store/enrollment_rows.c \
	engine/store/event_source_rows.c engine/store/event_source_rows.h \
	engine/store/hook_delivery_rows.c engine/store/hook_rows.c engine/store/hook_rows.h \
	engine/store/idempotency_rows.c engine/store/idempotency_rows.h \
	engine/store/inner.h \
	engine/store/journal_rows.c engine/store/lease_rows.c \
	engine/store/message_rows.c engine/store/message_rows.h \
	engine/store/mention_rows.c engine/store/mention_rows.h \
	engine/store/merge_rows.c engine/store/merge_rows.h \
	engine/store/meta_rows.c engine/store/meta_rows.h \
	engine/store/number_rows.c engine/store/opening_rows.c engine/store/opening_rows.h engine/store/outbox_rows.c \
	engine/store/reader.c \
	engine/store/row_ids.c engine/store/row_ids.h \
	engine/store/schema.c engine/store/schema.h \
	engine/store/snippet_rows.c engine/store/snippet_rows.h \
	engine/store/stranded_rows.c engine/store/stranded_rows.h \
	engine/store/sql.c engine/store/sql.h \
	engine/store/sqlite.c engine/store/sqlite.h \
	engine/store/sqlite_cache.c \
	engine/store/sqlite_checkpoint.c \
	engine/store/sqlite_copy.c \
	engine/store/sqlite_log.c \
	engine/store/sqlite_open.c engine/store/sqlite_search.c \
	engine/store/sqlite_place.c \
	engine/store/sql_build.c engine/store/sql_build.h \
	engine/store/syncer.c engine/store/syncer.h \
	engine/store/task_columns.h engine/store/task_page.c engine/store/task_queue.c \
	engine/store/task_parts.h engine/store/task_rows.c engine/store/task_rows.h \
	engine/store/task_search.c engine/store/task_where.c \
	engine/store/erase_rows.c engine/store/erase_rows.h \
	engine/store/evidence_rows.c engine/store/evidence_rows.h \
	engine/store/part_rows.c engine/store/part_rows.h \
	engine/store/store.c engine/store/store.h \
	engine/store/trial_rows.c engine/store/trial_rows.h \
	engine/store/thread_parts.h engine/store/thread_rows.c engine/store/thread_rows.h \
	engine/store/letters_rows.c engine/store/letters_rows.h engine/store/thread_search.c \
	engine/store/timeline_rows.c engine/store/timeline_rows.h \
	engine/store/trigger_rows.c engine/store/trigger_rows.h \
	engine/store/why.c engine/store/why.h \
	engine/store/running_rows.c engine/store/running_rows.h \
	engine/store/workflow_rows.c engine/store/workflow_rows.h \
	engine/store/writer.c

# The schema steps are carried in the program.
SCHEMA_STEPS = engine/store/schema_001.sql
BUILT_SOURCES += engine/store/schema_sql.h
CLEANFILES += engine/store/schema_sql.h
EXTRA_DIST += $(SCHEMA_STEPS) conf/embed.awk

engine/store/schema_sql.h: $(SCHEMA_STEPS) conf/embed.awk
	$(AM_V_at)$(MKDIR_P) engine/store
	$(AM_V_GEN)(cd $(srcdir) && $(AWK) -f conf/embed.awk $(SCHEMA_STEPS)) >$@.tmp && mv -f $@.tmp $@
engine/store/schema.$(OBJEXT): engine/store/schema_sql.h

# people and the ledger
libhandbox_a_SOURCES += \
	engine/store/credential_rows.c engine/store/credential_rows.h \
	engine/store/job_rows.c engine/store/job_rows.h \
	engine/store/making_rows.c engine/store/making_rows.h \
	engine/store/ledger_rows.c engine/store/ledger_rows.h \
	engine/store/user_rows.c engine/store/user_rows.h

# a copy put back
libhandbox_a_SOURCES += engine/store/restored_rows.c engine/store/restored_rows.h
