/* expect.c - what a scenario expects: the answers of the API's own queries, looked into. See scenario.h
 *
 *	expect task rui/hello state=pending assignee.login=ana text~Hi due_at=now+4h
 *	expect no task rui/hello
 *	expect journal rui lead tag_added detail.tag=vip
 *
 * member=value: equal (null or none: not there; yes, no: true, false). member~part: contains, also of arrays and objects.
 * member!=value. A member is a path: assignee.login, checks.2.detail. A time may be written now+4h.
 */
#include "scenario.h"

#include "core/contacts.h"
#include "core/enroll.h"
#include "core/jobs.h"
#include "core/messages.h"
#include "core/tasks.h"
#include "core/why.h"
#include "core/workflows.h"

enum { JOURNAL_MOST = 500 };

/* --- looking into JSON --------------------------------------------------------------------------------------------- */

static const char *text_of(struct world *world, struct json_t *value)
{
	return tree_text(value, world->desk->arena);
}

static const char *member_of(struct world *world, struct json_t *value,
			     const char *path)
{
	return text_of(world, tree_at(value, path));
}

static const char *wanted(struct world *world, const char *text)
{
	char at[CLOCK_TEXT_LEN];
	if (strcmp(text, "null") == 0)
		return "none";
	if (strcmp(text, "now") == 0 || strncmp(text, "now+", 4) == 0 ||
	    strncmp(text, "now-", 4) == 0)
		return arena_strdup(world->desk->arena,
				    clock_format(instant(world, text), at));
	return text;
}

/* Does one expectation hold? Words without an operator are no expectations, nor are by= and of=. */
static bool holds(struct world *world, struct json_t *value, const char *expectation,
		  const char **is_out)
{
	size_t len = strcspn(expectation, "=~!");
	const char *op = expectation + len;
	if (!*op || strncmp(expectation, "by=", 3) == 0 ||
	    strncmp(expectation, "of=", 3) == 0)
		return true;
	const char *path = arena_strndup(world->desk->arena, expectation, len);
	const char *is = member_of(world, value, path);
	const char *should = wanted(world, op + (*op == '!' ? 2 : 1));
	*is_out = is;
	if (*op == '~')
		return strstr(is, should) != NULL;
	return (strcmp(is, should) == 0) == (*op == '=');
}

/* The first expectation from the n-th word on that does not hold, or NULL. */
static const char *first_wrong(struct world *world, struct json_t *value, unsigned n,
			       const char **is_out)
{
	for (; n < world->line->count; n++)
		if (!holds(world, value, world->line->words[n], is_out))
			return world->line->words[n];
	return NULL;
}

static void must_hold(struct world *world, struct json_t *value, unsigned n)
{
	const char *is = "", *wrong = first_wrong(world, value, n, &is);
	if (wrong)
		scene_fail(world, "not %s: it is %s\n    of %s", wrong, is,
			   text_of(world, value));
}

/* --- what there is to look at ---------------------------------------------------------------------------------------- */

/* Fills *value_out, NULL: there is none; returns the first word that is an expectation. */
typedef unsigned look_fn(struct world *world, unsigned n, struct json_t **value_out);

static struct call call_of(struct world *world)
{
	return desk_call(world->desk, &desk_shell);
}

static unsigned look_task(struct world *world, unsigned n, struct json_t **value_out)
{
	struct task_get get = {.call = call_of(world),
			       .task_id = task_ref(world, word(world, n))};
	if (get.task_id)
		*value_out = scene_read(world, task_get, &get.call);
	return n + 1;
}

/* by=LOGIN: as this person sees it */
static unsigned look_task_why(struct world *world, unsigned n,
			      struct json_t **value_out)
{
	const char *by = option(world, "by");
	struct task_get get = {
		.call = desk_call(world->desk, by ? actor_of(world, by) : &desk_shell),
		.task_id = task_ref(world, word(world, n))};
	if (get.task_id)
		*value_out = scene_read(world, task_why, &get.call);
	return n + 1;
}

/* card TASK [by=LOGIN]: as it looks, without opening it */
static unsigned look_card(struct world *world, unsigned n, struct json_t **value_out)
{
	const uint64_t id = task_ref(world, word(world, n));
	struct task_get get = {.call = desk_call(world->desk, id ? task_actor(world, id)
								 : &desk_shell),
			       .task_id = id};
	if (get.task_id)
		*value_out = scene_read(world, task_card, &get.call);
	return n + 1;
}

