/* kannel_setup.c - see kannel_setup.h
 *
 * Each check looks at one thing and notes what it finds; the table at the end is the list of them.
 */
#include "plugin/kannel_setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SMS_LENGTH_DEFAULT = 140 };

/* What the checks share. */
struct survey {
	struct arena *arena;
	const struct kannel_conf *conf;
	const struct kannel_wishes *wishes;
	struct kannel_setup *out;
	const struct conf_group *core, *smsbox, *user; /* NULL when there is none */
	const char *source_ip; /* ours, as smsbox sees it; NULL when unknown */
};

const char *kannel_level_name(enum kannel_level level)
{
	static const char *const names[] = {"ok", "warn", "fail"};
	return names[level];
}

static void note(struct survey *survey, enum kannel_level level, const char *fix,
		 const char *fmt, ...) PRINTF_LIKE(4, 5);

static void note(struct survey *survey, enum kannel_level level, const char *fix,
		 const char *fmt, ...)
{
	struct kannel_setup *out = survey->out;
	if (out->finding_count == KANNEL_FINDINGS_MOST)
		return;
	va_list args;
	va_start(args, fmt);
	out->findings[out->finding_count++] = (struct kannel_finding){
		level, arena_vprintf(survey->arena, fmt, args), fix};
	va_end(args);
	if (level > out->worst)
		out->worst = level;
}

/* "file:line" of a key, or of its group when the key is not there. */
static const char *where(struct survey *survey, const struct conf_group *group,
			 const char *name)
{
	const struct conf_key *key = conf_find(group, name);
	const struct conf_place *place = key ? &key->place : &group->place;
	return arena_printf(survey->arena, "%s:%u", place->file, place->line);
}

static bool is_true(const struct conf_group *group, const char *name)
{
	bool value = false;
	enum err err = conf_get_bool(group, name, &value);
	return err == ERR_INVALID ||
	       (err == ERR_OK && value); /* Kannel takes a strange word for yes */
}

static long int_or(const struct conf_group *group, const char *name, long otherwise)
{
	long value = otherwise;
	enum err err = conf_get_int(group, name, -1, 1 << 30, &value);
	(void)err; /* Kannel too falls back to its default */
	return value;
}

/* --- lists and prefixes, as Kannel matches them --------------------------- */

/* Calls for each part of "a;b;c". Ref: gwlib/utils.c:does_prefix_match, pattern_matches_ip */
static bool any_part(const char *list,
		     bool (*match)(const char *part, size_t len, const char *subject),
		     const char *subject)
{
	while (list) {
		const char *stop = strchr(list, ';');
		size_t len = stop ? (size_t)(stop - list) : strlen(list);
		if (match(list, len, subject))
			return true;
		list = stop ? stop + 1 : NULL;
	}
	return false;
}

static bool is_prefix(const char *part, size_t len, const char *number)
{
	return len > 0 && strncmp(number, part, len) == 0;
}

static bool is_equal(const char *part, size_t len, const char *subject)
{
	return strlen(subject) == len && strncmp(subject, part, len) == 0;
}

static bool matches_ip(const char *part, size_t len, const char *ip)
{
	const char *end = part + len;
	while (part < end && *ip) {
		if (*part == *ip) {
			part++, ip++;
		} else if (*part != '*') {
			return false;
		} else {
			part++;
			while (*ip && *ip != '.')
				ip++;
		}
	}
	return part == end && *ip == '\0';
}

/* --- checks: sendsms ------------------------------------------------------ */

static void check_url(struct survey *survey)
{
	const struct conf_group *smsbox = survey->smsbox;
	long port = int_or(smsbox, "sendsms-port", 0);
	if (!smsbox) {
		note(survey, KANNEL_FAIL,
		     "name the file that smsbox is started with as kannel-conf",
		     "%s has no smsbox group", survey->conf->path);
		return;
	}
	if (port < 1 || port > 65535) {
		note(survey, KANNEL_FAIL,
		     "add sendsms-port = 13013 and sendsms-interface = 127.0.0.1 to "
		     "the smsbox group",
		     "%s: the smsbox group has no sendsms-port, so it takes no texts",
		     where(survey, smsbox, "sendsms-port"));
		return;
	}
	/* smsbox keeps both switches in one variable: the second key wins only when it is there */
	const char *ssl_key = conf_get(smsbox, "sendsms-port-ssl")
				      ? "sendsms-port-ssl"
				      : "bearerbox-port-ssl";
	const char *interface = conf_get(smsbox, "sendsms-interface"),
		   *path = conf_get(smsbox, "sendsms-url");
	bool is_open =
		!interface || strcmp(interface, "0.0.0.0") == 0 || *interface == '\0';
	const char *host = is_open ? "127.0.0.1" : interface;
	survey->out->sendsms_url =
		arena_printf(survey->arena, "%s://%s:%ld%s",
			     is_true(smsbox, ssl_key) ? "https" : "http", host, port,
			     path ? path : "/cgi-bin/sendsms");
	survey->source_ip =
		host; /* on one machine a connection comes from the address it goes to */
	note(survey, KANNEL_OK, "", "%s: sendsms is %s",
	     where(survey, smsbox, "sendsms-port"), survey->out->sendsms_url);
	if (is_open)
		note(survey, KANNEL_WARN,
		     "add sendsms-interface = 127.0.0.1 to the smsbox group",
		     "%s: sendsms listens on every interface, and its passwords go in "
		     "clear",
		     where(survey, smsbox, "sendsms-interface"));
}

