/* query.h - query parameters, decoded into a struct by a table.
 *
 *	struct task_filter {
 *		uint64_t workflow;
 *		struct who assignee;
 *		uint64_t states;               bit per name
 *		int64_t limit;
 *		const char *cursor;
 *	};
 *	static const char *const state_names[] = {"pending", "held", NULL};
 *	static const struct query_param task_params[] = {
 *		QUERY_ID(struct task_filter, workflow, "workflow"),
 *		QUERY_WHO(struct task_filter, assignee, "assignee"),
 *		QUERY_SET(struct task_filter, states, "state", state_names),   state=held,pending, or repeated
 *		QUERY_LIMIT(struct task_filter, limit),
 *		QUERY_CURSOR(struct task_filter, cursor),
 *		QUERY_END,
 *	};
 *	struct task_filter filter;
 *	if (!query_read(req, task_params, &filter, sizeof(filter)))
 *		return;                        answered: 400 naming the parameter
 *
 * Unknown and repeated parameters are refused with the list of known ones. '+' is a space; %00 and bad UTF-8 are wrong.
 * What is absent is zero (NULL, 0, false, WHO_ABSENT), or the default of its row. A route without parameters says
 * query_none(req).
 */
#ifndef HB_API_QUERY_H
#define HB_API_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/http.h"
#include "model/who.h"

enum query_kind {
	QUERY_KIND_END,
	QUERY_KIND_STR,    /* const char *; "" when sent empty */
	QUERY_KIND_ID,     /* uint64_t */
	QUERY_KIND_INT,    /* int64_t */
	QUERY_KIND_BOOL,   /* bool: 1, true, 0, false */
	QUERY_KIND_TRI,    /* int: 1, 0; absent is -1 */
	QUERY_KIND_TIME,   /* int64_t UTC ms */
	QUERY_KIND_ENUM,   /* int: index into names; absent is init */
	QUERY_KIND_SET,    /* uint64_t: bit per name */
	QUERY_KIND_WHO,    /* struct who: an id, a login, me, none */
	QUERY_KIND_CURSOR, /* const char *: [A-Za-z0-9_-.~=], at most 512 */
	QUERY_KIND_COUNT
};

struct query_param {
	const char *name;
	enum query_kind kind;
	size_t offset;
	int64_t min, max,
		init; /* INT: range and default; STR: max characters; ENUM: default */
	const char *const *names; /* ENUM, SET: NULL-terminated; SET at most 64 */
};

#define QUERY_AT_(type, member, ctype) \
	(offsetof(type, member) +      \
	 0 * sizeof(char[_Generic(((type *)0)->member, ctype : 1)]))
#define QUERY_STR(type, member, name_, max_)                                   \
	{                                                                      \
		.name = (name_), .kind = QUERY_KIND_STR,                       \
		.offset = QUERY_AT_(type, member, const char *), .max = (max_) \
	}
#define QUERY_ID(type, member, name_)                       \
	{                                                   \
		.name = (name_), .kind = QUERY_KIND_ID,     \
		.offset = QUERY_AT_(type, member, uint64_t) \
	}
#define QUERY_INT(type, member, name_, min_, max_, init_)                  \
	{                                                                  \
		.name = (name_), .kind = QUERY_KIND_INT,                   \
		.offset = QUERY_AT_(type, member, int64_t), .min = (min_), \
		.max = (max_), .init = (init_)                             \
	}
#define QUERY_BOOL(type, member, name_)                   \
	{                                                 \
		.name = (name_), .kind = QUERY_KIND_BOOL, \
		.offset = QUERY_AT_(type, member, bool)   \
	}
#define QUERY_TRI(type, member, name_)                   \
	{                                                \
		.name = (name_), .kind = QUERY_KIND_TRI, \
		.offset = QUERY_AT_(type, member, int)   \
	}
#define QUERY_TIME(type, member, name_)                    \
	{                                                  \
		.name = (name_), .kind = QUERY_KIND_TIME,  \
		.offset = QUERY_AT_(type, member, int64_t) \
	}
#define QUERY_ENUM(type, member, name_, names_, init_)                     \
	{                                                                  \
		.name = (name_), .kind = QUERY_KIND_ENUM,                  \
		.offset = QUERY_AT_(type, member, int), .names = (names_), \
		.init = (init_)                                            \
	}
#define QUERY_SET(type, member, name_, names_)                                 \
	{                                                                      \
		.name = (name_), .kind = QUERY_KIND_SET,                       \
		.offset = QUERY_AT_(type, member, uint64_t), .names = (names_) \
	}
#define QUERY_WHO(type, member, name_)                        \
	{                                                     \
		.name = (name_), .kind = QUERY_KIND_WHO,      \
		.offset = QUERY_AT_(type, member, struct who) \
	}
#define QUERY_CURSOR(type, member)                              \
	{                                                       \
		.name = "cursor", .kind = QUERY_KIND_CURSOR,    \
		.offset = QUERY_AT_(type, member, const char *) \
	}
#define QUERY_LIMIT(type, member) QUERY_INT(type, member, "limit", 1, 500, 50)
#define QUERY_END                                    \
	{                                            \
		.name = NULL, .kind = QUERY_KIND_END \
	}

/* query_read - decodes the query into *out of size bytes. false: the request has been answered with 400 and is gone. */
bool query_read(struct http_request *req, const struct query_param *params, void *out,
		size_t size) MUST_CHECK;

/* query_none - the route takes no parameters. false as above. */
bool query_none(struct http_request *req) MUST_CHECK;

/* query_fault - the parameter at fault and what is wrong, in the arena. */
struct query_fault {
	const char *name, *detail;
};

/* query_parse - the pure part; query may be NULL. ERR_BAD_REQUEST (ERR_BAD_CURSOR for a cursor) writes *fault. out is
 * zeroed to size. Any thread. */
struct query_into {
	const struct query_param *params;
	void *out;
	size_t size;
};
enum err query_parse(struct arena *arena, const char *query,
		     const struct query_into *into,
		     struct query_fault *fault) MUST_CHECK;

/* query_phone - in a query a '+' that was not percent-encoded is a blank; people write phone=+351… all the same. NULL
 * stays NULL. */
const char *query_phone(struct arena *arena, const char *phone);

/* query_decode - percent-decoding of len bytes into the arena, '+' as space when plus. NULL: bad %, %00, bad UTF-8. */
char *query_decode(struct arena *arena, const char *text, size_t len_bytes, bool plus);

#endif
