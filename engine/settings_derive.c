/* settings_derive.c - what follows from several keys. See settings_parts.h */
#include "settings_parts.h"

#include <string.h>

#include "base/mem.h"
#include "plugin/phone.h"
#include "settings_consent.h"
#include "settings_limits.h"
#include "settings_sender.h"

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

static void derive_urls(struct settings_reader *reader)
{
	struct settings *s = reader->settings;
	if (!s->public_url)
		s->public_url = arena_printf(s->arena, "%s://%s",
					     s->tls_cert ? "https" : "http", s->listen);
	if (!s->callback_url && is_wildcard(s->kannel_listen))
		settings_complain(
			reader, place_of(s, "kannel-listen"),
			"kannel-listen is a wildcard: say with callback-url how "
			"smsbox reaches it, like http://192.0.2.1:13081.");
	else if (!s->callback_url)
		s->callback_url = arena_printf(s->arena, "http://%s", s->kannel_listen);
	if (!!s->tls_cert != !!s->tls_key)
		settings_complain(reader,
				  place_of(s, s->tls_cert ? "tls-cert" : "tls-key"),
				  "tls-cert and tls-key come together.");
	if (strncmp(s->database, "postgresql://", 13) == 0 ||
	    strncmp(s->database, "postgres://", 11) == 0)
		settings_complain(
			reader, place_of(s, "database"),
			"PostgreSQL is not built yet; give the path of a file.");
}

static void derive_policy(struct settings_reader *reader)
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
		settings_complain(reader, place, "group number-zone: %s.", fault);
	fault = settings_laws(s->arena, s->file, &s->number_laws, &place);
	if (fault)
		settings_complain(reader, place, "group number-hours: %s.", fault);
	if (s->default_region && !phone_region_is_known(s->default_region))
		settings_complain(
			reader, place_of(s, "default-region"),
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
		.reply_release_ms = s->reply_release_ms,
		.forbidden = s->forbidden,
		.words_stop = (enum words_stop)s->words_stop,
		.number_zones = s->number_zones,
		.number_laws = s->number_laws,
		.mail_from = s->smtp_url ? s->mail_from : NULL,
		.public_url = s->public_url,
		.mail_validity_ms = s->mail_validity_ms,
		.max_segments = (unsigned)s->max_segments,
		.needs_valid_phone = s->phone_check == 1,
		.stop_confirmation = s->stop_confirmation,
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
		settings_complain(reader, place, "%s", why);
	mem_free(why);
}

static void derive_consent(struct settings_reader *reader)
{
	struct settings *s = reader->settings;
	struct consent_words *words = NULL;
	struct buf why = BUF_EMPTY;
	if (settings_consent_read(s->consent_words, s->consent_languages, &words,
				  &why) != ERR_OK)
		settings_complain(reader,
				  place_of(s, s->consent_words ? "consent-words"
							       : "consent-languages"),
				  "%s", buf_str(&why));
	s->policy.consent_words = words;
	buf_fini(&why);
}

static void derive_mail(struct settings_reader *reader)
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
		settings_complain(reader,
				  place_of(s, s->smtp_url ? "smtp-url" : "mail-from"),
				  "%s", fault);
}

static void derive_kannel(struct settings_reader *reader)
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
			settings_complain(reader, place_of(s, "kannel-conf"),
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
		settings_complain(
			reader,
			place_of(s, s->kannel_conf ? "kannel-conf" : "sendsms-url"),
			"it is not known how to reach sendsms: %s", detail);
	}
}

void settings_derive(struct settings_reader *reader, struct buf *kannel_why)
{
	derive_urls(reader);
	derive_policy(reader);
	derive_consent(reader);
	derive_mail(reader);
	struct settings_reader kannel = {.settings = reader->settings,
					 .why = BUF_EMPTY};
	derive_kannel(&kannel);
	if (kannel.why.len && kannel_why)
		buf_printf(kannel_why, "%s%s", kannel_why->len ? "\n" : "",
			   buf_str(&kannel.why));
	buf_fini(&kannel.why);
}
