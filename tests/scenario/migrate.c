/* migrate.c - enrollments are moved to another version: see scenario.h */
#include "scenario.h"

#include "core/contacts.h"
#include "core/enroll.h"
#include "core/migrate.h"

enum { MAPS_MOST = 16, CROWD_MOST = 200 };

/* a=b, or a= for the end there, after the word map */
static size_t maps_of(struct world *world, struct step_mapping *maps)
{
	size_t count = 0;
	bool is_map = false;
	for (unsigned i = 1; i < world->line->count && count < MAPS_MOST; i++) {
		const char *w = world->line->words[i], *equals = strchr(w, '=');
		if (is_map && equals)
			maps[count++] = (struct step_mapping){
				arena_strndup(world->desk->arena, w,
					      (size_t)(equals - w)),
				equals[1] ? equals + 1 : NULL};
		is_map = is_map || strcmp(w, "map") == 0;
	}
	return count;
}

static int64_t number(struct world *world, const char *name, int64_t otherwise)
{
	const char *text = option(world, name);
	return text ? strtoll(text, NULL, 10) : otherwise;
}

/* migrate WORKFLOW from=N to=N [by=LOGIN] [refresh] [dry] [expect=N] [map old=new old=…]: what is left to a job is done
 * when time passes. A dry run is looked into by `expect preview`. */
static void act_migrate(struct world *world)
{
	struct step_mapping maps[MAPS_MOST];
	const char *by = option(world, "by");
	struct workflow_migrate cmd = {
		.call = desk_call(world->desk, by ? actor_of(world, by) : &desk_shell),
		.bulk = {.workflow_id = word(world, 1),
			 .expect = number(world, "expect", -1),
			 .is_dry_run = has_word(world, "dry")},
		.from = (uint32_t)number(world, "from", 1),
		.to = (uint32_t)number(world, "to", 2),
		.maps = maps,
		.map_count = maps_of(world, maps),
		.refreshes = has_word(world, "refresh")};
	enum err err = desk_read(world->desk, workflow_migrate_look, &cmd.call);
	if (err != ERR_OK || cmd.bulk.is_dry_run) {
		scene_check(world, &cmd.call, err);
		world->preview = err == ERR_OK ? arena_strdup(world->desk->arena,
							      buf_str(&cmd.call.answer))
					       : NULL;
	} else if (scene_write(world, workflow_migrate_start, &cmd.call)) {
		world->job_id =
			strtoull(tree_text(tree_at(scene_tree(world, &cmd.call), "id"),
					   world->desk->arena),
				 NULL, 10);
	}
}

/* crowd N WORKFLOW: so many contacts without a name are made and enrolled */
static void act_crowd(struct world *world)
{
	const size_t count = (size_t)strtoul(word(world, 1), NULL, 10);
	uint64_t ids[CROWD_MOST];
	for (size_t i = 0; i < count && i < CROWD_MOST; i++) {
		struct contact_create cmd = {
			.call = desk_call(world->desk, &desk_shell),
			.in = {.given = CONTACT_PHONE | CONTACT_SMS_ENABLED,
			       .phone = arena_printf(world->desk->arena, "+351913%06zu",
						     i),
			       .sms_enabled = true}};
		(void)scene_write(world, contact_create, &cmd.call);
		ids[i] = cmd.id;
	}
	struct enroll cmd = {.call = desk_call(world->desk, &desk_shell),
			     .workflow_id = word(world, 2),
			     .contact_ids = ids,
			     .count = count};
	(void)scene_write(world, enroll_contacts, &cmd.call);
}

const struct act migrate_acts[] = {
	{"migrate", act_migrate},
	{"crowd", act_crowd},
	{NULL, NULL},
};
