/* settings.c - see settings.h */
#include "settings.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/http.h"
#include "api/kannel_api.h"
#include "base/mem.h"
#include "link/hook_guard.h"
#include "model/duration.h"
#include "plugin/phone.h"
#include "settings_consent.h"
#include "settings_instance.h"
#include "settings_limits.h"
#include "settings_sender.h"

enum kind {
	KIND_TEXT,     /* const char *, NULL when not given */
	KIND_ADDRESS,  /* const char *: where to listen */
	KIND_PEER,     /* const char *: one IP address */
	KIND_PEERS,    /* a list of IP addresses and networks */
	KIND_HOSTS,    /* a list of hosts that hooks may call */
	KIND_INT,      /* int64_t */
	KIND_RATE,     /* int64_t, "none" is 0 */
	KIND_DURATION, /* int64_t ms */
	KIND_LIST, /* NULL-terminated strings, separated by blanks, commas or semicolons */
	KIND_WORD, /* int: index into words */
	KIND_HOURS,     /* const struct hours * (settings_limits.h, with the next two) */
	KIND_CAP,       /* struct frequency_cap */
	KIND_FORBIDDEN, /* const struct forbidden *: the path of a file */
};

struct key {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *otherwise; /* stands for a key that is not given; NULL: none */
	int64_t least, most;
	const char *const *words;
	bool is_reloaded;
};

static const char *const phone_words[] = {"possible", "valid", NULL};
static const char *const no_yes_words[] = {"no", "yes", NULL};
static const char *const see_words[] = {"own", "team", "all", NULL};
static const char *const tls_words[] = {"auto", "required", "off", NULL};
static const char *const level_words[] = {"debug", "info", "warn", "error", NULL};

#define AT(member)       offsetof(struct settings, member)
#define DATABASE_DEFAULT LOCALSTATEDIR "/lib/handbox/handbox.db"

