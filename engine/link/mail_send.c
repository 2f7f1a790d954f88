/* mail_send.c - see mail_send.h */
#include "link/mail_send.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/mem.h"
#include "model/email.h"

enum {
	CONNECT_MOST_S = 30,
	ANSWER_MOST_S = 300, /* RFC 5321 4.5.3.2: five minutes for most answers */
	MAIL_MOST_S = 900,   /* and ten for the one to the dot */
	TRY_MOST_S = 10,
	IDLE_MOST_S = 20,
	SOCKETS_MOST = 4, /* of one line: addresses are tried side by side */
};

struct mail_settings {
	atomic_uint refs;
	struct arena *arena;
	struct mail_config config;
};

struct mail_line {
	CURL *easy; /* NULL: not used yet */
	curl_socket_t sockets[SOCKETS_MOST];
	unsigned socket_count;
	/* of the attempt at hand */
	struct mail_order *order;
	size_t read_bytes;
	bool is_in_mail, has_left, is_leaving;
	char words[MAIL_DETAIL_MOST]; /* the server's last answer */
};

/* --- settings -------------------------------------------------------------------------------------------------------- */

struct mail_settings *mail_settings_new(const struct mail_config *config)
{
	struct arena *arena = arena_new();
	struct mail_settings *settings = ARENA_NEW(arena, struct mail_settings);
	atomic_init(&settings->refs, 1);
	settings->arena = arena;
	settings->config = (struct mail_config){
		.url = arena_strdup(arena, config->url),
		.user = arena_strdup(arena, config->user),
		.password = arena_strdup(arena, config->password),
		.ca_file = arena_strdup(arena, config->ca_file),
		.from = arena_strdup(arena, config->from),
		.tls = config->tls,
	};
	return settings;
}

struct mail_settings *mail_settings_ref(struct mail_settings *settings)
{
	atomic_fetch_add(&settings->refs, 1);
	return settings;
}

void mail_settings_unref(struct mail_settings **settings)
{
	struct mail_settings *gone = *settings;
	*settings = NULL;
	if (!gone || atomic_fetch_sub(&gone->refs, 1) != 1)
		return;
	struct arena *arena = gone->arena;
	arena_free(&arena);
}

const struct mail_config *mail_settings_of(const struct mail_settings *settings)
{
	return &settings->config;
}

static bool is_implicit_tls(const struct mail_config *config)
{
	return strncmp(config->url, "smtps://", 8) == 0;
}

static const char *host_of(const char *url)
{
	return strstr(url, "://") + 3;
}

static bool is_this_machine(const char *url)
{
	const char *host = host_of(url);
	return strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0 ||
	       (strncmp(host, "localhost", 9) == 0 && (!host[9] || host[9] == ':'));
}

static bool is_encrypted(const struct mail_config *config)
{
	return is_implicit_tls(config) || config->tls == MAIL_TLS_REQUIRED ||
	       (config->tls == MAIL_TLS_AUTO && !is_this_machine(config->url));
}

static bool is_server_url(const char *url)
{
	if (strncmp(url, "smtp://", 7) && strncmp(url, "smtps://", 8))
		return false;
	const char *host = host_of(url), *rest = host + strcspn(host, ":");
	if (*host == '[')
		rest = host + strcspn(host, "]") + (strchr(host, ']') != NULL);
	else if (strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			      "0123456789.-") != (size_t)(rest - host))
		return false;
	size_t digits = *rest == ':' ? strspn(rest + 1, "0123456789") : 0;
	return rest > host &&
	       (!*rest || (*rest == ':' && digits && digits <= 5 && !rest[1 + digits]));
}

const char *mail_config_fault(struct arena *arena, const struct mail_config *config)
{
	struct email_sender sender;
	const char *why;
	if (!config->url && !config->from && !config->user)
		return NULL;
	if (!config->url || !config->from)
		return "smtp-url and mail-from come together.";
	if (strchr(config->url, '@'))
		return "smtp-url has no user in it: give smtp-user and smtp-password.";
	if (!is_server_url(config->url))
		return arena_printf(arena,
				    "smtp-url = %s: smtp://127.0.0.1:25, "
				    "smtp://mail.example.com:587 or "
				    "smtps://mail.example.com:465 is wanted.",
				    config->url);
	if (!email_sender_parse(arena, config->from, &sender, &why))
		return arena_printf(arena,
				    "mail-from = %s: handbox@example.com or Name "
				    "<handbox@example.com> is wanted; %s.",
				    config->from, why);
	if (!config->user != !config->password)
		return "smtp-user and smtp-password come together.";
	if (config->user && !is_encrypted(config) && !is_this_machine(config->url))
		return "smtp-tls = off would show smtp-password to the network; leave "
		       "it out.";
	return NULL;
}

