/* sendsms_request.c - see sendsms_request.h */
#include "plugin/sendsms_request.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "plugin/gsm.h"

enum {
	CONNECT_MOST_MS = 5000,
	IDLE_MOST_S = 45, /* smsbox closes at 60 */
	CONNECTIONS_DEFAULT = 12,
	TIMEOUT_DEFAULT_MS = 30000,
	BACKOFF_LEAST_MS = 1000,
	BACKOFF_MOST_MS = 10000,
	DLR_MASK_ALL = 31,
};

/* --- settings ------------------------------------------------------------ */

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

static bool has_outer_blank(const char *s)
{
	return s[0] == ' ' || (*s && s[strlen(s) - 1] == ' ');
}

static const char *url_fault(const char *url)
{
	const char *fault = NULL;
	char *scheme = NULL, *user = NULL;
	CURLU *parts = curl_url();
	if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK)
		fault = "sendsms-url is not a URL; it looks like "
			"http://127.0.0.1:13013/cgi-bin/sendsms";
	else if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		 (strcmp(scheme, "http") && strcmp(scheme, "https")))
		fault = "sendsms-url must begin with http:// or https://";
	else if (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK)
		fault = "sendsms-url holds a user; put it into sendsms-username and "
			"sendsms-password";
	else if (strchr(url, '#'))
		fault = "sendsms-url has a # in it, which never reaches a server";
	curl_free(scheme);
	curl_free(user);
	curl_url_cleanup(parts);
	return fault;
}

/* smsbox takes http and https only, and gives % a meaning of its own. Ref: gw/smsbox.c:smsbox_req_handle */
static const char *callback_fault(const char *url)
{
	if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
		return "callback-url must begin with http:// or https://";
	if (has_control(url) || strpbrk(url, "% ?#\""))
		return "callback-url is scheme, host and port only, like "
		       "http://127.0.0.1:13081";
	return NULL;
}

static const char *config_fault(const struct gateway_config *config)
{
	static const char word[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
	const char *fault;
	if (!config->url || !*config->url)
		return "sendsms-url is missing: where Kannel's smsbox takes texts";
	if ((fault = url_fault(config->url)))
		return fault;
	if (!config->username || !*config->username || !config->password)
		return "sendsms-username and sendsms-password are missing: those of a "
		       "sendsms-user group of Kannel";
	if (has_control(config->username) || has_control(config->password))
		return "sendsms-username or sendsms-password has a control character";
	if (config->use_post &&
	    (has_outer_blank(config->username) || has_outer_blank(config->password)))
		return "sendsms-username or sendsms-password begins or ends with a "
		       "blank, which smsbox cuts off in a header";
	if (!config->callback_url || (fault = callback_fault(config->callback_url)))
		return config->callback_url ? fault
					    : "callback-url is missing: where smsbox "
					      "reaches handbox";
	if (!config->secret || !*config->secret ||
	    strspn(config->secret, word) != strlen(config->secret))
		return "kannel-secret must be letters, digits, - and _";
	if (config->connections > SENDSMS_CONNECTIONS_MOST)
		return "sendsms-connections is more than 64, the most";
	return NULL;
}

static const char *keep(struct sendsms_settings *settings, unsigned slot, const char *s)
{
	settings->strings[slot] = s ? mem_strdup(s) : NULL;
	return settings->strings[slot];
}

static unsigned or_default(unsigned value, unsigned otherwise)
{
	return value ? value : otherwise;
}

enum err sendsms_settings_init(struct sendsms_settings *settings,
			       const struct gateway_config *config, char **why_out)
{
	const char *fault = config_fault(config);
	if (fault) {
		*why_out = mem_strdup(fault);
		return ERR_INVALID;
	}
	settings->config = *config;
	struct gateway_config *own = &settings->config;
	own->url = keep(settings, 0, config->url);
	own->username = keep(settings, 1, config->username);
	own->password = keep(settings, 2, config->password);
	own->ca_file = keep(settings, 3, config->ca_file);
	own->callback_url = keep(settings, 4, config->callback_url);
	own->secret = keep(settings, 5, config->secret);
	size_t len = strlen(settings->strings[4]);
	if (settings->strings[4][len - 1] == '/')
		settings->strings[4][len - 1] = '\0';
	own->connections = or_default(own->connections, CONNECTIONS_DEFAULT);
	own->timeout_ms = or_default(own->timeout_ms, TIMEOUT_DEFAULT_MS);
	own->backoff_least_ms = or_default(own->backoff_least_ms, BACKOFF_LEAST_MS);
	own->backoff_most_ms = or_default(own->backoff_most_ms, BACKOFF_MOST_MS);
	return ERR_OK;
}

void sendsms_settings_fini(struct sendsms_settings *settings)
{
	for (unsigned i = 0;
	     i < sizeof(settings->strings) / sizeof(settings->strings[0]); i++) {
		mem_free(settings->strings[i]);
		settings->strings[i] = NULL;
	}
}

/* --- requests ------------------------------------------------------------ */

static bool is_address(const char *s)
{
	return !s || (*s && !has_control(s) && utf8_is_valid(s, strlen(s)));
}

bool sendsms_text_is_sendable(const struct gateway_text *text)
{
	size_t len = text->text ? strlen(text->text) : 0;
	/* a blank in "to" would make two recipients of one */
	return len > 0 && utf8_is_valid(text->text, len) && text->to &&
	       is_address(text->to) && !strchr(text->to, ' ') &&
	       is_address(text->from) && is_address(text->smsc);
}

static void add_escaped(struct buf *buf, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (strchr(plain, c)) {
			buf_add_char(buf, (char)c);
			continue;
		}
		char triple[3] = {'%', hex[c >> 4], hex[c & 15]};
		buf_add(buf, triple, 3);
	}
}

