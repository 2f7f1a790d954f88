/* task_pick.c - see task_pick.h */
#include "cli/task_pick.h"

#include <string.h>

#include "cli/contact.h"

static const struct {
	const char *option, *member;
} members[] = {
	{"workflow", "workflow"},   {"contact", "contact"},
	{"assignee", "assignee"},   {"team", "team"},
	{"state", "state"},         {"due-before", "due_before"},
	{"attention", "attention"}, {"q", "q"},
	{"order", "order"},
};
enum { MEMBER_COUNT = sizeof(members) / sizeof(members[0]) };

struct task_pick {
	const char *values[MEMBER_COUNT]; /* NULL: not given */
};

const struct task_pick *task_pick_read(struct cli *cli)
{
	struct task_pick *pick = ARENA_NEW(cli->arena, struct task_pick);
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		const char *value = cli_option(cli, members[i].option);
		if (value && strcmp(members[i].option, "contact") == 0 &&
		    !(value = contact_id_of(cli, value)))
			return NULL;
		pick->values[i] = value;
	}
	return pick;
}

bool task_pick_is_empty(const struct task_pick *pick)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++)
		if (pick->values[i])
			return false;
	return true;
}

const char *task_pick_query(struct cli *cli, const struct task_pick *pick,
			    const char *path)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++)
		if (pick->values[i])
			path = arena_printf(cli->arena, "%s&%s=%s", path,
					    members[i].member,
					    api_path(cli, "%s", pick->values[i]));
	return path;
}

void task_pick_write(const struct task_pick *pick, struct json *body)
{
	json_key(body, "filter");
	json_object(body);
	for (size_t i = 0; i < MEMBER_COUNT; i++)
		if (pick->values[i])
			json_key_str(body, members[i].member, pick->values[i]);
	json_end_object(body);
}
