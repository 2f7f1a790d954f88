/* The interpreter of steps, on plans read from XML and a world of notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "workflow/parse.h"
#include "workflow/step.h"

#define HEAD   "<workflow xmlns='urn:handbox:workflow:1' id='w' name='W'><steps>"
#define TAIL   "</steps></workflow>"
#define ASSIGN "<assign-user id='who'><user login='ana'/></assign-user>"

struct world {
	struct buf notes; /* all that happened, in order */
	/* the op that gives ERR_IO: "visit", "journal", or an effect */
	const char *fails_at;
	unsigned visits;
};

static enum err note(struct world *world, const char *op, const struct step *step)
{
	buf_printf(&world->notes, "%s(%s) ", op, step->id);
	return world->fails_at && strcmp(world->fails_at, op) == 0 ? ERR_IO : ERR_OK;
}

static enum err on_visit(void *arg, const struct step *step, unsigned *visit_out)
{
	struct world *world = arg;
	(void)step;
	if (world->fails_at && strcmp(world->fails_at, "visit") == 0)
		return ERR_IO;
	*visit_out = ++world->visits;
	return ERR_OK;
}

static enum err on_journal(void *arg, const struct step *step, const char *kind,
			   const char *detail)
{
	struct world *world = arg;
	(void)step;
	buf_printf(&world->notes, "%s%s%s; ", kind, *detail ? ":" : "", detail);
	return world->fails_at && strcmp(world->fails_at, "journal") == 0 ? ERR_IO
									  : ERR_OK;
}

static enum err on_assign(void *arg, const struct step *step, unsigned visit,
			  struct run_effect *effect)
{
	assert_int_equal(step->kind, STEP_ASSIGN_USER);
	assert_true(visit > 0);
	effect->detail = "ana";
	return note(arg, "assign", step);
}

static enum err on_task(void *arg, const struct step *step, unsigned visit,
			struct run_effect *effect)
{
	assert_int_equal(step->kind, STEP_MANUAL_SMS);
	assert_true(visit > 0);
	effect->is_waiting = step->sms.does_wait;
	return note(arg, "task", step);
}

static enum err on_add(void *arg, const struct step *step, unsigned visit,
		       struct run_effect *effect)
{
	(void)visit, (void)effect;
	assert_int_equal(step->kind, STEP_ADD_TAG);
	return note(arg, "add", step);
}

static enum err on_remove(void *arg, const struct step *step, unsigned visit,
			  struct run_effect *effect)
{
	(void)visit, (void)effect;
	assert_int_equal(step->kind, STEP_REMOVE_TAG);
	return note(arg, "remove", step);
}

static const struct run_ops ops = {
	.visit = on_visit,
	.journal = on_journal,
	.assign_user = on_assign,
	.create_task = on_task,
	.add_tag = on_add,
	.remove_tag = on_remove,
};

static struct plan *plan_of(const char *xml)
{
	struct arena *arena = arena_new();
	struct workflow_report report;
	struct plan *plan;
	workflow_report_init(&report, arena, NULL);
	assert_int_equal(workflow_parse(xml, strlen(xml), NULL, &plan, &report),
			 ERR_OK);
	arena_free(&arena);
	return plan;
}

static void assert_advance(const struct plan *plan, struct run *run,
			   enum run_outcome outcome, int at, const char *notes)
{
	struct world world = {.notes = BUF_EMPTY};
	assert_int_equal(workflow_advance(plan, run, &ops, &world), ERR_OK);
	assert_string_equal(buf_str(&world.notes), notes);
	assert_int_equal(run->outcome, outcome);
	assert_int_equal(run->at, at);
	buf_fini(&world.notes);
}

static void test_waits_and_goes_on(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		HEAD ASSIGN
		"<add-tag tag='a'/><manual-sms id='hello' name='H' expires='1d'/>"
		"<remove-tag tag='b'/><add-tag id='mine' tag='c'/>" TAIL);
	struct run run = {.at = plan->first};
	assert_advance(
		plan, &run, RUN_WAITING, 2,
		"assign(who) done:ana; add(add-tag#1) done; task(hello) waiting; ");
	run.at = plan->steps[run.at].next;
	assert_advance(plan, &run, RUN_COMPLETED, PLAN_END,
		       "remove(remove-tag#1) done; add(mine) done; ");
	assert_null(run.reason);
	plan_unref(&plan);
}