/* One parameter, by its two names: in the query of a GET, or as a header of a POST. */
struct request_param {
	const char *name, *header;
	const char *value; /* NULL: left out */
};

enum { PARAMS = 11 };

struct request_scratch {
	char id[24], coding[4], mask[8], validity[16];
	struct buf dlr_url;
};

/* Everything but the text itself. */
static void list_params(const struct sendsms_settings *settings,
			const struct gateway_text *text,
			struct request_scratch *scratch,
			struct request_param params[PARAMS])
{
	const struct gateway_config *config = &settings->config;
	struct gsm_segments segments;
	gsm_measure(text->text, strlen(text->text), &segments);
	snprintf(scratch->id, sizeof(scratch->id), "%llu",
		 (unsigned long long)text->id);
	snprintf(scratch->coding, sizeof(scratch->coding), "%d",
		 segments.encoding == GSM_7BIT ? 0 : 2);
	snprintf(scratch->mask, sizeof(scratch->mask), "%d", DLR_MASK_ALL);
	snprintf(scratch->validity, sizeof(scratch->validity), "%u",
		 text->validity_s / 60 + (text->validity_s % 60 > 0));
	buf_printf(&scratch->dlr_url,
		   "%s/kannel/report/%s?id=%s&status=%%d&event=%%I&detail=%%A&smsc=%%i",
		   config->callback_url, config->secret, scratch->id);
	const struct request_param list[PARAMS] = {
		{"username", "X-Kannel-Username", config->username},
		{"password", "X-Kannel-Password", config->password},
		{"to", "X-Kannel-To", text->to},
		{"from", "X-Kannel-From", text->from},
		{"smsc", "X-Kannel-SMSC", text->smsc},
		{"coding", "X-Kannel-Coding", scratch->coding},
		{"charset", NULL, "UTF-8"},
		{"validity", "X-Kannel-Validity",
		 text->validity_s ? scratch->validity : NULL},
		{"dlr-mask", "X-Kannel-DLR-Mask", scratch->mask},
		{"dlr-url", "X-Kannel-DLR-URL", buf_str(&scratch->dlr_url)},
		{"account", "X-Kannel-Account", scratch->id},
	};
	memcpy(params, list, sizeof(list));
}

static void fill_get(const struct sendsms_settings *settings,
		     const struct gateway_text *text,
		     const struct request_param params[PARAMS], CURL *easy)
{
	struct buf url = BUF_EMPTY;
	buf_add_str(&url, settings->config.url);
	buf_add_char(&url, strchr(settings->config.url, '?') ? '&' : '?');
	for (unsigned i = 0; i < PARAMS; i++) {
		if (!params[i].value)
			continue;
		buf_printf(&url, "%s=", params[i].name);
		add_escaped(&url, params[i].value);
		buf_add_char(&url, '&');
	}
	buf_add_str(&url, "text=");
	add_escaped(&url, text->text);
	curl_easy_setopt(easy, CURLOPT_URL, buf_str(&url));
	buf_fini(&url);
}

static struct curl_slist *fill_post(const struct sendsms_settings *settings,
				    const struct gateway_text *text,
				    const struct request_param params[PARAMS],
				    CURL *easy)
{
	struct curl_slist *headers =
		curl_slist_append(NULL, "Content-Type: text/plain; charset=UTF-8");
	struct buf line = BUF_EMPTY;
	for (unsigned i = 0; i < PARAMS; i++) {
		if (!params[i].value || !params[i].header)
			continue;
		buf_clear(&line);
		buf_printf(&line, "%s: %s", params[i].header, params[i].value);
		headers = curl_slist_append(headers, buf_str(&line));
	}
	buf_fini(&line);
	/* smsbox does not know 100-continue */
	headers = curl_slist_append(headers, "Expect:");
	curl_easy_setopt(easy, CURLOPT_URL, settings->config.url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(text->text));
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, text->text);
	return headers;
}

static void fill_transport(const struct gateway_config *config, CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
			 (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MOST_S);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
	long connect_ms = config->timeout_ms < CONNECT_MOST_MS ? config->timeout_ms
							       : CONNECT_MOST_MS;
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "handbox/" PACKAGE_VERSION);
	if (config->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
}

