/* remote.h - the HTTP API over the unix socket beside the database, whether a daemon serves it or not.
 *
 *	struct json *body = api_body(cli);
 *	json_key_str(body, "reason", cli_option(cli, "reason"));
 *	const struct json_t *task = api_call(cli, "POST", api_path(cli, "/tasks/%s/skip", id));
 *	if (!task)
 *		return CLI_FAILED;			it has been said why
 *
 * When nobody serves the socket, the first call starts the daemon inside this process, without doors: it takes the lock,
 * opens or creates the database, serves only a socket of the call's own; remote_close stops it. Another call that does
 * the same at the same moment is waited for.
 *
 * Credential: HANDBOX_TOKEN when it is set, else the socket tells who the peer is (the shell).
 */
#ifndef HB_CLI_REMOTE_H
#define HB_CLI_REMOTE_H

#include "base/json.h"
#include "cli/cli.h"
#include "cli/value.h"

/* api_path - each %s is percent-encoded. "/tasks/%s" stands for "/api/v1/tasks/…". In the arena. */
const char *api_path(struct cli *cli, const char *fmt, ...);

/* api_body - a new, empty body for the next call; members are added to its object. */
struct json *api_body(struct cli *cli);

/* api_pair - a member whose name comes from a person, and may hold any character. */
void api_pair(struct json *body, const char *name, size_t name_len, const char *value);

/* api_call - sends the body (if one was begun) and returns the parsed answer, or NULL when it has been said what went
 * wrong. An answer without a body is an empty object. Valid until remote_close, or api_forget. */
const struct json_t *api_call(struct cli *cli, const char *method, const char *path);
const struct json_t *api_get(struct cli *cli, const char *path);

/* api_try - the same, saying nothing of a problem that the API answered (status 400 and above): for those that are part
 * of the work. NULL only when there was no answer at all. */
struct api_answer {
	unsigned status;
	const char *text; /* as it came */
	size_t len_bytes;
	const struct json_t *value; /* NULL: no JSON */
};
struct api_request {
	const char *method, *path;
	const char *type, *accept; /* NULL: application/json */
	const void *data;          /* NULL: what api_body began */
	size_t len_bytes;
	bool as_shell; /* HANDBOX_TOKEN is left aside */
};
const struct api_answer *api_try(struct cli *cli, const struct api_request *request);

/* api_problem - says what a problem says: the detail, and what else of it helps. Returns CLI_FAILED. */
int api_problem(struct cli *cli, const struct api_answer *answer);
bool api_is_fine(const struct api_answer *answer); /* 2xx */

/* api_text - the last answer as it came, with a line end: for --json. */
void api_print_json(struct cli *cli);

/* api_forget - frees the answers so far: for loops over many. */
void api_forget(struct cli *cli);

/* api_next - the items of a list, page by page. With --json each page is printed as it came, and there are no items. */
struct api_pages {
	const char *path; /* with its query, by api_path */
	bool failed;      /* out */
	/* private */
	const struct json_t *items;
	size_t at;
	const char *cursor;
	bool is_begun;
};
const struct json_t *api_next(struct cli *cli, struct api_pages *pages);

/* How long another call of the program is waited for: one that imports a long file is at work for some seconds. */
enum { TAKE_TURNS_MS = 20 * 1000 };

/* remote_takes_turns - whether to try again, after a short wait: err is ERR_LOCKED, but no daemon serves the socket, so it
 * is another call, which will be gone in a moment. false from until_mono_ms on. */
bool remote_takes_turns(struct cli *cli, enum err err, int64_t until_mono_ms);

/* remote_is_served - a daemon of its own serves the socket; nothing is started. *why_out (arena): NULL, or why it could
 * not be asked. */
bool remote_is_served(struct cli *cli, const char **why_out);

/* remote_close - stops what was started. */
void remote_close(struct cli *cli);

#endif
