/* limits.c - sending hours, the frequency cap and forbidden words, as handbox.conf has them: see scenario.h */
#include "scenario.h"

#include "core/tasks.h"
#include "settings_limits.h"

static void must(struct world *world, const char *why)
{
	if (why)
		scene_fail(world, "%s", why);
}

/* Lines are separated by commas here. */
static void forbid(struct world *world, const char *words)
{
	char *text = arena_strdup(world->desk->arena, words);
	const char *why = NULL;
	for (char *at = text; *at; at++)
		if (*at == ',')
			*at = '\n';
	if (forbidden_parse(world->desk->arena, text, strlen(text),
			    &world->policy.forbidden, &why) != ERR_OK)
		scene_fail(world, "%s", why);
}

/* PREFIX=ZONE: one is enough for a story */
static void place_numbers(struct world *world, const char *text)
{
	struct arena *arena = world->desk->arena;
	struct number_zones *zones = ARENA_NEW(arena, struct number_zones);
	const char *equals = strchr(text, '=');
	if (!equals)
		scene_fail(world, "zones=PREFIX=ZONE");
	zones->items = ARENA_NEW(arena, struct number_zone);
	zones->items->prefix = arena_strndup(arena, text, (size_t)(equals - text));
	zones->items->zone = zone_find(equals + 1);
	zones->count = 1;
	world->policy.number_zones = zones;
}

/* law="PREFIX HOURS": likewise */
static void set_law(struct world *world, const char *text)
{
	struct arena *arena = world->desk->arena;
	struct number_laws *laws = ARENA_NEW(arena, struct number_laws);
	const char *blank = strchr(text, ' ');
	if (!blank)
		scene_fail(world, "law=\"PREFIX HOURS\"");
	const char **prefixes = ARENA_NEW(arena, const char *);
	prefixes[0] = arena_strndup(arena, text, (size_t)(blank - text));
	laws->items = ARENA_NEW(arena, struct number_law);
	laws->items[0] = (struct number_law){
		.name = "the law", .prefixes = prefixes, .prefix_count = 1};
	must(world, settings_hours(arena, blank + 1, &laws->items[0].hours));
	laws->count = 1;
	world->policy.number_laws = laws;
}

/* limits [hours="mon-fri 09:00-18:00"] [cap=3/24h] [grace=2h] [words="free money,guaranteed"] [zones=35191=Atlantic/Azores]
 * [law="35191 mon-sun 08:00-20:00"]: from now on, as after a reload; what is not named stays. `none` takes it away. */
static void act_limits(struct world *world)
{
	struct arena *arena = world->desk->arena;
	struct policy *policy = &world->policy;
	const char *hours = option(world, "hours"), *cap = option(world, "cap"),
		   *grace = option(world, "grace"), *words = option(world, "words");
	if (hours && strcmp(hours, "none") == 0)
		policy->hours = NULL;
	else if (hours)
		must(world, settings_hours(arena, hours, &policy->hours));
	if (cap && strcmp(cap, "none") == 0)
		policy->cap = (struct frequency_cap){.most = 0};
	else if (cap)
		must(world, settings_cap(arena, cap, &policy->cap));
	if (option(world, "confirmation"))
		policy->stop_confirmation = option(world, "confirmation");
	if (grace)
		policy->reply_grace_ms = span_ms(world, grace);
	if (option(world, "zones"))
		place_numbers(world, option(world, "zones"));
	if (option(world, "law"))
		set_law(world, option(world, "law"));
	if (words)
		forbid(world, words);
	world->desk->core.placed_by = NULL; /* the policy is another one */
}

/* task CONTACT [text="Hi"] [to=LOGIN] [due=] [priority=N]: made by another program, without a workflow */
static void act_task(struct world *world)
{
	const char *to = option(world, "to"), *text = option(world, "text"),
		   *due = option(world, "due"), *priority = option(world, "priority");
	struct task_create cmd = {
		.call = desk_call(world->desk, &desk_shell),
		.contact_id = name_of(world, NAMED_CONTACT, word(world, 1))->id,
		.name = "A text",
		.text = text ? text : "Hi"};
	if (to)
		cmd.assignee = who_of(world, to);
	if (due)
		cmd.due_at = instant(world, due);
	if (priority)
		cmd.priority = (unsigned)strtoul(priority, NULL, 10);
	(void)scene_write(world, task_create, &cmd.call);
}

const struct act limit_acts[] = {
	{"limits", act_limits}, {"task", act_task}, {NULL, NULL}};