void sendsms_request_fill(const struct sendsms_settings *settings,
			  const struct gateway_text *text, CURL *easy,
			  struct curl_slist **headers_out)
{
	struct request_scratch scratch = {.dlr_url = BUF_EMPTY};
	struct request_param params[PARAMS];
	list_params(settings, text, &scratch, params);
	fill_transport(&settings->config, easy);
	*headers_out = NULL;
	if (settings->config.use_post)
		*headers_out = fill_post(settings, text, params, easy);
	else
		fill_get(settings, text, params, easy);
	buf_fini(&scratch.dlr_url);
}

/* --- answers ------------------------------------------------------------- */

static const char fault_user[] =
	"Kannel does not let the sendsms user in; compare sendsms-username and "
	"-password with its "
	"sendsms-user group, and look at user-allow-ip and user-deny-ip there";
static const char fault_url[] = "sendsms-url is answered by something that is not "
				"sendsms; compare it with sendsms-port and "
				"sendsms-url of Kannel's smsbox group";
static const char fault_busy[] =
	"Kannel takes no texts for now: its queue is full or it is shutting down";
static const char fault_garbled[] =
	"the answer is none that Kannel gives; see what stands at sendsms-url";
static const char fault_silent[] =
	"Kannel took a request and did not answer it; is bearerbox suspended or stuck?";
static const char fault_gone[] =
	"Kannel cannot be reached; is smsbox running, and sendsms-url right?";
static const char fault_tls[] =
	"the TLS connection to sendsms-url cannot be made; look at its certificate";

/* With no SMSC at all bearerbox says so of texts that stay in its store. Ref: gw/bb_store_spool.c, gw/bb_boxc.c */
static const char note_kept[] = "it may still go out when Kannel is started again";

/* Ref: gw/smsbox.c:delayed_http_reply. The first row that fits counts. */
static const struct answer_rule {
	long least, most;
	const char *begins;
	struct sendsms_verdict verdict;
} answer_rules[] = {
	{202, 202, "0:", {GATEWAY_ACCEPTED, NULL}},
	{202, 202, "Sent.", {GATEWAY_ACCEPTED, NULL}},
	{202, 202, "3:", {GATEWAY_QUEUED, NULL}},
	{400, 400, "", {GATEWAY_REFUSED, NULL}},
	{403, 403, "Not routable", {GATEWAY_REFUSED, NULL, note_kept}},
	{403, 403, "Authorization failed", {GATEWAY_NOT_TAKEN, fault_user}},
	{401, 401, "", {GATEWAY_NOT_TAKEN, fault_user}},
	{404, 404, "", {GATEWAY_NOT_TAKEN, fault_url}},
	{300, 399, "", {GATEWAY_NOT_TAKEN, fault_url}},
	{503, 503, "Temporal failure", {GATEWAY_NOT_TAKEN, fault_busy}},
	{LONG_MIN, LONG_MAX, "", {GATEWAY_UNCERTAIN, fault_garbled}},
};

struct sendsms_verdict sendsms_judge_answer(long status, const char *body)
{
	const struct answer_rule *rule = answer_rules;
	while (status < rule->least || status > rule->most ||
	       strncmp(body, rule->begins, strlen(rule->begins)))
		rule++;
	return rule->verdict;
}

struct sendsms_verdict sendsms_judge_failure(CURLcode result, bool has_left)
{
	if (has_left)
		return (struct sendsms_verdict){GATEWAY_UNCERTAIN, fault_silent};
	bool is_tls = result == CURLE_SSL_CONNECT_ERROR ||
		      result == CURLE_PEER_FAILED_VERIFICATION ||
		      result == CURLE_SSL_CACERT_BADFILE ||
		      result == CURLE_SSL_CERTPROBLEM;
	return (struct sendsms_verdict){GATEWAY_NOT_TAKEN,
					is_tls ? fault_tls : fault_gone};
}

/* A peer's words on one line of plain characters, for logs, database and pages. */
void sendsms_tell_answer(char detail[SENDSMS_DETAIL_MOST], long status,
			 const char *body)
{
	size_t len = (size_t)snprintf(detail, SENDSMS_DETAIL_MOST, "%ld ", status);
	for (; *body && len + 1 < SENDSMS_DETAIL_MOST; body++)
		detail[len++] =
			(unsigned char)*body < 0x20 || (unsigned char)*body > 0x7e
				? ' '
				: *body;
	while (len && detail[len - 1] == ' ')
		len--;
	detail[len] = '\0';
}

void sendsms_tell_failure(char detail[SENDSMS_DETAIL_MOST], CURLcode result,
			  bool broke_twice, bool too_long)
{
	const char *what = too_long      ? "the answer is too long"
			   : broke_twice ? "the connection broke under the request"
					 : curl_easy_strerror(result);
	snprintf(detail, SENDSMS_DETAIL_MOST, "no answer: %s", what);
}

void sendsms_tell_note(char detail[SENDSMS_DETAIL_MOST], const char *note)
{
	size_t len = strlen(detail);
	snprintf(detail + len, SENDSMS_DETAIL_MOST - len, " (%s)", note);
}