/* clang-format off */
static const struct key keys[] = {
	{"listen", KIND_ADDRESS, AT(listen), "127.0.0.1:13080", 0, 0, NULL, false},
	{"kannel-listen", KIND_ADDRESS, AT(kannel_listen), "127.0.0.1:13081", 0, 0, NULL, false},
	{"tls-cert", KIND_TEXT, AT(tls_cert), NULL, 0, 0, NULL, false},
	{"tls-key", KIND_TEXT, AT(tls_key), NULL, 0, 0, NULL, false},
	{"public-url", KIND_TEXT, AT(public_url), NULL, 0, 0, NULL, false},
	{"trusted-proxy", KIND_PEER, AT(trusted_proxy), NULL, 0, 0, NULL, true},
	{"database", KIND_TEXT, AT(database), DATABASE_DEFAULT, 0, 0, NULL, false},
	{"node", KIND_INT, AT(node), "0", 0, 255, NULL, false},
	{"workflows", KIND_TEXT, AT(workflows), NULL, 0, 0, NULL, true},
	{"kannel-conf", KIND_TEXT, AT(kannel_conf), NULL, 0, 0, NULL, true},
	{"sendsms-user", KIND_TEXT, AT(sendsms_user), NULL, 0, 0, NULL, true},
	{"sendsms-url", KIND_TEXT, AT(sendsms_url), NULL, 0, 0, NULL, true},
	{"sendsms-username", KIND_TEXT, AT(sendsms_username), NULL, 0, 0, NULL, true},
	{"sendsms-password", KIND_TEXT, AT(sendsms_password), NULL, 0, 0, NULL, true},
	{"callback-url", KIND_TEXT, AT(callback_url), NULL, 0, 0, NULL, true},
	{"kannel-allow-ip", KIND_PEERS, AT(kannel_allow_ip), "127.0.0.1", 0, 0, NULL, true},
	{"kannel-secret", KIND_TEXT, AT(kannel_secret), NULL, 0, 0, NULL, false},
	{"sendsms-connections", KIND_INT, AT(sendsms_connections), "12", 1, 64, NULL, true},
	{"sendsms-rate", KIND_RATE, AT(sendsms_rate), "20", 1, 100000, NULL, true},
	{"sender", KIND_TEXT, AT(sender), NULL, 0, 0, NULL, true},
	{"smsc", KIND_TEXT, AT(smsc), NULL, 0, 0, NULL, true},
	{"sticky-sender", KIND_WORD, AT(sticky_sender), "yes", 0, 0, no_yes_words, true},
	{"default-region", KIND_TEXT, AT(default_region), NULL, 0, 0, NULL, true},
	{"sms-validity", KIND_DURATION, AT(sms_validity_ms), "24h", 60 * 1000, 0, NULL, true},
	{"approval-validity", KIND_DURATION, AT(approval_validity_ms), "2h", 1000, 0, NULL, true},
	{"max-segments", KIND_INT, AT(max_segments), "3", 1, 255, NULL, true},
	{"phone-check", KIND_WORD, AT(phone_check), "possible", 0, 0, phone_words, true},
	{"forbidden-words", KIND_FORBIDDEN, AT(forbidden), NULL, 0, 0, NULL, true},
	{"smtp-url", KIND_TEXT, AT(smtp_url), NULL, 0, 0, NULL, true},
	{"mail-from", KIND_TEXT, AT(mail_from), NULL, 0, 0, NULL, true},
	{"smtp-user", KIND_TEXT, AT(smtp_user), NULL, 0, 0, NULL, true},
	{"smtp-password", KIND_TEXT, AT(smtp_password), NULL, 0, 0, NULL, true},
	{"smtp-tls", KIND_WORD, AT(smtp_tls), "auto", 0, 0, tls_words, true},
	{"smtp-ca-file", KIND_TEXT, AT(smtp_ca_file), NULL, 0, 0, NULL, true},
	{"mail-validity", KIND_DURATION, AT(mail_validity_ms), "3d", 1000, 0, NULL, true},
	{"hours", KIND_HOURS, AT(hours), NULL, 0, 0, NULL, true},
	{"frequency-cap", KIND_CAP, AT(cap), NULL, 0, 0, NULL, true},
	{"reply-grace", KIND_DURATION, AT(reply_grace_ms), "2h", 1000, 0, NULL, true},
	{"enrollments-per-hour", KIND_INT, AT(enrollments_per_hour), "100", 1, 100000, NULL, true},
	{"lease", KIND_DURATION, AT(lease_ms), "3m", 1000, 0, NULL, true},
	{"consent-words", KIND_TEXT, AT(consent_words), NULL, 0, 0, NULL, true},
	{"consent-languages", KIND_LIST, AT(consent_languages), NULL, 0, 0, NULL, true},
	{"help-task", KIND_WORD, AT(help_task), "yes", 0, 0, no_yes_words, true},
	{"test-numbers", KIND_LIST, AT(test_numbers), NULL, 0, 0, NULL, true},
	{"agents-see", KIND_WORD, AT(agents_see), "team", 0, 0, see_words, true},
	{"account-name", KIND_TEXT, AT(account_name), "handbox", 0, 0, NULL, true},
	{"hook-allow", KIND_HOSTS, AT(hook_allow), NULL, 0, 0, NULL, true},
	{"retention-journal", KIND_DURATION, AT(retention_journal_ms), "400d", 1000, 0, NULL, true},
	{"retention-events", KIND_DURATION, AT(retention_events_ms), "7d", 1000, 0, NULL, true},
	{"retention-deliveries", KIND_DURATION, AT(retention_deliveries_ms), "30d", 1000, 0, NULL, true},
	{"log-level", KIND_WORD, AT(log_level), "info", 0, 0, level_words, true},
	{"log-file", KIND_TEXT, AT(log_file), NULL, 0, 0, NULL, false},
};
/* clang-format on */
enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

bool settings_key_at(unsigned index, struct settings_key *key_out)
{
	if (index >= KEY_COUNT)
		return false;
	*key_out = (struct settings_key){keys[index].name, keys[index].otherwise,
					 keys[index].is_reloaded};
	return true;
}

/* --- complaints ---------------------------------------------------------------------------------------------------------- */

struct reader {
	struct settings *settings;
	struct buf why;
};

static void complain(struct reader *reader, const struct conf_place *place,
		     const char *fmt, ...) PRINTF_LIKE(3, 4);

