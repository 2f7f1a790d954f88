/* test_workflow_migration.c - where the steps of one version go in another: tables over pairs of plans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "workflow/migration.h"
#include "workflow/parse.h"

#define HEAD "<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'><steps>"
#define TAIL "</steps></workflow>"
#define SMS(id)               \
	"<manual-sms id='" id \
	"' name='N' expires='3d'><message>x</message></manual-sms>"
#define NOTE(id)      "<manual-sms id='" id "' name='N' expires='3d' wait='no'/>"
#define WAIT(id)      "<wait id='" id "' for='2d'/>"
#define REPLY(id, to) "<wait-for-reply id='" id "' to='" to "' timeout='2d'/>"
#define TAG(tag)      "<add-tag tag='" tag "'/>"

enum { MAPS_MOST = 4 };

static struct plan *plan_of(const char *steps)
{
	struct arena *arena = arena_new();
	struct workflow_report report;
	struct plan *plan = NULL;
	const char *xml = arena_printf(arena, HEAD "%s" TAIL, steps);
	workflow_report_init(&report, arena, NULL);
	if (workflow_parse(xml, strlen(xml), NULL, &plan, &report) != ERR_OK)
		fail_msg("%s", report.count ? report.findings[0].message : "?");
	arena_free(&arena);
	return plan;
}

static size_t count_of(const struct step_mapping *maps)
{
	size_t count = 0;
	while (count < MAPS_MOST && maps[count].from)
		count++;
	return count;
}

/* "hello same hello, pause vanished -": each step in the order of the old version. */
static const char *moves_text(struct arena *arena, const struct migration *migration)
{
	const char *text = "";
	for (size_t i = 0; i < migration->move_count; i++) {
		const struct step_move *move = &migration->moves[i];
		text = arena_printf(arena, "%s%s%s %s %s", text, i ? ", " : "",
				    move->from->id, step_fate_name(move->fate),
				    migration_ends(move) ? "end"
				    : move->to           ? move->to->id
							 : "-");
	}
	return text;
}

static const char *faults_text(struct arena *arena, const struct migration *migration)
{
	const char *text = "";
	for (size_t i = 0; i < migration->fault_count; i++)
		text = arena_printf(arena, "%s%s%s %s", text, i ? ", " : "",
				    migration->faults[i].step,
				    migration->faults[i].code);
	return text;
}

/* --- what becomes of each step ------------------------------------------------------------------------------------ */

