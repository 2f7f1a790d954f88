/* remote.c - see remote.h */
#include "cli/remote.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon.h"
#include "settings.h"

enum {
	TAKE_TURNS_POLL_MS = 20,
	API_ANSWER_MOST = 64 * 1024 * 1024,
};

struct kept {
	struct arena *arena; /* of the request */
	struct api_answer answer;
	struct buf text;
	struct json_t *value;
	struct kept *former;
};

struct remote {
	char *socket;     /* of a daemon that runs for good */
	char *own_socket; /* of one inside a call: whoever holds the database's lock, so that nobody meets one that leaves */
	CURL *curl;
	struct daemon *daemon; /* ours, inside this process; NULL: another one serves */
	pthread_t thread;
	struct buf body;
	struct json json;
	bool has_body;
	struct kept *last;
};

/* --- finding or starting a daemon -------------------------------------------------------------------------------------------- */

enum served { SERVED, NOT_SERVED, SERVED_UNKNOWN };

static enum served look(const char *socket_path, int *errno_out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(socket_path) >= sizeof(address.sun_path))
		return NOT_SERVED; /* the daemon says so when it starts */
	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc =
		fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof(address));
	*errno_out = errno;
	if (fd >= 0)
		close(fd);
	if (rc == 0 || *errno_out == EAGAIN)
		return SERVED;
	return *errno_out == ENOENT || *errno_out == ECONNREFUSED ||
			       *errno_out == ENOTDIR
		       ? NOT_SERVED
		       : SERVED_UNKNOWN;
}

static const char *not_reached(struct cli *cli, const char *socket_path, int error)
{
	return arena_printf(
		cli->arena,
		"%s: %s; call as root, or as the user or group that handbox runs as.",
		socket_path, strerror(error));
}

static void *run_daemon(void *arg)
{
	daemon_run(arg);
	return NULL;
}

/* The log of a call is for what is wrong only; a configured log file gets all. */
static void open_log(const struct settings *settings)
{
	if (settings->log_file && log_open(settings->log_file) == ERR_OK)
		log_set_level((enum log_level)settings->log_level);
	else
		log_set_level(LOG_LEVEL_ERROR);
}

static enum err start_inside(struct cli *cli, struct remote *remote, char **why_out)
{
	const unsigned traits = cli->command->traits;
	struct settings *settings = NULL;
	struct daemon_config config = {
		.settings_path = cli->settings_path,
		.settings = &settings,
		.socket = remote->own_socket,
		.mode = traits & CLI_MIGRATES   ? STORE_MIGRATE
			: traits & CLI_EXISTING ? STORE_EXISTING
						: STORE_SERVE,
	};
	enum err err = settings_read_own(cli->settings_path, &settings, why_out);
	if (err != ERR_OK)
		return err;
	open_log(settings);
	err = daemon_new(&config, &remote->daemon, why_out);
	settings_free(&settings);
	if (err == ERR_OK &&
	    pthread_create(&remote->thread, NULL, run_daemon, remote->daemon) != 0)
		abort();
	return err;
}

bool remote_takes_turns(struct cli *cli, enum err err, int64_t until_mono_ms)
{
	const char *why;
	if (err != ERR_LOCKED || clock_mono_ms() >= until_mono_ms)
		return false;
	if (cli->command->traits & CLI_SERVES && remote_is_served(cli, &why))
		return false; /* a second daemon */
	poll(NULL, 0, TAKE_TURNS_POLL_MS);
	return true;
}

/* Another call of the program may hold the database for a moment: they take turns. */
static bool find_daemon(struct cli *cli, struct remote *remote)
{
	const int64_t until = clock_mono_ms() + TAKE_TURNS_MS;
	for (;;) {
		int error;
		char *why = NULL;
		enum served served = look(remote->socket, &error);
		if (served == SERVED)
			return true;
		if (served == SERVED_UNKNOWN) {
			(void)cli_fail(cli, "%s",
				       not_reached(cli, remote->socket, error));
			return false;
		}
		enum err err = start_inside(cli, remote, &why);
		if (err == ERR_OK)
			return true;
		bool again = remote_takes_turns(cli, err, until);
		if (!again)
			(void)cli_fail_lines(cli, why);
		mem_free(why);
		if (!again)
			return false;
	}
}

static struct remote *remote_of(struct cli *cli)
{
	if (cli->remote)
		return cli->remote;
	const struct settings *settings = cli_settings(cli);
	if (!settings)
		return NULL;
	struct remote *remote = ARENA_NEW(cli->arena, struct remote);
	cli->remote = remote;
	remote->socket = daemon_socket_path(settings->database);
	remote->own_socket = daemon_socket_path(
		arena_printf(cli->arena, "%s.call", settings->database));
	curl_global_init(CURL_GLOBAL_DEFAULT);
	remote->curl = curl_easy_init();
	if (!remote->curl)
		abort();
	return remote;
}

