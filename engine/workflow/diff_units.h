/* diff_units.h - a workflow taken apart for comparing: the root, settings, filter, each trigger, each step. For diff.c. */
#ifndef HB_WORKFLOW_DIFF_UNITS_H
#define HB_WORKFLOW_DIFF_UNITS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"

/* What a unit says in one place: "due" = "4h", "message" = "Hi …", "user ben weight" = "2". */
struct detail {
	const char *name, *value;
	bool is_text;
};

struct unit {
	const char *element;
	const char *id;    /* NULL: none */
	const char *place; /* what holds it: "the steps", "on-reply of \"reply\"" */
	struct detail *details;
	size_t detail_count;
	bool is_step;
	int twin; /* index on the other side, -1: none */
};

struct units {
	struct arena *arena;
	struct unit *items;
	size_t count, room;
};

/* units_read - in the order of the text. ERR_INVALID_WORKFLOW. */
enum err units_read(struct arena *arena, const char *xml,
		    struct units *units_out) MUST_CHECK;

#endif
