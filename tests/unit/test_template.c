/* Templates and durations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/duration.h"
#include "model/template.h"

#define HOLE(field) TEMPLATE_HOLE_OPEN field TEMPLATE_HOLE_CLOSE

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char *lookup(void *arg, const char *field)
{
	static const struct {
		const char *field, *value;
	} values[] = {
		{"contact.first_name", "maria JOSÉ"},
		{"contact.last_name", ""},
		{"contact.email", " \t"},
		{"contact.name", "{{ user.login }} {% x %} \xE2\x9F\xA6"},
		{"contact.created_at", "2026-11-23T23:30:00.000Z"},
		{"contact.custom.visit", "2027-01-05"},
		{"contact.custom.odd", "next Tuesday"},
		{"contact.custom.broken", "a\xFF"},
		{"user.first_name", "Ana"},
	};
	(void)arg;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].field, field) == 0)
			return values[i].value;
	return NULL;
}

static const struct template *compile(const char *text)
{
	const struct template *template;
	const struct template_error *errors;
	if (template_compile(arena, text, strlen(text), &template, &errors) != ERR_OK)
		fail_msg("\"%s\": %s", text, errors->message);
	return template;
}

static struct template_rendered render(const char *text, const char *zone)
{
	const struct template_values values = {.lookup = lookup,
					       .zone = zone ? zone_find(zone) : NULL};
	struct template_rendered rendered;
	template_render(compile(text), &values, arena, &rendered);
	assert_int_equal(rendered.len_bytes, strlen(rendered.text));
	return rendered;
}

static void test_render(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"", ""},
		{"plain } }} { {x}", "plain } }} { {x}"},
		{"{", "{"},
		{"Hi {{ user.first_name }}!", "Hi Ana!"},
		{"{{user.first_name}}{{ user.first_name\n}}", "AnaAna"},
		{"{{ contact.last_name | default: \"there\" }}", "there"},
		{"{{ contact.email | default: 'blank' }}", "blank"},
		{"{{ user.first_name | default: \"there\" }}", "Ana"},
		{"[{{ contact.custom.none | default: \"\" }}]", "[]"},
		{"{{ contact.custom.none|default:\"a }} | b\"|upcase }}", "A }} | B"},
		{"{{ contact.custom.none | upcase | default: \"Low\" }}", "Low"},
		{"{{ contact.first_name | capitalize }}", "Maria josé"},
		{"{{ contact.first_name | upcase }}", "MARIA JOSÉ"},
		{"{{ contact.first_name | downcase }}", "maria josé"},
		{"{{ contact.custom.broken | upcase }}", "a\xFF"},
		{"{{ contact.name }}", "{{ user.login }} {% x %} \xE2\x9F\xA6"},
		{"{{ contact.custom.visit | date: \"%d/%m/%Y %y %H:%M %%\" }}",
		 "05/01/2027 27 00:00 %"},
		{"{{ contact.custom.visit | date: '%A %a %B %b %e|%j' }}",
		 "Tuesday Tue January Jan  5|005"},
		{"{{ contact.created_at | date: \"%a %d %H:%M %j\" }}",
		 "Mon 23 23:30 327"},
		{"{{ contact.custom.odd | date: \"%d\" }}", "next Tuesday"},
		{"{{ contact.custom.none | date: \"%d\" | default: \"soon\" }}",
		 "soon"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct template_rendered rendered = render(cases[i].text, NULL);
		assert_string_equal(rendered.text, cases[i].expected);
		assert_int_equal(rendered.hole_count, 0);
	}
	assert_string_equal(render("{{ contact.created_at | date: \"%a %d %H:%M\" }}",
				   "Europe/Paris")
				    .text,
			    "Tue 24 00:30");
	assert_string_equal(
		render("{{ contact.created_at | date: \"%H:%M\" }}", "America/St_Johns")
			.text,
		"20:00");
	assert_string_equal(
		render("{{ contact.custom.visit | date: \"%d\" }}", "Pacific/Pago_Pago")
			.text,
		"05");
}

static void test_holes(void **state)
{
	(void)state;
	struct template_rendered rendered =
		render("A {{ contact.last_name }} B {{ contact.custom.x }}{{ "
		       "contact.email | upcase }}",
		       NULL);
	assert_string_equal(rendered.text,
			    "A " HOLE("contact.last_name") " B " HOLE(
				    "contact.custom.x") HOLE("contact.email"));
	assert_int_equal(rendered.hole_count, 3);
	assert_string_equal(rendered.holes[1].field, "contact.custom.x");
	assert_int_equal(rendered.holes[0].start_bytes, 2);
	assert_memory_equal(rendered.text + rendered.holes[1].start_bytes,
			    HOLE("contact.custom.x"), rendered.holes[1].len_bytes);
	assert_int_equal(rendered.holes[2].start_bytes + rendered.holes[2].len_bytes,
			 rendered.len_bytes);
}

static void test_find_holes(void **state)
{
	(void)state;
	const struct template *template =
		compile("{{ contact.name }} {{ contact.custom.a }} {{ user.name | "
			"default: \"x\" }}");
	static const struct {
		const char *text;
		size_t count, start;
	} cases[] = {
		{"", 0, 0},
		{"Hi Bob {{ contact.name }} {x} [contact.name] contact.name", 0, 0},
		{"Hi " HOLE("contact.name"), 1, 3},
		{"Hi" HOLE("contact.name"), 1, 2},
		{HOLE("contact.name") HOLE("contact.custom.a") HOLE("contact.name"), 3,
		 0},
		{"x" TEMPLATE_HOLE_OPEN "contact.name", 1, 1},
		{"x " TEMPLATE_HOLE_OPEN "contact.name. Bye", 1, 2},
		{"x contact.name" TEMPLATE_HOLE_CLOSE, 1, 2},
		{"xcontact.name" TEMPLATE_HOLE_CLOSE, 0, 0},
		{HOLE("contact.names") HOLE("contact.nam") HOLE("user.name")
			 HOLE("contact.email"),
		 0, 0},
		{TEMPLATE_HOLE_OPEN TEMPLATE_HOLE_CLOSE HOLE("math"), 0, 0},
		{TEMPLATE_HOLE_OPEN "...", 0, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct template_hole *holes;
		size_t count =
			template_find_holes(template, cases[i].text, arena, &holes);
		if (count != cases[i].count)
			fail_msg("\"%s\": %zu holes", cases[i].text, count);
		if (count)
			assert_int_equal(holes[0].start_bytes, cases[i].start);
		else
			assert_null(holes);
	}
}

static void test_markers_of_any_known_value(void **state)
{
	(void)state;
	const struct template_hole *holes;
	assert_int_equal(
		template_find_markers(
			"Hi {{ contact.nam }} { contact.name } {{}} {{ your }} "
			"[contact.name]" HOLE("math") TEMPLATE_HOLE_OPEN
			"contact.name " HOLE("contact.custom.") TEMPLATE_HOLE_OPEN,
			arena, &holes),
		0);
	assert_null(holes);
	assert_int_equal(template_find_markers(
				 "Hi " HOLE("user.name")
					 TEMPLATE_HOLE_OPEN HOLE("contact.custom.a"),
				 arena, &holes),
			 2);
	assert_string_equal(holes[0].field, "user.name");
	assert_int_equal(holes[0].start_bytes, 3);
	assert_int_equal(holes[0].len_bytes, strlen(HOLE("user.name")));
	assert_string_equal(holes[1].field, "contact.custom.a");
}

/* A value that somebody typed as workflows write it would go to the handset with its braces. */
static void test_known_values_in_braces(void **state)
{
	(void)state;
	const struct template_hole *holes;
	assert_int_equal(
		template_find_markers("{{user.name}} {{ contact.email | "
				      "default: 'x' }}, {{ contact.name, {{ your }}",
				      arena, &holes),
		3);
	assert_string_equal(holes[0].field, "user.name");
	assert_int_equal(holes[0].len_bytes, strlen("{{user.name}}"));
	assert_string_equal(holes[1].field, "contact.email");
	assert_int_equal(holes[1].start_bytes, strlen("{{user.name}} "));
	assert_int_equal(holes[1].len_bytes,
			 strlen("{{ contact.email | default: 'x' }}"));
	assert_string_equal(holes[2].field, "contact.name");
	assert_int_equal(holes[2].len_bytes, strlen("{{ contact.name"));
}

