/* route.c - see route.h
 *
 * The rows become a tree with one level per segment: below each node its words, at most one {name} and at most one
 * {name...}. A leaf holds the routes of one path, by method.
 */
#include "api/route.h"

#include <assert.h>
#include <string.h>

#include "api/problem.h"
#include "base/ident.h"

enum { PARAMS_MOST = 4, SEGMENTS_MOST = 16 };

struct leaf {
	const struct route *routes[HTTP_METHOD_COUNT];
};

struct node {
	const char *word; /* NULL: takes anything */
	size_t word_len;
	struct node *next;        /* sibling */
	struct node *words, *any; /* below */
	struct leaf *here, *rest; /* a path ends here; {name...} begins here */
};

struct router {
	struct arena *arena;
	struct node *root;
	const struct route **rows;
	size_t count;
	void *ctx;
	route_handler *gate;
};

/* What was found, in the request's arena. The values stand in the order of the path's parameters. */
struct match {
	const struct router *router;
	const struct route *route;
	unsigned count;
	const char *values[PARAMS_MOST];
};

/* --- compiling --- */

static struct node *child_of(struct arena *arena, struct node *node, const char *word,
			     size_t len)
{
	if (*word == '{') {
		if (!node->any)
			node->any = ARENA_NEW(arena, struct node);
		return node->any;
	}
	struct node **link = &node->words;
	for (; *link; link = &(*link)->next)
		if ((*link)->word_len == len && memcmp((*link)->word, word, len) == 0)
			return *link;
	*link = ARENA_NEW(arena, struct node);
	(*link)->word = word;
	(*link)->word_len = len;
	return *link;
}

static bool is_param(const char *word, size_t len)
{
	if (*word != '{') {
		assert(!memchr(word, '{', len) && !memchr(word, '}', len));
		return false;
	}
	assert(len >= 3 && word[len - 1] == '}');
	return true;
}

static bool is_rest(const char *word, size_t len)
{
	return len > 5 && memcmp(word + len - 4, "...}", 4) == 0;
}

static struct leaf **place_of(struct arena *arena, struct node *node,
			      const struct route *route)
{
	unsigned params = 0, segments = 0;
	const char *word = route->path;
	assert(*word == '/');
	for (;;) {
		word++;
		size_t len = strcspn(word, "/");
		segments++;
		assert(segments <= SEGMENTS_MOST);
		if (is_param(word, len)) {
			params++;
			assert(params <= PARAMS_MOST);
			if (is_rest(word, len)) {
				assert(word[len] == '\0');
				return &node->rest;
			}
		}
		node = child_of(arena, node, word, len);
		if (word[len] == '\0')
			return &node->here;
		word += len;
	}
}

static void add_row(struct router *router, const struct route *route)
{
	assert(route->path && route->handler && route->name && *route->name);
	assert(route->method < HTTP_OTHER);
	for (size_t i = 0; i < router->count; i++)
		assert(strcmp(router->rows[i]->name, route->name) != 0);
	struct leaf **place = place_of(router->arena, router->root, route);
	if (!*place)
		*place = ARENA_NEW(router->arena, struct leaf);
	assert(!(*place)->routes[route->method]);
	(*place)->routes[route->method] = route;
	router->rows[router->count++] = route;
}

struct router *router_new(const struct route_table *tables, size_t count, void *ctx)
{
	struct arena *arena = arena_new();
	struct router *router = ARENA_NEW(arena, struct router);
	size_t rows = 0;
	for (size_t i = 0; i < count; i++)
		rows += tables[i].count;
	router->arena = arena;
	router->ctx = ctx;
	router->root = ARENA_NEW(arena, struct node);
	router->rows = ARENA_ARRAY(arena, const struct route *, rows);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < tables[i].count; j++)
			add_row(router, &tables[i].rows[j]);
	return router;
}

void router_free(struct router **router)
{
	if (!*router)
		return;
	struct arena *arena = (*router)->arena;
	*router = NULL;
	arena_free(&arena);
}

void router_set_gate(struct router *router, route_handler *gate)
{
	router->gate = gate;
}

size_t router_count(const struct router *router)
{
	return router->count;
}

const struct route *router_at(const struct router *router, size_t index)
{
	assert(index < router->count);
	return router->rows[index];
}

/* --- matching --- */

