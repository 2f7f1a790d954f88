/* policy.h - the settings that rules read. Immutable once made; a reload makes a new one (core.h).
 *
 * Defaults are those of handbox.conf; policy_default() has them.
 */
#ifndef HB_MODEL_POLICY_H
#define HB_MODEL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts to one number, over all workflows: at most so many within so long. */
struct frequency_cap {
	unsigned most; /* 0: no cap */
	int64_t span_ms;
};

/* Whom a forbidden word stops; the others it warns. */
enum words_stop { WORDS_STOP_ALL, WORDS_STOP_AGENTS, WORDS_STOP_NOBODY };

enum agents_see { AGENTS_SEE_OWN, AGENTS_SEE_TEAM, AGENTS_SEE_ALL };

struct policy {
	const char *account_name;
	const char *sender, *smsc, *default_region; /* NULL: none */
	const struct sender *senders; /* model/sender.h: `group = sender` */
	size_t sender_count;
	const char *const *sender_numbers; /* theirs, NULL-terminated */
	bool is_sender_sticky;
	int64_t sms_validity_ms;      /* how long Kannel may try, from approval */
	int64_t approval_validity_ms; /* how long an approval waits for Kannel */
	int64_t lease_ms;
	const struct hours *hours; /* where a workflow has none; NULL: always open */
	struct frequency_cap cap;
	int64_t reply_grace_ms;   /* after a text of theirs: neither hours nor cap */
	int64_t reply_release_ms; /* a text is for whoever texted last so long */
	const struct forbidden *forbidden; /* NULL: no word is forbidden */
	enum words_stop words_stop;
	const struct number_laws *number_laws; /* NULL: none */
	/* NULL: the tables of zones alone say */
	const struct number_zones *number_zones;
	/* "address" or "Name <address>"; NULL: no mail server is configured */
	const char *mail_from;
	const char *public_url; /* where people reach handbox, without the last slash */
	int64_t mail_validity_ms; /* how long an e-mail may wait for the mail server */
	/* the smaller of max-segments and the sendsms user's max-messages */
	unsigned max_segments;
	bool needs_valid_phone; /* phone-check = valid: a possible number does not go */
	enum agents_see agents_see;
	int64_t enrollments_per_hour; /* of one contact, in all workflows: a guard against storms */
	int64_t deliveries_kept_ms;      /* of hooks, from their making */
	int64_t journal_kept_ms;         /* lines of it, and what was not enrolled */
	const char *const *test_numbers; /* NULL-terminated */
	bool makes_help_tasks; /* HELP from a telephone becomes a task for a person */
	/* what is offered to confirm an opt-out; NULL: no task is made */
	const char *stop_confirmation;
	/* consent_words.h; NULL: no text asks to be left alone */
	const struct consent_words *consent_words;
	/* plugin/phone.h; NULL: the library alone */
	const struct phone_rules *phone_rules;
};

extern const struct policy policy_default;

#endif
