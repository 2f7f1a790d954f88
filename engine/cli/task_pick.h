/* task_pick.h - which tasks: the options that `tasks`, `next` and `bulk` share, and what of them the API is asked.
 *
 *	const struct task_pick *pick = task_pick_read(cli);
 *	if (!pick)
 *		return CLI_FAILED;
 *	task_pick_write(pick, api_body(cli));
 */
#ifndef HB_CLI_TASK_PICK_H
#define HB_CLI_TASK_PICK_H

#include "cli/remote.h"

/* Rows of a table of options; --assignee, --state and --order stand in it with words of the command's own. */
#define TASK_PICK_OPTIONS                                                         \
	{"workflow", "WORKFLOW", "of this workflow"},                             \
		{"contact", "CONTACT",                                            \
		 "of this contact: an id, an external id or a number"},           \
		{"team", "ID", "of this team"},                                   \
		{"due-before", "TIME", "due before it, as 2027-01-31T00:00:00Z"}, \
		{"attention", "WHAT",                                             \
		 "any, or replied: they wrote since it was made"},                \
	{                                                                         \
		"q", "TEXT", "with this in its name, or in a name or number"      \
	}
#define TASK_ORDER_OPTION                                                   \
	{                                                                   \
		"order", "due|created|closing",                             \
			"closing: the end of the recipient's sending hours" \
	}

struct task_pick;

/* task_pick_read - of the options that were given; in the arena. It asks for the contact, so before a body is begun.
 * NULL: said why. */
const struct task_pick *task_pick_read(struct cli *cli);

bool task_pick_is_empty(const struct task_pick *pick);

/* task_pick_query - path, which has a query already, with the filter behind it. */
const char *task_pick_query(struct cli *cli, const struct task_pick *pick,
			    const char *path);

/* task_pick_write - the member "filter". */
void task_pick_write(const struct task_pick *pick, struct json *body);

#endif
