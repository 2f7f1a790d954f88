/* body.h - request bodies: strict JSON, decoded into a struct by a table.
 *
 *	struct task_in {
 *		const char *text;
 *		uint64_t contact;
 *		struct who assignee;
 *		int64_t due_utc_ms;
 *		struct body_seen seen;
 *	};
 *	static const struct body_field task_fields[] = {
 *		BODY_STR(struct task_in, text, "text", BODY_REQUIRED | BODY_FILLED, 1600),
 *		BODY_ID(struct task_in, contact, "contact", BODY_REQUIRED),
 *		BODY_WHO(struct task_in, assignee, "assignee", BODY_NULL),
 *		BODY_TIME(struct task_in, due_utc_ms, "due", BODY_NULL),
 *		BODY_END,
 *	};
 *	static const struct body_shape task_shape = BODY_SHAPE_SEEN(struct task_in, seen, task_fields);
 *
 *	struct task_in in;
 *	if (!body_read(req, &task_shape, &in))
 *		return;                        it has been answered: 400, 413 or 415, naming the member
 *	if (body_given(&in.seen, "due"))       for PATCH: absent, null and a value are three things
 *
 * Strict: one object, Content-Type application/json, UTF-8, no duplicate or unknown members, no NUL (nor \u0000), depth
 * at most 32. Ids are strings of digits, times RFC 3339. An empty body counts as {} when no member is required.
 * What is absent or null is zero in the struct (NULL, 0, false, count 0); defaults are put there by body_shape.preset.
 *
 * All that is decoded lives in the request's arena.
 */
#ifndef HB_API_BODY_H
#define HB_API_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/http.h"
#include "model/who.h"

enum body_kind {
	BODY_KIND_END,
	BODY_KIND_STR,  /* const char * */
	BODY_KIND_ID,   /* uint64_t */
	BODY_KIND_BOOL, /* bool */
	BODY_KIND_INT,  /* int64_t */
	BODY_KIND_TIME, /* int64_t UTC ms */
	BODY_KIND_ENUM, /* int: index into names */
	BODY_KIND_WHO,  /* struct who: an id, a login or {"team": id}; not me, none */
	BODY_KIND_STR_LIST, /* struct body_strs */
	BODY_KIND_ID_LIST,  /* struct body_ids */
	BODY_KIND_STR_MAP,  /* struct body_map: values are strings or null */
	BODY_KIND_OBJECT, /* pointer to the struct of .shape, NULL when absent or null */
	BODY_KIND_RAW,    /* const char *: any value, as compact JSON text */
	BODY_KIND_RAW_OBJECT, /* const char *: an object, likewise */
	BODY_KIND_COUNT
};

enum body_flag {
	BODY_OPTIONAL = 0,
	BODY_REQUIRED = 1, /* must be there */
	BODY_NULL = 2,     /* null is allowed */
	BODY_FILLED =
		4, /* strings: not empty, nor only white space; lists, maps: not empty */
	BODY_LINE =
		8, /* strings: no control characters (names, reasons); without it, tab and line ends are fine */
};

struct body_strs {
	const char *const *items;
	size_t count;
};

struct body_ids {
	const uint64_t *items;
	size_t count;
};

struct body_pair {
	const char *name, *value; /* value NULL: null */
};

struct body_map {
	const struct body_pair *items; /* in the order sent */
	size_t count;
};

struct body_shape;

struct body_field {
	const char *name;
	enum body_kind kind;
	unsigned flags;
	size_t offset; /* of the member in the struct */
	int64_t min,
		max; /* INT: the range; STR: max characters; lists and maps: max items */
	int64_t item_max;               /* STR_LIST, STR_MAP: max characters of each */
	const char *const *names;       /* ENUM: NULL-terminated */
	const struct body_shape *shape; /* OBJECT */
};

/* body_seen - which members were sent; a member of the struct when the shape says so. */
struct body_seen {
	const struct body_field *fields;
	uint64_t given, null; /* bit = index in the table */
};

struct body_shape {
	const struct body_field *fields; /* ends in BODY_END; at most 64 */
	size_t size;                     /* of the struct */
	size_t seen; /* offset of its struct body_seen; BODY_NO_SEEN: it has none */
	void (*preset)(void *out); /* puts the defaults; NULL: all zero */
};

#define BODY_NO_SEEN ((size_t)-1)
#define BODY_SHAPE(type, fields_)                                               \
	{                                                                       \
		.fields = (fields_), .size = sizeof(type), .seen = BODY_NO_SEEN \
	}
#define BODY_SHAPE_SEEN(type, seen_, fields_)              \
	{                                                  \
		.fields = (fields_), .size = sizeof(type), \
		.seen = offsetof(type, seen_)              \
	}

#define BODY_AT_(type, member, ctype) \
	(offsetof(type, member) +     \
	 0 * sizeof(char[_Generic(((type *)0)->member, ctype : 1)]))
