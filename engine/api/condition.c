/* condition.c - see condition.h */
#include "api/condition.h"

#include <string.h>

#include "api/problem.h"

static bool is_visible(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return false;
	return true;
}

enum err condition_parse_key(struct arena *arena, const char *value,
			     const char **key_out)
{
	size_t len = strlen(value);
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	if (len == 0 || len > IDEMPOTENCY_KEY_MOST || !is_visible(value, len) ||
	    memchr(value, '"', len))
		return ERR_SYNTAX;
	*key_out = arena_strndup(arena, value, len);
	return ERR_OK;
}

/* One entity-tag at *at, which moves behind it. Ref: RFC 9110 8.8.3 */
static enum err parse_tag(struct arena *arena, const char **at, struct if_match *match)
{
	bool is_weak = strncmp(*at, "W/", 2) == 0;
	const char *start = *at + (is_weak ? 2 : 0);
	if (*start++ != '"')
		return ERR_SYNTAX;
	size_t len = strcspn(start, "\"");
	if (start[len] != '"' || !is_visible(start, len) ||
	    match->count == IF_MATCH_MOST)
		return ERR_SYNTAX;
	if (!is_weak)
		match->tags[match->count++] = arena_strndup(arena, start, len);
	*at = start + len + 1;
	return ERR_OK;
}

enum err condition_parse_match(struct arena *arena, const char *value,
			       struct if_match *match_out)
{
	struct if_match match = {.is_given = true};
	if (strcmp(value, "*") == 0) {
		match.is_any = true;
		*match_out = match;
		return ERR_OK;
	}
	for (const char *at = value;;) {
		at += strspn(at, " \t");
		if (parse_tag(arena, &at, &match) != ERR_OK)
			return ERR_SYNTAX;
		at += strspn(at, " \t");
		if (*at == '\0')
			break;
		if (*at++ != ',')
			return ERR_SYNTAX;
	}
	*match_out = match;
	return ERR_OK;
}

bool condition_key(struct http_request *req, const char **key_out)
{
	const char *value = http_header(req, "Idempotency-Key");
	*key_out = NULL;
	if (!value || condition_parse_key(http_arena(req), value, key_out) == ERR_OK)
		return true;
	problem_send_all(req, &(struct problem){
				      .err = ERR_BAD_REQUEST,
				      .member = "Idempotency-Key",
				      .detail = "Idempotency-Key must be 1 to 255 "
						"visible ASCII characters",
			      });
	return false;
}

bool condition_match(struct http_request *req, struct if_match *match_out)
{
	const char *value = http_header(req, "If-Match");
	*match_out = (struct if_match){0};
	if (!value ||
	    condition_parse_match(http_arena(req), value, match_out) == ERR_OK)
		return true;
	problem_send_all(req, &(struct problem){
				      .err = ERR_BAD_REQUEST,
				      .member = "If-Match",
				      .detail = "If-Match must be * or up to 8 tags in "
						"double quotes, with commas between",
			      });
	return false;
}

bool if_match_allows(const struct if_match *match, const char *etag)
{
	if (!match->is_given || match->is_any)
		return true;
	for (unsigned i = 0; i < match->count; i++)
		if (strcmp(match->tags[i], etag) == 0)
			return true;
	return false;
}
