# tests/scenario/run replays the scenario files of this folder; tests/rings.sh has it as the ring "scenario"

EXTRA_DIST += tests/scenario/stories tests/scenario/README.md

if HAVE_CMOCKA
check_PROGRAMS += tests/scenario/run
TESTS += tests/scenario/run
endif

tests_scenario_run_SOURCES = tests/scenario/run.c tests/scenario/world.c tests/scenario/acts.c \
	tests/scenario/texts.c tests/scenario/expect.c tests/scenario/limits.c tests/scenario/migrate.c \
	tests/scenario/queue.c tests/scenario/tree.c tests/scenario/scenario.h tests/scenario/tree.h \
	tests/unit/core_help.h
tests_scenario_run_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS) -DSCENARIO_FOLDER='"$(abs_srcdir)/tests/scenario/stories"'
tests_scenario_run_LDADD = $(LDADD) $(CMOCKA_LIBS)