static const struct {
	const char *from, *to;
	struct step_mapping maps[MAPS_MOST];
	const char *moves, *faults;
} table[] = {
	/* the same id and kind is the same step, in whatever order, and wherever it stands */
	{SMS("a") WAIT("p"), SMS("a") WAIT("p"), {{0}}, "a same a, p same p", ""},
	{SMS("a") WAIT("p"),
	 WAIT("p") TAG("t") SMS("a"),
	 {{0}},
	 "a same a, p same p",
	 ""},
	{WAIT("p"),
	 "<branch id='b'><when><condition field='contact.country' is='PT'/><steps>" WAIT(
		 "p") "</steps></when></branch>",
	 {{0}},
	 "p same p",
	 ""},
	{"<manual-sms id='a' name='A'><message>x</message><on-skipped>" WAIT(
		 "p") "</on-skipped></manual-sms>",
	 SMS("a") WAIT("p"),
	 {{0}},
	 "a same a, p same p",
	 ""},
	/* what makes nobody wait is no place */
	{TAG("t") WAIT("p") "<end/>", WAIT("p"), {{0}}, "p same p", ""},
	/* gone, and mapped or not */
	{SMS("a") WAIT("p"),
	 SMS("b") WAIT("q"),
	 {{0}},
	 "a vanished -, p vanished -",
	 "a unmapped, p unmapped"},
	{SMS("a") WAIT("p"),
	 SMS("b") WAIT("q"),
	 {{"a", "b"}},
	 "a mapped b, p vanished -",
	 "p unmapped"},
	{SMS("a") WAIT("p"),
	 SMS("b") WAIT("q"),
	 {{"a", "b"}, {"p", "q"}},
	 "a mapped b, p mapped q",
	 ""},
	{SMS("a") WAIT("p"),
	 WAIT("q"),
	 {{"a", NULL}, {"p", "q"}},
	 "a mapped end, p mapped q",
	 ""},
	{SMS("a") SMS("b"),
	 SMS("c"),
	 {{"a", "c"}, {"b", "c"}},
	 "a mapped c, b mapped c",
	 ""},
	/* one that is there may be mapped all the same, to the end as well, and two may change places */
	{SMS("a") SMS("b"),
	 SMS("a") SMS("b"),
	 {{"a", "b"}, {"b", "a"}},
	 "a mapped b, b mapped a",
	 ""},
	{SMS("a") SMS("b"),
	 SMS("a") SMS("b"),
	 {{"a", NULL}},
	 "a mapped end, b same b",
	 ""},
	/* another kind is another step */
	{WAIT("a"), SMS("a"), {{0}}, "a changed_kind -", "a changed_kind"},
	{WAIT("a"), SMS("a") WAIT("p"), {{"a", "p"}}, "a mapped p", ""},
	{WAIT("a"),
	 "<branch id='a'><when><condition field='contact.country' is='PT'/><steps/></when></branch>",
	 {{"a", NULL}},
	 "a mapped end",
	 ""},
	/* maps that say what cannot be */
	{WAIT("a"), WAIT("a") SMS("b"), {{"a", "b"}}, "a mapped end", "a other_kind"},
	{WAIT("a"), WAIT("a"), {{"a", "x"}}, "a mapped end", "a unknown_target"},
	{WAIT("a"), WAIT("a"), {{"x", "a"}}, "a same a", "x unknown_step"},
	{WAIT("a") "<add-tag id='t' tag='t'/>",
	 WAIT("a"),
	 {{"t", "a"}},
	 "a same a",
	 "t not_a_place"},
	/* a manual-sms that holds nobody need not be mapped */
	{NOTE("n") WAIT("p"), WAIT("p"), {{0}}, "n vanished -, p same p", ""},
	{NOTE("n") WAIT("p"),
	 SMS("m") WAIT("p"),
	 {{"n", "m"}},
	 "n mapped m, p same p",
	 ""},
	{SMS("n"), NOTE("n"), {{0}}, "n same n", ""},
	/* whoever waits for a reply waits for one to the same text */
	{SMS("a") REPLY("r", "a"),
	 SMS("a") REPLY("r", "a"),
	 {{0}},
	 "a same a, r same r",
	 ""},
	{SMS("a") REPLY("r", "a"),
	 SMS("b") REPLY("r", "b"),
	 {{"a", "b"}},
	 "a mapped b, r same r",
	 ""},
	{SMS("a") REPLY("r", "a"),
	 SMS("b") REPLY("r", "b"),
	 {{0}},
	 "a vanished -, r same r",
	 "a unmapped"},
	{SMS("a") REPLY("r", "a"),
	 SMS("a") SMS("b") REPLY("r", "b"),
	 {{0}},
	 "a same a, r same r",
	 "r other_reply"},
	{SMS("a") REPLY("r", "a"),
	 SMS("a") SMS("b") REPLY("r", "b"),
	 {{"a", "b"}},
	 "a mapped b, r same r",
	 ""},
	{SMS("a") REPLY("r", "a"),
	 SMS("a") SMS("b") REPLY("r", "b"),
	 {{"r", NULL}},
	 "a same a, r mapped end",
	 ""},
	{SMS("a") REPLY("r", "a"),
	 SMS("a") SMS("b") REPLY("r", "b") REPLY("s", "a"),
	 {{"r", "s"}},
	 "a same a, r mapped s",
	 ""},
	{SMS("a") REPLY("r", "a"),
	 SMS("b") REPLY("r", "b"),
	 {{"a", NULL}},
	 "a mapped end, r same r",
	 "r other_reply"},
	{NOTE("a") REPLY("r", "a"),
	 SMS("b") REPLY("r", "b"),
	 {{0}},
	 "a vanished -, r same r",
	 "r other_reply"},
	{NOTE("a") REPLY("r", "a"),
	 SMS("b") REPLY("r", "b"),
	 {{"a", "b"}},
	 "a mapped b, r same r",
	 ""},
};

