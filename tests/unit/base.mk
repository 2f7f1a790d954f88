# unit tests of base; the list of all is begun here
UNIT_TESTS =
UNIT_TESTS += tests/unit/test_base
tests_unit_test_base_SOURCES = tests/unit/test_base.c
tests_unit_test_base_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_base_LDADD = $(LDADD) $(CMOCKA_LIBS)
