/* ident.c - see ident.h */
#include "base/ident.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	SEQ_BITS = 14,
	NODE_BITS = 8,
	TIME_SHIFT = SEQ_BITS + NODE_BITS,
	SEQ_MAX = (1 << SEQ_BITS) - 1
};

void ident_init(struct ident *ident, unsigned node, uint64_t high_water)
{
	assert(node <= IDENT_NODE_MAX);
	ident->node = node;
	ident->last_ms = high_water >> TIME_SHIFT;
	ident->seq = SEQ_MAX; /* the rest of that millisecond may have been given out */
}

uint64_t ident_next(struct ident *ident, int64_t now_utc_ms)
{
	int64_t since = now_utc_ms - IDENT_EPOCH_MS;
	uint64_t ms = since > 0 ? (uint64_t)since : 0;
	if (ms > ident->last_ms) {
		ident->last_ms = ms;
		ident->seq = 0;
	} else if (ident->seq < SEQ_MAX) {
		ident->seq++;
	} else {
		ident->last_ms++;
		ident->seq = 0;
	}
	assert(ident->last_ms < UINT64_C(1) << 41);
	return ident->last_ms << TIME_SHIFT | (uint64_t)ident->node << SEQ_BITS |
	       ident->seq;
}

int64_t ident_time_ms(uint64_t id)
{
	return (int64_t)(id >> TIME_SHIFT) + IDENT_EPOCH_MS;
}

uint64_t ident_least(int64_t utc_ms)
{
	return utc_ms > IDENT_EPOCH_MS
		       ? (uint64_t)(utc_ms - IDENT_EPOCH_MS) << TIME_SHIFT
		       : 0;
}

enum err ident_parse(const char *text, uint64_t *id_out)
{
	uint64_t id = 0;
	if (!*text)
		return ERR_SYNTAX;
	for (const char *at = text; *at; at++) {
		if (*at < '0' || *at > '9')
			return ERR_SYNTAX;
		uint64_t digit = (uint64_t)(*at - '0');
		if (id > (INT64_MAX - digit) / 10)
			return ERR_SYNTAX;
		id = id * 10 + digit;
	}
	if (!id)
		return ERR_SYNTAX;
	*id_out = id;
	return ERR_OK;
}

const char *ident_format(uint64_t id, char text[IDENT_TEXT_LEN])
{
	snprintf(text, IDENT_TEXT_LEN, "%" PRIu64, id);
	return text;
}
