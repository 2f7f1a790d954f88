/* The corpus of workflows: every valid file is taken by the parser and the schema and comes back from the writer as it
 * went in; every invalid one is refused with the codes and lines that its comment says:
 *
 *	<!-- expect: unknown_attribute line=7, missing_id line=9 only-parser -->
 *
 * "only-parser" marks what the schema lets through. In a valid file, expect lists warnings. A file without that comment
 * has none, or (invalid) is refused somehow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <string.h>

#include "workflow/parse.h"

#include "tests/fuzz/workflow_random.h"

#define CORPUS TEST_SRCDIR "/tests/corpus/workflow"

struct parsed {
	const char *path;
	struct buf text;
	struct arena *arena;
	struct workflow_report report;
	struct plan *plan;
	enum err err;
};

static xmlSchema *schema;

static void read_file(const char *path, struct buf *buf)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		fail_msg("cannot read %s", path);
	size_t got;
	while ((got = fread(buf_reserve(buf, 65536), 1, 65536, file)) > 0)
		buf_commit(buf, got);
	fclose(file);
}

static void parsed_init(struct parsed *parsed, const char *path)
{
	*parsed = (struct parsed){.path = path, .arena = arena_new()};
	read_file(path, &parsed->text);
	workflow_report_init(&parsed->report, parsed->arena, path);
	parsed->err = workflow_parse(buf_str(&parsed->text), parsed->text.len, NULL,
				     &parsed->plan, &parsed->report);
}

static void parsed_fini(struct parsed *parsed)
{
	if (parsed->err == ERR_OK)
		plan_unref(&parsed->plan);
	buf_fini(&parsed->text);
	arena_free(&parsed->arena);
}

static void fail_with_report(const struct parsed *parsed, const char *what)
{
	struct buf buf = BUF_EMPTY;
	workflow_report_print(&parsed->report, &buf);
	fail_msg("%s: %s\n%s", parsed->path, what, buf_str(&buf));
}

/* --- what the comment expects --- */

static bool finding_is_there(const struct workflow_report *report,
			     enum finding_severity severity, const char *code,
			     unsigned line, bool *is_used)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct workflow_finding *finding = &report->findings[i];
		if (is_used[i] || finding->severity != severity ||
		    finding->place.line != line || strcmp(finding->code, code) != 0)
			continue;
		is_used[i] = true;
		return true;
	}
	return false;
}

/* Checks what is expected and returns how many that are; -1: the file has no such comment. */
static int match_comment(const struct parsed *parsed, enum finding_severity severity)
{
	const char *at = strstr(buf_str(&parsed->text), "<!-- expect: ");
	bool is_used[WORKFLOW_FINDINGS_MAX] = {false};
	if (!at)
		return -1;
	at += strlen("<!-- expect: ");
	for (int count = 0;; count++) {
		char code[64];
		unsigned line;
		int len;
		if (sscanf(at, "%63[a-z_] line=%u%n", code, &line, &len) != 2)
			fail_msg("%s: what does the comment expect?", parsed->path);
		if (!finding_is_there(&parsed->report, severity, code, line, is_used)) {
			char what[128];
			snprintf(what, sizeof(what), "expected %s in line %u", code,
				 line);
			fail_with_report(parsed, what);
		}
		at += len;
		if (*at != ',')
			return count + 1;
		at += 2;
	}
}

/* --- the schema --- */

static void ignore_error(void *arg, const char *fmt, ...)
{
	(void)arg, (void)fmt;
}

static void ignore_structured(void *arg, xmlErrorPtr error)
{
	(void)arg, (void)error;
}

static int schema_open(void **state)
{
	(void)state;
	xmlSetGenericErrorFunc(NULL, ignore_error);
	xmlSetStructuredErrorFunc(NULL, ignore_structured);
	xmlSchemaParserCtxt *ctxt =
		xmlSchemaNewParserCtxt(TEST_SRCDIR "/conf/workflow.xsd");
	schema = xmlSchemaParse(ctxt);
	xmlSchemaFreeParserCtxt(ctxt);
	return schema ? 0 : -1;
}

static int schema_close(void **state)
{
	(void)state;
	xmlSchemaFree(schema);
	xmlCleanupParser();
	return 0;
}

