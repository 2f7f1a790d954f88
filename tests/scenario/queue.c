/* queue.c - work under many hands: what a person draws, capacity, acts on many tasks: see scenario.h */
#include "scenario.h"

#include "core/jobs.h"
#include "core/users.h"

struct who who_of(struct world *world, const char *text)
{
	if (strcmp(text, "nobody") == 0)
		return (struct who){.kind = WHO_NOBODY};
	if (strncmp(text, "team:", 5) == 0)
		return (struct who){.kind = WHO_TEAM,
				    .id = name_of(world, NAMED_TEAM, text + 5)->id};
	return (struct who){.kind = WHO_LOGIN, .login = text};
}

/* capacity LOGIN N|none */
static void act_capacity(struct world *world)
{
	const unsigned capacity = (unsigned)strtoul(word(world, 2), NULL, 10);
	struct user_change cmd = {.call = desk_call(world->desk, &desk_shell),
				  .who = {.kind = WHO_LOGIN, .login = word(world, 1)},
				  .capacity = &capacity};
	(void)scene_write(world, user_change, &cmd.call);
}

/* next LOGIN TASK|none [workflow=] [after=TASK]: the next card this person is given is that one's */
static void act_next(struct world *world)
{
	const char *after = option(world, "after"), *should = word(world, 2);
	const struct actor *actor = actor_of(world, word(world, 1));
	struct task_next_open cmd = {
		.call = desk_call(world->desk, actor),
		.filter = {.workflow_id = option(world, "workflow")},
		.after_id = after ? task_ref(world, after) : 0};
	if (!scene_write(world, task_next_open, &cmd.call))
		return;
	if (!cmd.call.answer.len) {
		if (strcmp(should, "none") != 0)
			scene_fail(world, "none is left");
		return;
	}
	struct arena *arena = world->desk->arena;
	const char *is =
		tree_text(tree_at(scene_tree(world, &cmd.call), "task.id"), arena);
	if (strcmp(should, "none") == 0 ||
	    strtoull(is, NULL, 10) != task_ref(world, should))
		scene_fail(
			world, "it is task %s, of %s", is,
			tree_text(tree_at(scene_tree(world, &cmd.call), "contact.name"),
				  arena));
}

static void text_act(struct world *world, store_write_fn *write)
{
	uint64_t id = task_ref(world, word(world, 1));
	struct task_text cmd = {.call = desk_call(world->desk, task_actor(world, id)),
				.task_id = id,
				.text = option(world, "text")};
	(void)scene_write(world, write, &cmd.call);
}

/* type TASK text=… [by=]: the draft is kept · check TASK text=… [by=] · renew TASK [by=] */
static void act_type(struct world *world)
{
	text_act(world, task_draft);
}

static void act_check(struct world *world)
{
	text_act(world, task_check);
}

static void act_renew(struct world *world)
{
	text_act(world, task_renew);
}

static enum bulk_action action_of(struct world *world)
{
	static const char *const names[BULK_ACTION_COUNT] = {"skip", "reassign",
							     "cancel", "snooze"};
	for (int i = 0; i < BULK_ACTION_COUNT; i++)
		if (strcmp(names[i], word(world, 1)) == 0)
			return (enum bulk_action)i;
	scene_fail(world, "there is no act '%s'", word(world, 1));
}

static void name_tasks(struct world *world, struct bulk_tasks *cmd, uint64_t *ids,
		       size_t most)
{
	const char *list = option(world, "ids");
	char *rest = list ? arena_strdup(world->desk->arena, list) : NULL, *ref;
	while ((ref = strsep(&rest, ",")) && cmd->id_count < most)
		ids[cmd->id_count++] = task_ref(world, ref);
	cmd->ids = list ? ids : NULL;
}

/* bulk ACTION [by=] [ids=TASK,TASK] [workflow=] [of=LOGIN|nobody] [to=] [until=] [reason=] [undo] [expect=N] [finds=N]: all
 * that the filter finds, or those; finds: how many that are. What is left to a job is done when time passes. */
static void act_bulk(struct world *world)
{
	enum { NAMED_MOST = 32 };
	uint64_t ids[NAMED_MOST];
	const char *by = option(world, "by"), *of = option(world, "of"),
		   *to = option(world, "to"), *until = option(world, "until"),
		   *expect = option(world, "expect"), *finds = option(world, "finds");
	struct bulk_tasks cmd = {
		.call = desk_call(world->desk, by ? actor_of(world, by) : &desk_shell),
		.action = action_of(world),
		.bulk = {.expect = expect ? strtoll(expect, NULL, 10) : -1},
		.filter = {.workflow_id = option(world, "workflow")},
		.reason = option(world, "reason"),
		.undo = has_word(world, "undo")};
	name_tasks(world, &cmd, ids, NAMED_MOST);
	if (of)
		cmd.whose = who_of(world, of);
	if (to)
		cmd.assignee = who_of(world, to);
	cmd.until_hours = until && strcmp(until, "hours") == 0;
	if (until && !cmd.until_hours)
		cmd.until = instant(world, until);
	enum err err = desk_read(world->desk, bulk_tasks_count, &cmd.call);
	if (finds && cmd.bulk.count != strtoll(finds, NULL, 10))
		scene_fail(world, "it finds %lld", (long long)cmd.bulk.count);
	if (err != ERR_OK)
		scene_check(world, &cmd.call, err);
	else if (scene_write(world, bulk_tasks_start, &cmd.call))
		world->job_id =
			strtoull(tree_text(tree_at(scene_tree(world, &cmd.call), "id"),
					   world->desk->arena),
				 NULL, 10);
}

/* prioritize TASK [priority=N] [due=] [expires=] [by=] */
static void act_prioritize(struct world *world)
{
	const char *by = option(world, "by"), *priority = option(world, "priority"),
		   *due = option(world, "due"), *expires = option(world, "expires");
	struct task_change cmd = {
		.call = desk_call(world->desk, by ? actor_of(world, by) : &desk_shell),
		.task_id = task_ref(world, word(world, 1)),
		.sets_priority = priority != NULL,
		.sets_due = due != NULL,
		.sets_expires = expires != NULL,
		.priority = priority ? (unsigned)atoi(priority) : 0,
		.due_at = due && strcmp(due, "none") != 0 ? instant(world, due) : 0,
		.expires_at = expires && strcmp(expires, "none") != 0
				      ? instant(world, expires)
				      : 0};
	(void)scene_write(world, task_change, &cmd.call);
}

const struct act queue_acts[] = {
	{"prioritize", act_prioritize},
	{"capacity", act_capacity},
	{"next", act_next},
	{"type", act_type},
	{"check", act_check},
	{"renew", act_renew},
	{"bulk", act_bulk},
	{NULL, NULL},
};
