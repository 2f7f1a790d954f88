# unit tests of api: the HTTP server, and what resources read and answer with
UNIT_TESTS += tests/unit/test_http
tests_unit_test_http_SOURCES = tests/unit/test_http.c tests/unit/http_help.h
tests_unit_test_http_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_http_limits
tests_unit_test_http_limits_SOURCES = tests/unit/test_http_limits.c tests/unit/http_help.h
tests_unit_test_http_limits_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_limits_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_http_wire
tests_unit_test_http_wire_SOURCES = tests/unit/test_http_wire.c tests/unit/http_help.h
tests_unit_test_http_wire_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_wire_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_http_tls
tests_unit_test_http_tls_SOURCES = tests/unit/test_http_tls.c tests/unit/http_help.h
tests_unit_test_http_tls_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_http_tls_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_route
tests_unit_test_route_SOURCES = tests/unit/test_route.c tests/unit/http_help.h
tests_unit_test_route_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_route_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_body
tests_unit_test_body_SOURCES = tests/unit/test_body.c tests/unit/http_help.h
tests_unit_test_body_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_body_LDADD = $(LDADD) $(CMOCKA_LIBS)

UNIT_TESTS += tests/unit/test_query
tests_unit_test_query_SOURCES = tests/unit/test_query.c tests/unit/http_help.h
tests_unit_test_query_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_query_LDADD = $(LDADD) $(CMOCKA_LIBS)

# who calls
UNIT_TESTS += tests/unit/test_auth tests/unit/test_auth_api
tests_unit_test_auth_SOURCES = tests/unit/test_auth.c
tests_unit_test_auth_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_auth_LDADD = $(LDADD) $(CMOCKA_LIBS)
tests_unit_test_auth_api_SOURCES = tests/unit/test_auth_api.c tests/unit/core_help.h tests/unit/http_help.h
tests_unit_test_auth_api_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_auth_api_LDADD = $(LDADD) $(CMOCKA_LIBS)

EXTRA_DIST += tests/fuzz/fuzz_http.c tests/fuzz/corpus/http

# contacts
UNIT_TESTS += tests/unit/test_contact_api
tests_unit_test_contact_api_SOURCES = tests/unit/test_contact_api.c tests/unit/core_help.h tests/unit/http_help.h
tests_unit_test_contact_api_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_contact_api_LDADD = $(LDADD) $(CMOCKA_LIBS)
