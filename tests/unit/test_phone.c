/* test_phone.c - numbers as people type them, and the operator's plan */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "plugin/kannel_conf.h"
#include "plugin/phone.h"

static const struct {
	const char *raw, *region;
	enum phone_verdict verdict;
	const char *e164, *iso;
	enum phone_type type;
	const char *reason; /* a part of it */
} numbers[] = {
	{"+351912345678", NULL, PHONE_VALID, "+351912345678", "PT", PHONE_TYPE_MOBILE,
	 ""},
	{"+351 912 345-678", NULL, PHONE_VALID, "+351912345678", "PT",
	 PHONE_TYPE_MOBILE, ""},
	{"00351912345678", NULL, PHONE_VALID, "+351912345678", "PT", PHONE_TYPE_MOBILE,
	 ""},
	{"00351912345678", "PT", PHONE_VALID, "+351912345678", "PT", PHONE_TYPE_MOBILE,
	 ""},
	{"912345678", "PT", PHONE_VALID, "+351912345678", "PT", PHONE_TYPE_MOBILE, ""},
	{"912345678", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "country"},
	{"912345678", "XX", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "country"},
	{"210123456", "PT", PHONE_VALID, "+351210123456", "PT", PHONE_TYPE_FIXED_LINE,
	 ""},
	{"+44 (0) 7400 123456", NULL, PHONE_VALID, "+447400123456", "GB",
	 PHONE_TYPE_MOBILE, ""},
	{"(201) 555-0123", "US", PHONE_VALID, "+12015550123", "US",
	 PHONE_TYPE_FIXED_LINE_OR_MOBILE, ""},
	{"0171/1234567", "DE", PHONE_VALID, "+491711234567", "DE", PHONE_TYPE_MOBILE,
	 ""},
	{"+٣٥١٩١٢٣٤٥٦٧٨", NULL, PHONE_VALID, "+351912345678", "PT", PHONE_TYPE_MOBILE,
	 ""},
	{"＋351912345678", NULL, PHONE_VALID, "+351912345678", "PT", PHONE_TYPE_MOBILE,
	 ""},
	{"+39 06 6982", NULL, PHONE_VALID, "+39066982", "VA", PHONE_TYPE_FIXED_LINE,
	 ""},
	{"+351412345678", NULL, PHONE_POSSIBLE, "+351412345678", "", PHONE_TYPE_UNKNOWN,
	 "range"},
	{"+35191234567", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "few digits"},
	{"+3519123456789", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN,
	 "many digits"},
	{"+999123456789", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN,
	 "country code"},
	{"+1234567890123456789", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN,
	 "not a telephone number"},
	{"+351912345678 ext 12", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN,
	 "extension"},
	{"+351912345678x12", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN,
	 "extension"},
	{"+351912345678#12", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN,
	 "extension"},
	{"*123#", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "Codes with"},
	{"1-800-FLOWERS", "US", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "letters"},
	{"ACME", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "letters"},
	{"13013", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "short code"},
	{"112", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "short code"},
	{"+351912345678, +351912345679", NULL, PHONE_INVALID, "", "",
	 PHONE_TYPE_UNKNOWN, "more than one"},
	{"+351+912345678", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "inside"},
	{"", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "no number"},
	{"  ", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "no number"},
	{"+", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "no number"},
	{"+351912\xff", "PT", PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "UTF-8"},
	{"+351912345678\xE2\x98\x8E", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN,
	 "U+260E"},
	/* the library of 2022 does not know Benin's numbers of ten digits; this pins why the plan exists */
	{"+2290197123456", NULL, PHONE_INVALID, "", "", PHONE_TYPE_UNKNOWN, "digits"},
};

