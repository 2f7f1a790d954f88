/* plan.h - a workflow as the engine runs it: checked, immutable, shared.
 *
 * workflow_parse (parse.h) makes it from XML. It never changes afterwards, so threads share it by counting references
 * and nothing else; the last plan_unref frees it with all that it points to.
 *
 * Steps stand in one flat array, in the order of the XML, those inside exits and branches behind the step that holds
 * them. A step names the one that is run after it by index (next), PLAN_END where the enrollment is completed: the last
 * step of an exit or branch names the one behind its holder, so running a plan needs no stack. A position in a running
 * enrollment is an index and the plan's version, and a journal line is the step's id. Steps that need no id in the XML and have none get one that nobody can write: "add-tag#2", the second of its kind.
 *
 *	for (size_t i = 0; i < plan->step_count; i++)
 *		if (plan->steps[i].kind == STEP_MANUAL_SMS)
 *			puts(plan->steps[i].sms.name);
 *	plan_unref(&plan);
 *
 * Thread: any; reading needs no lock.
 */
#ifndef HB_WORKFLOW_PLAN_H
#define HB_WORKFLOW_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "model/condition.h"
#include "model/hours.h"
#include "model/template.h"

#define WORKFLOW_NAMESPACE "urn:handbox:workflow:1"

enum {
	PLAN_END = -1,       /* "next" of the last step */
	PLAN_NO_EXIT = -2,   /* of an exit that is not written: next applies */
	PLAN_HASH_LEN = 65,  /* SHA-256 in hexadecimal, NUL included */
	PLAN_ID_MAX = 64,    /* characters of a workflow's or step's id */
	PLAN_NAME_MAX = 120, /* bytes of names, tags, teams, … */
	PLAN_WEIGHT_MAX = 1000,
	PLAN_PRIORITY_MAX = 9,
	PLAN_GO_TO_MAX = 1000,
	PLAN_EVENT_MAX = 64, /* characters of an event's name */
};

enum step_kind {
	STEP_ASSIGN_USER,
	STEP_MANUAL_SMS,
	STEP_WAIT_FOR_REPLY,
	STEP_WAIT,
	STEP_BRANCH,
	STEP_SEND_EMAIL,
	STEP_ADD_TAG,
	STEP_REMOVE_TAG,
	STEP_SET_FIELD,
	STEP_CALL_HOOK,
	STEP_GO_TO,
	STEP_END,
	STEP_KIND_COUNT
};

enum reentry {
	REENTRY_ONE_AT_A_TIME, /* the default: not while an enrollment of the contact runs */
	REENTRY_ONCE,          /* never again */
	REENTRY_CONCURRENT,
	REENTRY_COUNT
};

/* where something stands in the XML, from 1; 0: not known */
struct plan_place {
	unsigned line, column;
};

struct plan_user {
	const char *login;
	unsigned weight; /* 1..PLAN_WEIGHT_MAX */
	struct plan_place place;
};

/* a span of time as written: `4h`, or `4h working` = of sending hours */
struct plan_span {
	int64_t ms; /* 0: none */
	bool is_working;
};

/* exactly one of users and team is there */
struct step_assign {
	/* one: this one; several: rotation, in this order */
	const struct plan_user *users;
	size_t user_count;
	const char *team; /* NULL: users */
	struct plan_place team_place;
	bool is_pool;         /* the team takes from its pool, nobody is assigned */
	bool only_unassigned; /* never touch an existing active owner */
};

/* how the task of a manual-sms ended, as the workflow sees it; the order of on-sent, on-skipped, … */
enum sms_exit {
	SMS_EXIT_SENT,
	SMS_EXIT_SKIPPED,
	SMS_EXIT_EXPIRED,
	SMS_EXIT_FAILED,
	SMS_EXIT_COUNT
};

struct step_sms {
	const char *name; /* for the people who work with it; never sent */
	const char *text; /* as written, trimmed; NULL: a snippet, or the user types */
	const struct template *template; /* of text; NULL with it */
	const char *snippet; /* its name: taken when the task is made; NULL: none */
	struct plan_place snippet_place;
	struct plan_span due;     /* after the task is made; 0: none */
	struct plan_span expires; /* 0: never */
	bool does_wait;           /* the enrollment stands here until the task ends */
	bool follows_owner;       /* the open task goes with the contact's owner */
	unsigned priority;        /* of its tasks, 0..PLAN_PRIORITY_MAX */
	bool is_locked;           /* its text goes as it was rendered, or not at all */
	/* the first step inside, what follows the step when it is empty, PLAN_NO_EXIT */
	int exits[SMS_EXIT_COUNT];
};

enum wait_kind {
	WAIT_FOR,         /* span */
	WAIT_UNTIL,       /* wall, in the contact's zone */
	WAIT_UNTIL_FIELD, /* field and offset_ms */
	WAIT_UNTIL_HOURS, /* the sending hours are open */
	WAIT_KIND_COUNT
};