static void test_rendered_holes_are_found(void **state)
{
	(void)state;
	const char *text = "Hi {{ contact.last_name }}, {{ contact.custom.a-b_c }}?";
	struct template_rendered rendered = render(text, NULL);
	const struct template_hole *holes;
	size_t count = template_find_holes(compile(text), rendered.text, arena, &holes);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(holes[i].start_bytes, rendered.holes[i].start_bytes);
		assert_int_equal(holes[i].len_bytes, rendered.holes[i].len_bytes);
		assert_string_equal(holes[i].field, rendered.holes[i].field);
	}
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *code;
		unsigned line, column;
	} cases[] = {
		{"Hi {% if x %}", "template_tag", 1, 4},
		{"Hi\n é {{ contact.name", "template_unclosed", 2, 4},
		{"{{ }}", "template_syntax", 1, 4},
		{"{{ \"x\" }}", "template_syntax", 1, 4},
		{"{{ contact.name contact.name }}", "template_syntax", 1, 17},
		{"{{ contact.name | }}", "template_syntax", 1, 19},
		{"{{- contact.name }}", "template_syntax", 1, 3},
		{"{{ contact.name | default: \"x }}", "bad_filter", 1, 19},
		{"{{ contact.firstname }}", "unknown_field", 1, 4},
		{"{{ contact }}", "unknown_field", 1, 4},
		{"{{ contact.custom. }}", "unknown_field", 1, 4},
		{"{{ contact.custom.a.b }}", "unknown_field", 1, 4},
		{"{{ contact.custom.9 }}", "unknown_field", 1, 4},
		{"{{ user.password }}", "unknown_field", 1, 4},
		{"{{ contact.name | reverse }}", "unknown_filter", 1, 19},
		{"{{ contact.name | upcase: \"x\" }}", "bad_filter", 1, 19},
		{"{{ contact.name | default }}", "bad_filter", 1, 19},
		{"{{ contact.name | default: x }}", "bad_filter", 1, 19},
		{"{{ contact.name | date: \"%d %\" }}", "bad_date_format", 1, 19},
		{"{{ contact.name | date: \"%Z\" }}", "bad_date_format", 1, 19},
		{"\xFF", "bad_text", 1, 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct template *template = NULL;
		const struct template_error *error = NULL;
		assert_int_equal(template_compile(arena, cases[i].text,
						  strlen(cases[i].text), &template,
						  &error),
				 ERR_SYNTAX);
		assert_null(template);
		if (strcmp(error->code, cases[i].code) != 0)
			fail_msg("\"%s\": %s: %s", cases[i].text, error->code,
				 error->message);
		assert_int_equal(error->line, cases[i].line);
		assert_int_equal(error->column, cases[i].column);
		assert_true(strlen(error->message) > 20);
	}
}