/* shown TASK [by=LOGIN]: the card as it was when that person opened it last */
static unsigned look_shown(struct world *world, unsigned n, struct json_t **value_out)
{
	const uint64_t id = task_ref(world, word(world, n));
	const struct card_open *card =
		id ? card_opened(world, id, task_actor(world, id)->user_id) : NULL;
	*value_out = card ? card->answer : NULL;
	return n + 1;
}

static unsigned look_text(struct world *world, unsigned n, const char *text,
			  struct json_t **value_out)
{
	struct call call = call_of(world);
	if (!text)
		return n;
	buf_add_str(&call.answer, text);
	*value_out = scene_tree(world, &call);
	buf_fini(&call.answer);
	return n;
}

/* refusal: the members of the last one; preview: the last dry run; job: what became of the last bulk act */
static unsigned look_refusal(struct world *world, unsigned n, struct json_t **value_out)
{
	return look_text(world, n, world->refusal, value_out);
}

static unsigned look_preview(struct world *world, unsigned n, struct json_t **value_out)
{
	return look_text(world, n, world->preview, value_out);
}

static unsigned look_job(struct world *world, unsigned n, struct json_t **value_out)
{
	struct job_get get = {.call = call_of(world), .id = world->job_id};
	if (get.id)
		*value_out = scene_read(world, job_get, &get.call);
	return n;
}

static unsigned look_enrollment(struct world *world, unsigned n,
				struct json_t **value_out)
{
	struct enrollment_get get = {
		.call = call_of(world),
		.id = enrollment_ref(world, word(world, n), word(world, n + 1))};
	if (get.id)
		*value_out = scene_read(world, enrollment_get, &get.call);
	return n + 2;
}

static unsigned look_contact(struct world *world, unsigned n, struct json_t **value_out)
{
	struct contact_get get = {
		.call = call_of(world),
		.id = name_of(world, NAMED_CONTACT, word(world, n))->id};
	*value_out = scene_read(world, contact_get, &get.call);
	return n + 1;
}

static unsigned look_message(struct world *world, unsigned n, struct json_t **value_out)
{
	struct message_get get = {.call = call_of(world),
				  .message_id = message_ref(world, word(world, n))};
	if (get.message_id)
		*value_out = scene_read(world, message_get, &get.call);
	return n + 1;
}

static unsigned look_workflow(struct world *world, unsigned n,
			      struct json_t **value_out)
{
	struct workflow_get get = {.call = call_of(world), .id = word(world, n)};
	*value_out = scene_read(world, workflow_get, &get.call);
	return n + 1;
}

static struct json_t *journal_of(struct world *world, unsigned n)
{
	struct enrollment_journal get = {
		.call = call_of(world),
		.id = enrollment_ref(world, word(world, n), word(world, n + 1)),
		.limit = JOURNAL_MOST};
	if (!get.id)
		scene_fail(world, "there is no such enrollment");
	struct json_t *page = scene_read(world, enrollment_journal, &get.call);
	return tree_at(page, "items");
}

/* journal CONTACT WORKFLOW KIND …: the first line of that kind of which all holds */
static unsigned look_journal(struct world *world, unsigned n, struct json_t **value_out)
{
	struct json_t *items = journal_of(world, n), *item;
	size_t i;
	const char *is;
	for (i = 0; (item = tree_item(items, i)); i++)
		if (strcmp(member_of(world, item, "kind"), word(world, n + 2)) == 0 &&
		    !first_wrong(world, item, n + 3, &is)) {
			*value_out = item;
			break;
		}
	if (!*value_out)
		fprintf(stderr, "%s\n", text_of(world, items));
	return n + 3;
}

/* tag CONTACT TAG */
static unsigned look_tag(struct world *world, unsigned n, struct json_t **value_out)
{
	struct json_t *contact = NULL, *item;
	size_t i;
	(void)look_contact(world, n, &contact);
	for (i = 0; (item = tree_item(tree_at(contact, "tags"), i)); i++)
		if (strcmp(text_of(world, item), word(world, n + 1)) == 0)
			*value_out = item;
	return n + 2;
}

