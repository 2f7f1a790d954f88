# tests: one fragment per ring or folder under test
LDADD = libhandbox.a $(DEP_LIBS)
UNIT_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests/unit $(CMOCKA_CFLAGS)

include tests/unit/base.mk
include tests/unit/plugin.mk
include tests/unit/model.mk
include tests/unit/workflow.mk
include tests/unit/store.mk
include tests/unit/core.mk
include tests/unit/link.mk
include tests/unit/api.mk
include tests/scenario/local.mk
include tests/rig/local.mk
include tests/openapi/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
