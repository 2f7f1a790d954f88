# unit tests of plugin
UNIT_TESTS += tests/unit/test_gsm tests/unit/test_phone tests/unit/test_kannel_conf \
	tests/unit/test_kannel_setup tests/unit/test_callback tests/unit/test_sendsms

tests_unit_test_gsm_SOURCES = tests/unit/test_gsm.c
tests_unit_test_gsm_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_gsm_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_phone_SOURCES = tests/unit/test_phone.c
tests_unit_test_phone_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_phone_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_kannel_conf_SOURCES = tests/unit/test_kannel_conf.c
tests_unit_test_kannel_conf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_kannel_conf_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_kannel_setup_SOURCES = tests/unit/test_kannel_setup.c
tests_unit_test_kannel_setup_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_kannel_setup_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_callback_SOURCES = tests/unit/test_callback.c
tests_unit_test_callback_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_callback_LDADD = $(LDADD) $(CMOCKA_LIBS)

tests_unit_test_sendsms_SOURCES = tests/unit/test_sendsms.c \
	tests/unit/fake_smsbox.c tests/unit/fake_smsbox.h
tests_unit_test_sendsms_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_sendsms_LDADD = $(LDADD) $(CMOCKA_LIBS)
