# unit tests of link
UNIT_TESTS += tests/unit/test_dispatch
tests_unit_test_dispatch_SOURCES = tests/unit/test_dispatch.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_dispatch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_dispatch_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_scheduler
tests_unit_test_scheduler_SOURCES = tests/unit/test_scheduler.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_scheduler_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_scheduler_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_hooks
tests_unit_test_hooks_SOURCES = tests/unit/test_hooks.c tests/unit/core_help.h tests/unit/flow_help.h \
	tests/unit/life_help.h
tests_unit_test_hooks_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_hooks_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_settings
tests_unit_test_settings_SOURCES = tests/unit/test_settings.c
tests_unit_test_settings_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_settings_LDADD = $(LDADD) $(CMOCKA_LIBS)
