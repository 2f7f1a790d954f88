/* texts.c - what people do with tasks, and what the gateway does with texts: see scenario.h */
#include "scenario.h"

#include "core/messages.h"
#include "core/tasks.h"

/* --- who ---------------------------------------------------------------------------------------------------------- */

static uint64_t task_of(struct world *world)
{
	uint64_t id = task_ref(world, word(world, 1));
	if (!id)
		scene_fail(world, "there is no such task");
	return id;
}

/* by=LOGIN, or whoever has the task, or the first user there is */
const struct actor *task_actor(struct world *world, uint64_t task_id)
{
	const char *by = option(world, "by");
	if (by)
		return actor_of(world, by);
	uint64_t assignee = (uint64_t)desk_number(
		world->desk,
		"SELECT coalesce(assignee_id, 0) FROM tasks WHERE id = %" PRIu64,
		task_id);
	const struct actor *first = NULL;
	for (size_t i = 0; i < world->name_count; i++) {
		const struct name *name = &world->names[i];
		if (name->kind == NAMED_USER && (!first || name->id == assignee))
			first = &name->actor;
	}
	if (!first)
		scene_fail(world, "there are no users");
	return first;
}

enum { SUPERSEDE_MOST = 10 };

/* --- cards -------------------------------------------------------------------------------------------------------- */

struct card_open *card_opened(struct world *world, uint64_t task_id, uint64_t user_id)
{
	for (size_t i = 0; i < world->card_count; i++)
		if (world->cards[i].task_id == task_id &&
		    world->cards[i].user_id == user_id)
			return &world->cards[i];
	return NULL;
}

/* seen, seen=before, seen=nothing: the contact's last text, the one before it, one that is not there */
static uint64_t seen_up_to(struct world *world, uint64_t task_id)
{
	const char *seen = option(world, "seen");
	if (!seen && !has_word(world, "seen"))
		return 0;
	if (seen && strcmp(seen, "nothing") == 0)
		return 7;
	return (uint64_t)desk_number(world->desk,
				     "SELECT id FROM messages WHERE contact_id = "
				     "(SELECT contact_id FROM tasks "
				     "WHERE id = %" PRIu64
				     ") ORDER BY id DESC LIMIT 1 OFFSET %d",
				     task_id, seen != NULL);
}

/* Of a task, or of a free reply; NULL: refused, as the line expects. */
static struct card_open *run_open(struct world *world, struct task_open *cmd)
{
	const uint64_t task_id = cmd->task_id ? cmd->task_id : cmd->contact_id;
	const struct actor *actor = cmd->call.actor;
	cmd->take_over = has_word(world, "take-over");
	enum err err = desk_write(world->desk, task_open, &cmd->call);
	if (err != ERR_OK) {
		scene_check(world, &cmd->call, err);
		return NULL;
	}
	struct json_t *answer = scene_tree(world, &cmd->call);
	struct arena *arena = world->desk->arena;
	struct card_open *card = card_opened(world, task_id, actor->user_id);
	if (!card && world->card_count == CARDS_MOST)
		scene_fail(world, "too many cards");
	if (!card)
		card = &world->cards[world->card_count++];
	*card = (struct card_open){.task_id = task_id,
				   .user_id = actor->user_id,
				   .answer = answer,
				   .receipt =
					   tree_text(tree_at(answer, "receipt"), arena),
				   .text = tree_text(tree_at(answer, "text"), arena)};
	return card;
}

struct card_open *card_open_now(struct world *world, uint64_t task_id,
				const struct actor *actor)
{
	struct task_open cmd = {.call = desk_call(world->desk, actor),
				.task_id = task_id,
				.seen_up_to = seen_up_to(world, task_id)};
	return run_open(world, &cmd);
}

/* open TASK [by=] [take-over] [seen] */
static void act_open(struct world *world)
{
	uint64_t id = task_of(world);
	if (card_open_now(world, id, task_actor(world, id)))
		scene_check(world, NULL, ERR_OK);
}

/* ends=TASK,TASK: other tasks of the same number that this text makes needless */
static size_t superseded(struct world *world, uint64_t *ids)
{
	const char *list = option(world, "ends");
	char *rest = list ? arena_strdup(world->desk->arena, list) : NULL, *ref;
	size_t count = 0;
	while ((ref = strsep(&rest, ",")) && count < SUPERSEDE_MOST) {
		ids[count] = task_ref(world, ref);
		if (!ids[count++])
			scene_fail(world, "there is no task %s", ref);
	}
	return count;
}

/* send TASK [text=] [by=] [undo=5s] [ends=TASK,TASK] [twice]: opens the card first, unless this person has it open. Without a text: the
 * one that is offered. twice: the receipt is kept, to be used again. */
