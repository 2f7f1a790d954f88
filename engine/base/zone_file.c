/* zone_file.c - reading a TZif file that may be damaged or hostile. See zone_parts.h
 *
 * Ref: RFC 8536 section 3.
 */
#include <string.h>

#include "base/mem.h"
#include "base/zone_parts.h"

enum {
	HEADER_LEN = 44,
	COUNTS_AT = 20,
	COUNT_MOST = 20000,
	KINDS_MOST = 256,
	OFFSET_LEAST_S = -89999, /* RFC 8536 3.2: more than -25 h, less than 26 h */
	OFFSET_MOST_S = 93599,
	RULE_MOST = 255,
};

/* in the order of the header */
enum { COUNT_UT, COUNT_STD, COUNT_LEAP, COUNT_TIME, COUNT_KIND, COUNT_CHAR, COUNTS };

struct block {
	const unsigned char *at; /* behind the header */
	uint32_t count[COUNTS];
	size_t time_len; /* bytes of an instant: 4 or 8 */
	size_t len;
};

static uint32_t read_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

static int64_t read_time(const unsigned char *at, size_t len)
{
	if (len == 4)
		return (int32_t)read_u32(at);
	return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

/* The header at bytes, and how long the data behind it are. */
static bool block_read(const unsigned char *bytes, size_t len, size_t time_len,
		       struct block *block)
{
	if (len < HEADER_LEN || memcmp(bytes, "TZif", 4) != 0)
		return false;
	for (size_t i = 0; i < COUNTS; i++) {
		block->count[i] = read_u32(bytes + COUNTS_AT + 4 * i);
		if (block->count[i] > COUNT_MOST)
			return false;
	}
	const uint32_t *n = block->count;
	block->at = bytes + HEADER_LEN;
	block->time_len = time_len;
	block->len = n[COUNT_TIME] * (time_len + 1) + (size_t)n[COUNT_KIND] * 6 +
		     n[COUNT_CHAR] + n[COUNT_LEAP] * (time_len + 4) + n[COUNT_STD] +
		     n[COUNT_UT];
	return block->len <= len - HEADER_LEN;
}

/* What says that a block can be used; leap seconds would make it count other seconds than the clock. */
static bool block_is_fit(const struct block *block)
{
	const uint32_t *n = block->count;
	return n[COUNT_LEAP] == 0 && n[COUNT_KIND] >= 1 &&
	       n[COUNT_KIND] <= KINDS_MOST && n[COUNT_CHAR] >= 1 &&
	       (n[COUNT_UT] == 0 || n[COUNT_UT] == n[COUNT_KIND]) &&
	       (n[COUNT_STD] == 0 || n[COUNT_STD] == n[COUNT_KIND]);
}

static bool read_kinds(const struct block *block, struct zone *zone)
{
	const unsigned char *at =
		block->at + block->count[COUNT_TIME] * (block->time_len + 1);
	const char *chars = (const char *)at + (size_t)block->count[COUNT_KIND] * 6;
	size_t chars_len = block->count[COUNT_CHAR];
	for (size_t i = 0; i < zone->kind_count; i++, at += 6) {
		struct zone_kind *kind = &zone->kinds[i];
		kind->offset_s = (int32_t)read_u32(at);
		if (kind->offset_s < OFFSET_LEAST_S || kind->offset_s > OFFSET_MOST_S ||
		    at[4] > 1 || at[5] >= chars_len)
			return false;
		size_t len = strnlen(chars + at[5], chars_len - at[5]);
		if (len == chars_len - at[5] || len >= ZONE_ABBREVIATION_LEN)
			return false;
		kind->is_dst = at[4];
		memcpy(kind->abbreviation, chars + at[5], len + 1);
	}
	return true;
}

static bool read_changes(const struct block *block, struct zone *zone)
{
	const unsigned char *at = block->at;
	const unsigned char *kinds = at + zone->change_count * block->time_len;
	for (size_t i = 0; i < zone->change_count; i++, at += block->time_len) {
		zone->changes_s[i] = read_time(at, block->time_len);
		zone->kind_of[i] = kinds[i];
		if (kinds[i] >= zone->kind_count ||
		    (i && zone->changes_s[i] <= zone->changes_s[i - 1]))
			return false;
	}
	return true;
}

/* The line between the two newlines behind the last block. */
static bool read_rule(const unsigned char *at, size_t len, struct zone *zone)
{
	char text[RULE_MOST + 1];
	const unsigned char *end =
		len > 1 && *at == '\n' ? memchr(at + 1, '\n', len - 1) : NULL;
	if (!end || end - at - 1 > RULE_MOST)
		return false;
	memcpy(text, at + 1, (size_t)(end - at - 1));
	text[end - at - 1] = '\0';
	return strlen(text) == (size_t)(end - at - 1) &&
	       zone_rule_parse(text, &zone->rule) == ERR_OK;
}

static struct zone *zone_new(const struct block *block)
{
	struct zone *zone = MEM_NEW(struct zone);
	zone->change_count = block->count[COUNT_TIME];
	zone->kind_count = block->count[COUNT_KIND];
	zone->changes_s = mem_calloc(zone->change_count + 1, sizeof(*zone->changes_s));
	zone->kind_of = mem_calloc(zone->change_count + 1, sizeof(*zone->kind_of));
	zone->kinds = mem_calloc(zone->kind_count, sizeof(*zone->kinds));
	return zone;
}

void zone_file_free(struct zone *zone)
{
	mem_free(zone->changes_s);
	mem_free(zone->kind_of);
	mem_free(zone->kinds);
	mem_free(zone);
}

enum err zone_file_read(const unsigned char *bytes, size_t len_bytes,
			struct zone **zone_out)
{
	struct block block;
	size_t at = 0;
	if (!block_read(bytes, len_bytes, 4, &block))
		return ERR_SYNTAX;
	bool has_rule = bytes[4] >= '2';
	if (!has_rule && bytes[4])
		return ERR_SYNTAX;
	if (has_rule) { /* the first block is for readers of 32 bits */
		at = HEADER_LEN + block.len;
		if (!block_read(bytes + at, len_bytes - at, 8, &block))
			return ERR_SYNTAX;
	}
	if (!block_is_fit(&block))
		return ERR_SYNTAX;
	at += HEADER_LEN + block.len;
	struct zone *zone = zone_new(&block);
	if (!read_kinds(&block, zone) || !read_changes(&block, zone) ||
	    (has_rule && !read_rule(bytes + at, len_bytes - at, zone))) {
		zone_file_free(zone);
		return ERR_SYNTAX;
	}
	*zone_out = zone;
	return ERR_OK;
}
