/* The parser against texts that are broken, huge or meant ill, and from several threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workflow/parse.h"

#define HEAD                                                        \
	"<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'>" \
	"<triggers><contact-created/></triggers>\n<steps>\n"
#define TAIL "</steps>\n</workflow>\n"
#define WHOLE                                                               \
	HEAD "<assign-user id='who'><user login='ana'/></assign-user>\n"    \
	     "<manual-sms id='hello' name='H' expires='1d'><message>Hi {{ " \
	     "contact.name }}</message></manual-sms>\n" TAIL

static struct arena *arena;
static struct workflow_report report;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	workflow_report_init(&report, arena, "w.xml");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static enum err parse(const char *xml, struct plan **plan_out)
{
	return workflow_parse(xml, strlen(xml), NULL, plan_out, &report);
}

static struct plan *plan_of(const char *xml)
{
	struct plan *plan = NULL;
	enum err err = parse(xml, &plan);
	if (err != ERR_OK)
		fail_msg("%s: %s", err_code(err),
			 report.count ? report.findings[0].message : "no findings");
	return plan;
}

static void assert_refused(const char *xml, const char *code)
{
	struct plan *plan = NULL;
	workflow_report_init(&report, arena, "w.xml");
	assert_int_equal(parse(xml, &plan), ERR_INVALID_WORKFLOW);
	assert_null(plan);
	assert_true(report.count > 0);
	assert_string_equal(report.findings[0].code, code);
}

/* Runs the parser with stderr in a file; nothing may come out there. */
static void test_is_silent(void **state)
{
	static const char *const texts[] = {
		"",
		"<",
		"<workflow",
		"no xml",
		"<a><b></a>",
		"<a x:b=''/>",
		"<a>&x;</a>",
		"<a b='<'/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
		"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>",
		"<?xml version='9.9'?><a/>",
		"<a xmlns='urn:x y'/>",
		"<a xml:lang='?' xml:space='y' xml:id='1'/>",
		"<a>]]></a>",
	};
	(void)state;
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);
	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	size_t refused = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct plan *plan;
		workflow_report_init(&report, arena, NULL);
		refused += parse(texts[i], &plan) == ERR_INVALID_WORKFLOW &&
			   report.error_count;
	}
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	assert_int_equal(refused, sizeof(texts) / sizeof(texts[0]));
	assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
	fclose(file);
}

static void test_other_encodings(void **state)
{
	(void)state;
	static const char utf16[] = "\xFF\xFE<\0w\0o\0r\0k\0f\0l\0o\0w\0/\0>\0";
	struct plan *plan;
	assert_int_equal(workflow_parse(utf16, sizeof(utf16) - 1, NULL, &plan, &report),
			 ERR_INVALID_WORKFLOW);
	assert_string_equal(report.findings[0].code, "bad_encoding");
	assert_int_equal(report.findings[0].place.line, 1);
	assert_int_equal(report.findings[0].place.column, 1);
	static const char *const declared[] = {
		"<?xml version='1.0' encoding='UTF-16'?>",
		"<?xml version='1.0' encoding = \"latin1\" ?>",
		"<?xml version='1.0' encoding='UTF-8859'?>",
		"<?xml version='1.0' encoding='ebcdic'?>",
	};
	for (size_t i = 0; i < sizeof(declared) / sizeof(declared[0]); i++)
		assert_refused(arena_printf(arena, "%s%s", declared[i], WHOLE),
			       "bad_encoding");
	workflow_report_init(&report, arena, NULL);
	plan = plan_of("<?xml version='1.0' encoding='utf-8' standalone='yes'?>" WHOLE);
	plan_unref(&plan);
}

static void test_too_large(void **state)
{
	(void)state;
	struct buf xml = BUF_EMPTY;
	struct plan *plan;
	buf_add_str(&xml, WHOLE);
	size_t at = xml.len;
	memset(buf_reserve(&xml, WORKFLOW_BYTES_MAX), ' ', WORKFLOW_BYTES_MAX);
	buf_commit(&xml, WORKFLOW_BYTES_MAX - at);
	assert_int_equal(workflow_parse(xml.data, xml.len, NULL, &plan, &report),
			 ERR_OK);
	plan_unref(&plan);
	buf_add_char(&xml, ' ');
	assert_refused(buf_str(&xml), "too_large");
	buf_fini(&xml);
}

/* A megabyte of attributes takes libxml2 2.9 two minutes; here it is not even asked. Comments, CDATA and values may
 * hold whatever looks like attributes. */