static void complain(struct reader *reader, const struct conf_place *place,
		     const char *fmt, ...)
{
	va_list args;
	if (reader->why.len)
		buf_add_char(&reader->why, '\n');
	if (place)
		buf_printf(&reader->why, "%s:%u: ", place->file, place->line);
	else
		buf_printf(&reader->why, "%s: ", reader->settings->path);
	va_start(args, fmt);
	buf_vprintf(&reader->why, fmt, args);
	va_end(args);
}

/* --- values: each reads text into the struct; false: complained --------------------------------------------------------- */

static bool read_int(struct reader *reader, const struct key *key, const char *text,
		     const struct conf_place *place)
{
	char *end;
	long long value = strtoll(text, &end, 10);
	if (*end || end == text || value < key->least || value > key->most) {
		complain(reader, place,
			 "%s = %s: a whole number from %lld to %lld is wanted.",
			 key->name, text, (long long)key->least, (long long)key->most);
		return false;
	}
	*(int64_t *)((char *)reader->settings + key->offset) = value;
	return true;
}

static void read_rate(struct reader *reader, const struct key *key, const char *text,
		      const struct conf_place *place)
{
	if (strcmp(text, "none") == 0)
		*(int64_t *)((char *)reader->settings + key->offset) = 0;
	else
		(void)read_int(reader, key, text, place);
}

static void read_duration(struct reader *reader, const struct key *key,
			  const char *text, const struct conf_place *place)
{
	int64_t ms;
	bool is_working;
	if (duration_parse(text, &ms, &is_working) != ERR_OK || is_working ||
	    ms < key->least)
		complain(reader, place,
			 "%s = %s: a duration like 90s, 15m, 4h, 2d is wanted%s.",
			 key->name, text, key->least > 1000 ? ", at least 60s" : "");
	else
		*(int64_t *)((char *)reader->settings + key->offset) = ms;
}

static void read_list(struct reader *reader, const struct key *key, const char *text)
{
	static const char between[] = " \t,;";
	struct arena *arena = reader->settings->arena;
	const char **items = ARENA_ARRAY(arena, const char *, strlen(text) / 2 + 2);
	size_t count = 0;
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		size_t len = strcspn(text, between);
		items[count++] = arena_strndup(arena, text, len);
		text += len;
	}
	*(const char *const **)((char *)reader->settings + key->offset) = items;
}

static void check_each(struct reader *reader, const struct key *key,
		       const struct conf_place *place, bool (*is_valid)(const char *),
		       const char *wanted)
{
	const char *const *items =
		*(const char *const **)((char *)reader->settings + key->offset);
	for (; *items; items++)
		if (!is_valid(*items))
			complain(reader, place, "%s: %s is none of %s.", key->name,
				 *items, wanted);
}

static void read_text(struct reader *reader, const struct key *key, const char *text,
		      const struct conf_place *place)
{
	if (!*text)
		complain(reader, place,
			 "%s is empty; leave the line out, or give it a value.",
			 key->name);
	else if (key->kind == KIND_ADDRESS && !http_address_is_valid(text))
		complain(reader, place,
			 "%s = %s: 127.0.0.1:13080, [::1]:13080 or /a/socket is wanted.",
			 key->name, text);
	else if (key->kind == KIND_PEER &&
		 (strchr(text, '/') || !kannel_rule_is_valid(text)))
		complain(reader, place,
			 "%s = %s: one address like 192.0.2.1 is wanted.", key->name,
			 text);
	else
		*(const char **)((char *)reader->settings + key->offset) =
			arena_strdup(reader->settings->arena, text);
}

static void read_word(struct reader *reader, const struct key *key, const char *text,
		      const struct conf_place *place)
{
	struct buf known = BUF_EMPTY;
	for (int i = 0; key->words[i]; i++) {
		if (strcmp(key->words[i], text) == 0) {
			*(int *)((char *)reader->settings + key->offset) = i;
			buf_fini(&known);
			return;
		}
		buf_printf(&known, "%s%s", i ? ", " : "", key->words[i]);
	}
	complain(reader, place, "%s = %s: one of %s is wanted.", key->name, text,
		 buf_str(&known));
	buf_fini(&known);
}

