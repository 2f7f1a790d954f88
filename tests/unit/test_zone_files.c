/* test_zone_files.c - time zone files: their versions and rules, damaged ones, and reading them anew */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/zone.h"
#include "base/zone_parts.h"

#define DATABASE "/usr/share/zoneinfo"

static int64_t at(const char *text)
{
	int64_t utc_ms;
	assert_int_equal(clock_parse(text, &utc_ms), ERR_OK);
	return utc_ms;
}

struct tzif {
	unsigned char bytes[4096];
	size_t len;
};

static void put(struct tzif *file, uint64_t value, size_t len)
{
	for (size_t i = len; i-- > 0;)
		file->bytes[file->len++] =
			(unsigned char)(i < sizeof(value) ? value >> (8 * i) : 0);
}

static void put_block(struct tzif *file, char version, size_t time_len,
		      const int64_t *times, size_t count)
{
	memcpy(file->bytes + file->len, "TZif", 4);
	file->len += 4;
	put(file, (unsigned char)version, 1);
	put(file, 0, 15);
	for (int i = 0; i < 3; i++)
		put(file, 0, 4);
	put(file, count, 4);
	put(file, 2, 4);
	put(file, 8, 4);
	for (size_t i = 0; i < count; i++)
		put(file, (uint64_t)times[i], time_len);
	for (size_t i = 0; i < count; i++)
		put(file, (i + 1) % 2, 1);
	put(file, 3600, 4), put(file, 0, 2);
	put(file, 7200, 4), put(file, 1, 1), put(file, 4, 1);
	memcpy(file->bytes + file->len, "CET\0CES", 8);
	file->len += 8;
}

static void make(struct tzif *file, char version, const char *rule)
{
	static const int64_t times[] = {1000000, 2000000, 3000000};
	file->len = 0;
	put_block(file, version, 4, times, version ? 0 : 3);
	if (!version)
		return;
	put_block(file, version, 8, times, 3);
	file->len += (size_t)sprintf((char *)file->bytes + file->len, "\n%s\n", rule);
}

static bool is_taken(const struct tzif *file)
{
	/* from the heap with nothing behind it, so that reading on is noticed */
	unsigned char *copy = mem_alloc(file->len + 1);
	struct zone *zone = NULL;
	memcpy(copy, file->bytes, file->len);
	copy = mem_realloc(copy, file->len ? file->len : 1);
	bool is = zone_file_read(copy, file->len, &zone) == ERR_OK;
	if (is) {
		(void)zone_offset_s(zone, 0, NULL, NULL);
		(void)zone_offset_s(zone, at("2050-07-01T00:00:00Z"), NULL, NULL);
		(void)zone_next_change(zone, at("2050-07-01T00:00:00Z"), INT64_MAX);
		zone_file_free(zone);
	}
	mem_free(copy);
	return is;
}

static void versions_of_files(void **state)
{
	(void)state;
	struct tzif file;
	struct zone *zone;
	make(&file, '\0', NULL);
	assert_int_equal(zone_file_read(file.bytes, file.len, &zone), ERR_OK);
	assert_int_equal(zone_offset_s(zone, 999999999, NULL, NULL), 3600);
	assert_int_equal(zone_offset_s(zone, 1000000000, NULL, NULL), 7200);
	assert_int_equal(zone_offset_s(zone, 2000000000, NULL, NULL), 3600);
	assert_int_equal(zone_offset_s(zone, at("2050-01-01T00:00:00Z"), NULL, NULL),
			 7200);
	zone_file_free(zone);
	make(&file, '2', "");
	assert_int_equal(zone_file_read(file.bytes, file.len, &zone), ERR_OK);
	assert_int_equal(zone_offset_s(zone, at("2050-01-01T00:00:00Z"), NULL, NULL),
			 7200);
	assert_int_equal(zone_next_change(zone, at("2050-01-01T00:00:00Z"), INT64_MAX),
			 INT64_MAX);
	zone_file_free(zone);
	make(&file, '3', "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"); /* as America/Nuuk */
	assert_int_equal(zone_file_read(file.bytes, file.len, &zone), ERR_OK);
	assert_int_equal(zone_next_change(zone, at("2050-01-01T00:00:00Z"), INT64_MAX),
			 at("2050-03-27T01:00:00Z"));
	zone_file_free(zone);
}