static void test_many_attributes(void **state)
{
	(void)state;
	struct buf xml = BUF_EMPTY, noise = BUF_EMPTY;
	buf_add_str(&xml, HEAD "<add-tag ");
	for (int i = 0; xml.len < WORKFLOW_BYTES_MAX - 200; i++)
		buf_printf(&xml, "a%d='' ", i);
	buf_add_str(&xml, "/>" TAIL);
	assert_refused(buf_str(&xml), "too_many_attributes");
	for (int i = 0; i < 200; i++)
		buf_add_str(&noise, " a=\"1\" ");
	workflow_report_init(&report, arena, NULL);
	struct plan *plan = plan_of(arena_printf(
		arena,
		HEAD
		"<!-- <x %s -->\n<assign-user id='who'><user "
		"login='ana'/></assign-user>"
		"<manual-sms id='a' name='&gt; a=1 />' "
		"expires='1d'><message><![CDATA[<x %s]]></message></manual-sms>" TAIL,
		buf_str(&noise), buf_str(&noise)));
	plan_unref(&plan);
	buf_fini(&xml);
	buf_fini(&noise);
}

static void test_deep(void **state)
{
	(void)state;
	struct buf xml = BUF_EMPTY;
	for (int i = 0; i < 100000; i++)
		buf_add_str(&xml, "<steps>");
	assert_refused(buf_str(&xml), "too_deep");
	buf_fini(&xml);
}

/* A hundred thousand small elements of every kind of wrong: bounded and quick. */
static void test_many_elements(void **state)
{
	(void)state;
	static const char *const bodies[] = {"<a/>",  "<user login='Q'/>", "<add-tag/>",
					     "<?p?>", "<end id='-'/>",     "x<end/>"};
	for (size_t b = 0; b < sizeof(bodies) / sizeof(bodies[0]); b++) {
		struct buf xml = BUF_EMPTY;
		struct plan *plan;
		buf_add_str(&xml, HEAD);
		while (xml.len < WORKFLOW_BYTES_MAX / 2)
			buf_add_str(&xml, bodies[b]);
		buf_add_str(&xml, TAIL);
		workflow_report_init(&report, arena, NULL);
		assert_int_equal(parse(buf_str(&xml), &plan), ERR_INVALID_WORKFLOW);
		assert_int_equal(report.count, WORKFLOW_FINDINGS_MAX);
		buf_fini(&xml);
	}
}

/* Every beginning of a good text, and the text with each byte broken in turn: a plan or a report, never a crash. */
static void test_broken_texts(void **state)
{
	static const char bad[] = {'<',  '>',    '&', '"', '\'',
				   '\0', '\xFF', ']', '{', '%'};
	(void)state;
	size_t len = strlen(WHOLE);
	for (size_t i = 0; i < len * (1 + sizeof(bad)); i++) {
		struct plan *plan = NULL;
		struct arena *own = arena_new();
		struct workflow_report one;
		size_t used = i < len ? i : len;
		char *text = mem_alloc(used);
		workflow_report_init(&one, own, NULL);
		memcpy(text, WHOLE, used);
		if (i >= len)
			text[(i - len) % len] = bad[(i - len) / len];
		if (workflow_parse(text, used, NULL, &plan, &one) == ERR_OK)
			plan_unref(&plan);
		else
			assert_true(one.error_count > 0);
		mem_free(text);
		arena_free(&own);
	}
}

/* --- threads --- */

static void *parse_and_share(void *arg)
{
	struct plan *shared = arg;
	for (int i = 0; i < 50; i++) {
		struct arena *own = arena_new();
		struct workflow_report one;
		struct plan *plan, *mine = plan_ref(shared);
		workflow_report_init(&one, own, NULL);
		if (workflow_parse(WHOLE, strlen(WHOLE), NULL, &plan, &one) != ERR_OK ||
		    strcmp(plan->hash, mine->hash) != 0)
			abort();
		plan_unref(&plan);
		plan_unref(&mine);
		if (workflow_parse("<a>", 3, NULL, &plan, &one) == ERR_OK)
			abort();
		arena_free(&own);
	}
	plan_unref(&shared);
	return NULL;
}

static void test_threads(void **state)
{
	(void)state;
	pthread_t threads[4];
	struct plan *plan = plan_of(WHOLE);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, parse_and_share,
						plan_ref(plan)),
				 0);
	plan_unref(&plan);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* Each with an arena and a report of its own. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_is_silent),    TEST(test_other_encodings),
		TEST(test_too_large),    TEST(test_many_attributes),
		TEST(test_deep),         TEST(test_many_elements),
		TEST(test_broken_texts), TEST(test_threads),
	};
	return cmocka_run_group_tests_name("workflow hostile", tests, NULL, NULL);
}
