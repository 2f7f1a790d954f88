# tests/bench/run: its probes are made by name only
EXTRA_PROGRAMS += tests/bench/probe tests/bench/recover tests/bench/answer tests/bench/conditions

tests_bench_probe_SOURCES = tests/bench/probe.c
tests_bench_probe_LDADD = $(EVENT_LIBS) $(SQLITE_LIBS)

tests_bench_recover_SOURCES = tests/bench/recover.c
tests_bench_recover_LDADD = $(SQLITE_LIBS)

tests_bench_answer_SOURCES = tests/bench/answer.c
tests_bench_answer_LDADD = $(EVENT_LIBS)

tests_bench_conditions_SOURCES = tests/bench/conditions.c
tests_bench_conditions_LDADD = libhandbox.a $(DEP_LIBS)

EXTRA_DIST += tests/bench/run tests/bench/fill.py tests/bench/inbox.py tests/bench/load.lua tests/bench/measures.py \
	tests/bench/timers.py tests/bench/tools.py