static void check_one(const struct phone_rules *rules, size_t i)
{
	struct phone_check got;
	phone_check(rules, numbers[i].raw, numbers[i].region, &got);
	if (got.verdict != numbers[i].verdict || strcmp(got.e164, numbers[i].e164) ||
	    got.type != numbers[i].type || !strstr(got.reason, numbers[i].reason) ||
	    (numbers[i].iso[0] && strcmp(got.region, numbers[i].iso)) ||
	    (got.verdict == PHONE_VALID) != (got.reason[0] == '\0'))
		fail_msg("\"%s\": %s \"%s\" %s %s \"%s\"", numbers[i].raw,
			 phone_verdict_name(got.verdict), got.e164,
			 phone_type_name(got.type), got.region, got.reason);
	if (got.e164[0])
		assert_int_equal(phone_check_kept(rules, got.e164, got.region),
				 got.verdict);
}

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		check_one(NULL, i);
}

static struct phone_rules *rules_of(const char *text)
{
	struct kannel_conf *conf;
	struct phone_rules *rules;
	char *why;
	assert_int_equal(
		kannel_conf_parse(text, strlen(text), "test.conf", false, &conf, &why),
		ERR_OK);
	if (phone_rules_from_conf(conf, &rules, &why) != ERR_OK)
		fail_msg("%s", why);
	kannel_conf_free(&conf);
	return rules;
}

static void test_plan(void **state)
{
	(void)state;
	struct phone_check got;
	struct phone_rules *rules = rules_of(
		"group = number-plan\nprefix = +229\nlengths = 10\ntype = mobile\n\n"
		"group = number-plan\nprefix = 22999\nlengths = \"4 6-7,9\"\n\n"
		"group = number-plan\nprefix = +999\nlengths = 9\ntype = voip\n\n"
		"group = number-plan\nprefix = 35191\nlengths = 8\n");
	phone_check(rules, "+229 01 97 12 34 56", NULL, &got);
	assert_int_equal(got.verdict, PHONE_VALID);
	assert_true(got.by_plan);
	assert_int_equal(got.type, PHONE_TYPE_MOBILE);
	assert_string_equal(got.e164, "+2290197123456");
	assert_string_equal(got.region, "BJ");
	phone_check(rules, "01 97 12 34 56", "BJ", &got);
	assert_int_equal(got.verdict, PHONE_VALID);
	assert_string_equal(got.e164, "+2290197123456");

	/* the old eight digits, which the library takes */
	phone_check(rules, "+22990011234", NULL, &got);
	assert_int_equal(got.verdict, PHONE_INVALID);
	assert_string_equal(got.e164, "");
	assert_non_null(strstr(got.reason, "number-plan"));

	/* the longest prefix decides alone */
	phone_check(rules, "+229991234567", NULL, &got);
	assert_int_equal(got.verdict, PHONE_VALID);
	phone_check(rules, "+22999123456789", NULL, &got);
	assert_int_equal(got.verdict, PHONE_VALID);
	phone_check(rules, "+2299912345", NULL, &got);
	assert_int_equal(got.verdict, PHONE_INVALID);

	/* a country that the library does not know */
	phone_check(rules, "+999123456789", NULL, &got);
	assert_int_equal(got.verdict, PHONE_VALID);
	assert_int_equal(got.type, PHONE_TYPE_VOIP);

	/* a range declared dead */
	phone_check(rules, "912345678", "PT", &got);
	assert_int_equal(got.verdict, PHONE_INVALID);
	/* the others go by the library still */
	phone_check(rules, "961234567", "PT", &got);
	assert_int_equal(got.verdict, PHONE_VALID);
	assert_false(got.by_plan);
	phone_rules_free(&rules);
	assert_null(rules);
}