static void act_send(struct world *world)
{
	uint64_t id = task_of(world);
	const struct actor *actor = task_actor(world, id);
	struct card_open *card = card_opened(world, id, actor->user_id);
	const char *undo = option(world, "undo"), *text = option(world, "text");
	if (!card)
		card = card_open_now(world, id, actor);
	if (!card)
		return;
	uint64_t ends[SUPERSEDE_MOST];
	struct task_send cmd = {.supersede = ends,
				.supersede_count = superseded(world, ends),
				.call = desk_call(world->desk, actor),
				.task_id = id,
				.receipt = card->receipt,
				.text = text ? text : card->text,
				.undo_s = undo ? span_ms(world, undo) / SECOND_MS : 0};
	if (scene_write(world, task_send, &cmd.call) && !has_word(world, "twice"))
		*card = world->cards[--world->card_count];
}

static struct card_open *compose_now(struct world *world, uint64_t contact_id,
				     const struct actor *actor)
{
	struct task_open cmd = {.call = desk_call(world->desk, actor),
				.contact_id = contact_id};
	return run_open(world, &cmd);
}

/* compose CONTACT by= [take-over]: a card for a free reply. */
static void act_compose(struct world *world)
{
	uint64_t id = name_of(world, NAMED_CONTACT, word(world, 1))->id;
	if (compose_now(world, id, actor_of(world, option(world, "by"))))
		scene_check(world, NULL, ERR_OK);
}

/* reply CONTACT [text=] by= [undo=5s]: composes first, unless this person has. Without a text: what the card offers. */
static void act_reply(struct world *world)
{
	uint64_t id = name_of(world, NAMED_CONTACT, word(world, 1))->id;
	const struct actor *actor = actor_of(world, option(world, "by"));
	struct card_open *card = card_opened(world, id, actor->user_id);
	const char *undo = option(world, "undo"), *text = option(world, "text");
	if (!card)
		card = compose_now(world, id, actor);
	if (!card)
		return;
	struct task_send cmd = {.call = desk_call(world->desk, actor),
				.contact_id = id,
				.receipt = card->receipt,
				.text = text ? text : card->text,
				.undo_s = undo ? span_ms(world, undo) / SECOND_MS : 0};
	(void)scene_write(world, task_send, &cmd.call);
	*card = world->cards[--world->card_count];
}

/* --- other acts --------------------------------------------------------------------------------------------------- */

static void act_on(struct world *world, store_write_fn *write)
{
	uint64_t id = task_of(world);
	const char *until = option(world, "until"), *to = option(world, "to");
	const char *reason = option(world, "reason");
	struct task_act cmd = {.call = desk_call(world->desk, task_actor(world, id)),
			       .task_id = id,
			       .reason = reason ? reason : "because",
			       .undo = has_word(world, "undo")};
	cmd.until_hours = until && strcmp(until, "hours") == 0;
	if (until && !cmd.until_hours)
		cmd.until = instant(world, until);
	if (to)
		cmd.assignee = who_of(world, to);
	(void)scene_write(world, write, &cmd.call);
}

static void act_skip(struct world *world)
{
	act_on(world, task_skip);
}

static void act_snooze(struct world *world)
{
	act_on(world, task_snooze);
}

static void act_reassign(struct world *world)
{
	act_on(world, task_reassign);
}

static void act_release(struct world *world)
{
	act_on(world, task_release);
}

static void act_cancel(struct world *world)
{
	act_on(world, task_cancel);
}

static void act_reopen(struct world *world)
{
	act_on(world, task_reopen);
}

static void act_resume(struct world *world)
{
	act_on(world, task_resume);
}

const struct act task_acts[] = {
	{"open", act_open},       {"send", act_send},         {"skip", act_skip},
	{"snooze", act_snooze},   {"reassign", act_reassign}, {"release", act_release},
	{"cancel", act_cancel},   {"reopen", act_reopen},     {"resume", act_resume},
	{"compose", act_compose}, {"reply", act_reply},       {NULL, NULL},
};

/* --- the gateway ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum message_event event;
} outcomes[] = {
	{"accepted", MESSAGE_EV_ACCEPTED},   {"queued", MESSAGE_EV_QUEUED},
	{"refused", MESSAGE_EV_REFUSED},     {"not-taken", MESSAGE_EV_NOT_TAKEN},
	{"uncertain", MESSAGE_EV_UNCERTAIN},
};

static size_t begin(struct world *world, uint64_t *ids, bool *more_out)
{
	struct handover_begin cmd = {.limit = HANDOVER_MOST};
	enum err err = store_write_now(world->desk->store, handover_begin, &cmd);
	if (err != ERR_OK)
		scene_fail(world, "handing over: %s", err_code(err));
	for (size_t i = 0; i < cmd.count; i++)
		ids[i] = cmd.texts[i].id;
	*more_out = cmd.has_more;
	return cmd.count;
}

static void finish(struct world *world, const uint64_t *ids, size_t count,
		   enum message_event event)
{
	for (size_t i = 0; i < count; i++) {
		const struct handover_result result = {ids[i], event,
						       "said the gateway"};
		struct handover_done done = {&result, 1};
		if (store_write_now(world->desk->store, handover_done, &done) != ERR_OK)
			scene_fail(world, "settling a text failed");
	}
}

/* gateway OUTCOME [N]: whatever waits is handed over and ends so; N texts, or at least one. `gateway crash`: they are
 * marked, and the process dies before an answer. */
