/* card.h - all that a person is shown before sending, gathered and judged in one place: of a task, or of a free reply to
 * a contact.
 *
 * A free reply has no row of its own: its card has a task that is made up (thread.h), with the id 0, so that the same rules
 * say who may see and send it; lease and draft are kept under the contact's id. Opening, reading, checking while typing and sending see the same facts through the same code; only what they then write
 * differs. A card lives in the arena of its call; card_fini gives back the plan that it borrows.
 */
#ifndef HB_CORE_CARD_H
#define HB_CORE_CARD_H

#include "core/call.h"
#include "core/channel.h"
#include "core/confirm.h"
#include "core/core.h"
#include "core/limits.h"
#include "model/guards.h"
#include "model/rules.h"
#include "model/template.h"
#include "plugin/gsm.h"
#include "store/message_rows.h"
#include "workflow/plan.h"

enum { CARD_THREAD_MOST = 20 };

/* what a card is of: a task, or (task_id 0) a free reply to the contact */
struct card_of {
	uint64_t task_id, contact_id;
};

struct card {
	struct core *core;
	const struct policy *policy;
	int64_t now;
	struct task task;
	struct contact contact;
	struct number number;
	struct message_unreached unreached;
	struct confirmation confirmation; /* of a task that confirms an opt-out */
	struct user user; /* who looks: id 0 for a service token or the shell */
	struct lease lease;
	bool has_lease; /* somebody's, and it has not run out */
	bool lease_is_mine;
	bool in_team, is_visible;
	bool may_act;                        /* may open and send it */
	const char *lease_holder, *assignee; /* whom a refusal names; else NULL */
	struct channel channel;
	/* why its earlier text did not go; NULL: there was none */
	const char *refused_before;
	const char **hold_reasons;
	size_t hold_count;
	struct limits limits;
	const char *sender, *smsc; /* what sendsms will be told */
	struct plan *plan;         /* a reference; NULL for a task without a workflow */
	const struct template *template; /* NULL: literal text, or the person types */
	const char *text;     /* offered: the draft, else rendered for this user */
	const char *rendered; /* what the workflow offers, also when there is a draft */
	struct draft draft;
	bool is_draft;
};

/* card_load - ERR_NOT_FOUND (refused in call) when there is no such task or contact or the actor may not see it. */
enum err card_load(struct db *db, struct call *call, struct core *core,
		   struct card_of of, int64_t now, struct card *card_out) MUST_CHECK;
void card_fini(struct card *card);

/* card_load_shown - for whoever holds a receipt of it: what has been shown is no secret, also when the task is somebody
 * else's by now. */
enum err card_load_shown(struct db *db, struct call *call, struct core *core,
			 struct card_of of, int64_t now,
			 struct card *card_out) MUST_CHECK;

/* card_load_brief - only whether it is there and the actor may see it: task, lease, in_team and may_act are set, of a free
 * reply the contact too; nothing to fini. */
enum err card_load_brief(struct db *db, struct call *call, struct core *core,
			 struct card_of of, struct card *card_out) MUST_CHECK;

/* card_id - what lease and draft are kept under. */
uint64_t card_id(const struct card *card);

/* card_refuse_leased - ERR_LEASED with the holder. card_refuse_state - ERR_NOT_PENDING with the state, and what
 * holds it. */
enum err card_refuse_leased(struct db *db, struct call *call,
			    const struct card *card) MUST_CHECK;
enum err card_refuse_state(struct call *call, const struct card *card) MUST_CHECK;

struct judgement {
	const char *text; /* "" without one */
	struct guards guards;
	struct gsm_segments segments;
	const struct template_hole *holes; /* in the text that was judged */
	size_t hole_count;
};

/* card_judge - every guard over this text; NULL judges without one. */
void card_judge(const struct card *card, struct arena *arena, const char *text,
		struct judgement *judgement_out);

/* card_refuse_guards - records ERR_GUARD_REFUSED (call_refuse_kept): in the words of that guard, with every guard beside them. */
void card_refuse_guards(struct call *call, const struct judgement *judgement,
			enum guard guard);

/* card_binding - what a receipt of this card binds, as of now. */
struct receipt_now card_binding(const struct card *card);

/* card_write_judgement - the members segments, guards, holes of an open object. */
void card_write_judgement(struct json *json, const struct judgement *judgement);

/* card_write - the members of a card: task (null for a free reply), contact, text, holes, segments, guards, messages, why, drift, versions,
 * late_texts, also. */
enum err card_write(struct db *db, struct arena *arena, const struct card *card,
		    const struct judgement *judgement, struct json *json) MUST_CHECK;

/* card_phone_recheck - checks the contact's number anew, as the rules stand now. */
void card_phone_recheck(struct card *card);

#endif
