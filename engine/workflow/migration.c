/* migration.c - see migration.h */
#include "workflow/migration.h"

#include <string.h>

#include "base/buf.h"
#include "workflow/step.h"

enum { NAMED_MOST = 8 }; /* steps that a message lists */

struct building {
	struct arena *arena;
	const struct step_mapping *maps;
	size_t map_count;
	struct step_move *moves;
	struct migration_fault *faults;
	struct migration *out;
};

static const char *const fate_names[] = {
	[STEP_SAME] = "same",
	[STEP_MAPPED] = "mapped",
	[STEP_VANISHED] = "vanished",
	[STEP_CHANGED_KIND] = "changed_kind",
};
_Static_assert(sizeof(fate_names) / sizeof(fate_names[0]) == STEP_FATE_COUNT,
	       "a name per fate");

const char *step_fate_name(enum step_fate fate)
{
	return fate_names[fate];
}

static bool makes_wait(const struct step *step)
{
	return step->kind == STEP_MANUAL_SMS || step->kind == STEP_WAIT ||
	       step->kind == STEP_WAIT_FOR_REPLY;
}

static const struct step *step_named(const struct plan *plan, const char *id)
{
	int at = plan_find(plan, id);
	return at < 0 ? NULL : &plan->steps[at];
}

static const struct step_mapping *said_of(const struct building *b, const char *id)
{
	for (size_t i = 0; i < b->map_count; i++)
		if (strcmp(b->maps[i].from, id) == 0)
			return &b->maps[i];
	return NULL;
}

static void add_fault(struct building *b, const char *step, const char *code,
		      const char *message)
{
	b->faults[b->out->fault_count++] =
		(struct migration_fault){step, code, message};
}

/* "to one of its manual-sms steps (greet, bye), or to null, which ends the enrollments that stand there": what may be
 * said of a step of that kind. */
static const char *remedy(struct building *b, enum step_kind kind)
{
	const struct plan *to = b->out->to;
	struct buf names = BUF_EMPTY;
	size_t count = 0;
	for (size_t i = 0; i < to->step_count; i++)
		if (to->steps[i].kind == kind && ++count <= NAMED_MOST)
			buf_printf(&names, "%s%s", count > 1 ? ", " : "",
				   to->steps[i].id);
	const char *end = "null, which ends the enrollments that stand there";
	const char *text =
		count ? arena_printf(b->arena,
				     "to one of its %s steps (%s%s), or to %s",
				     step_kind_name(kind), buf_str(&names),
				     count > NAMED_MOST ? ", …" : "", end)
		      : arena_printf(b->arena, "to %s; it has no %s", end,
				     step_kind_name(kind));
	buf_fini(&names);
	return text;
}

/* --- each step --- */

static void fault_unsaid(struct building *b, const struct step *step,
			 const struct step *namesake)
{
	const char *kind = step_kind_name(step->kind);
	if (namesake)
		add_fault(b, step->id, "changed_kind",
			  arena_printf(b->arena,
				       "The step %s was a %s and is a %s in the new "
				       "version: map it %s.",
				       step->id, kind, step_kind_name(namesake->kind),
				       remedy(b, step->kind)));
	else
		add_fault(
			b, step->id, "unmapped",
			arena_printf(b->arena,
				     "The new version has no step %s (%s): map it %s.",
				     step->id, kind, remedy(b, step->kind)));
}

/* Where the map sends it; NULL: nowhere, or not there. */
static const struct step *mapped_to(struct building *b, const struct step *step,
				    const char *id)
{
	if (!id)
		return NULL;
	const struct step *to = step_named(b->out->to, id);
	if (to && to->kind == step->kind)
		return to;
	add_fault(b, step->id, to ? "other_kind" : "unknown_target",
		  to ? arena_printf(b->arena,
				    "The step %s is a %s, and %s is a %s: map it %s.",
				    step->id, step_kind_name(step->kind), id,
				    step_kind_name(to->kind), remedy(b, step->kind))
		     : arena_printf(b->arena,
				    "The new version has no step %s: map %s %s.", id,
				    step->id, remedy(b, step->kind)));
	return NULL;
}