static const char *list_users(struct survey *survey)
{
	const char *list = "";
	const struct conf_group *user = NULL;
	while ((user = kannel_conf_next(survey->conf, "sendsms-user", user))) {
		const char *name = conf_get(user, "username");
		list = arena_printf(survey->arena, "%s%s%s", list, *list ? ", " : "",
				    name ? name : "(no username)");
	}
	return list;
}

/* Ref: gw/urltrans.c:urltrans_find_username: by username; of two the later one counts. */
static const struct conf_group *choose_user(struct survey *survey)
{
	const struct conf_group *user = NULL, *found = NULL;
	const char *wanted = survey->wishes->sendsms_user;
	unsigned count = 0;
	while ((user = kannel_conf_next(survey->conf, "sendsms-user", user))) {
		const char *name = conf_get(user, "username");
		count++;
		if (!wanted || (name && strcmp(name, wanted) == 0))
			found = user;
	}
	if (count == 0)
		note(survey, KANNEL_FAIL, "add one: `handbox kannel-snippet` prints it",
		     "%s has no sendsms-user group", survey->conf->path);
	else if (!wanted && count > 1)
		note(survey, KANNEL_FAIL, "name one of them as sendsms-user",
		     "%s has %u sendsms users: %s", survey->conf->path, count,
		     list_users(survey));
	else if (!found)
		note(survey, KANNEL_FAIL,
		     "correct sendsms-user, or add the user: `handbox kannel-snippet` "
		     "prints it",
		     "%s has no sendsms user \"%s\"; it has %s", survey->conf->path,
		     wanted, list_users(survey));
	return !wanted && count > 1 ? NULL : found;
}

static void check_user(struct survey *survey)
{
	const struct conf_group *user = survey->user = choose_user(survey);
	struct kannel_setup *out = survey->out;
	if (!user)
		return;
	const char *username = conf_get(user, "username"),
		   *password = conf_get(user, "password");
	if (!username || !password) {
		note(survey, KANNEL_FAIL, "give it both",
		     "%s: the sendsms user has no %s", where(survey, user, "username"),
		     username ? "password" : "username");
		survey->user = NULL;
		return;
	}
	out->username = username;
	out->password = password;
	out->forced_smsc = conf_get(user, "forced-smsc");
	out->default_smsc = conf_get(user, "default-smsc");
	out->replaced_sender = conf_get(user, "faked-sender");
	out->own_sender = conf_get(user, "default-sender");
	if (!out->own_sender)
		out->own_sender = conf_get(survey->smsbox, "global-sender");
	out->concatenates = is_true(user, "concatenation");
	long most = int_or(user, "max-messages", 1);
	out->max_messages = most > 0 ? (unsigned)most : 0;
	note(survey, KANNEL_OK, "", "%s: texts go in as sendsms user \"%s\"",
	     where(survey, user, "username"), username);
}

static void check_user_ip(struct survey *survey)
{
	const struct conf_group *user = survey->user;
	const char *deny = conf_get(user, "user-deny-ip"),
		   *allow = conf_get(user, "user-allow-ip");
	if (!user || !survey->source_ip || !deny || !*deny)
		return;
	if (any_part(allow, matches_ip, survey->source_ip) ||
	    !any_part(deny, matches_ip, survey->source_ip))
		return;
	note(survey, KANNEL_FAIL, "add the address to user-allow-ip",
	     "%s: the sendsms user may not come from %s",
	     where(survey, user, "user-deny-ip"), survey->source_ip);
}

