# unit tests of model; templates and durations are in workflow.mk
UNIT_TESTS += tests/unit/test_model
tests_unit_test_model_SOURCES = tests/unit/test_model.c
tests_unit_test_model_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_model_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_hours
tests_unit_test_hours_SOURCES = tests/unit/test_hours.c
tests_unit_test_hours_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_hours_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_condition
tests_unit_test_condition_SOURCES = tests/unit/test_condition.c
tests_unit_test_condition_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_condition_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_limits
tests_unit_test_limits_SOURCES = tests/unit/test_limits.c
tests_unit_test_limits_CPPFLAGS = $(UNIT_CPPFLAGS) -DTEST_SRCDIR='"$(abs_srcdir)"'
tests_unit_test_limits_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_consent_words
tests_unit_test_consent_words_SOURCES = tests/unit/test_consent_words.c
tests_unit_test_consent_words_CPPFLAGS = $(UNIT_CPPFLAGS) -DCONSENT_SOURCES='"$(abs_srcdir)/conf/consent"'
tests_unit_test_consent_words_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_sender
tests_unit_test_sender_SOURCES = tests/unit/test_sender.c
tests_unit_test_sender_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sender_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_date_value
tests_unit_test_date_value_SOURCES = tests/unit/test_date_value.c
tests_unit_test_date_value_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_date_value_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_drift
tests_unit_test_drift_SOURCES = tests/unit/test_drift.c
tests_unit_test_drift_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_drift_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_ascii_like
tests_unit_test_ascii_like_SOURCES = tests/unit/test_ascii_like.c
tests_unit_test_ascii_like_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_ascii_like_LDADD = $(LDADD) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/test_confirmation
tests_unit_test_confirmation_SOURCES = tests/unit/test_confirmation.c
tests_unit_test_confirmation_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_confirmation_LDADD = $(LDADD) $(CMOCKA_LIBS)