static void test_all_errors(void **state)
{
	(void)state;
	const char *text =
		"{{ contact.x }} {{ contact.name | y }}\n{% z %} {{ user.q }}";
	const char *codes[] = {"unknown_field", "unknown_filter", "template_tag",
			       "unknown_field"};
	const struct template *template;
	const struct template_error *error;
	assert_int_equal(template_compile(arena, text, strlen(text), &template, &error),
			 ERR_SYNTAX);
	for (size_t i = 0; i < 4; i++, error = error->next) {
		assert_non_null(error);
		assert_string_equal(error->code, codes[i]);
		assert_int_equal(error->line, i < 2 ? 1 : 2);
	}
	assert_null(error);
}

static size_t count_errors(const char *text, size_t len)
{
	const struct template *template;
	const struct template_error *error;
	size_t count = 0;
	assert_int_equal(template_compile(arena, text, len, &template, &error),
			 ERR_SYNTAX);
	for (; error; error = error->next)
		count++;
	return count;
}

static void test_limits(void **state)
{
	(void)state;
	char text[TEMPLATE_TEXT_MAX + 1];
	const struct template *template;
	const struct template_error *error;
	memset(text, 'x', sizeof(text));
	assert_int_equal(
		template_compile(arena, text, TEMPLATE_TEXT_MAX, &template, &error),
		ERR_OK);
	assert_int_equal(template_compile(arena, text, sizeof(text), &template, &error),
			 ERR_SYNTAX);
	assert_string_equal(error->code, "text_too_long");
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "{%", 2);
	assert_int_equal(count_errors(text, TEMPLATE_TEXT_MAX), TEMPLATE_ERRORS_MAX);
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "{{", 2);
	assert_int_equal(count_errors(text, TEMPLATE_TEXT_MAX), 1);
	assert_int_equal(template_compile(arena, "a\0b", 3, &template, &error),
			 ERR_SYNTAX);
	assert_string_equal(error->code, "bad_text");
}