static void rules_of_later_years(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *utc;
		int offset_s;
	} rows[] = {
		{"EST5EDT,M3.2.0,M11.1.0", "2060-07-01T00:00:00Z", -4 * 3600},
		{"EST5EDT,M3.2.0,M11.1.0", "2060-12-31T00:00:00Z", -5 * 3600},
		/* the southern year begins in summer */
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2060-01-01T00:00:00Z", 11 * 3600},
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2060-06-01T00:00:00Z", 10 * 3600},
		/* summer time as the standard, winter as its negative "daylight saving" */
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2060-01-01T00:00:00Z", 0},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", "2060-07-01T00:00:00Z", 3600},
		/* all the year, the end of one meeting the start of the next */
		{"EST5EDT,0/0,J365/25", "2060-01-01T04:59:59Z", -4 * 3600},
		{"EST5EDT,0/0,J365/25", "2060-01-01T05:00:00Z", -4 * 3600},
		{"EST5EDT,0/0,J365/25", "2060-12-31T23:00:00Z", -4 * 3600},
		/* J60 is always 1 March, 59 is 29 February in leap years */
		{"XST0XDT,J60/0,J61/0", "2060-02-29T12:00:00Z", 0},
		{"XST0XDT,J60/0,J61/0", "2060-03-01T12:00:00Z", 3600},
		{"XST0XDT,59/0,60/0", "2060-02-29T12:00:00Z", 3600},
		{"XST0XDT,59/0,60/0", "2061-03-01T12:00:00Z", 3600},
		/* a week beyond the year's end */
		{"XST0XDT,M6.1.0,J365/167", "2060-01-05T00:00:00Z", 3600},
		{"XST0XDT,M6.1.0,J365/167", "2060-01-08T00:00:00Z", 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone_rule rule;
		assert_int_equal(zone_rule_parse(rows[i].rule, &rule), ERR_OK);
		int got = zone_rule_at(&rule, at(rows[i].utc) / SECOND_MS)->offset_s;
		if (got != rows[i].offset_s)
			fail_msg("%s at %s: %d", rows[i].rule, rows[i].utc, got);
	}
	struct zone_rule all_year;
	assert_int_equal(zone_rule_parse("EST5EDT,0/0,J365/25", &all_year), ERR_OK);
	assert_int_equal(
		zone_rule_next(&all_year, at("2060-06-01T00:00:00Z") / SECOND_MS),
		INT64_MAX);
	static const char *const bad[] = {
		"E5",
		"EST",
		"EST25",
		"EST5EDT",
		"EST5x",
		"<EST5",
		"EST5EDT,M3.2.0",
		"EST5EDT,M13.1.0,M11.1.0",
		"EST5:60",
		"EST5EDT,",
		"EST5EDT,M3.6.0,J1",
		"EST5EDT,J0,J1",
		"5",
		"EST5EDT4x",
		"EST5EDT,1/168,2",
		"EST5EDT,366,2",
		"EST5EDT,J1,J2,",
		"AVERYLONGNAMEINDEED5",
		"EST5EDT,J1,J2\001",
	};
	struct zone_rule rule;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (zone_rule_parse(bad[i], &rule) == ERR_OK)
			fail_msg("taken: %s", bad[i]);
}

/* Every truncation is refused, no flipped byte does harm, and what must not be is refused. */
static void damaged_files(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		unsigned char value;
		bool is_v1;
	} spoiled[] = {
		{0, 'X', true},         {4, '1', true},
		{23, 1, true},          {27, 1, true},
		{31, 1, true},          {28, 1, true},
		{32, 0x7f, true},       {36, 0xff, true},
		{39, 0, true},          {43, 0, true},
		{44 + 12, 2, true},     {44, 1, true},
		{44 + 15, 0x7f, true},  {44 + 15 + 4, 2, true},
		{44 + 15 + 5, 8, true}, {44 + 15 + 12 + 7, 'X', true},
	};
	struct tzif file;
	make(&file, '2', "CET-1CEST,M3.5.0,M10.5.0/3");
	assert_true(is_taken(&file));
	size_t len = file.len;
	for (file.len = 0; file.len < len; file.len++)
		assert_false(is_taken(&file));
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			file.bytes[i] ^= (unsigned char)(1 << bit);
			(void)is_taken(&file);
			file.bytes[i] ^= (unsigned char)(1 << bit);
		}
	assert_true(is_taken(&file));
	make(&file, '2', "nonsense");
	assert_false(is_taken(&file));
	for (size_t i = 0; i < sizeof(spoiled) / sizeof(spoiled[0]); i++) {
		make(&file, '\0', NULL);
		assert_true(is_taken(&file));
		file.bytes[spoiled[i].at] = spoiled[i].value;
		if (is_taken(&file))
			fail_msg("taken with byte %zu spoiled", spoiled[i].at);
	}
}

static void copy_file(const char *from, const char *to)
{
	unsigned char *bytes;
	size_t len;
	assert_int_equal(zone_slurp(from, ZONE_FILE_MOST_BYTES, &bytes, &len), ERR_OK);
	FILE *file = fopen(to, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
	mem_free(bytes);
}

/* A folder of its own in place of the system's. */
static void files_are_read_anew(void **state)
{
	(void)state;
	char folder[] = "/tmp/hb_zone_XXXXXX", path[100];
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/Here", folder);
	setenv("TZDIR", folder, 1);
	assert_null(zone_find("Here"));
	copy_file(DATABASE "/Asia/Tokyo", path);
	const struct zone *tokyo = zone_find("Here");
	assert_int_equal(zone_offset_s(tokyo, 0, NULL, NULL), 9 * 3600);
	zones_reload();
	assert_ptr_equal(zone_find("Here"), tokyo);
	copy_file(DATABASE "/Asia/Kolkata", path);
	assert_ptr_equal(zone_find("Here"), tokyo);
	zones_reload();
	assert_int_equal(zone_offset_s(zone_find("Here"), 0, NULL, NULL), 19800);
	assert_int_equal(zone_offset_s(tokyo, 0, NULL, NULL), 9 * 3600);
	unlink(path);
	zones_reload();
	assert_int_equal(zone_offset_s(zone_find("Here"), 0, NULL, NULL), 19800);
	snprintf(path, sizeof(path), "%s/Large", folder);
	FILE *file = fopen(path, "wb");
	assert_int_equal(ftruncate(fileno(file), ZONE_FILE_MOST_BYTES + 1), 0);
	fclose(file);
	assert_null(zone_find("Large"));
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
	unsetenv("TZDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_of_files),
		cmocka_unit_test(rules_of_later_years),
		cmocka_unit_test(damaged_files),
		cmocka_unit_test(files_are_read_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