/* A text with a DOCTYPE is no matter of the schema (and libxml2 2.9 leaks when it validates one with entities). */
static bool schema_takes(const struct buf *text)
{
	xmlDoc *doc = xmlReadMemory(buf_str(text), (int)text->len, NULL, NULL,
				    XML_PARSE_NONET);
	xmlSchemaValidCtxt *ctxt = xmlSchemaNewValidCtxt(schema);
	bool is_valid = doc && !doc->intSubset && xmlSchemaValidateDoc(ctxt, doc) == 0;
	xmlSchemaFreeValidCtxt(ctxt);
	xmlFreeDoc(doc);
	return is_valid;
}

/* --- equality of plans --- */

static void assert_same_text(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a && b)
		assert_string_equal(a, b);
}

static void assert_same_assign(const struct step_assign *a, const struct step_assign *b)
{
	assert_same_text(a->team, b->team);
	assert_int_equal(a->is_pool, b->is_pool);
	assert_int_equal(a->only_unassigned, b->only_unassigned);
	assert_int_equal(a->user_count, b->user_count);
	for (size_t i = 0; i < a->user_count; i++) {
		assert_string_equal(a->users[i].login, b->users[i].login);
		assert_int_equal(a->users[i].weight, b->users[i].weight);
	}
}

static void assert_same_sms(const struct step_sms *a, const struct step_sms *b)
{
	assert_same_text(a->name, b->name);
	assert_same_text(a->text, b->text);
	assert_int_equal(!a->template, !b->template);
	assert_int_equal(a->due.ms, b->due.ms);
	assert_int_equal(a->due.is_working, b->due.is_working);
	assert_int_equal(a->expires.ms, b->expires.ms);
	assert_memory_equal(a->exits, b->exits, sizeof(a->exits));
	assert_int_equal(a->does_wait, b->does_wait);
	assert_int_equal(a->follows_owner, b->follows_owner);
	assert_int_equal(a->is_locked, b->is_locked);
	assert_int_equal(a->priority, b->priority);
}

static void assert_same_span(struct plan_span a, struct plan_span b)
{
	assert_int_equal(a.ms, b.ms);
	assert_int_equal(a.is_working, b.is_working);
}

static void assert_same_wait(const struct step_wait *a, const struct step_wait *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_same_span(a->span, b->span);
	assert_memory_equal(&a->wall, &b->wall, sizeof(a->wall));
	assert_same_text(a->field, b->field);
	assert_int_equal(a->offset_ms, b->offset_ms);
}

static void assert_same_reply(const struct step_reply *a, const struct step_reply *b)
{
	assert_string_equal(a->to, b->to);
	assert_same_span(a->timeout, b->timeout);
	assert_int_equal(a->on_reply, b->on_reply);
	assert_int_equal(a->on_timeout, b->on_timeout);
}

static void assert_same_condition(const struct condition *a, const struct condition *b)
{
	assert_int_equal(!a, !b);
	if (!a)
		return;
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->child_count, b->child_count);
	for (size_t i = 0; i < a->child_count; i++)
		assert_same_condition(a->children[i], b->children[i]);
	if (a->kind != CONDITION_TEST)
		return;
	assert_string_equal(a->field, b->field);
	assert_int_equal(a->op, b->op);
	assert_string_equal(a->value, b->value);
}

static void assert_same_branch(const struct step_branch *a, const struct step_branch *b)
{
	assert_int_equal(a->otherwise, b->otherwise);
	assert_int_equal(a->when_count, b->when_count);
	for (size_t i = 0; i < a->when_count; i++) {
		assert_same_text(a->whens[i].name, b->whens[i].name);
		assert_int_equal(a->whens[i].first, b->whens[i].first);
		assert_same_condition(a->whens[i].condition, b->whens[i].condition);
	}
}

static void assert_same_triggers(const struct plan *a, const struct plan *b)
{
	assert_int_equal(a->trigger_count, b->trigger_count);
	for (size_t i = 0; i < a->trigger_count; i++) {
		const struct plan_trigger *x = &a->triggers[i], *y = &b->triggers[i];
		assert_int_equal(x->kind, y->kind);
		assert_same_text(x->name, y->name);
		assert_int_equal(x->imports, y->imports);
		assert_int_equal(x->offset_ms, y->offset_ms);
		assert_int_equal(x->at_minute, y->at_minute);
		assert_same_condition(x->condition, y->condition);
	}
	assert_same_condition(a->filter, b->filter);
}

