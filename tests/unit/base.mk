# unit tests of base; the list of all is begun here
UNIT_TESTS =
UNIT_TESTS += tests/unit/test_base
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_base_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_zone
tests_unit_test_zone_SOURCES = tests/unit/test_zone.c
tests_unit_test_zone_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_zone_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_zone_files
tests_unit_test_zone_files_SOURCES = tests/unit/test_zone_files.c
tests_unit_test_zone_files_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_zone_files_LDADD = $(LDADD) $(CMOCKA_LIBS)