static const struct look {
	const char *word;
	look_fn *look;
} looks[] = {
	{"task", look_task},         {"task-why", look_task_why},
	{"card", look_card},         {"shown", look_shown},
	{"refusal", look_refusal},   {"preview", look_preview},
	{"job", look_job},           {"enrollment", look_enrollment},
	{"contact", look_contact},   {"message", look_message},
	{"workflow", look_workflow}, {"journal", look_journal},
	{"tag", look_tag},
};

/* --- counts, trails and answers to why -------------------------------------------------------------------------------- */

/* count N TABLE [WHERE…]: rows, in SQL */
static void expect_count(struct world *world)
{
	int64_t is =
		desk_number(world->desk, "SELECT count(*) FROM %s", word(world, 3));
	if (is != strtoll(word(world, 2), NULL, 10))
		scene_fail(world, "there are %" PRId64, is);
}

/* trail CONTACT WORKFLOW "kind kind:step …": all lines of the journal, in order; a step only where it is asked for */
static void expect_trail(struct world *world)
{
	struct json_t *items = journal_of(world, 2), *item;
	char *rest = arena_strdup(world->desk->arena, word(world, 4));
	const char *is = "";
	bool fits = true;
	size_t i;
	for (i = 0; (item = tree_item(items, i)); i++) {
		const char *kind = member_of(world, item, "kind");
		const char *step = member_of(world, item, "step");
		const char *should = rest ? strsep(&rest, " ") : "";
		const char *whole =
			arena_printf(world->desk->arena, "%s:%s", kind, step);
		fits = fits && strcmp(should, strchr(should, ':') ? whole : kind) == 0;
		is = arena_printf(world->desk->arena, "%s %s", is, whole);
	}
	if (!fits || rest)
		scene_fail(world, "the trail is%s", is);
}

/* CONTACT WORKFLOW, or WORKFLOW/STEP for the task of one step */
static struct why_workflow why_of(struct world *world)
{
	const char *workflow = word(world, 3), *slash = strchr(workflow, '/');
	struct arena *arena = world->desk->arena;
	return (struct why_workflow){
		.call = call_of(world),
		.workflow_id = slash ? arena_strndup(arena, workflow,
						     (size_t)(slash - workflow))
				     : workflow,
		.step_id = slash ? slash + 1 : NULL,
		.contact_id = name_of(world, NAMED_CONTACT, word(world, 2))->id};
}

/* why CONTACT WORKFLOW CHECK|nothing [detail~…] [fix~…]: the first failure. why… checks.N.… looks at the others. */
static void expect_why(struct world *world)
{
	struct why_workflow cmd = why_of(world);
	struct json_t *answer = scene_read(world, why_workflow, &cmd.call);
	struct json_t *first = tree_at(answer, "first_failure");
	const char *check = member_of(world, first, "check");
	const char *should = word(world, 4);
	if (strcmp(should, "nothing") == 0)
		should = "none";
	if (strcmp(check, should) != 0)
		scene_fail(world, "the first failure is %s\n    of %s", check,
			   text_of(world, answer));
	must_hold(world, first, 5);
}

/* check CONTACT WORKFLOW CHECK ok=yes detail~…: one of the answers to why */
static void expect_one_check(struct world *world)
{
	struct why_workflow cmd = why_of(world);
	struct json_t *answer = scene_read(world, why_workflow, &cmd.call), *item,
		      *found = NULL;
	size_t i;
	for (i = 0; (item = tree_item(tree_at(answer, "checks"), i)); i++)
		if (strcmp(member_of(world, item, "check"), word(world, 4)) == 0)
			found = item;
	if (!found)
		scene_fail(world, "there is no such check");
	must_hold(world, found, 5);
}

/* cannot-send TASK GUARD|nothing: the first guard that does not let it go */
static void expect_cannot_send(struct world *world)
{
	struct json_t *why = NULL;
	(void)look_task_why(world, 2, &why);
	if (!why)
		scene_fail(world, "there is no such task");
	const char *is = member_of(world, why, "sendable.first_failure");
	const char *should =
		strcmp(word(world, 3), "nothing") == 0 ? "none" : word(world, 3);
	const char *all = text_of(world, why);
	if (strcmp(is, should) != 0)
		scene_fail(world, "the first guard is %s\n    of %s", is, all);
}