static void test_bad_plans(void **state)
{
	(void)state;
	static const struct {
		const char *conf, *why;
	} cases[] = {
		{"group = number-plan\nprefix = +229\n",
		 "test.conf:1: group number-plan: lengths is missing"},
		{"group = number-plan\nlengths = 3\n", "prefix is missing"},
		{"group = number-plan\nprefix = 0229\nlengths = 3\n", "prefix = 0229"},
		{"group = number-plan\nprefix = +22a\nlengths = 3\n", "prefix = +22a"},
		{"group = number-plan\nprefix = +229\nlengths = \n", "lengths = "},
		{"group = number-plan\nprefix = +229\nlengths = 9-7\n",
		 "lengths = 9-7"},
		{"group = number-plan\nprefix = +229\nlengths = 0\n", "lengths = 0"},
		{"group = number-plan\nprefix = +229\nlengths = 13\n", "at most 15"},
		{"group = number-plan\nprefix = +229\nlengths = 7x\n", "lengths = 7x"},
		{"group = number-plan\nprefix = +229\nlengths = 18446744073709551615\n",
		 "lengths = 1844"},
		{"group = number-plan\nprefix = +229\nlengths = 8\ntype = cell\n",
		 "type = cell"},
		{"group = number-plan\nprefix = +229\nlengths = 8\nlenght = 8\n",
		 "test.conf:4: group number-plan: unknown key \"lenght\""},
		{"group = number-plan\nprefix = 1\nlengths = 9\n\ngroup = "
		 "number-plan\nprefix = +1\nlengths = 8\n",
		 "test.conf:5"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kannel_conf *conf;
		struct phone_rules *rules = NULL;
		char *why = NULL;
		assert_int_equal(kannel_conf_parse(cases[i].conf, strlen(cases[i].conf),
						   "test.conf", false, &conf, &why),
				 ERR_OK);
		assert_int_equal(phone_rules_from_conf(conf, &rules, &why),
				 ERR_INVALID);
		if (!strstr(why, cases[i].why))
			fail_msg("%s\n gave: %s", cases[i].conf, why);
		assert_null(rules);
		mem_free(why);
		kannel_conf_free(&conf);
	}
}

static const struct {
	const char *address, *region;
	bool is_number;
	const char *out;
} senders[] = {
	{"+351912345678", NULL, true, "+351912345678"},
	{"351912345678", NULL, true, "+351912345678"},
	{"351912345678", "PT", true, "+351912345678"},
	{"00351912345678", NULL, true, "+351912345678"},
	{"912345678", "PT", true, "+351912345678"},
	{"912345678", NULL, false, "912345678"},
	{"07911123456", "GB", true, "+447911123456"},
	{"447911123456", "GB", true, "+447911123456"},
	{"2290197123456", "BJ", true, "+2290197123456"},
	{"13013", "PT", false, "13013"},
	{"+13013", "PT", false, "+13013"},
	{"ACME Bank", "PT", false, "ACME Bank"},
	{"", "PT", false, ""},
	{"12345678901234567890123456789", NULL, false, "12345678901234567890123"},
};

static void test_senders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		char out[PHONE_E164_LEN];
		bool is_number =
			phone_from_gateway(senders[i].address, senders[i].region, out);
		if (is_number != senders[i].is_number || strcmp(out, senders[i].out))
			fail_msg("%s: %d %s", senders[i].address, is_number, out);
	}
}

static void test_regions(void **state)
{
	(void)state;
	assert_true(phone_region_is_known("PT"));
	assert_false(phone_region_is_known("XX"));
	assert_false(phone_region_is_known("pt"));
	assert_false(phone_region_is_known(""));
	assert_false(phone_region_is_known(NULL));
}

enum { THREADS = 4 };

static void *check_all(void *arg)
{
	struct phone_check got;
	unsigned *wrong = arg;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		phone_check(NULL, numbers[i].raw, numbers[i].region, &got);
		*wrong += got.verdict != numbers[i].verdict;
	}
	return NULL;
}

/* First of all tests: the threads race for the library's first use. */
static void test_threads(void **state)
{
	pthread_t threads[THREADS];
	unsigned wrong[THREADS] = {0};
	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, check_all, &wrong[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(wrong[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_plan),    cmocka_unit_test(test_bad_plans),
		cmocka_unit_test(test_senders), cmocka_unit_test(test_regions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