#define BODY_STR(type, member, name_, flags_, max_)                           \
	{                                                                     \
		.name = (name_), .kind = BODY_KIND_STR, .flags = (flags_),    \
		.offset = BODY_AT_(type, member, const char *), .max = (max_) \
	}
#define BODY_ID(type, member, name_, flags_)                              \
	{                                                                 \
		.name = (name_), .kind = BODY_KIND_ID, .flags = (flags_), \
		.offset = BODY_AT_(type, member, uint64_t)                \
	}
#define BODY_BOOL(type, member, name_, flags_)                              \
	{                                                                   \
		.name = (name_), .kind = BODY_KIND_BOOL, .flags = (flags_), \
		.offset = BODY_AT_(type, member, bool)                      \
	}
#define BODY_INT(type, member, name_, flags_, min_, max_)                  \
	{                                                                  \
		.name = (name_), .kind = BODY_KIND_INT, .flags = (flags_), \
		.offset = BODY_AT_(type, member, int64_t), .min = (min_),  \
		.max = (max_)                                              \
	}
#define BODY_TIME(type, member, name_, flags_)                              \
	{                                                                   \
		.name = (name_), .kind = BODY_KIND_TIME, .flags = (flags_), \
		.offset = BODY_AT_(type, member, int64_t)                   \
	}
#define BODY_ENUM(type, member, name_, flags_, names_)                      \
	{                                                                   \
		.name = (name_), .kind = BODY_KIND_ENUM, .flags = (flags_), \
		.offset = BODY_AT_(type, member, int), .names = (names_)    \
	}
#define BODY_WHO(type, member, name_, flags_)                              \
	{                                                                  \
		.name = (name_), .kind = BODY_KIND_WHO, .flags = (flags_), \
		.offset = BODY_AT_(type, member, struct who)               \
	}
#define BODY_STR_LIST(type, member, name_, flags_, max_items, item_max_)        \
	{                                                                       \
		.name = (name_), .kind = BODY_KIND_STR_LIST, .flags = (flags_), \
		.offset = BODY_AT_(type, member, struct body_strs),             \
		.max = (max_items), .item_max = (item_max_)                     \
	}
#define BODY_ID_LIST(type, member, name_, flags_, max_items)                          \
	{                                                                             \
		.name = (name_), .kind = BODY_KIND_ID_LIST, .flags = (flags_),        \
		.offset = BODY_AT_(type, member, struct body_ids), .max = (max_items) \
	}
#define BODY_STR_MAP(type, member, name_, flags_, max_items, item_max_)                \
	{                                                                              \
		.name = (name_), .kind = BODY_KIND_STR_MAP, .flags = (flags_),         \
		.offset = BODY_AT_(type, member, struct body_map), .max = (max_items), \
		.item_max = (item_max_)                                                \
	}
#define BODY_OBJECT(type, member, name_, flags_, shape_)                      \
	{                                                                     \
		.name = (name_), .kind = BODY_KIND_OBJECT, .flags = (flags_), \
		.offset = offsetof(type, member), .shape = (shape_)           \
	}
#define BODY_RAW(type, member, name_, flags_)                              \
	{                                                                  \
		.name = (name_), .kind = BODY_KIND_RAW, .flags = (flags_), \
		.offset = BODY_AT_(type, member, const char *)             \
	}
#define BODY_RAW_OBJECT(type, member, name_, flags_)                              \
	{                                                                         \
		.name = (name_), .kind = BODY_KIND_RAW_OBJECT, .flags = (flags_), \
		.offset = BODY_AT_(type, member, const char *)                    \
	}
#define BODY_END                                    \
	{                                           \
		.name = NULL, .kind = BODY_KIND_END \
	}

/* body_read - decodes the request's body into *out, a struct of shape->size bytes. false: the request has been answered
 * with a problem (400 bad_request, 415 unsupported_media_type) and is gone. */
bool body_read(struct http_request *req, const struct body_shape *shape,
	       void *out) MUST_CHECK;

/* body_has_type - the Content-Type is this one, parameters aside; charset, when given, is utf-8. For XML and CSV. */
bool body_has_type(const struct http_request *req, const char *media_type);

/* body_given - the member was sent, be it as null. body_is_null - it was sent as null. The name is in the table. */
bool body_given(const struct body_seen *seen, const char *name);
bool body_is_null(const struct body_seen *seen, const char *name);

/* body_fault - what is wrong and where, in the arena. member is "" for the body as a whole. */
struct body_fault {
	const char *member, *detail;
};

/* body_parse - the pure part of body_read. ERR_BAD_REQUEST writes *fault. Any thread. */
enum err body_parse(struct arena *arena, const char *text, size_t len_bytes,
		    const struct body_shape *shape, void *out,
		    struct body_fault *fault) MUST_CHECK;

#endif
