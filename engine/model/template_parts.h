/* template_parts.h - what a compiled template is made of; for template.c (which builds it) and template_render.c (which
 * runs it) only.
 */
#ifndef HB_MODEL_TEMPLATE_PARTS_H
#define HB_MODEL_TEMPLATE_PARTS_H

#include "model/template.h"

/* one filter of the language. apply gives the new value, in arena or borrowed from value or argument. */
struct template_filter_kind {
	const char *name;
	/* what it wants between quotes, for messages; NULL: takes none */
	const char *argument;
	bool is_default, is_date;
	const char *(*apply)(struct arena *arena, const char *value,
			     const char *argument, const struct zone *zone);
};

struct template_filter {
	const struct template_filter_kind *kind;
	const char *argument;
	const struct template_filter *next;
};

/* a run of plain text (field NULL) or one value */
struct template_part {
	const char *text;
	size_t len_bytes;
	const char *field;
	const struct template_filter *filters;
	bool has_default;
	struct template_part *next;
};

struct template
{
	const char *source;
	const struct template_part *parts;
	const char **fields;
	size_t field_count;
	size_t value_count; /* parts that are values: room for that many holes */
};

extern const struct template_filter_kind template_filter_kinds[];
extern const size_t template_filter_kind_count;

/* template_date_format_is_known - every % is followed by a letter that the date filter knows. */
bool template_date_format_is_known(const char *format);

#define TEMPLATE_DATE_LETTERS "%d %m %Y %y %H %M %B %b %A %a %e %j %%"

#endif
