/* card.c - see card.h */
#include "core/card.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "core/contacts.h"
#include "core/drift.h"
#include "core/holds.h"
#include "core/members.h"
#include "core/plans.h"
#include "core/render.h"
#include "core/thread.h"
#include "core/view.h"
#include "model/forbidden.h"
#include "model/hold_reason.h"
#include "model/sender.h"
#include "plugin/phone.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"
#include "store/task_rows.h"
#include "store/user_rows.h"

static enum err load_people(struct db *db, struct call *call, struct card *card)
{
	struct arena *arena = call->arena;
	enum err err = card->contact.id
			       ? ERR_OK
			       : contact_rows_load_any(db, arena, card->task.contact_id,
						       &card->contact);
	if (err == ERR_OK && card->contact.phone_e164)
		err = number_rows_load(db, arena, card->contact.phone_e164,
				       &card->number);
	if (err == ERR_OK && card->contact.phone_e164)
		err = message_rows_unreached(db, arena, card->contact.phone_e164,
					     &card->unreached);
	if (err == ERR_OK && call->actor->user_id)
		err = user_rows_load(db, arena, call->actor->user_id, &card->user);
	return err;
}

uint64_t card_id(const struct card *card)
{
	return card->task.id ? card->task.id : card->contact.id;
}

/* Who would send it: the person who looks, or its assignee when a program or the shell does. */
static enum err load_sender(struct db *db, struct call *call, const struct card *card,
			    struct user *sender_out)
{
	*sender_out = card->user;
	if (card->user.id || !card->task.assignee_id)
		return ERR_OK;
	return user_rows_load(db, call->arena, card->task.assignee_id, sender_out);
}

/* The text as that person would send it; of a task that has ended, as it ended. */
static enum err render(struct db *db, struct call *call, struct card *card)
{
	struct user sender;
	struct template_rendered rendered;
	card->text = card->task.text;
	if (!card->task.workflow_id)
		return ERR_OK;
	enum err err = load_sender(db, call, card, &sender);
	const struct render in = {.core = card->core,
				  .db = db,
				  .arena = call->arena,
				  .contact = &card->contact,
				  .user = sender.id ? &sender : NULL,
				  .enrollment_id = card->task.enrollment_id};
	if (err != ERR_OK)
		return err;
	err = plans_get(card->core, db, card->task.workflow_id,
			card->task.workflow_version, &card->plan);
	if (err != ERR_OK)
		return err;
	int step = plan_find(card->plan, card->task.step_id);
	if (step < 0)
		return ERR_CORRUPT;
	err = render_template(db, call->arena, &card->plan->steps[step], card->task.id,
			      &card->template);
	if (err != ERR_OK || !task_state_is_open(card->task.state))
		return err;
	err = render_text(&in, card->template, &rendered);
	if (err == ERR_OK)
		card->text = rendered.text;
	return err;
}

static enum err choose_sender(struct db *db, struct call *call, struct card *card)
{
	struct message last = {.own_number = NULL};
	const struct plan_settings *plan = card->plan ? &card->plan->settings : NULL;
	const struct sender_choice wanted = {plan ? plan->sender : NULL,
					     plan ? plan->smsc : NULL};
	enum err err = ERR_OK;
	if (card->contact.thread_head_id && sender_is_sticky(card->policy))
		err = message_rows_load(db, call->arena, card->contact.thread_head_id,
					&last);
	struct sender_choice choice =
		sender_choose(card->policy, &wanted, last.own_number);
	card->sender = choice.number;
	card->smsc = choice.smsc;
	return err;
}