static void read_limit(struct reader *reader, const struct key *key, const char *text,
		       const struct conf_place *place)
{
	struct arena *arena = reader->settings->arena;
	void *at = (char *)reader->settings + key->offset;
	const char *why = key->kind == KIND_HOURS ? settings_hours(arena, text, at)
			  : key->kind == KIND_CAP ? settings_cap(arena, text, at)
						  : settings_forbidden(arena, text, at);
	if (why)
		complain(reader, place, "%s = %s: %s.", key->name, text, why);
}

static void read_value(struct reader *reader, const struct key *key, const char *text,
		       const struct conf_place *place)
{
	switch (key->kind) {
	case KIND_TEXT:
	case KIND_ADDRESS:
	case KIND_PEER:
		read_text(reader, key, text, place);
		break;
	case KIND_INT:
		(void)read_int(reader, key, text, place);
		break;
	case KIND_RATE:
		read_rate(reader, key, text, place);
		break;
	case KIND_DURATION:
		read_duration(reader, key, text, place);
		break;
	case KIND_LIST:
		read_list(reader, key, text);
		break;
	case KIND_PEERS:
		read_list(reader, key, text);
		check_each(reader, key, place, kannel_rule_is_valid,
			   "192.0.2.1, 192.0.2.0/24, 2001:db8::/32");
		break;
	case KIND_HOSTS:
		read_list(reader, key, text);
		check_each(reader, key, place, hook_allow_is_valid,
			   "crm.local, crm.local:8080, 192.0.2.1, [2001:db8::1]:8080");
		break;
	case KIND_WORD:
		read_word(reader, key, text, place);
		break;
	case KIND_HOURS:
	case KIND_CAP:
	case KIND_FORBIDDEN:
		read_limit(reader, key, text, place);
		break;
	}
}

/* --- groups and keys ------------------------------------------------------------------------------------------------------ */