static void test_moves(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arena *arena = arena_new();
		struct plan *from = plan_of(table[i].from), *to = plan_of(table[i].to);
		struct migration migration;
		workflow_migration(arena, from, to, table[i].maps,
				   count_of(table[i].maps), &migration);
		const char *moves = moves_text(arena, &migration),
			   *faults = faults_text(arena, &migration);
		if (strcmp(moves, table[i].moves) != 0 ||
		    strcmp(faults, table[i].faults) != 0)
			fail_msg("row %zu: '%s' ('%s'), wanted '%s' ('%s')", i, moves,
				 faults, table[i].moves, table[i].faults);
		plan_unref(&from);
		plan_unref(&to);
		arena_free(&arena);
	}
}

static void test_messages_name_the_remedy(void **state)
{
	(void)state;
	struct arena *arena = arena_new();
	struct plan *from = plan_of(SMS("a") WAIT("p") REPLY("r", "a"));
	struct plan *to = plan_of(SMS("b") SMS("c") REPLY("s", "b"));
	const struct step_mapping maps[] = {{"a", "c"}, {"r", "s"}};
	struct migration migration;
	workflow_migration(arena, from, to, maps, 2, &migration);
	assert_string_equal(faults_text(arena, &migration),
			    "p unmapped, r other_reply");
	assert_string_equal(
		migration.faults[0].message,
		"The new version has no step p (wait): map it to null, which ends the enrollments that stand there; "
		"it has no wait.");
	assert_non_null(strstr(migration.faults[1].message, "map a to b"));
	workflow_migration(arena, from, to, NULL, 0, &migration);
	assert_non_null(strstr(migration.faults[0].message,
			       "manual-sms steps (b, c), or to null"));
	assert_null(migration_move(&migration, "nothing"));
	plan_unref(&from);
	plan_unref(&to);
	arena_free(&arena);
}

/* --- the way out of a step ---------------------------------------------------------------------------------------- */

static const char *id_at(const struct plan *plan, int at)
{
	return at == PLAN_END ? "END" : plan->steps[at].id;
}

static void test_ways(void **state)
{
	(void)state;
	static const struct {
		const char *step, *held_to, *goes_to;
	} ways[] =
		{
			{"a", "p", "q"}, /* straight on */
			{"a", "skip", "new-skip"},
			{"a", "late", "q"}, /* an exit that is no longer written */
			{"r", "yes", "new-yes"},
			{"r", "END", "last"},
			{"p", "r", "r"},
			{"a", "nowhere", "q"},
		};
	struct arena *arena = arena_new();
	struct plan *from = plan_of(
		"<manual-sms id='a' name='A' expires='1d'><message>x</message><on-skipped><add-tag id='skip' tag='s'/></on-skipped>"
		"<on-expired><add-tag id='late' tag='l'/></on-expired></manual-sms>" WAIT(
			"p") "<wait-for-reply id='r' to='a' timeout='1d'><on-reply><add-tag id='yes' tag='y'/></on-reply></wait-for-reply>");
	struct plan *to = plan_of(
		"<manual-sms id='a' name='A' expires='1d'><message>x</message><on-skipped><add-tag id='new-skip' tag='s'/>"
		"</on-skipped></manual-sms>" WAIT(
			"q") "<wait-for-reply id='r' to='a' timeout='1d'><on-reply><add-tag id='new-yes' tag='y'/></on-reply></wait-for-reply>"
			     "<add-tag id='last' tag='z'/>");
	const struct step_mapping maps[] = {{"p", "q"}};
	struct migration migration;
	workflow_migration(arena, from, to, maps, 1, &migration);
	assert_int_equal(migration.fault_count, 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const struct step_move *move = migration_move(&migration, ways[i].step);
		int at = strcmp(ways[i].held_to, "END") == 0 ? PLAN_END
			 : strcmp(ways[i].held_to, "nowhere") == 0
				 ? 9999
				 : plan_find(from, ways[i].held_to);
		const char *goes = id_at(to, migration_way(move, at));
		if (strcmp(goes, ways[i].goes_to) != 0)
			fail_msg("row %zu: %s, wanted %s", i, goes, ways[i].goes_to);
	}
	plan_unref(&from);
	plan_unref(&to);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_messages_name_the_remedy),
		cmocka_unit_test(test_ways),
	};
	return cmocka_run_group_tests_name("workflow_migration", tests, NULL, NULL);
}
