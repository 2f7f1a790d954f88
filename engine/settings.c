/* settings.c - the table of keys, and the reading of the file. See settings.h */
#include "settings_parts.h"

#include <string.h>

#include "base/mem.h"
#include "settings_instance.h"

static const char *const phone_words[] = {"possible", "valid", NULL};
static const char *const no_yes_words[] = {"no", "yes", NULL};
static const char *const stop_words[] = {"everybody", "agents", "nobody", NULL};
static const char *const see_words[] = {"own", "team", "all", NULL};
static const char *const tls_words[] = {"auto", "required", "off", NULL};
static const char *const level_words[] = {"debug", "info", "warn", "error", NULL};

#define AT(member)       offsetof(struct settings, member)
#define DATABASE_DEFAULT LOCALSTATEDIR "/lib/handbox/handbox.db"

/* clang-format off */
static const struct settings_row keys[] = {
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
	{"forbidden-words-stop", KIND_WORD, AT(words_stop), "everybody", 0, 0, stop_words, true},
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
	{"reply-release", KIND_DURATION, AT(reply_release_ms), "30m", 1000, 0, NULL, true},
	{"enrollments-per-hour", KIND_INT, AT(enrollments_per_hour), "100", 1, 100000, NULL, true},
	{"lease", KIND_DURATION, AT(lease_ms), "3m", 1000, 0, NULL, true},
	{"consent-words", KIND_TEXT, AT(consent_words), NULL, 0, 0, NULL, true},
	{"consent-languages", KIND_LIST, AT(consent_languages), NULL, 0, 0, NULL, true},
	{"stop-confirmation", KIND_TEXT, AT(stop_confirmation), NULL, 0, 0, NULL, true},
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

/* --- groups and keys ------------------------------------------------------------------------------------------------------ */

static const struct settings_row *find_key(const char *name)
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

static void read_group(struct settings_reader *reader, const struct conf_group *group)
{
	for (unsigned i = 0; i < KEY_COUNT; i++)
		if (keys[i].otherwise)
			settings_read_value(reader, &keys[i], keys[i].otherwise, NULL);
	settings_instance_defaults(reader->settings);
	for (const struct conf_key *given = group ? group->keys : NULL; given;
	     given = given->next) {
		const struct settings_row *key = find_key(given->name);
		const char *near = nearest_key(given->name);
		if (key)
			settings_read_value(reader, key, given->value, &given->place);
		else
			settings_complain(reader, &given->place,
					  "there is no key %s%s%s%s", given->name,
					  near ? "; did you mean " : "",
					  near ? near : "", near ? "?" : ".");
	}
}

static void check_groups(struct settings_reader *reader, const struct kannel_conf *file)
{
	const struct conf_group *first = NULL;
	for (const struct conf_group *group = file->groups; group;
	     group = group->next) {
		if (strcmp(group->name, "number-plan") == 0 ||
		    strcmp(group->name, "number-zone") == 0 ||
		    strcmp(group->name, "number-hours") == 0 ||
		    strcmp(group->name, "sender") == 0)
			continue;
		if (strcmp(group->name, "handbox") != 0)
			settings_complain(
				reader, &group->place,
				"there is no group %s here; handbox, number-plan, "
				"number-zone, number-hours, sender are known. Kannel's "
				"own groups "
				"stay in its own file (kannel-conf).",
				group->name);
		else if (first)
			settings_complain(
				reader, &group->place,
				"a second group = handbox; the first is in line %u.",
				first->place.line);
		else
			first = group;
	}
	if (!first)
		settings_complain(reader, NULL, "there is no group = handbox in it.");
	read_group(reader, first);
}

static enum err read_settings(const char *path, bool is_kannel_needed,
			      struct settings **settings_out, char **why_out)
{
	struct arena *arena = arena_new();
	struct settings *settings = ARENA_NEW(arena, struct settings);
	struct settings_reader reader = {.settings = settings, .why = BUF_EMPTY};
	settings->arena = arena;
	settings->path = arena_strdup(arena, path);
	enum err err = kannel_conf_read(path, &settings->file, why_out);
	if (err != ERR_OK) {
		settings_free(&settings);
		return err;
	}
	check_groups(&reader, settings->file);
	if (!reader.why.len)
		settings_derive(&reader, is_kannel_needed ? &reader.why : NULL);
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