/* A text may not have more parts than the user's, and must stay the text that was approved. */
static void check_parts(struct survey *survey)
{
	static const char *const changing[] = {"header", "footer", "split-suffix"};
	const struct conf_group *user = survey->user;
	unsigned wanted = survey->wishes->max_segments,
		 most = survey->out->max_messages;
	if (!user)
		return;
	if (most == 0)
		note(survey, KANNEL_FAIL,
		     "set max-messages to what max-segments is in handbox.conf",
		     "%s: max-messages = 0: smsbox sends nothing and never answers",
		     where(survey, user, "max-messages"));
	else if (most < wanted)
		note(survey, KANNEL_WARN,
		     "raise max-messages, and set concatenation = true",
		     "%s: the user's texts have at most %u part%s (max-segments is "
		     "%u): longer ones are not let through here, "
		     "since Kannel would cut them silently",
		     where(survey, user, "max-messages"), most, most == 1 ? "" : "s",
		     wanted);
	if (most > 1 && !survey->out->concatenates)
		note(survey, KANNEL_WARN, "set concatenation = true",
		     "%s: concatenation is off: a long text arrives as separate texts",
		     where(survey, user, "concatenation"));
	for (unsigned i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
		if (conf_get(user, changing[i]) && *conf_get(user, changing[i]))
			note(survey, KANNEL_FAIL,
			     "remove it, or give handbox a sendsms user of its own",
			     "%s: %s adds words that no person approved",
			     where(survey, user, changing[i]), changing[i]);
	if (conf_get(user, "split-chars"))
		note(survey, KANNEL_WARN, "remove split-chars",
		     "%s: split-chars can make more parts than are counted here",
		     where(survey, user, "split-chars"));
	if (int_or(survey->smsbox, "sms-length", SMS_LENGTH_DEFAULT) !=
	    SMS_LENGTH_DEFAULT)
		note(survey, KANNEL_WARN, "remove sms-length",
		     "%s: with another sms-length parts are counted wrong here",
		     where(survey, survey->smsbox, "sms-length"));
}

static void check_sender(struct survey *survey)
{
	const struct kannel_setup *out = survey->out;
	const char *sender = survey->wishes->sender;
	if (!survey->user)
		return;
	if (out->replaced_sender && (!sender || strcmp(sender, out->replaced_sender)))
		note(survey, KANNEL_WARN, "remove faked-sender, or set sender to it",
		     "%s: faked-sender = %s goes out whatever sender handbox gives",
		     where(survey, survey->user, "faked-sender"), out->replaced_sender);
	else if (!sender && !out->replaced_sender && !out->own_sender)
		note(survey, KANNEL_FAIL,
		     "set sender in handbox.conf, or default-sender in the "
		     "sendsms-user group",
		     "%s: neither handbox nor Kannel has a sender: sendsms refuses "
		     "every text",
		     where(survey, survey->user, "default-sender"));
	if (out->forced_smsc && survey->wishes->smsc &&
	    strcmp(out->forced_smsc, survey->wishes->smsc))
		note(survey, KANNEL_WARN, "remove one of the two",
		     "%s: forced-smsc = %s overrules smsc = %s of handbox.conf",
		     where(survey, survey->user, "forced-smsc"), out->forced_smsc,
		     survey->wishes->smsc);
	if (conf_get(survey->smsbox, "global-sender"))
		note(survey, KANNEL_WARN,
		     "use default-sender in the sendsms-user groups instead",
		     "%s: global-sender stands in the place of the dialled number in "
		     "every inbound text",
		     where(survey, survey->smsbox, "global-sender"));
}

static void check_chars(struct survey *survey)
{
	const char *chars = conf_get(survey->smsbox, "sendsms-chars");
	if (chars && !strchr(chars, '+'))
		note(survey, KANNEL_FAIL, "put + into sendsms-chars",
		     "%s: sendsms-chars lacks the +, so every number of ours is "
		     "refused",
		     where(survey, survey->smsbox, "sendsms-chars"));
	if (is_true(survey->smsbox, "immediate-sendsms-reply"))
		note(survey, KANNEL_WARN, "remove immediate-sendsms-reply",
		     "%s: smsbox answers before bearerbox has the text: \"accepted\" "
		     "promises nothing",
		     where(survey, survey->smsbox, "immediate-sendsms-reply"));
}

/* --- checks: what comes back ---------------------------------------------- */

static void check_retries(struct survey *survey)
{
	if (!survey->smsbox)
		return;
	long retries = int_or(survey->smsbox, "http-request-retry", 0);
	if (retries > 0)
		note(survey, KANNEL_OK, "",
		     "%s: smsbox calls again %ld times, %ld s apart, when handbox does "
		     "not answer",
		     where(survey, survey->smsbox, "http-request-retry"), retries,
		     int_or(survey->smsbox, "http-queue-delay", 10));
	else
		note(survey, KANNEL_FAIL,
		     "add http-request-retry = 1000 and http-queue-delay = 10 to the "
		     "smsbox group",
		     "%s: smsbox does not call again: a report or inbound text that "
		     "comes while handbox restarts is lost",
		     where(survey, survey->smsbox, "http-request-retry"));
}

static bool takes_our_path(const struct conf_group *service)
{
	static const char *const urls[] = {"get-url", "url", "post-url"};
	for (unsigned i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		const char *url = conf_get(service, urls[i]);
		if (url)
			return strstr(url, "/kannel/inbound/") != NULL;
	}
	return false;
}

/* Whether the service lets a text to this number in, from any telephone. Regular expressions and lists of
 * telephones narrow it in ways that cannot be told beforehand: such a service may. Ref:
 * gw/urltrans.c:check_allowed_translation */
static bool lets_in(const struct conf_group *service, const char *number)
{
	const char *allowed = conf_get(service, "allowed-receiver-prefix");
	const char *denied = conf_get(service, "denied-receiver-prefix");
	if (!number)
		return !allowed;
	/* it is dialled with + or without, as the SMSC likes */
	if (allowed && !denied)
		return any_part(allowed, is_prefix, number) ||
		       (number[0] == '+' && any_part(allowed, is_prefix, number + 1));
	return !denied || allowed || !any_part(denied, is_prefix, number);
}

static bool is_default(const struct conf_group *service)
{
	const char *keyword = conf_get(service, "keyword");
	return keyword && strcmp(keyword, "default") == 0;
}

/* The default service that takes an ordinary text to number. */
static const struct conf_group *find_default(const struct kannel_conf *conf,
					     const char *number)
{
	const struct conf_group *service = NULL;
	while ((service = kannel_conf_next(conf, "sms-service", service)))
		if (is_default(service) && lets_in(service, number))
			return service;
	return NULL;
}

const struct conf_group *kannel_clashing_service(const struct kannel_conf *conf,
						 const char *sender)
{
	const struct conf_group *service = find_default(conf, sender);
	return service && !takes_our_path(service) ? service : NULL;
}

static void check_keywords(struct survey *survey, const char *number)
{
	const struct conf_group *service = NULL;
	while ((service = kannel_conf_next(survey->conf, "sms-service", service))) {
		const char *keyword = conf_get(service, "keyword");
		if (!keyword)
			keyword = conf_get(service, "keyword-regex");
		if (!keyword || is_default(service) || !lets_in(service, number) ||
		    takes_our_path(service))
			continue;
		note(survey, KANNEL_WARN,
		     "narrow it by allowed-receiver-prefix if replies to our sender "
		     "must not go there",
		     "%s: the sms-service of \"%s\" takes texts that begin so, before "
		     "handbox sees them",
		     where(survey, service, "keyword"), keyword);
	}
}

static void check_own_service(struct survey *survey, const struct conf_group *service)
{
	const char *url = survey->out->reply_service_url,
		   *ours = survey->wishes->callback_url;
	if (ours && strncmp(url, ours, strlen(ours)) != 0)
		note(survey, KANNEL_FAIL,
		     "paste the sms-service group of `handbox kannel-snippet` again",
		     "%s: replies go to %s, and callback-url is %s",
		     where(survey, service, "get-url"), url, ours);
	else
		note(survey, KANNEL_OK, "", "%s: a reply comes to handbox",
		     where(survey, service, "get-url"));
	if (int_or(service, "max-messages", 1) != 0)
		note(survey, KANNEL_FAIL, "set max-messages = 0 there",
		     "%s: without max-messages = 0 smsbox answers telephones by itself",
		     where(survey, service, "max-messages"));
}

static const char *service_url(const struct conf_group *service)
{
	static const char *const keys[] = {"get-url", "url",  "post-url", "post-xml",
					   "file",    "text", "exec"};
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (conf_get(service, keys[i]))
			return conf_get(service, keys[i]);
	return "";
}

/* A reply to another number of ours, a stop word perhaps. */
static void check_more_replies(struct survey *survey)
{
	const char *const *more = survey->wishes->more_senders;
	for (; survey->smsbox && more && *more; more++) {
		const struct conf_group *service = find_default(survey->conf, *more);
		bool is_name = strspn(*more, "+0123456789") != strlen(*more);
		if (is_name || (service && takes_our_path(service)))
			continue;
		note(survey, KANNEL_WARN,
		     "paste the sms-service group of `handbox kannel-snippet` again, "
		     "before any other with keyword = default",
		     "%s: a reply to %s does not come to handbox",
		     where(survey, service ? service : survey->smsbox, "keyword"),
		     *more);
	}
}

static void check_replies(struct survey *survey)
{
	const char *sender = survey->wishes->sender ? survey->wishes->sender
						    : survey->out->own_sender;
	const struct conf_group *service = find_default(survey->conf, sender);
	if (!survey->smsbox)
		return;
	if (!service) {
		note(survey, KANNEL_WARN,
		     "paste the sms-service group that `handbox kannel-snippet` prints",
		     "no sms-service takes a reply to %s: people's answers, stop words "
		     "too, would not arrive",
		     sender ? sender : "our sender");
		return;
	}
	survey->out->reply_service_url = service_url(service);
	check_keywords(survey, sender);
	if (takes_our_path(service))
		check_own_service(survey, service);
	else
		note(survey, KANNEL_WARN,
		     "put the sms-service group of `handbox kannel-snippet` before it",
		     "%s: this sms-service takes a reply to %s, not handbox",
		     where(survey, service, "keyword"), sender ? sender : "our sender");
}

/* bearerbox gives a text to a box with a name only when a route says so. */
static void check_route(struct survey *survey)
{
	const struct conf_group *route = NULL;
	const char *id = survey->out->smsbox_id = conf_get(survey->smsbox, "smsbox-id");
	const char *sender = survey->wishes->sender;
	bool has_smscs = kannel_conf_find(survey->conf, "smsc") != NULL;
	if (!id)
		return;
	while ((route = kannel_conf_next(survey->conf, "smsbox-route", route))) {
		const char *to = conf_get(route, "smsbox-id"),
			   *codes = conf_get(route, "shortcode");
		if (!to || (codes && sender && !any_part(codes, is_equal, sender)))
			continue;
		if (strcmp(to, id) == 0)
			return;
	}
	note(survey, has_smscs ? KANNEL_FAIL : KANNEL_WARN,
	     "add the smsbox-route group that `handbox kannel-snippet` prints",
	     "%s: smsbox has the name \"%s\" and no smsbox-route %s: inbound texts "
	     "wait in bearerbox",
	     where(survey, survey->smsbox, "smsbox-id"), id,
	     has_smscs ? "leads to it"
		       : "in this file leads to it; if bearerbox has another file, "
			 "look there");
}

/* --- checks: bearerbox ------------------------------------------------------ */

static void check_bearerbox(struct survey *survey)
{
	const struct conf_group *smsc = kannel_conf_find(survey->conf, "smsc");
	if (!smsc || !survey->core)
		return; /* smsbox has a file of its own */
	const char *storage = conf_get(survey->core, "dlr-storage");
	if (!storage || strcmp(storage, "internal") == 0)
		note(survey, KANNEL_WARN,
		     "set dlr-storage to sqlite3, redis, mysql, pgsql or spool",
		     "%s: delivery reports of texts under way are lost when bearerbox "
		     "restarts",
		     where(survey, survey->core, "dlr-storage"));
	if (!conf_get(survey->core, "store-location") &&
	    !conf_get(survey->core, "store-file"))
		note(survey, KANNEL_WARN,
		     "add store-type = spool and store-location = /var/spool/kannel",
		     "%s: bearerbox keeps accepted texts in memory only",
		     where(survey, survey->core, "store-location"));
	smsc = NULL;
	while ((smsc = kannel_conf_next(survey->conf, "smsc", smsc))) {
		const char *kind = conf_get(smsc, "smsc");
		if (kind && strcmp(kind, "smpp") == 0 &&
		    !conf_get(smsc, "wait-ack-expire"))
			note(survey, KANNEL_WARN, "set wait-ack-expire = 0x02",
			     "%s: without wait-ack-expire a text whose SMSC is slow to "
			     "acknowledge is sent twice",
			     where(survey, smsc, "wait-ack-expire"));
	}
}

/* --- all of them ------------------------------------------------------------ */

static void (*const checks[])(struct survey *survey) = {
	check_url,          check_user,  check_user_ip,   check_parts,
	check_sender,       check_chars, check_retries,   check_replies,
	check_more_replies, check_route, check_bearerbox,
};

void kannel_setup_derive(struct arena *arena, const struct kannel_conf *conf,
			 const struct kannel_wishes *wishes,
			 struct kannel_setup *setup_out)
{
	struct survey survey = {
		.arena = arena,
		.conf = conf,
		.wishes = wishes,
		.out = setup_out,
		.core = kannel_conf_find(conf, "core"),
		.smsbox = kannel_conf_find(conf, "smsbox"),
	};
	*setup_out = (struct kannel_setup){.max_messages = 1};
	for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&survey);
}