static enum err load_text(struct db *db, struct call *call, struct card *card)
{
	enum err err = render(db, call, card);
	if (err != ERR_OK)
		return err;
	err = choose_sender(db, call, card);
	if (err != ERR_OK)
		return err;
	card->rendered = card->text;
	/* what was drafted before it was locked counts no more */
	if (card->task.is_locked)
		return ERR_OK;
	err = draft_rows_load(db, call->arena, card_id(card), &card->draft);
	if (err == ERR_OK) {
		card->text = card->draft.text;
		card->is_draft = true;
	}
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err refuse_unknown(struct call *call, struct card_of of)
{
	return call_refuse(
		call, ERR_NOT_FOUND, "There is no %s %llu.",
		of.task_id ? "task" : "contact",
		(unsigned long long)(of.task_id ? of.task_id : of.contact_id));
}

static enum err load_thread(struct db *db, struct call *call, uint64_t contact_id,
			    struct card *card)
{
	enum err err =
		contact_rows_load_any(db, call->arena, contact_id, &card->contact);
	if (err == ERR_OK)
		card->task = thread_as_task(&card->contact);
	return err;
}

static enum err load_lease(struct db *db, struct call *call, struct card *card)
{
	enum err err = lease_rows_load(db, card_id(card), &card->lease);
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	card->has_lease = err == ERR_OK && card->lease.expires_at > card->now;
	/* For its holder a lease ends only when somebody takes it: the fence counts, not the clock. */
	card->lease_is_mine = err == ERR_OK && call->actor->user_id &&
			      card->lease.user_id == call->actor->user_id;
	return err;
}

/* What somebody drew from the pool is still the pool's for the others: they see it, and who has it open. */
static struct task as_of_pool(const struct card *card)
{
	struct task task = card->task;
	if (task.id && card->lease.origin == LEASE_FROM_POOL && !card->lease_is_mine)
		task.assignee_id = 0;
	return task;
}

static enum err load_task(struct db *db, struct call *call, struct card_of of,
			  struct card *card)
{
	enum err err =
		of.task_id ? task_rows_load(db, call->arena, of.task_id, &card->task)
			   : load_thread(db, call, of.contact_id, card);
	if (err == ERR_NOT_FOUND)
		return refuse_unknown(call, of);
	if (err == ERR_OK)
		err = load_lease(db, call, card);
	const struct task task = as_of_pool(card);
	if (err == ERR_OK)
		err = people_in_team(db, call->actor, &task, &card->in_team);
	bool is_handled =
		!of.task_id && thread_is_handled_by(&card->contact, call->actor);
	card->may_act = err == ERR_OK &&
			(is_handled || task_may_act(call->actor, &task, card->in_team));
	card->is_visible = err == ERR_OK && !card->contact.deleted_at &&
			   (is_handled || task_is_visible(call->actor, card->policy,
							  &task, card->in_team));
	return err;
}

static enum err load_visible(struct db *db, struct call *call, struct card_of of,
			     struct card *card)
{
	enum err err = load_task(db, call, of, card);
	return err == ERR_OK && !card->is_visible ? refuse_unknown(call, of) : err;
}

enum err card_load_brief(struct db *db, struct call *call, struct core *core,
			 struct card_of of, struct card *card_out)
{
	*card_out = (struct card){.core = core, .policy = core_policy(core)};
	return load_visible(db, call, of, card_out);
}

static enum err load_earlier_text(struct db *db, struct call *call, struct card *card)
{
	struct message message;
	if (!card->task.message_id || !task_state_is_open(card->task.state))
		return ERR_OK;
	enum err err =
		message_rows_load(db, call->arena, card->task.message_id, &message);
	if (err == ERR_OK && message.state == MESSAGE_REFUSED)
		card->refused_before = message.detail ? message.detail : "";
	return err;
}

static enum err load_limits(struct db *db, struct card *card)
{
	const struct limits_of of = {.policy = card->policy,
				     .plan = card->plan,
				     .contact = &card->contact,
				     .number = &card->number,
				     .card_id = card_id(card),
				     .is_test = card->task.is_test};
	return limits_load(db, &of, card->now, &card->limits);
}

static enum err load_login(struct db *db, struct call *call, uint64_t user_id,
			   const char **login_out)
{
	struct user user;
	enum err err = user_rows_load(db, call->arena, user_id, &user);
	if (err == ERR_OK)
		*login_out = user.login;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err load_others(struct db *db, struct call *call, struct card *card)
{
	enum err err = ERR_OK;
	if (card->has_lease && !card->lease_is_mine)
		err = load_login(db, call, card->lease.user_id, &card->lease_holder);
	if (err == ERR_OK && !card->may_act && card->task.assignee_id)
		err = load_login(db, call, card->task.assignee_id, &card->assignee);
	return err;
}

/* Everything but the task itself. */
static enum err load_rest(struct db *db, struct call *call, struct card *card)
{
	enum err err = load_people(db, call, card);
	if (err == ERR_OK)
		err = load_others(db, call, card);
	if (err == ERR_OK)
		err = channel_load(db, call->arena, &card->channel);
	if (err == ERR_OK)
		err = holds_of(db, call->arena, &card->task, card->contact.phone_e164,
			       &card->hold_reasons, &card->hold_count);
	if (err == ERR_OK)
		err = load_earlier_text(db, call, card);
	if (err == ERR_OK)
		err = confirm_look(db, call->arena, &card->task, &card->number, NULL,
				   card->now, &card->confirmation);
	if (err == ERR_OK)
		err = load_text(db, call, card);
	if (err == ERR_OK)
		err = load_limits(db, card);
	if (err != ERR_OK)
		card_fini(card);
	return err;
}

enum err card_load(struct db *db, struct call *call, struct core *core,
		   struct card_of of, int64_t now, struct card *card_out)
{
	*card_out =
		(struct card){.core = core, .policy = core_policy(core), .now = now};
	enum err err = load_visible(db, call, of, card_out);
	return err == ERR_OK ? load_rest(db, call, card_out) : err;
}

enum err card_load_shown(struct db *db, struct call *call, struct core *core,
			 struct card_of of, int64_t now, struct card *card_out)
{
	*card_out =
		(struct card){.core = core, .policy = core_policy(core), .now = now};
	enum err err = load_task(db, call, of, card_out);
	return err == ERR_OK ? load_rest(db, call, card_out) : err;
}

enum err card_refuse_leased(struct db *db, struct call *call, const struct card *card)
{
	struct user holder;
	struct members members;
	char when[CLOCK_TEXT_LEN];
	enum err err = user_rows_load(db, call->arena, card->lease.user_id, &holder);
	if (err != ERR_OK)
		return err;
	struct json *json = members_begin(&members);
	json_key(json, "holder");
	view_person(json, holder.id, holder.login, holder.first_name, holder.last_name);
	json_key_time(json, "expires_at", card->lease.expires_at);
	const char *extra = members_end(&members, call->arena);
	err = call_refuse(call, ERR_LEASED,
			  "%s has this card open until %s. Wait, ask for it, or let "
			  "a lead take it over.",
			  person_name(call->arena, holder.first_name, holder.last_name,
				      holder.login),
			  clock_format(card->lease.expires_at, when));
	call->refusal.extra = extra;
	return err;
}

enum err card_refuse_state(struct call *call, const struct card *card)
{
	const enum task_state state = card->task.state;
	const char *reason = card->hold_count ? card->hold_reasons[0] : "";
	enum err err = ERR_NOT_PENDING;
	if (state == TASK_HELD && *hold_reason_means(reason))
		err = call_refuse(call, err, "The task is held: %s. %s",
				  hold_reason_means(reason), hold_reason_fix(reason));
	else
		err = call_refuse(call, err, "The task is %s%s.",
				  task_state_name(state),
				  state == TASK_SNOOZED ? "; resume it first" : "");
	call->refusal.extra =
		arena_printf(call->arena, "\"state\":\"%s\"", task_state_name(state));
	return err;
}

void card_fini(struct card *card)
{
	plan_unref(&card->plan);
}

void card_phone_recheck(struct card *card)
{
	if (!card->contact.phone_e164)
		return;
	card->contact.phone_verdict = (enum phone_verdict_kept)phone_check_kept(
		card->policy->phone_rules, card->contact.phone_e164,
		card->contact.phone_region);
}

static bool is_blank(const char *text)
{
	for (; *text; text++)
		if (!isspace((unsigned char)*text))
			return false;
	return true;
}

static enum lease_fact lease_fact(const struct card *card)
{
	if (card->lease_is_mine)
		return LEASE_MINE;
	return card->has_lease ? LEASE_OTHERS : LEASE_NONE;
}

/* Those of the template; else those that a snippet left, and values that were typed as workflows write them. */
static void find_holes(const struct card *card, struct arena *arena, const char *text,
		       struct judgement *j)
{
	if (card->template)
		j->hole_count =
			template_find_holes(card->template, text, arena, &j->holes);
	if (!j->hole_count)
		j->hole_count = template_find_markers(text, arena, &j->holes);
}

/* Who looks without being a person sends nothing, and is told what stops an agent. */
static bool words_only_warn(const struct card *card)
{
	return card->policy->words_stop == WORDS_STOP_NOBODY ||
	       (card->policy->words_stop == WORDS_STOP_AGENTS && card->user.id &&
		role_leads(card->user.role));
}

void card_judge(const struct card *card, struct arena *arena, const char *text,
		struct judgement *judgement_out)
{
	struct judgement *j = judgement_out;
	struct buf foreign = BUF_EMPTY;
	struct confirmation confirmation = card->confirmation;
	*j = (struct judgement){.text = text ? text : ""};
	confirmation.text_is_untouched = !text || strcmp(text, card->task.text) == 0;
	struct guard_facts facts = {
		.task_state = card->task.state,
		.refused_before = card->refused_before,
		.lease = lease_fact(card),
		.lease_holder = card->lease_holder,
		.lease_until = card->lease.expires_at,
		.may_act = card->may_act,
		.assignee = card->assignee,
		.phone_verdict = card->contact.phone_verdict,
		.has_number = card->contact.phone_e164 != NULL,
		.phone_type = card->contact.phone_type,
		.phone_reason = card->contact.phone_reason,
		.unreached_at = card->unreached.at,
		.unreached_detail = card->unreached.detail,
		.contact_sms_enabled =
			card->contact.sms_enabled && !card->contact.deleted_at,
		.channel_enabled = card->channel.is_enabled,
		.channel_reason = card->channel.reason,
		.is_opted_out = card->number.is_opted_out,
		.is_confirmation = card->task.consent_id != 0,
		.may_confirm = confirmation_may_go(&confirmation),
		.opted_out_at = card->number.consent_at,
		.hold_reasons = card->hold_reasons,
		.hold_count = card->hold_count,
		.text_known = text != NULL,
		.text_is_locked = card->task.is_locked,
		.text_is_offered = text && strcmp(text, card->rendered) == 0,
		.max_segments = card->policy->max_segments,
		.needs_valid_phone = card->policy->needs_valid_phone,
	};
	limits_tell(&card->limits, card->now, &facts);
	if (text) {
		facts.forbidden = forbidden_find(card->policy->forbidden, arena, text);
		facts.forbidden_warns = words_only_warn(card);
		gsm_measure(text, strlen(text), &j->segments);
		find_holes(card, arena, text, j);
		facts.hole_count = j->hole_count;
		facts.first_hole = j->hole_count ? j->holes[0].field : NULL;
		facts.text_is_blank = is_blank(text);
		facts.segments = j->segments.count;
		if (j->segments.foreign_count) {
			utf8_add(&foreign, j->segments.foreign[0].code_point);
			facts.unicode_char = arena_strdup(arena, buf_str(&foreign));
			buf_fini(&foreign);
		}
	}
	guards_check(&facts, &j->guards);
}

void card_refuse_guards(struct call *call, const struct judgement *judgement,
			enum guard guard)
{
	const struct guard_result *said = &judgement->guards.result[guard];
	struct members members;
	struct json *json = members_begin(&members);
	json_key(json, "guards");
	view_guards(json, &judgement->guards);
	call_refuse_kept(call, ERR_GUARD_REFUSED, "%s %s", said->detail, said->fix);
	call->refusal.extra = members_end(&members, call->arena);
}

/* The last text of the contact's thread, or of another one's who has the number too. */
static uint64_t thread_head(const struct card *card)
{
	return card->number.head_id > card->contact.thread_head_id
		       ? card->number.head_id
		       : card->contact.thread_head_id;
}

struct receipt_now card_binding(const struct card *card)
{
	return (struct receipt_now){
		.recipient = card->contact.phone_e164,
		.sender = card->sender,
		.smsc = card->smsc,
		.thread_head_id = thread_head(card),
		.assignee_id = card->task.assignee_id,
		.fence = card->lease.fence,
		.consent_revision = card->number.consent_revision,
		.workflow_version = card->task.workflow_version,
		/* of a free reply it is the assignee already, and nothing is offered */
		.owner_id = card->task.id ? card->contact.owner_id : 0,
		.rendered_text = card->task.id ? card->rendered : NULL,
	};
}

void card_write_judgement(struct json *json, const struct judgement *judgement)
{
	json_key(json, "segments");
	view_segments(json, judgement->text, &judgement->segments);
	json_key(json, "guards");
	view_guards(json, &judgement->guards);
	json_key(json, "holes");
	view_holes(json, judgement->holes, judgement->hole_count);
}

static enum err write_thread(struct db *db, struct arena *arena,
			     const struct card *card, struct json *json)
{
	struct message *messages;
	size_t count;
	enum err err = message_rows_thread(db, arena, card->contact.id,
					   CARD_THREAD_MOST, &messages, &count);
	if (err != ERR_OK)
		return err;
	json_key(json, "messages");
	json_array(json);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = view_message(db, arena, messages[i].id, json);
	json_end_array(json);
	return err;
}

enum { ALSO_MOST = 10, SHARERS_MOST = 20 };

/* Those of one contact, as long as *left. */
static enum err also_of_contact(const struct view *view, const struct card *card,
				uint64_t contact_id, size_t *left)
{
	uint64_t *ids;
	size_t count;
	enum err err = task_rows_open_of(view->db, view->arena, 0, contact_id,
					 ALSO_MOST + 1, &ids, &count);
	for (size_t i = 0; err == ERR_OK && i < count && *left; i++) {
		if (ids[i] == card->task.id)
			continue;
		--*left;
		err = view_task(view->db, view->arena, ids[i], card->now, view->json);
	}
	return err;
}

/* Other open tasks to the same number, whichever contact has it and whoever they belong to, so that one person is not texted
 * twice by two desks. */
static enum err write_also(struct db *db, struct arena *arena, const struct card *card,
			   struct json *json)
{
	const struct view view = {db, arena, json};
	const char *e164 = card->contact.phone_e164;
	uint64_t own = card->contact.id, *contacts = &own;
	size_t count = 1, left = ALSO_MOST;
	enum err err = ERR_OK;
	json_key(json, "also");
	json_array(json);
	if (e164 && !card->contact.deleted_at)
		err = contact_rows_ids_by_number(db, arena, e164, SHARERS_MOST,
						 &contacts, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = also_of_contact(&view, card, contacts[i], &left);
	json_end_array(json);
	return err;
}

enum err card_write(struct db *db, struct arena *arena, const struct card *card,
		    const struct judgement *judgement, struct json *json)
{
	enum err err = ERR_OK;
	json_key(json, "task");
	if (card->task.id)
		err = view_task(db, arena, card->task.id, card->now, json);
	else
		json_null(json);
	if (err != ERR_OK)
		return err;
	json_key(json, "contact");
	err = contact_view(db, arena, &card->contact, json);
	if (err != ERR_OK)
		return err;
	json_key_str(json, "text", card->text);
	json_key_bool(json, "draft", card->is_draft);
	json_key_int(json, "draft_version",
		     card->is_draft ? card->draft.updated_at : 0);
	json_key_bool(json, "locked", card->task.is_locked);
	card_write_judgement(json, judgement);
	err = write_thread(db, arena, card, json);
	if (err != ERR_OK)
		return err;
	json_key_str(json, "from", card->sender);
	json_key_str(json, "to", card->contact.phone_e164);
	json_key_str(json, "why", card->task.why);
	err = drift_write(db, arena, card, json);
	if (err != ERR_OK)
		return err;
	return write_also(db, arena, card, json);
}