/* guard TASK NAME [by=] ok=… detail~… fix~…: what one of the guards says, pass or fail */
static void expect_guard(struct world *world)
{
	struct json_t *why = NULL, *item, *found = NULL;
	size_t i;
	(void)look_task_why(world, 2, &why);
	for (i = 0; (item = tree_item(tree_at(why, "sendable.guards"), i)); i++)
		if (strcmp(member_of(world, item, "name"), word(world, 3)) == 0)
			found = item;
	if (!found)
		scene_fail(world, "there is no such task, or no such guard");
	must_hold(world, found, 4);
}

static const struct task_filter pending_of_all = {.states = 1u << TASK_PENDING,
						  .limit = 100};

static struct task_list listing(struct world *world)
{
	const char *by = option(world, "by"), *order = option(world, "order");
	struct task_list list = {
		.call = desk_call(world->desk, by ? actor_of(world, by) : &desk_shell),
		.filter = pending_of_all};
	if (order && strcmp(order, "closing") == 0)
		list.filter.order = TASK_ORDER_CLOSING;
	if (order && strcmp(order, "created") == 0)
		list.filter.order = TASK_ORDER_CREATED;
	if (option(world, "of"))
		list.assignee =
			(struct who){.kind = WHO_LOGIN, .login = option(world, "of")};
	return list;
}

/* next TASK|nothing by=LOGIN [order=] [of=LOGIN] [after=TASK]: what Let's Start would open */
static void expect_next(struct world *world)
{
	struct task_list list = listing(world);
	const char *should = word(world, 2), *after = option(world, "after");
	list.after_id = after ? task_ref(world, after) : 0;
	scene_check(world, &list.call, desk_read(world->desk, task_peek, &list.call));
	uint64_t id = 0;
	if (list.call.answer.len)
		id = strtoull(
			member_of(world, scene_tree(world, &list.call), "task.id"),
			NULL, 10);
	if (id != (strcmp(should, "nothing") == 0 ? 0 : task_ref(world, should)))
		scene_fail(world, "it is task %" PRIu64 " %s", id,
			   buf_str(&list.call.answer));
}

/* queue "rui eva" [by=] [order=] [of=] [page=N]: whose the pending tasks are, in order; read in pages of N */
static void expect_queue(struct world *world)
{
	const char *page = option(world, "page"), *is = "", *next = NULL;
	struct json_t *answer, *item;
	do {
		size_t i;
		struct task_list list = listing(world);
		list.cursor = next;
		if (page)
			list.filter.limit = strtoul(page, NULL, 10);
		answer = scene_read(world, task_list, &list.call);
		for (i = 0; (item = tree_item(tree_at(answer, "items"), i)); i++)
			is = arena_printf(world->desk->arena, "%s%s%s", is,
					  *is ? " " : "",
					  member_of(world, item, "contact.name"));
		next = member_of(world, answer, "next");
	} while (strcmp(next, "none") != 0);
	if (strcasecmp(is, word(world, 2)) != 0)
		scene_fail(world, "it is %s", is);
}

/* counts [by=] [of=] eligible=… opens_later=… next_open_at=… */
static void expect_counts(struct world *world)
{
	struct task_list list = listing(world);
	list.filter.states = 0;
	must_hold(world, scene_read(world, task_counts, &list.call), 2);
}

static const struct act answers[] = {
	{"next", expect_next},
	{"queue", expect_queue},
	{"counts", expect_counts},
	{"guard", expect_guard},
	{"count", expect_count},
	{"trail", expect_trail},
	{"why", expect_why},
	{"check", expect_one_check},
	{"cannot-send", expect_cannot_send},
	{NULL, NULL},
};

static void expect_look(struct world *world, const struct look *look, unsigned n,
			bool no)
{
	struct json_t *value = NULL;
	const char *is = "";
	n = look->look(world, n, &value);
	if (!no && !value)
		scene_fail(world, "there is none");
	if (!no)
		must_hold(world, value, n);
	else if (value && !first_wrong(world, value, n, &is))
		scene_fail(world, "there is one: %s", text_of(world, value));
}

void act_expect(struct world *world)
{
	bool no = strcmp(word(world, 1), "no") == 0;
	const char *what = word(world, no ? 2 : 1);
	for (const struct act *answer = answers; answer->word && !no; answer++)
		if (strcmp(answer->word, what) == 0) {
			answer->act(world);
			return;
		}
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strcmp(looks[i].word, what) == 0) {
			expect_look(world, &looks[i], no ? 3 : 2, no);
			return;
		}
	scene_fail(world, "nobody knows how to expect '%s'", what);
}