/* Every beginning of a text compiles or is refused; none reads beyond its end. */
static void test_beginnings(void **state)
{
	(void)state;
	const char *text = "é{{ contact.created_at | date: \"%d %% %j\" | default: 'x' "
			   "| upcase }}{{ user.name }}{% q";
	for (size_t len = 0; len <= strlen(text); len++) {
		const struct template *template;
		const struct template_error *error = NULL;
		char *exact = mem_alloc(len);
		memcpy(exact, text, len);
		enum err err = template_compile(arena, exact, len, &template, &error);
		mem_free(exact);
		assert_true(err == ERR_OK || error);
	}
}

static void test_uses(void **state)
{
	(void)state;
	const struct template *template =
		compile("{{ user.first_name }} {{ contact.name }} {{ user.first_name "
			"}} {{ contact.custom.a }}");
	assert_true(template_uses(template, "user."));
	assert_true(template_uses(template, "user.first_name"));
	assert_true(template_uses(template, "contact.custom."));
	assert_false(template_uses(template, "user.first"));
	assert_false(template_uses(template, "user.name"));
	assert_false(template_uses(template, "reply."));
	assert_false(template_uses(compile("plain"), "user."));
	size_t count;
	const char *const *fields = template_fields(template, &count);
	assert_int_equal(count, 3);
	assert_string_equal(fields[0], "user.first_name");
	assert_string_equal(fields[2], "contact.custom.a");
	assert_string_equal(template_source(compile("a {{ user.name }}")),
			    "a {{ user.name }}");
}

static void test_known_fields(void **state)
{
	static const char *const known[] = {
		"contact.first_name", "contact.last_name", "contact.name",
		"contact.phone",      "contact.email",     "contact.country",
		"contact.timezone",   "contact.owner",     "contact.created_at",
		"contact.custom.a",   "contact.custom._",  "contact.custom.A-9",
		"user.first_name",    "user.last_name",    "user.name",
		"user.login",         "user.email",        "account.name",
		"event.order",        "reply.text",
	};
	static const char *const unknown[] = {
		"",
		"contact",
		"contact.",
		"contact.custom",
		"contact.custom.",
		"contact.custom.-a",
		"contact.custom.é",
		"event.",
		"user.role",
		"Contact.name",
		"contact.name ",
		"reply.texts",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_true(template_knows_field(known[i]));
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_false(template_knows_field(unknown[i]));
}

static void test_duration(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *canonical;
	} good[] = {
		{"90s", 90 * SECOND_MS, "90s"}, {"60s", MINUTE_MS, "1m"},
		{"15m", 15 * MINUTE_MS, "15m"}, {"4h", 4 * HOUR_MS, "4h"},
		{"24h", DAY_MS, "1d"},          {"2d", 2 * DAY_MS, "2d"},
		{"1w", 7 * DAY_MS, "1w"},       {"007d", 7 * DAY_MS, "1w"},
		{"1s", SECOND_MS, "1s"},        {"3660d", DURATION_MAX_MS, "3660d"},
	};
	static const char *const bad[] = {"",          "4",   "h",   "4 h",
					  "-4h",       "+4h", "4hh", "4h working ",
					  "4hworking", "1.5h"};
	static const char *const out[] = {"0s", "3661d", "99999999999999999999999999w",
					  "523w"};
	char text[DURATION_TEXT_LEN];
	int64_t ms;
	bool is_working;
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(duration_parse(good[i].text, &ms, &is_working),
				 ERR_OK);
		assert_int_equal(ms, good[i].ms);
		assert_false(is_working);
		assert_string_equal(duration_format(ms, text), good[i].canonical);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(duration_parse(bad[i], &ms, &is_working), ERR_SYNTAX);
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		assert_int_equal(duration_parse(out[i], &ms, &is_working), ERR_INVALID);
	assert_int_equal(duration_parse("4h working", &ms, &is_working), ERR_OK);
	assert_true(is_working);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_find_holes),
		cmocka_unit_test(test_rendered_holes_are_found),
		cmocka_unit_test(test_markers_of_any_known_value),
		cmocka_unit_test(test_known_values_in_braces),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_all_errors),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_beginnings),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_known_fields),
		cmocka_unit_test(test_duration),
	};
	return cmocka_run_group_tests_name("template", tests, set_up, tear_down);
}