static void add_move(struct building *b, const struct step *step)
{
	const struct step *namesake = step_named(b->out->to, step->id);
	const struct step_mapping *said = said_of(b, step->id);
	struct step_move move = {
		.from = step,
		.is_place = step->kind != STEP_MANUAL_SMS || step->sms.does_wait,
	};
	if (said) {
		move.fate = STEP_MAPPED;
		move.to = mapped_to(b, step, said->to);
	} else if (namesake && namesake->kind == step->kind) {
		move.fate = STEP_SAME;
		move.to = namesake;
	} else {
		move.fate = namesake ? STEP_CHANGED_KIND : STEP_VANISHED;
		if (move.is_place)
			fault_unsaid(b, step, namesake);
	}
	b->moves[b->out->move_count++] = move;
}

/* --- the map, and what belongs together --- */

static void check_said(struct building *b, const struct step_mapping *said)
{
	const struct step *step = step_named(b->out->from, said->from);
	if (!step)
		add_fault(b, said->from, "unknown_step",
			  arena_printf(b->arena,
				       "The old version has no step %s: take it out of "
				       "the map.",
				       said->from));
	else if (!makes_wait(step))
		add_fault(
			b, said->from, "not_a_place",
			arena_printf(b->arena,
				     "Nobody stands at %s, a %s: only manual-sms, wait "
				     "and wait-for-reply are mapped. Take it out of "
				     "the map.",
				     said->from, step_kind_name(step->kind)));
}

/* Whoever waits for a reply waits for one to a certain text: it must be that one's step in the new version too. */
static void check_reply(struct building *b, const struct step_move *move)
{
	const struct step_move *bound = migration_move(b->out, move->from->reply.to);
	const char *wanted = move->to->reply.to;
	if (bound && bound->to && strcmp(bound->to->id, wanted) == 0)
		return;
	if (bound && bound->is_place && !bound->to && !migration_ends(bound))
		return; /* it has a fault of its own, which comes first */
	add_fault(b, move->from->id, "other_reply",
		  arena_printf(b->arena,
			       "The step %s waits for a reply to %s, and %s of the new "
			       "version for one to %s: map %s to %s, or %s to another "
			       "wait-for-reply or to null.",
			       move->from->id, move->from->reply.to, move->to->id,
			       wanted, move->from->reply.to, wanted, move->from->id));
}

void workflow_migration(struct arena *arena, const struct plan *from,
			const struct plan *to, const struct step_mapping *maps,
			size_t count, struct migration *out)
{
	*out = (struct migration){.from = from, .to = to};
	struct building b = {
		.arena = arena,
		.maps = maps,
		.map_count = count,
		.moves = ARENA_ARRAY(arena, struct step_move, from->step_count + 1),
		.faults = ARENA_ARRAY(arena, struct migration_fault,
				      2 * from->step_count + count + 1),
		.out = out,
	};
	out->moves = b.moves;
	out->faults = b.faults;
	for (size_t i = 0; i < count; i++)
		check_said(&b, &maps[i]);
	for (size_t i = 0; i < from->step_count; i++)
		if (makes_wait(&from->steps[i]))
			add_move(&b, &from->steps[i]);
	for (size_t i = 0; i < out->move_count; i++)
		if (out->moves[i].to && out->moves[i].from->kind == STEP_WAIT_FOR_REPLY)
			check_reply(&b, &out->moves[i]);
}

/* --- asking --- */

const struct step_move *migration_move(const struct migration *migration,
				       const char *step_id)
{
	for (size_t i = 0; i < migration->move_count; i++)
		if (strcmp(migration->moves[i].from->id, step_id) == 0)
			return &migration->moves[i];
	return NULL;
}

bool migration_ends(const struct step_move *move)
{
	return move->fate == STEP_MAPPED && !move->to;
}

/* The ways out of a step: straight on first, then each exit of its kind. */
enum { WAYS_MOST = 1 + SMS_EXIT_COUNT };
static size_t ways_out(const struct step *step, int ways[WAYS_MOST])
{
	size_t count = 0;
	ways[count++] = step->next;
	if (step->kind == STEP_MANUAL_SMS)
		for (unsigned i = 0; i < SMS_EXIT_COUNT; i++)
			ways[count++] = step_exit(step, step->sms.exits[i]);
	if (step->kind == STEP_WAIT_FOR_REPLY) {
		ways[count++] = step_exit(step, step->reply.on_reply);
		ways[count++] = step_exit(step, step->reply.on_timeout);
	}
	return count;
}

int migration_way(const struct step_move *move, int at)
{
	int was[WAYS_MOST], is[WAYS_MOST];
	const size_t count = ways_out(move->from, was);
	(void)ways_out(move->to, is); /* of the same kind, so as many */
	for (size_t i = 0; i < count; i++)
		if (was[i] == at)
			return is[i];
	return move->to->next;
}
