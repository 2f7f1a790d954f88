# unit tests of workflow, and of what people write in one
UNIT_TESTS += tests/unit/test_template
tests_unit_test_template_SOURCES = tests/unit/test_template.c
tests_unit_test_template_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_template_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_workflow_parse
tests_unit_test_workflow_parse_SOURCES = tests/unit/test_workflow_parse.c
tests_unit_test_workflow_parse_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_parse_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_workflow_plan
tests_unit_test_workflow_plan_SOURCES = tests/unit/test_workflow_plan.c
tests_unit_test_workflow_plan_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_plan_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_workflow_hostile
tests_unit_test_workflow_hostile_SOURCES = tests/unit/test_workflow_hostile.c
tests_unit_test_workflow_hostile_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_hostile_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_workflow_corpus
tests_unit_test_workflow_corpus_SOURCES = tests/unit/test_workflow_corpus.c
tests_unit_test_workflow_corpus_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_srcdir)"'
tests_unit_test_workflow_corpus_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_workflow_step
tests_unit_test_workflow_step_SOURCES = tests/unit/test_workflow_step.c
tests_unit_test_workflow_step_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_step_LDADD = $(LDADD) $(CMOCKA_LIBS)

EXTRA_DIST += tests/corpus/workflow tests/fuzz/fuzz_workflow.c tests/fuzz/fuzz_template.c

UNIT_TESTS += tests/unit/test_workflow_diff
tests_unit_test_workflow_diff_SOURCES = tests/unit/test_workflow_diff.c
tests_unit_test_workflow_diff_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_diff_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_workflow_migration
tests_unit_test_workflow_migration_SOURCES = tests/unit/test_workflow_migration.c
tests_unit_test_workflow_migration_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_workflow_migration_LDADD = $(LDADD) $(CMOCKA_LIBS)