bool remote_is_served(struct cli *cli, const char **why_out)
{
	struct remote *remote = remote_of(cli);
	int error = 0;
	*why_out = NULL;
	if (!remote)
		return false;
	enum served served = look(remote->socket, &error);
	if (served == SERVED_UNKNOWN)
		*why_out = not_reached(cli, remote->socket, error);
	return served == SERVED;
}

void remote_close(struct cli *cli)
{
	struct remote *remote = cli->remote;
	if (!remote)
		return;
	api_forget(cli);
	curl_easy_cleanup(remote->curl);
	if (remote->daemon) {
		daemon_stop(remote->daemon);
		pthread_join(remote->thread, NULL);
		daemon_free(&remote->daemon);
	}
	curl_global_cleanup();
	buf_fini(&remote->body);
	mem_free(remote->socket);
	mem_free(remote->own_socket);
	cli->remote = NULL;
}

/* --- one request ---------------------------------------------------------------------------------------------------------------- */

static void add_encoded(struct buf *path, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '-' || c == '_' ||
			     c == '.' || c == '~';
		if (plain)
			buf_add_char(path, (char)c);
		else
			buf_printf(path, "%%%02X", c);
	}
}

const char *api_path(struct cli *cli, const char *fmt, ...)
{
	struct buf path = BUF_EMPTY;
	va_list args;
	va_start(args, fmt);
	for (; *fmt; fmt++)
		if (fmt[0] == '%' && fmt[1] == 's') {
			add_encoded(&path, va_arg(args, const char *));
			fmt++;
		} else {
			buf_add_char(&path, *fmt);
		}
	va_end(args);
	const char *text = arena_strdup(cli->arena, buf_str(&path));
	buf_fini(&path);
	return text;
}

struct json *api_body(struct cli *cli)
{
	static struct json nowhere;
	static struct buf lost;
	struct remote *remote = remote_of(cli);
	if (!remote) { /* said already; the call will fail */
		buf_clear(&lost);
		json_init(&nowhere, &lost);
		json_object(&nowhere);
		return &nowhere;
	}
	buf_clear(&remote->body);
	json_init(&remote->json, &remote->body);
	json_object(&remote->json);
	remote->has_body = true;
	return &remote->json;
}

void api_pair(struct json *body, const char *name, size_t name_len, const char *value)
{
	json_str_len(body, name, name_len);
	buf_add_char(body->buf, ':');
	body->after_key = true;
	json_str(body, value);
}

static size_t take_bytes(char *data, size_t size, size_t count, void *arg)
{
	struct buf *text = arg;
	if (text->len + size * count > API_ANSWER_MOST)
		return 0;
	buf_add(text, data, size * count);
	return size * count;
}

static struct curl_slist *make_headers(struct arena *arena,
				       const struct api_request *request)
{
	struct curl_slist *headers = NULL;
	const char *token = getenv("HANDBOX_TOKEN");
	headers = curl_slist_append(
		headers,
		arena_printf(arena, "Accept: %s",
			     request->accept ? request->accept : "application/json"));
	headers = curl_slist_append(
		headers,
		arena_printf(arena, "Content-Type: %s",
			     request->type ? request->type : "application/json"));
	headers = curl_slist_append(headers, "Expect:");
	if (token && *token && !request->as_shell)
		headers = curl_slist_append(
			headers,
			arena_printf(arena, "Authorization: Bearer %s", token));
	return headers;
}

static void set_request(struct remote *remote, const struct api_request *request,
			struct kept *kept)
{
	CURL *curl = remote->curl;
	const bool has_data = request->data || remote->has_body;
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH,
			 remote->daemon ? remote->own_socket : remote->socket);
	curl_easy_setopt(
		curl, CURLOPT_URL,
		arena_printf(kept->arena, "http://handbox/api/v1%s", request->path));
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &kept->text);
	if (has_data) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)(request->data ? request->len_bytes
							    : remote->body.len));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
				 request->data ? request->data
					       : buf_str(&remote->body));
	}
}

/* Lost before the answer was whole: a read may be asked again, an act may have been done. */
static int say_lost(struct cli *cli, const struct api_request *request, CURLcode rc)
{
	if (rc == CURLE_COULDNT_CONNECT)
		return cli_fail(cli, "%s: handbox does not answer (%s).",
				cli->remote->socket, curl_easy_strerror(rc));
	if (strcmp(request->method, "GET") == 0)
		return cli_fail(cli, "the answer of handbox was lost (%s); try again.",
				curl_easy_strerror(rc));
	return cli_fail(cli,
			"the answer of handbox was lost (%s): it may have been done, "
			"or not. Look before you try "
			"again.",
			curl_easy_strerror(rc));
}

