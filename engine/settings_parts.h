/* settings_parts.h - what the files behind settings.h share: settings.c has the table of keys and reads the groups,
 * settings_values.c reads the value of each kind, settings_derive.c makes the rest of several keys.
 */
#ifndef HB_SETTINGS_PARTS_H
#define HB_SETTINGS_PARTS_H

#include <stddef.h>

#include "settings.h"

enum setting_kind {
	KIND_TEXT,     /* const char *, NULL when not given */
	KIND_ADDRESS,  /* const char *: where to listen */
	KIND_PEER,     /* const char *: one IP address */
	KIND_PEERS,    /* a list of IP addresses and networks */
	KIND_HOSTS,    /* a list of hosts that hooks may call */
	KIND_INT,      /* int64_t */
	KIND_RATE,     /* int64_t, "none" is 0 */
	KIND_DURATION, /* int64_t ms */
	KIND_LIST, /* NULL-terminated strings, separated by blanks, commas or semicolons */
	KIND_WORD,  /* int: index into words */
	KIND_HOURS, /* const struct hours * (settings_limits.h, with the next two) */
	KIND_CAP,   /* struct frequency_cap */
	KIND_FORBIDDEN, /* const struct forbidden *: the path of a file */
};

struct settings_row {
	const char *name;
	enum setting_kind kind;
	size_t offset;
	const char *otherwise; /* stands for a key that is not given; NULL: none */
	int64_t least, most;
	const char *const *words;
	bool is_reloaded;
};

struct settings_reader {
	struct settings *settings;
	struct buf why; /* a line for each complaint */
};

/* settings_complain - one more line: place (NULL: the file), then the sentence. */
void settings_complain(struct settings_reader *reader, const struct conf_place *place,
		       const char *fmt, ...) PRINTF_LIKE(3, 4);

/* settings_read_value - text into the member of its row, or a complaint. */
void settings_read_value(struct settings_reader *reader, const struct settings_row *key,
			 const char *text, const struct conf_place *place);

/* settings_derive - what follows from several keys, once all are read. kannel_why: where the complaints about Kannel's
 * files go; NULL: nowhere. */
void settings_derive(struct settings_reader *reader, struct buf *kannel_why);

#endif
