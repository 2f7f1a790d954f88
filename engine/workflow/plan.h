/* plan.h - a workflow as the engine runs it: checked, immutable, shared.
 *
 * workflow_parse (parse.h) makes it from XML. It never changes afterwards, so threads share it by counting references
 * and nothing else; the last plan_unref frees it with all that it points to.
 *
 * Steps stand in one flat array. A step names the one behind it by index (next), PLAN_END where the enrollment is
 * completed; so a position in a running enrollment is an index and the plan's version, and a journal line is the step's
 * id. Steps that need no id in the XML and have none get one that nobody can write: "add-tag#2", the second of its kind.
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
#include "model/template.h"

#define WORKFLOW_NAMESPACE "urn:handbox:workflow:1"

enum {
	PLAN_END = -1,       /* "next" of the last step */
	PLAN_HASH_LEN = 65,  /* SHA-256 in hexadecimal, NUL included */
	PLAN_ID_MAX = 64,    /* characters of a workflow's or step's id */
	PLAN_NAME_MAX = 120, /* bytes of names, tags, teams, … */
	PLAN_WEIGHT_MAX = 1000,
};

enum step_kind {
	STEP_ASSIGN_USER,
	STEP_MANUAL_SMS,
	STEP_ADD_TAG,
	STEP_REMOVE_TAG,
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

/* exactly one of users and team is there */
struct step_assign {
	const struct plan_user
		*users; /* one: this one; several: rotation, in this order */
	size_t user_count;
	const char *team; /* NULL: users */
	struct plan_place team_place;
	bool is_pool;         /* the team takes from its pool, nobody is assigned */
	bool only_unassigned; /* never touch an existing active owner */
};

struct step_sms {
	const char *name; /* for the people who work with it; never sent */
	const char *text; /* as written, trimmed; NULL: the user types */
	const struct template *template; /* of text; NULL with it */
	int64_t due_ms;                  /* after the task is made; 0: none */
	int64_t expires_ms;              /* 0: never */
	bool does_wait; /* the enrollment stands here until the task ends */
};

struct step {
	enum step_kind kind;
	const char *id;     /* never NULL, unique in the plan */
	bool is_id_written; /* by the author; else it is made */
	struct plan_place place;
	int next; /* index, or PLAN_END */
	union {
		struct step_assign assign;
		struct step_sms sms;
		const char *tag; /* STEP_ADD_TAG, STEP_REMOVE_TAG */
	};
};

struct plan_settings {
	enum reentry reentry;
	const char *sender; /* from= of sendsms; NULL: the instance's */
	const char *smsc;   /* smsc= of sendsms; NULL: the instance's */
};

struct plan {
	const char *id, *name;
	struct plan_place place;
	const char *description; /* NULL: none */
	bool publish;            /* the attribute; it acts only in files */
	struct plan_settings settings;
	const struct step *steps;
	size_t step_count; /* 0: an empty draft */
	int first;         /* index, or PLAN_END in an empty draft */
	const char *xml;   /* the canonical text (write.h) */
	size_t xml_len_bytes;
	char hash
		[PLAN_HASH_LEN]; /* of the canonical text without publish=: equal plans, equal hashes */

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