/* --- what came of it ------------------------------------------------------------------------------------------------- */

/* Answers to MAIL and after that speak of the login, not of the e-mail. RFC 4954 */
static bool is_about_login(long code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

enum mail_outcome mail_judge(const struct mail_ending *ending)
{
	if (ending->result == CURLE_OK)
		return MAIL_TAKEN;
	if (ending->is_in_mail && ending->code >= 500 && !is_about_login(ending->code))
		return MAIL_REFUSED;
	if (ending->is_in_mail && ending->code >= 400 && ending->code < 500 &&
	    ending->code != 421)
		return MAIL_DEFERRED;
	/* when the dot itself could not be written it has not arrived: the message is not whole */
	if (ending->has_left && ending->code < 400 &&
	    ending->result != CURLE_SEND_ERROR)
		return MAIL_UNSURE;
	return MAIL_NO_SERVER;
}

/* A peer's words on one line of plain characters, for database and pages. */
static void keep_words(char words[MAIL_DETAIL_MOST], const char *data, size_t size)
{
	size_t len = 0;
	for (size_t i = 0; i < size && len + 1 < MAIL_DETAIL_MOST; i++)
		words[len++] =
			(unsigned char)data[i] < 0x20 || (unsigned char)data[i] > 0x7e
				? ' '
				: data[i];
	while (len && words[len - 1] == ' ')
		len--;
	words[len] = '\0';
}

static void tell(const struct mail_line *line, const struct mail_ending *ending,
		 char detail[MAIL_DETAIL_MOST])
{
	if (ending->result == CURLE_OK || ending->code >= 400)
		snprintf(detail, MAIL_DETAIL_MOST, "%s", line->words);
	else
		snprintf(detail, MAIL_DETAIL_MOST, "no answer: %s",
			 curl_easy_strerror((CURLcode)ending->result));
}

/* --- a transfer ------------------------------------------------------------------------------------------------------ */

static size_t read_message(char *to, size_t size, size_t count, void *arg)
{
	struct mail_line *line = arg;
	const struct buf *wire = &line->order->wire;
	size_t room = size * count, len = wire->len - line->read_bytes;
	if (!len) {
		FAULT_POINT("mail_dot");
		line->has_left = true;
		return 0;
	}
	len = len < room ? len : room;
	memcpy(to, wire->data + line->read_bytes, len);
	line->read_bytes += len;
	return len;
}

/* libcurl waits for the answer to QUIT, up to two minutes: it has said goodbye, and hears nothing more. */
static void shut(const struct mail_line *line, int how)
{
	for (unsigned i = 0; i < line->socket_count; i++)
		(void)shutdown(line->sockets[i], how);
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose,
				 struct curl_sockaddr *address)
{
	struct mail_line *line = arg;
	(void)purpose;
	curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
				  address->protocol);
	if (fd != CURL_SOCKET_BAD && line->socket_count < SOCKETS_MOST)
		line->sockets[line->socket_count++] = fd;
	return fd;
}

static int close_socket(void *arg, curl_socket_t fd)
{
	struct mail_line *line = arg;
	for (unsigned i = 0; i < line->socket_count; i++)
		if (line->sockets[i] == fd)
			line->sockets[i--] = line->sockets[--line->socket_count];
	return close(fd);
}

/* The conversation as it goes by: how far it came, and what was answered last before the end. */
static int overhear(CURL *easy, curl_infotype type, char *data, size_t size, void *arg)
{
	struct mail_line *line = arg;
	(void)easy;
	if (type == CURLINFO_HEADER_OUT && size >= 4 && memcmp(data, "MAIL", 4) == 0)
		line->is_in_mail = true;
	if (type == CURLINFO_HEADER_OUT && size >= 4 && memcmp(data, "QUIT", 4) == 0) {
		line->is_leaving = true;
		shut(line, SHUT_RD);
	}
	if (type == CURLINFO_HEADER_IN && !line->is_leaving)
		keep_words(line->words, data, size);
	return 0;
}

