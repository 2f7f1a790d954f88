# unit tests of store
STORE_TESTS = tests/unit/test_store tests/unit/test_store_fault tests/unit/test_store_file tests/unit/test_store_kill \
	tests/unit/test_store_log
UNIT_TESTS += $(STORE_TESTS)

tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/store_help.h
tests_unit_test_store_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_store_fault_SOURCES = tests/unit/test_store_fault.c tests/unit/store_disk.h tests/unit/store_help.h
tests_unit_test_store_fault_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_fault_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_store_log_SOURCES = tests/unit/test_store_log.c tests/unit/store_disk.h tests/unit/store_help.h
tests_unit_test_store_log_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_log_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_store_file_SOURCES = tests/unit/test_store_file.c tests/unit/store_help.h
tests_unit_test_store_file_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_file_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_store_kill_SOURCES = tests/unit/test_store_kill.c tests/unit/store_help.h
tests_unit_test_store_kill_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_kill_LDADD = $(LDADD) $(CMOCKA_LIBS)

# what the store costs over raw SQLite: made by name only
EXTRA_PROGRAMS += tests/unit/bench_store
tests_unit_bench_store_SOURCES = tests/unit/bench_store.c
tests_unit_bench_store_LDADD = $(LDADD)
