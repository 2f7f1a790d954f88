# unit tests of core: UNIT_TESTS += tests/unit/test_x; tests_unit_test_x_SOURCES = ...

UNIT_TESTS += tests/unit/test_contacts tests/unit/test_contact_list

tests_unit_test_contacts_SOURCES = tests/unit/test_contacts.c tests/unit/contact_help.h
tests_unit_test_contacts_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_contacts_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_contact_list_SOURCES = tests/unit/test_contact_list.c tests/unit/contact_help.h
tests_unit_test_contact_list_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_contact_list_LDADD = $(LDADD) $(CMOCKA_LIBS)

# people and the ledger
UNIT_TESTS += tests/unit/test_people tests/unit/test_credentials
tests_unit_test_people_SOURCES = tests/unit/test_people.c tests/unit/core_help.h tests/unit/people_help.h
tests_unit_test_people_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_people_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_credentials_SOURCES = tests/unit/test_credentials.c tests/unit/core_help.h tests/unit/people_help.h
tests_unit_test_credentials_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_credentials_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_ledger
tests_unit_test_ledger_SOURCES = tests/unit/test_ledger.c tests/unit/core_help.h
tests_unit_test_ledger_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_ledger_LDADD = $(LDADD) $(CMOCKA_LIBS)

# workflows and enrollments
UNIT_TESTS += tests/unit/test_assign tests/unit/test_enroll tests/unit/test_workflow_core \
	tests/unit/test_workflow_files
tests_unit_test_assign_SOURCES = tests/unit/test_assign.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_assign_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_assign_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_enroll_SOURCES = tests/unit/test_enroll.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_enroll_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_enroll_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_workflow_core_SOURCES = tests/unit/test_workflow_core.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_workflow_core_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_core_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_workflow_files_SOURCES = tests/unit/test_workflow_files.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_workflow_files_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_files_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_journal
tests_unit_test_journal_SOURCES = tests/unit/test_journal.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_journal_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_journal_LDADD = $(LDADD) $(CMOCKA_LIBS)

# tasks and texts
UNIT_TESTS += tests/unit/test_task_pages
tests_unit_test_task_pages_SOURCES = tests/unit/test_task_pages.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_task_pages_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_task_pages_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_task_life tests/unit/test_text_life
tests_unit_test_task_life_SOURCES = tests/unit/test_task_life.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_task_life_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_task_life_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_text_life_SOURCES = tests/unit/test_text_life.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_text_life_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_text_life_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_compose
tests_unit_test_compose_SOURCES = tests/unit/test_compose.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_compose_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_compose_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_conversations
tests_unit_test_conversations_SOURCES = tests/unit/test_conversations.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_conversations_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_conversations_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_timeline
tests_unit_test_timeline_SOURCES = tests/unit/test_timeline.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_timeline_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_timeline_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_snippets
tests_unit_test_snippets_SOURCES = tests/unit/test_snippets.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_snippets_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_snippets_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_trial
tests_unit_test_trial_SOURCES = tests/unit/test_trial.c tests/unit/life_help.h
tests_unit_test_trial_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trial_LDADD = $(LDADD) $(CMOCKA_LIBS)

# waits, exits and replies
UNIT_TESTS += tests/unit/test_wake
tests_unit_test_wake_SOURCES = tests/unit/test_wake.c tests/unit/core_help.h tests/unit/flow_help.h tests/unit/life_help.h
tests_unit_test_wake_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_wake_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_waits
tests_unit_test_waits_SOURCES = tests/unit/test_waits.c tests/unit/core_help.h tests/unit/flow_help.h tests/unit/life_help.h
tests_unit_test_waits_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_waits_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_branch
tests_unit_test_branch_SOURCES = tests/unit/test_branch.c tests/unit/core_help.h tests/unit/flow_help.h tests/unit/life_help.h
tests_unit_test_branch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_branch_LDADD = $(LDADD) $(CMOCKA_LIBS)


# e-mails: as text, and on rows
UNIT_TESTS += tests/unit/test_email tests/unit/test_mail tests/unit/test_digest
tests_unit_test_email_SOURCES = tests/unit/test_email.c
tests_unit_test_email_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_email_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_mail_SOURCES = tests/unit/test_mail.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_mail_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_mail_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_digest_SOURCES = tests/unit/test_digest.c tests/unit/core_help.h tests/unit/flow_help.h tests/unit/life_help.h
tests_unit_test_digest_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_digest_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_house
tests_unit_test_house_SOURCES = tests/unit/test_house.c tests/unit/core_help.h
tests_unit_test_house_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_house_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_seal
tests_unit_test_seal_SOURCES = tests/unit/test_seal.c
tests_unit_test_seal_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_seal_LDADD = $(LDADD) $(CMOCKA_LIBS)

# triggers
UNIT_TESTS += tests/unit/test_trigger
tests_unit_test_trigger_SOURCES = tests/unit/test_trigger.c tests/unit/core_help.h tests/unit/flow_help.h
tests_unit_test_trigger_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_trigger_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_migrate
tests_unit_test_migrate_SOURCES = tests/unit/test_migrate.c tests/unit/core_help.h tests/unit/flow_help.h tests/unit/life_help.h
tests_unit_test_migrate_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_migrate_LDADD = $(LDADD) $(CMOCKA_LIBS)