static void assert_same_hours(const struct hours *a, const struct hours *b)
{
	assert_int_equal(!a, !b);
	assert_int_equal(a ? a->count : 0, b ? b->count : 0);
	for (size_t i = 0; a && i < a->count; i++) {
		assert_int_equal(a->windows[i].days, b->windows[i].days);
		assert_int_equal(a->windows[i].from, b->windows[i].from);
		assert_int_equal(a->windows[i].to, b->windows[i].to);
		assert_ptr_equal(a->windows[i].zone, b->windows[i].zone);
	}
}

/* What the other kinds have to say. */
static void assert_same_texts(const struct step *a, const struct step *b)
{
	if (a->kind == STEP_SEND_EMAIL) {
		assert_string_equal(a->email.to_text, b->email.to_text);
		assert_string_equal(a->email.subject_text, b->email.subject_text);
		assert_string_equal(a->email.body_text, b->email.body_text);
	} else if (a->kind == STEP_SET_FIELD) {
		assert_string_equal(a->set_field.field, b->set_field.field);
		assert_string_equal(a->set_field.value_text, b->set_field.value_text);
	} else if (a->kind == STEP_CALL_HOOK) {
		assert_same_text(a->hook.hook, b->hook.hook);
		assert_same_text(a->hook.url, b->hook.url);
		assert_same_text(a->hook.event, b->hook.event);
	} else if (a->kind == STEP_GO_TO) {
		assert_string_equal(a->go_to.step_id, b->go_to.step_id);
		assert_int_equal(a->go_to.target, b->go_to.target);
		assert_int_equal(a->go_to.max, b->go_to.max);
	} else if (a->kind == STEP_ADD_TAG || a->kind == STEP_REMOVE_TAG) {
		assert_same_text(a->tag, b->tag);
	}
}

static void assert_same_step(const struct step *a, const struct step *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->id, b->id);
	assert_int_equal(a->is_id_written, b->is_id_written);
	assert_int_equal(a->next, b->next);
	assert_int_equal(a->parent, b->parent);
	if (a->kind == STEP_ASSIGN_USER)
		assert_same_assign(&a->assign, &b->assign);
	else if (a->kind == STEP_MANUAL_SMS)
		assert_same_sms(&a->sms, &b->sms);
	else if (a->kind == STEP_WAIT)
		assert_same_wait(&a->wait, &b->wait);
	else if (a->kind == STEP_BRANCH)
		assert_same_branch(&a->branch, &b->branch);
	else if (a->kind == STEP_WAIT_FOR_REPLY)
		assert_same_reply(&a->reply, &b->reply);
	else
		assert_same_texts(a, b);
}

static void assert_same_plan(const struct plan *a, const struct plan *b)
{
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->name, b->name);
	assert_same_text(a->description, b->description);
	assert_int_equal(a->publish, b->publish);
	assert_int_equal(a->settings.reentry, b->settings.reentry);
	assert_int_equal(a->settings.stop_on_reply, b->settings.stop_on_reply);
	assert_same_text(a->settings.sender, b->settings.sender);
	assert_same_text(a->settings.smsc, b->settings.smsc);
	assert_same_hours(a->settings.hours, b->settings.hours);
	assert_same_triggers(a, b);
	assert_int_equal(a->first, b->first);
	assert_int_equal(a->step_count, b->step_count);
	for (size_t i = 0; i < a->step_count; i++)
		assert_same_step(&a->steps[i], &b->steps[i]);
	assert_string_equal(a->hash, b->hash);
	assert_string_equal(a->xml, b->xml);
}

static void assert_comes_back(const struct parsed *parsed)
{
	struct workflow_report report;
	struct plan *again;
	struct buf canonical = BUF_EMPTY;
	workflow_report_init(&report, parsed->arena, NULL);
	buf_add(&canonical, parsed->plan->xml, parsed->plan->xml_len_bytes);
	if (!schema_takes(&canonical))
		fail_msg("%s: the schema refuses the canonical text:\n%s", parsed->path,
			 buf_str(&canonical));
	if (workflow_parse(canonical.data, canonical.len, NULL, &again, &report) !=
	    ERR_OK)
		fail_msg("%s: the canonical text is refused:\n%s", parsed->path,
			 buf_str(&canonical));
	assert_int_equal(report.warning_count, parsed->report.warning_count);
	assert_same_plan(parsed->plan, again);
	plan_unref(&again);
	buf_fini(&canonical);
}