struct step_wait {
	enum wait_kind kind;
	struct plan_span span;
	struct wall wall;
	const char *field; /* contact.custom.NAME, or an instant of the contact */
	int64_t offset_ms; /* may be negative */
};

struct step_reply {
	const char *to; /* id of a manual-sms */
	struct plan_place to_place;
	struct plan_span timeout; /* 0: for ever */
	int on_reply, on_timeout; /* as step_sms.exits */
};

struct branch_when {
	const char *name; /* NULL: none */
	const struct condition *condition;
	int first; /* index of its first step, or of what follows the branch when it has none; or PLAN_END */
	struct plan_place place;
};

struct step_branch {
	const struct branch_when *whens;
	size_t when_count;
	int otherwise; /* as step_sms.exits */
};

struct step_email {
	const char *to_text, *subject_text, *body_text; /* as written */
	const struct template *to, *subject, *body;
};

struct step_set_field {
	/* contact.custom.NAME, contact.first_name, last_name, email, country, timezone */
	const char *field;
	const char *value_text;
	const struct template *value;
};

/* exactly one of hook and url is there */
struct step_hook {
	const char *hook; /* name of a registered one */
	const char *url;
	const char *event;
	struct plan_place place;
};

struct step_go_to {
	const char *step_id;
	int target;
	/* times in one enrollment, 1..; then the enrollment goes on behind it; 0: no bound */
	unsigned max;
};

struct step {
	enum step_kind kind;
	const char *id;     /* never NULL, unique in the plan */
	bool is_id_written; /* by the author; else it is made */
	struct plan_place place;
	int next;   /* index, or PLAN_END */
	int parent; /* the step that holds it; -1: none */
	union {
		struct step_assign assign;
		struct step_sms sms;
		struct step_reply reply;
		struct step_wait wait;
		struct step_branch branch;
		struct step_email email;
		struct step_set_field set_field;
		struct step_hook hook;
		struct step_go_to go_to;
		const char *tag; /* STEP_ADD_TAG, STEP_REMOVE_TAG */
	};
};

/* in the order of their elements in language.h */
enum trigger_kind {
	TRIGGER_CONTACT_CREATED,
	TRIGGER_TAG_ADDED,
	TRIGGER_TAG_REMOVED,
	TRIGGER_FIELD_CHANGED,
	TRIGGER_MESSAGE_RECEIVED,
	TRIGGER_EVENT,
	TRIGGER_DATE,
	TRIGGER_KIND_COUNT
};

struct plan_trigger {
	enum trigger_kind kind;
	/* the tag, field, keyword (NULL: any text), event or date field; NULL for contact-created */
	const char *name;
	bool imports;      /* also for what a bulk import does */
	int64_t offset_ms; /* TRIGGER_DATE: whole days, may be negative */
	int at_minute; /* TRIGGER_DATE: of the day, in the contact's zone: 0..1439 */
	const struct condition *condition; /* narrows this one; NULL: none */
	struct plan_place place;
};

struct plan_settings {
	enum reentry reentry;
	bool stop_on_reply;        /* a reply ends the enrollment */
	const struct hours *hours; /* NULL: the instance's */
	const char *sender;        /* from= of sendsms; NULL: the instance's */
	const char *smsc;          /* smsc= of sendsms; NULL: the instance's */
};

struct plan {
	const char *id, *name;
	struct plan_place place;
	const char *description; /* NULL: none */
	bool publish;            /* the attribute; it acts only in files */
	struct plan_settings settings;
	const struct plan_trigger *triggers;
	size_t trigger_count;
	const struct condition *filter; /* narrows all triggers; NULL: none */
	struct plan_place filter_place;
	const struct condition *const *tests; /* every single one above and below */
	size_t test_count;
	const struct step *steps;
	size_t step_count; /* 0: an empty draft */
	int first;         /* index, or PLAN_END in an empty draft */
	const char *xml;   /* the canonical text (write.h) */
	size_t xml_len_bytes;
	/* of the canonical text without publish=: equal plans, equal hashes */
	char hash[PLAN_HASH_LEN];

	struct arena *arena; /* plan.c's: owns everything above */
	atomic_uint refs;
};

/* plan_ref - one more owner; returns plan. */
struct plan *plan_ref(struct plan *plan);

/* plan_unref - one owner less, the last one frees; leaves NULL. NULL is fine. */
void plan_unref(struct plan **plan);

/* plan_find - index of the step with this id, or -1. */
int plan_find(const struct plan *plan, const char *step_id);

/* The words of the language: "manual-sms", "one-at-a-time". Never NULL. */
const char *step_kind_name(enum step_kind kind);
const char *reentry_name(enum reentry reentry);

/* plan_id_is_valid - workflow and step ids: a letter, then letters, digits, '-' and '_'; at most PLAN_ID_MAX. */
bool plan_id_is_valid(const char *id);

/* plan_new - for the parser: an empty plan with one owner and its own arena. */
struct plan *plan_new(void);

#endif