const struct api_answer *api_try(struct cli *cli, const struct api_request *request)
{
	struct remote *remote = remote_of(cli);
	long status = 0;
	if (!remote || (!remote->daemon && !find_daemon(cli, remote)))
		return NULL;
	struct kept *kept = MEM_NEW(struct kept);
	if (remote->has_body)
		json_end_object(&remote->json);
	kept->arena = arena_new();
	struct curl_slist *headers = make_headers(kept->arena, request);
	set_request(remote, request, kept);
	curl_easy_setopt(remote->curl, CURLOPT_HTTPHEADER, headers);
	CURLcode rc = curl_easy_perform(remote->curl);
	remote->has_body = false;
	if (remote->body.len)
		sodium_memzero(remote->body.data,
			       remote->body.len); /* it may have held a password */
	curl_easy_getinfo(remote->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	kept->former = remote->last;
	remote->last = kept;
	if (rc != CURLE_OK) {
		(void)say_lost(cli, request, rc);
		return NULL;
	}
	kept->value = value_parse(kept->text.len ? buf_str(&kept->text) : "{}",
				  kept->text.len ? kept->text.len : 2);
	kept->answer = (struct api_answer){(unsigned)status, buf_str(&kept->text),
					   kept->text.len, kept->value};
	return &kept->answer;
}

void api_forget(struct cli *cli)
{
	while (cli->remote && cli->remote->last) {
		struct kept *kept = cli->remote->last;
		cli->remote->last = kept->former;
		value_free(&kept->value);
		buf_fini(&kept->text);
		arena_free(&kept->arena);
		mem_free(kept);
	}
}

/* --- answers --------------------------------------------------------------------------------------------------------------------- */

bool api_is_fine(const struct api_answer *answer)
{
	return answer->status >= 200 && answer->status < 300;
}

/* The first that refuses is the detail that was said. */
static void say_other_guards(const struct json_t *guards)
{
	bool was_said = false;
	for (size_t i = 0; i < value_count(guards); i++) {
		const struct json_t *guard = value_at(guards, i);
		if (value_bool(guard, "ok"))
			continue;
		if (was_said)
			fprintf(stderr, "  %s: %s %s\n", value_text(guard, "name"),
				value_text(guard, "detail"), value_text(guard, "fix"));
		was_said = true;
	}
}

static void say_errors(const struct json_t *errors)
{
	for (size_t i = 0; i < value_count(errors); i++) {
		const struct json_t *error = value_at(errors, i);
		fprintf(stderr, "  ");
		if (value_int(error, "line"))
			fprintf(stderr, "%d:%d: ", (int)value_int(error, "line"),
				(int)value_int(error, "column"));
		fprintf(stderr, "%s [%s]\n", value_text(error, "message"),
			value_text(error, "code"));
	}
}

int api_problem(struct cli *cli, const struct api_answer *answer)
{
	const char *detail = value_text(answer->value, "detail");
	const char *member = value_text(answer->value, "member");
	if (!*detail)
		return cli_fail(cli, "handbox answered %u without saying why.",
				answer->status);
	(void)cli_fail(cli, "%s%s%s", member, *member ? ": " : "", detail);
	say_other_guards(value_get(answer->value, "guards"));
	say_errors(value_get(answer->value, "errors"));
	say_errors(value_get(answer->value, "unmapped"));
	const char *existing = value_text(answer->value, "existing");
	if (*existing)
		fprintf(stderr, "  existing: %s\n", existing);
	return CLI_FAILED;
}

const struct json_t *api_call(struct cli *cli, const char *method, const char *path)
{
	const struct api_answer *answer =
		api_try(cli, &(struct api_request){.method = method, .path = path});
	if (!answer)
		return NULL;
	if (api_is_fine(answer) && answer->value)
		return answer->value;
	(void)api_problem(cli, answer);
	return NULL;
}

const struct json_t *api_get(struct cli *cli, const char *path)
{
	return api_call(cli, "GET", path);
}

void api_print_json(struct cli *cli)
{
	const struct kept *kept = cli->remote ? cli->remote->last : NULL;
	if (!kept)
		return;
	fwrite(buf_str(&kept->text), 1, kept->text.len, stdout);
	putchar('\n');
}

/* --- lists ------------------------------------------------------------------------------------------------------------------------ */

static bool next_page(struct cli *cli, struct api_pages *pages)
{
	const char *path = pages->path;
	if (pages->is_begun && !pages->cursor)
		return false;
	if (pages->cursor)
		path = arena_printf(cli->arena, "%s%ccursor=%s", path,
				    strchr(path, '?') ? '&' : '?',
				    api_path(cli, "%s", pages->cursor));
	const struct json_t *page = api_get(cli, path);
	if (!page) {
		pages->failed = true;
		return false;
	}
	const char *cursor = value_text(page, "next");
	pages->is_begun = true;
	pages->cursor = *cursor ? cursor : NULL;
	pages->items = value_get(page, "items");
	pages->at = 0;
	if (cli_has(cli, "json")) {
		api_print_json(cli);
		pages->at = value_count(pages->items);
	}
	return true;
}

const struct json_t *api_next(struct cli *cli, struct api_pages *pages)
{
	for (;;) {
		const struct json_t *item =
			pages->failed ? NULL : value_at(pages->items, pages->at);
		pages->at++;
		if (item)
			return item;
		if (pages->failed || !next_page(cli, pages))
			return NULL;
	}
}