static void act_gateway(struct world *world)
{
	uint64_t ids[HANDOVER_MOST];
	const char *outcome = word(world, 1);
	size_t handed = 0, count;
	bool more = true, found = strcmp(outcome, "crash") == 0;
	enum message_event event = MESSAGE_EV_ACCEPTED;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(outcomes[i].word, outcome) == 0) {
			event = outcomes[i].event;
			found = true;
		}
	if (!found)
		scene_fail(world, "the gateway knows no '%s'", outcome);
	while (more) {
		count = begin(world, ids, &more);
		handed += count;
		if (strcmp(outcome, "crash") == 0) {
			world_restart(world);
			break;
		}
		finish(world, ids, count, event);
		if (event == MESSAGE_EV_NOT_TAKEN)
			break; /* it would be tried again for ever */
	}
	if (world->line->count > 2 ? handed != strtoul(word(world, 2), NULL, 10)
				   : !handed)
		scene_fail(world, "%zu texts were handed over", handed);
}

/* report CONTACT delivered|failed|buffered|accepted|rejected [event=ID] */
static void act_report(struct world *world)
{
	static const struct {
		const char *word;
		unsigned kind;
	} kinds[] = {{"delivered", DLR_DELIVERED},
		     {"failed", DLR_FAILED},
		     {"buffered", DLR_BUFFERED},
		     {"accepted", DLR_SMSC},
		     {"rejected", DLR_REJECTED}};
	const char *event = option(world, "event");
	struct report_apply cmd = {.call = desk_call(world->desk, &actor_system),
				   .id = message_ref(world, word(world, 1)),
				   .event_id = event ? event
						     : arena_printf(world->desk->arena,
								    "report-%u",
								    ++world->events),
				   .detail = "said the SMSC"};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].word, word(world, 2)) == 0)
			cmd.kind = kinds[i].kind;
	(void)scene_write(world, report_apply, &cmd.call);
}

/* resolve CONTACT sent|not_sent [by=] */
static void act_resolve(struct world *world)
{
	const uint64_t id = message_ref(world, word(world, 1));
	const char *by = option(world, "by");
	uint64_t task = (uint64_t)desk_number(
		world->desk, "SELECT task_id FROM messages WHERE id = %" PRIu64, id);
	struct message_resolve cmd = {
		.call = desk_call(world->desk,
				  by ? actor_of(world, by) : task_actor(world, task)),
		.ids = &id,
		.count = 1,
		.was_sent = strcmp(word(world, 2), "sent") == 0,
		.evidence = "the log of the gateway"};
	(void)scene_write(world, message_resolve, &cmd.call);
}

static void act_recall(struct world *world)
{
	const uint64_t id = message_ref(world, word(world, 1));
	uint64_t task = (uint64_t)desk_number(
		world->desk, "SELECT task_id FROM messages WHERE id = %" PRIu64, id);
	struct message_recall cmd = {
		.call = desk_call(world->desk, task_actor(world, task)),
		.message_id = id};
	(void)scene_write(world, message_recall, &cmd.call);
}

/* inbound CONTACT "text" [event=ID] [part=2/3 ref=7]: the contact writes to us. NAME may be a new one: from=NUMBER. */
static void act_inbound(struct world *world)
{
	const char *event = option(world, "event"), *from = option(world, "from");
	const char *part = option(world, "part"), *ref = option(world, "ref");
	struct inbound_take cmd = {.call = desk_call(world->desk, &actor_system),
				   .event_id = event ? event
						     : arena_printf(world->desk->arena,
								    "inbound-%u",
								    ++world->events),
				   .to = "12345",
				   .smsc = "main",
				   .text = word(world, 2)};
	if (part) {
		cmd.bytes = (struct charset_bytes){cmd.text, strlen(cmd.text), "UTF-8",
						   CHARSET_7BIT};
		cmd.part.ref = ref ? (unsigned)strtoul(ref, NULL, 10) : 1;
		cmd.part.number = (unsigned)strtoul(part, NULL, 10);
		cmd.part.total = (unsigned)strtoul(strchr(part, '/') + 1, NULL, 10);
	}
	cmd.from = from ? from : name_of(world, NAMED_CONTACT, word(world, 1))->phone;
	(void)scene_write(world, inbound_take, &cmd.call);
}

const struct act text_acts[] = {
	{"gateway", act_gateway}, {"report", act_report},   {"resolve", act_resolve},
	{"recall", act_recall},   {"inbound", act_inbound}, {NULL, NULL},
};