static void test_no_wait(void **state)
{
	(void)state;
	struct plan *plan = plan_of(
		HEAD ASSIGN "<manual-sms id='a' name='A' expires='1d' wait='no'/>"
			    "<manual-sms id='b' name='B' expires='1d'/>" TAIL);
	struct run run = {.at = plan->first};
	assert_advance(plan, &run, RUN_WAITING, 2,
		       "assign(who) done:ana; task(a) done; task(b) waiting; ");
	run.at = plan->steps[run.at].next;
	assert_int_equal(run.at, PLAN_END);
	assert_advance(plan, &run, RUN_COMPLETED, PLAN_END, "");
	plan_unref(&plan);
}

static void test_end_stops(void **state)
{
	(void)state;
	struct plan *plan =
		plan_of(HEAD "<add-tag tag='a'/><end/><add-tag tag='b'/>" TAIL);
	struct run run = {.at = plan->first};
	assert_advance(plan, &run, RUN_COMPLETED, PLAN_END,
		       "add(add-tag#1) done; done; ");
	plan_unref(&plan);
}

static void test_empty(void **state)
{
	(void)state;
	struct plan *plan = plan_of(HEAD TAIL);
	struct run run = {.at = plan->first};
	assert_advance(plan, &run, RUN_COMPLETED, PLAN_END, "");
	plan_unref(&plan);
}

static void test_bad_position(void **state)
{
	(void)state;
	struct plan *plan = plan_of(HEAD "<end/>" TAIL);
	const int bad[] = {1, -2, 1000000};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run run = {.at = bad[i]};
		assert_advance(plan, &run, RUN_FAILED, bad[i], "");
		assert_string_equal(run.reason, "bad_position");
	}
	plan_unref(&plan);
}

static struct plan *plan_of_tags(unsigned count)
{
	struct buf buf = BUF_EMPTY;
	buf_add_str(&buf, HEAD);
	for (unsigned i = 0; i < count; i++)
		buf_printf(&buf, "<add-tag tag='t%u'/>", i);
	buf_add_str(&buf, TAIL);
	struct plan *plan = plan_of(buf_str(&buf));
	buf_fini(&buf);
	return plan;
}

static void test_loop_guard(void **state)
{
	(void)state;
	struct plan *plan = plan_of_tags(RUN_STEPS_MAX);
	struct world world = {.notes = BUF_EMPTY};
	struct run run = {.at = plan->first};
	assert_int_equal(workflow_advance(plan, &run, &ops, &world), ERR_OK);
	assert_int_equal(run.outcome, RUN_COMPLETED);
	plan_unref(&plan);

	plan = plan_of_tags(RUN_STEPS_MAX + 1);
	run.at = plan->first;
	buf_clear(&world.notes);
	assert_int_equal(workflow_advance(plan, &run, &ops, &world), ERR_OK);
	assert_int_equal(run.outcome, RUN_FAILED);
	assert_int_equal(run.at, RUN_STEPS_MAX);
	assert_string_equal(run.reason, "loop_guard");
	assert_non_null(strstr(buf_str(&world.notes),
			       "add(add-tag#100) done; failed:loop_guard; "));
	plan_unref(&plan);
	buf_fini(&world.notes);
}

/* Whatever fails, its error comes out and the run is as it was. */
static void test_errors_come_out(void **state)
{
	(void)state;
	static const char *const all[] = {"visit", "journal", "assign",
					  "add",   "remove",  "task"};
	struct plan *plan =
		plan_of(HEAD ASSIGN "<add-tag tag='a'/><remove-tag tag='b'/>"
				    "<manual-sms id='h' name='H' expires='1d'/>" TAIL);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct world world = {.notes = BUF_EMPTY, .fails_at = all[i]};
		struct run run = {.at = plan->first, .outcome = RUN_OUTCOME_COUNT};
		assert_int_equal(workflow_advance(plan, &run, &ops, &world), ERR_IO);
		assert_int_equal(run.at, plan->first);
		assert_int_equal(run.outcome, RUN_OUTCOME_COUNT);
		buf_fini(&world.notes);
	}
	plan_unref(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_and_goes_on),
		cmocka_unit_test(test_no_wait),
		cmocka_unit_test(test_end_stops),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bad_position),
		cmocka_unit_test(test_loop_guard),
		cmocka_unit_test(test_errors_come_out),
	};
	return cmocka_run_group_tests_name("workflow step", tests, NULL, NULL);
}
