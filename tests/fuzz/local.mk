# libFuzzer targets; tests/fuzz/run builds them with clang and runs a short, seeded share of each
EXTRA_DIST += tests/fuzz/run \
	tests/fuzz/fuzz_callback.c \
	tests/fuzz/fuzz_http.c \
	tests/fuzz/fuzz_kannel_conf.c \
	tests/fuzz/fuzz_template.c \
	tests/fuzz/fuzz_workflow.c \
	tests/fuzz/workflow_random.h \
	tests/fuzz/corpus