static int may_go_on(void *arg, curl_off_t down_total, curl_off_t down,
		     curl_off_t up_total, curl_off_t up)
{
	(void)down_total, (void)down, (void)up_total, (void)up;
	const struct mail_line *line = arg;
	if (!line->order || !atomic_load(line->order->is_off))
		return 0;
	shut(line, SHUT_RDWR);
	return 1;
}

static size_t drop(char *data, size_t size, size_t count, void *arg)
{
	(void)data, (void)arg;
	return size * count;
}

static void fill_server(struct mail_line *line, const struct mail_config *config)
{
	CURL *easy = line->easy;
	curl_easy_setopt(easy, CURLOPT_URL, config->url);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
			 (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_MOST_S);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, line);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, line);
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, overhear);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, line);
	if (is_encrypted(config))
		curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (config->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
	if (config->user) {
		curl_easy_setopt(easy, CURLOPT_USERNAME, config->user);
		curl_easy_setopt(easy, CURLOPT_PASSWORD, config->password);
	}
}

static struct curl_slist *fill(struct mail_line *line)
{
	CURL *easy = line->easy;
	const struct mail_order *order = line->order;
	struct buf address = BUF_EMPTY;
	buf_printf(&address, "<%s>", order->to);
	struct curl_slist *to = curl_slist_append(NULL, buf_str(&address));
	buf_clear(&address);
	buf_printf(&address, "<%s>", order->from);
	curl_easy_reset(easy); /* keeps the connection */
	fill_server(line, &order->settings->config);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, buf_str(&address));
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_message);
	curl_easy_setopt(easy, CURLOPT_READDATA, line);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, may_go_on);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, line);
	curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)ANSWER_MOST_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)MAIL_MOST_S);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MOST_S);
	buf_fini(&address);
	return to;
}

static void init_once(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static CURL *new_easy(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, init_once);
	CURL *easy = curl_easy_init();
	if (!easy)
		abort(); /* out of memory, as everywhere */
	return easy;
}

/* false: the connection was an old one that the server had given up; nothing of the e-mail has left. */
static bool attempt(struct mail_line *line)
{
	long connects = 0;
	struct mail_order *order = line->order;
	struct mail_ending ending = {.code = 0};
	if (!line->easy)
		line->easy = new_easy();
	line->read_bytes = 0;
	line->is_in_mail = line->has_left = line->is_leaving = false;
	line->words[0] = '\0';
	struct curl_slist *to = fill(line);
	ending.result = (int)curl_easy_perform(line->easy);
	ending.code = strtol(line->words, NULL, 10);
	curl_easy_getinfo(line->easy, CURLINFO_NUM_CONNECTS, &connects);
	curl_slist_free_all(to);
	ending.is_in_mail = line->is_in_mail;
	ending.has_left = line->has_left;
	order->outcome = mail_judge(&ending);
	tell(line, &ending, order->detail);
	return order->outcome != MAIL_NO_SERVER || connects > 0 || line->has_left;
}

static void hang_up(struct mail_line *line)
{
	shut(line, SHUT_RD);
	if (line->easy)
		curl_easy_cleanup(line->easy);
	line->easy = NULL;
}

struct mail_line *mail_line_new(void)
{
	return MEM_NEW(struct mail_line);
}

void mail_line_free(struct mail_line **line)
{
	if (!*line)
		return;
	hang_up(*line);
	mem_free(*line);
	*line = NULL;
}

void mail_line_send(struct mail_line *line, struct mail_order *order)
{
	bool was_used = line->easy != NULL;
	line->order = order;
	if (!attempt(line) && was_used && !atomic_load(order->is_off)) {
		hang_up(line);
		(void)attempt(line);
	}
	if (order->outcome != MAIL_TAKEN)
		hang_up(line);
	line->order = NULL;
}

bool mail_try(const struct mail_config *config, char detail[MAIL_DETAIL_MOST])
{
	struct mail_line line = {.easy = new_easy()};
	struct mail_ending ending = {.code = 0};
	fill_server(&line, config);
	curl_easy_setopt(line.easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(line.easy, CURLOPT_TIMEOUT, (long)TRY_MOST_S);
	ending.result = (int)curl_easy_perform(line.easy);
	ending.code = strtol(line.words, NULL, 10);
	tell(&line, &ending, detail);
	hang_up(&line);
	return ending.result == CURLE_OK;
}
