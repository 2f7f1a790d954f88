/* ident.h - ids: 63 bits, rising with time, unique over up to 256 nodes without asking anybody.
 *
 *	41 bits milliseconds since 2020-01-01 · 8 bits node · 14 bits sequence
 *
 * The generator never goes back: when the clock does, it goes on counting from its own high-water mark, which the store
 * keeps on disk (store.h), so that this holds over restarts too. More than 16,384 ids in one millisecond borrow from
 * the next.
 *
 * Thread: one generator belongs to one thread (the writer).
 */
#ifndef HB_BASE_IDENT_H
#define HB_BASE_IDENT_H

#include <stdint.h>

#include "base/err.h"

#define IDENT_EPOCH_MS INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */

enum { IDENT_TEXT_LEN = 24, IDENT_NODE_MAX = 255 };

struct ident {
	uint64_t last_ms; /* since IDENT_EPOCH_MS */
	unsigned seq, node;
};

/* ident_init - ids will lie above high_water, an id given out earlier (0: none). node 0..IDENT_NODE_MAX. */
void ident_init(struct ident *ident, unsigned node, uint64_t high_water);

uint64_t ident_next(struct ident *ident, int64_t now_utc_ms);

/* ident_time_ms - the UTC instant inside an id. */
int64_t ident_time_ms(uint64_t id);

/* ident_least - the lowest id that can have been given out at that instant; 0: before all. */
uint64_t ident_least(int64_t utc_ms);

/* ident_parse - digits only, 1 to 2^63-1. ERR_SYNTAX otherwise. */
enum err ident_parse(const char *text, uint64_t *id_out) MUST_CHECK;

const char *ident_format(uint64_t id, char text[IDENT_TEXT_LEN]);

#endif