/* The rest of the path as one text. NULL when a segment has a slash of its own (%2F): joined, it would read as another
 * path, perhaps as one out of the folder it is looked up in. */
static const char *join_rest(struct http_request *req, unsigned index)
{
	struct buf buf = BUF_EMPTY;
	bool is_plain = true;
	for (unsigned i = index; i < http_segment_count(req); i++) {
		const char *segment = http_segment(req, i);
		is_plain &= !strpbrk(segment, "/\\");
		if (i > index)
			buf_add_char(&buf, '/');
		buf_add_str(&buf, segment);
	}
	const char *rest =
		is_plain ? arena_strdup(http_arena(req), buf_str(&buf)) : NULL;
	buf_fini(&buf);
	return rest;
}

static const struct leaf *find(const struct node *node, struct http_request *req,
			       unsigned index, struct match *match)
{
	const char *segment = http_segment(req, index);
	unsigned count = match->count;
	const struct leaf *leaf = NULL;
	if (!segment && node->here)
		return node->here;
	for (const struct node *word = node->words; segment && word && !leaf;
	     word = word->next)
		if (strncmp(word->word, segment, word->word_len) == 0 &&
		    !segment[word->word_len])
			leaf = find(word, req, index + 1, match);
	if (!leaf && segment && *segment && node->any) {
		match->count = count;
		match->values[match->count++] = segment;
		leaf = find(node->any, req, index + 1, match);
	}
	if (!leaf && node->rest) {
		const char *rest = join_rest(req, index);
		match->count = count;
		match->values[match->count++] = rest;
		leaf = rest ? node->rest : NULL;
	}
	return leaf;
}

static void send_not_allowed(struct http_request *req, const struct leaf *leaf)
{
	struct buf allow = BUF_EMPTY;
	for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++) {
		bool by_get = i == HTTP_HEAD && leaf->routes[HTTP_GET];
		if (!leaf->routes[i] && !by_get)
			continue;
		if (allow.len)
			buf_add_str(&allow, ", ");
		buf_add_str(&allow, http_method_name((enum http_method)i));
	}
	http_add_header(req, "Allow", buf_str(&allow));
	const char *detail =
		arena_printf(http_arena(req), "It takes %s", buf_str(&allow));
	buf_fini(&allow);
	problem_send(req, ERR_METHOD, detail);
}

void router_handle(struct http_request *req, void *arg)
{
	struct router *router = arg;
	struct match *match = ARENA_NEW(http_arena(req), struct match);
	const struct leaf *leaf = find(router->root, req, 0, match);
	if (!leaf) {
		problem_send(req, ERR_NOT_FOUND, "No route has this path");
		return;
	}
	const struct route *route = leaf->routes[http_method(req)];
	if (!route && http_method(req) == HTTP_HEAD)
		route = leaf->routes[HTTP_GET];
	if (!route) {
		send_not_allowed(req, leaf);
		return;
	}
	match->router = router;
	match->route = route;
	http_set_slot(req, HTTP_SLOT_ROUTE, match);
	if (router->gate)
		router->gate(req, route, router->ctx);
	else
		route_run(req);
}

void route_run(struct http_request *req)
{
	const struct match *match = http_slot(req, HTTP_SLOT_ROUTE);
	assert(match);
	match->route->handler(req, match->route, match->router->ctx);
}

const struct route *route_of(const struct http_request *req)
{
	const struct match *match = http_slot(req, HTTP_SLOT_ROUTE);
	return match ? match->route : NULL;
}

const char *route_param(const struct http_request *req, const char *name)
{
	const struct match *match = http_slot(req, HTTP_SLOT_ROUTE);
	size_t len = strlen(name);
	assert(match);
	unsigned index = 0;
	for (const char *at = strchr(match->route->path, '{'); at;
	     at = strchr(at + 1, '{'), index++)
		if (strncmp(at + 1, name, len) == 0 &&
		    (at[1 + len] == '}' || at[1 + len] == '.'))
			return match->values[index];
	assert(!"the route has no such parameter");
	return "";
}

enum err route_param_id(const struct http_request *req, const char *name,
			uint64_t *id_out)
{
	return ident_parse(route_param(req, name), id_out) == ERR_OK ? ERR_OK
								     : ERR_NOT_FOUND;
}