static const struct key *find_key(const char *name)
{
	for (unsigned i = 0; i < KEY_COUNT; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* The key that was probably meant: the longest common beginning. */
static const char *nearest_key(const char *name)
{
	const char *best = keys[0].name;
	size_t most = 0;
	for (unsigned i = 0; i < KEY_COUNT; i++) {
		size_t same = 0;
		while (name[same] && name[same] == keys[i].name[same])
			same++;
		if (same > most) {
			most = same;
			best = keys[i].name;
		}
	}
	return most >= 3 ? best : NULL;
}

static void read_group(struct reader *reader, const struct conf_group *group)
{
	for (unsigned i = 0; i < KEY_COUNT; i++)
		if (keys[i].otherwise)
			read_value(reader, &keys[i], keys[i].otherwise, NULL);
	settings_instance_defaults(reader->settings);
	for (const struct conf_key *given = group ? group->keys : NULL; given;
	     given = given->next) {
		const struct key *key = find_key(given->name);
		const char *near = nearest_key(given->name);
		if (key)
			read_value(reader, key, given->value, &given->place);
		else
			complain(reader, &given->place, "there is no key %s%s%s%s.",
				 given->name, near ? "; did you mean " : "",
				 near ? near : "", near ? "?" : "");
	}
}

static void check_groups(struct reader *reader, const struct kannel_conf *file)
{
	const struct conf_group *first = NULL;
	for (const struct conf_group *group = file->groups; group;
	     group = group->next) {
		if (strcmp(group->name, "number-plan") == 0 ||
		    strcmp(group->name, "number-zone") == 0 ||
		    strcmp(group->name, "sender") == 0)
			continue;
		if (strcmp(group->name, "handbox") != 0)
			complain(reader, &group->place,
				 "there is no group %s here; handbox, number-plan, "
				 "number-zone, sender are known. Kannel's own groups "
				 "stay in its own file (kannel-conf).",
				 group->name);
		else if (first)
			complain(reader, &group->place,
				 "a second group = handbox; the first is in line %u.",
				 first->place.line);
		else
			first = group;
	}
	if (!first)
		complain(reader, NULL, "there is no group = handbox in it.");
	read_group(reader, first);
}

/* --- what follows from several keys --------------------------------------------------------------------------------------- */

static const struct conf_place *place_of(const struct settings *settings,
					 const char *name)
{
	const struct conf_key *key =
		conf_find(kannel_conf_find(settings->file, "handbox"), name);
	return key ? &key->place : NULL;
}

static bool is_wildcard(const char *address)
{
	return strncmp(address, "0.0.0.0:", 8) == 0 ||
	       strncmp(address, "[::]:", 5) == 0 || address[0] == ':' ||
	       strncmp(address, "*:", 2) == 0;
}

static void derive_urls(struct reader *reader)
{
	struct settings *s = reader->settings;
	if (!s->public_url)
		s->public_url = arena_printf(s->arena, "%s://%s",
					     s->tls_cert ? "https" : "http", s->listen);
	if (!s->callback_url && is_wildcard(s->kannel_listen))
		complain(reader, place_of(s, "kannel-listen"),
			 "kannel-listen is a wildcard: say with callback-url how "
			 "smsbox reaches it, like http://192.0.2.1:13081.");
	else if (!s->callback_url)
		s->callback_url = arena_printf(s->arena, "http://%s", s->kannel_listen);
	if (!!s->tls_cert != !!s->tls_key)
		complain(reader, place_of(s, s->tls_cert ? "tls-cert" : "tls-key"),
			 "tls-cert and tls-key come together.");
	if (strncmp(s->database, "postgresql://", 13) == 0 ||
	    strncmp(s->database, "postgres://", 11) == 0)
		complain(reader, place_of(s, "database"),
			 "PostgreSQL is not built yet; give the path of a file.");
}

static void derive_policy(struct reader *reader)
{
	struct settings *s = reader->settings;
	struct phone_rules *rules = NULL;
	char *why = NULL;
	if (phone_rules_from_conf(s->file, &rules, &why) != ERR_OK) {
		if (reader->why.len)
			buf_add_char(&reader->why, '\n');
		buf_add_str(&reader->why, why);
		mem_free(why);
		why = NULL;
	}
	const struct conf_place *place = NULL;
	const char *fault = settings_zones(s->arena, s->file, &s->number_zones, &place);
	if (fault)
		complain(reader, place, "group number-zone: %s.", fault);
	if (s->default_region && !phone_region_is_known(s->default_region))
		complain(reader, place_of(s, "default-region"),
			 "default-region = %s: two capital letters are wanted, like PT.",
			 s->default_region);
	s->policy = (struct policy){
		.account_name = s->account_name,
		.sender = s->sender,
		.smsc = s->smsc,
		.is_sender_sticky = s->sticky_sender == 1,
		.default_region = s->default_region,
		.sms_validity_ms = s->sms_validity_ms,
		.approval_validity_ms = s->approval_validity_ms,
		.lease_ms = s->lease_ms,
		.hours = s->hours,
		.cap = s->cap,
		.reply_grace_ms = s->reply_grace_ms,
		.forbidden = s->forbidden,
		.number_zones = s->number_zones,
		.mail_from = s->smtp_url ? s->mail_from : NULL,
		.mail_validity_ms = s->mail_validity_ms,
		.max_segments = (unsigned)s->max_segments,
		.needs_valid_phone = s->phone_check == 1,
		.makes_help_tasks = s->help_task == 1,
		.agents_see = (enum agents_see)s->agents_see,
		.enrollments_per_hour = s->enrollments_per_hour,
		.deliveries_kept_ms = s->retention_deliveries_ms,
		.journal_kept_ms = s->retention_journal_ms,
		.test_numbers = s->test_numbers,
		.phone_rules = rules,
	};
	place = senders_of_conf(s->file, s->arena, &s->policy, &why);
	if (place)
		complain(reader, place, "%s", why);
	mem_free(why);
}

static void derive_consent(struct reader *reader)
{
	struct settings *s = reader->settings;
	struct consent_words *words = NULL;
	struct buf why = BUF_EMPTY;
	if (settings_consent_read(s->consent_words, s->consent_languages, &words,
				  &why) != ERR_OK)
		complain(reader,
			 place_of(s, s->consent_words ? "consent-words"
						      : "consent-languages"),
			 "%s", buf_str(&why));
	s->policy.consent_words = words;
	buf_fini(&why);
}

static void derive_mail(struct reader *reader)
{
	struct settings *s = reader->settings;
	s->mail = (struct mail_config){.url = s->smtp_url,
				       .user = s->smtp_user,
				       .password = s->smtp_password,
				       .ca_file = s->smtp_ca_file,
				       .from = s->mail_from,
				       .tls = (enum mail_tls)s->smtp_tls};
	const char *fault = mail_config_fault(s->arena, &s->mail);
	if (fault)
		complain(reader, place_of(s, s->smtp_url ? "smtp-url" : "mail-from"),
			 "%s", fault);
}

static void derive_kannel(struct reader *reader)
{
	struct settings *s = reader->settings;
	char *why = NULL;
	const struct kannel_wishes wishes = {.sendsms_user = s->sendsms_user,
					     .sender = s->sender,
					     .more_senders = s->policy.sender_numbers,
					     .smsc = s->smsc,
					     .callback_url = s->callback_url,
					     .max_segments = (unsigned)s->max_segments};
	s->has_kannel = s->kannel_conf || s->sendsms_url;
	if (s->kannel_conf) {
		if (kannel_conf_read(s->kannel_conf, &s->kannel_file, &why) != ERR_OK) {
			complain(reader, place_of(s, "kannel-conf"),
				 "kannel-conf cannot be used: %s", why);
			mem_free(why);
			return;
		}
		kannel_setup_derive(s->arena, s->kannel_file, &wishes, &s->kannel);
		if (s->kannel.username && s->kannel.max_messages &&
		    s->kannel.max_messages < s->policy.max_segments)
			s->policy.max_segments = s->kannel.max_messages;
	}
	s->gateway = (struct gateway_config){
		.url = s->sendsms_url ? s->sendsms_url : s->kannel.sendsms_url,
		.username =
			s->sendsms_username ? s->sendsms_username : s->kannel.username,
		.password =
			s->sendsms_password ? s->sendsms_password : s->kannel.password,
		.callback_url = s->callback_url,
		.connections = (unsigned)s->sendsms_connections,
		.rate_per_s = (unsigned)s->sendsms_rate,
	};
	if (!s->has_kannel)
		return;
	if (!s->gateway.url || !s->gateway.username) {
		const char *detail = "give sendsms-url, sendsms-username and "
				     "sendsms-password, or kannel-conf.";
		for (unsigned i = 0; i < s->kannel.finding_count; i++)
			if (s->kannel.findings[i].level == KANNEL_FAIL) {
				detail = arena_printf(s->arena, "%s; %s",
						      s->kannel.findings[i].sentence,
						      s->kannel.findings[i].fix);
				break;
			}
		complain(reader,
			 place_of(s, s->kannel_conf ? "kannel-conf" : "sendsms-url"),
			 "it is not known how to reach sendsms: %s", detail);
	}
}

/* kannel_why: where the complaints about Kannel's files go; NULL: nowhere. */
static void derive(struct reader *reader, struct buf *kannel_why)
{
	derive_urls(reader);
	derive_policy(reader);
	derive_consent(reader);
	derive_mail(reader);
	struct reader kannel = {.settings = reader->settings, .why = BUF_EMPTY};
	derive_kannel(&kannel);
	if (kannel.why.len && kannel_why)
		buf_printf(kannel_why, "%s%s", kannel_why->len ? "\n" : "",
			   buf_str(&kannel.why));
	buf_fini(&kannel.why);
}

static enum err read_settings(const char *path, bool is_kannel_needed,
			      struct settings **settings_out, char **why_out)
{
	struct arena *arena = arena_new();
	struct settings *settings = ARENA_NEW(arena, struct settings);
	struct reader reader = {.settings = settings, .why = BUF_EMPTY};
	settings->arena = arena;
	settings->path = arena_strdup(arena, path);
	enum err err = kannel_conf_read(path, &settings->file, why_out);
	if (err != ERR_OK) {
		settings_free(&settings);
		return err;
	}
	check_groups(&reader, settings->file);
	if (!reader.why.len)
		derive(&reader, is_kannel_needed ? &reader.why : NULL);
	if (reader.why.len) {
		*why_out = buf_take(&reader.why);
		settings_free(&settings);
		return ERR_INVALID;
	}
	*settings_out = settings;
	return ERR_OK;
}

enum err settings_read(const char *path, struct settings **settings_out, char **why_out)
{
	return read_settings(path, true, settings_out, why_out);
}

enum err settings_read_own(const char *path, struct settings **settings_out,
			   char **why_out)
{
	return read_settings(path, false, settings_out, why_out);
}