/* --- the files --- */

static void check_valid(const char *path)
{
	struct parsed parsed;
	parsed_init(&parsed, path);
	if (parsed.err != ERR_OK)
		fail_with_report(&parsed, "should be valid");
	if (!schema_takes(&parsed.text))
		fail_msg("%s: the parser takes it, the schema does not", path);
	int expected = match_comment(&parsed, FINDING_WARNING);
	if (parsed.report.count != (size_t)(expected < 0 ? 0 : expected))
		fail_with_report(&parsed, "other findings than expected");
	assert_comes_back(&parsed);
	parsed_fini(&parsed);
}

static void check_invalid(const char *path)
{
	struct parsed parsed;
	parsed_init(&parsed, path);
	if (parsed.err != ERR_INVALID_WORKFLOW || !parsed.report.error_count)
		fail_with_report(&parsed, "should be refused");
	int expected = match_comment(&parsed, FINDING_ERROR);
	if (expected >= 0 && parsed.report.count != (size_t)expected)
		fail_with_report(&parsed, "other findings than expected");
	bool is_marked = strstr(buf_str(&parsed.text), " only-parser -->");
	if (schema_takes(&parsed.text) != is_marked)
		fail_msg("%s: the schema %s it: %s the mark only-parser", path,
			 is_marked ? "refuses" : "takes", is_marked ? "remove" : "set");
	parsed_fini(&parsed);
}

/* Runs check over all .xml files of a folder; returns how many. */
static int each_file(const char *folder, void (*check)(const char *path))
{
	DIR *dir = opendir(folder);
	if (!dir)
		fail_msg("no folder %s", folder);
	int count = 0;
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		char path[4096];
		size_t len = strlen(entry->d_name);
		if (len < 5 || strcmp(entry->d_name + len - 4, ".xml") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		check(path);
		count++;
	}
	closedir(dir);
	return count;
}

static void test_valid(void **state)
{
	(void)state;
	assert_true(each_file(CORPUS "/valid", check_valid) >= 20);
}

static void test_invalid(void **state)
{
	(void)state;
	assert_true(each_file(CORPUS "/invalid", check_invalid) >= 70);
}

static void test_examples(void **state)
{
	(void)state;
	assert_true(each_file(TEST_SRCDIR "/conf/workflows", check_valid) >= 2);
}

/* --- workflows made at random --- */

enum { RANDOM_COUNT = 3000, RANDOM_CHOICES = 400 };

/* What the parser takes, the schema takes, and it comes back; most of what is made without nonsense is taken. */
static void test_random(void **state)
{
	(void)state;
	uint32_t seed = 1;
	unsigned taken = 0, steps = 0;
	for (unsigned i = 0; i < RANDOM_COUNT; i++) {
		uint8_t choices[RANDOM_CHOICES];
		for (size_t k = 0; k < RANDOM_CHOICES; k++) {
			seed = seed * 1664525 + 1013904223;
			choices[k] = (uint8_t)(seed >> 24);
		}
		struct parsed parsed = {.path = "random", .arena = arena_new()};
		workflow_random(choices, i % RANDOM_CHOICES, &parsed.text);
		workflow_report_init(&parsed.report, parsed.arena, "random");
		parsed.err = workflow_parse(buf_str(&parsed.text), parsed.text.len,
					    NULL, &parsed.plan, &parsed.report);
		if (parsed.err == ERR_OK) {
			taken++;
			steps += (unsigned)parsed.plan->step_count;
			if (!schema_takes(&parsed.text))
				fail_msg(
					"the parser takes it, the schema does not:\n%s",
					buf_str(&parsed.text));
			assert_comes_back(&parsed);
		}
		parsed_fini(&parsed);
	}
	print_message("%u of %d taken, %u steps\n", taken, RANDOM_COUNT, steps);
	assert_true(taken > RANDOM_COUNT / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests_name("workflow corpus", tests, schema_open,
					   schema_close);
}
