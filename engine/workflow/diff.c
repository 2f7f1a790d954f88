/* diff.c - see diff.h; the texts are taken apart in diff_units.c */
#include "workflow/diff.h"

#include <string.h>

#include "workflow/diff_units.h"

static const char *const change_names[CHANGE_KIND_COUNT] = {
	[CHANGE_REMOVED] = "removed",   [CHANGE_ADDED] = "added",
	[CHANGE_MOVED] = "moved",       [CHANGE_ATTRIBUTE] = "changed",
	[CHANGE_TEXT] = "text_changed",
};

const char *workflow_change_name(enum workflow_change_kind kind)
{
	return change_names[kind];
}

struct comparing {
	struct arena *arena;
	struct units from, to;
	struct workflow_change *changes;
	size_t count, room;
};

/* --- what belongs to what --- */

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool says_the_same(const struct unit *a, const struct unit *b)
{
	if (a->detail_count != b->detail_count)
		return false;
	for (size_t i = 0; i < a->detail_count; i++)
		if (!is_same(a->details[i].name, b->details[i].name) ||
		    !is_same(a->details[i].value, b->details[i].value))
			return false;
	return true;
}

static bool by_id(const struct unit *a, const struct unit *b)
{
	return a->id && b->id && is_same(a->id, b->id) &&
	       is_same(a->element, b->element) && a->is_step == b->is_step;
}

static bool by_words(const struct unit *a, const struct unit *b)
{
	return !a->id && !b->id && is_same(a->element, b->element) &&
	       is_same(a->place, b->place) && says_the_same(a, b);
}

static bool by_words_elsewhere(const struct unit *a, const struct unit *b)
{
	return !a->id && !b->id && is_same(a->element, b->element) &&
	       a->is_step == b->is_step && says_the_same(a, b);
}

/* The root is itself whatever its id. */
static bool by_order(const struct unit *a, const struct unit *b)
{
	return (!a->is_step || (!a->id && !b->id)) && is_same(a->element, b->element) &&
	       is_same(a->place, b->place);
}

static void pair(struct comparing *comparing,
		 bool (*are_twins)(const struct unit *a, const struct unit *b))
{
	struct units *from = &comparing->from, *to = &comparing->to;
	for (size_t i = 0; i < from->count; i++)
		for (size_t k = 0; k < to->count && from->items[i].twin < 0; k++)
			if (to->items[k].twin < 0 &&
			    are_twins(&from->items[i], &to->items[k])) {
				from->items[i].twin = (int)k;
				to->items[k].twin = (int)i;
			}
}

/* --- changes --- */

static const char *unit_words(struct arena *arena, const struct unit *unit)
{
	if (strcmp(unit->element, "workflow") == 0)
		return "The workflow";
	if (strcmp(unit->element, "settings") == 0)
		return "The settings";
	if (unit->id && unit->is_step)
		return arena_printf(arena, "Step \"%s\" (%s)", unit->id, unit->element);
	const char *value = unit->detail_count && *unit->details[0].value
				    ? unit->details[0].value
				    : NULL;
	const char *what = unit->is_step ? "Step" : "Trigger";
	return value ? arena_printf(arena, "%s %s \"%s\"", what, unit->element, value)
		     : arena_printf(arena, "%s %s", what, unit->element);
}

static struct workflow_change *add(struct comparing *comparing,
				   enum workflow_change_kind kind,
				   const struct unit *unit)
{
	if (comparing->count == comparing->room) {
		size_t room = comparing->room ? comparing->room * 2 : 32;
		struct workflow_change *more =
			ARENA_ARRAY(comparing->arena, struct workflow_change, room);
		for (size_t i = 0; i < comparing->count; i++)
			more[i] = comparing->changes[i];
		comparing->changes = more;
		comparing->room = room;
	}
	struct workflow_change *change = &comparing->changes[comparing->count++];
	*change = (struct workflow_change){.kind = kind,
					   .element = unit->element,
					   .step = unit->is_step ? unit->id : NULL};
	return change;
}

static void say_gone(struct comparing *comparing, const struct unit *unit)
{
	struct workflow_change *change = add(comparing, CHANGE_REMOVED, unit);
	change->from = *unit->place ? unit->place : NULL;
	change->text = arena_printf(comparing->arena, "%s is gone.",
				    unit_words(comparing->arena, unit));
}

static void say_new(struct comparing *comparing, const struct unit *unit)
{
	struct workflow_change *change = add(comparing, CHANGE_ADDED, unit);
	const char *words = unit_words(comparing->arena, unit);
	change->to = *unit->place ? unit->place : NULL;
	change->text = change->to
			       ? arena_printf(comparing->arena, "%s is new, in %s.",
					      words, unit->place)
			       : arena_printf(comparing->arena, "%s are new.", words);
}

static const struct detail *detail_of(const struct unit *unit,
				      const struct detail *like)
{
	for (size_t i = 0; i < unit->detail_count; i++)
		if (unit->details[i].is_text == like->is_text &&
		    strcmp(unit->details[i].name, like->name) == 0)
			return &unit->details[i];
	return NULL;
}

static void say_detail(struct comparing *comparing, const struct unit *unit,
		       const struct detail *was, const struct detail *is)
{
	const struct detail *any = was ? was : is;
	struct arena *arena = comparing->arena;
	const char *words = unit_words(arena, unit), *name = any->name;
	struct workflow_change *change =
		add(comparing, any->is_text ? CHANGE_TEXT : CHANGE_ATTRIBUTE, unit);
	change->what = name;
	change->from = was ? was->value : NULL;
	change->to = is ? is->value : NULL;
	if (!was)
		change->text =
			*is->value ? arena_printf(arena, "%s: %s is now \"%s\".", words,
						  name, is->value)
				   : arena_printf(arena, "%s: %s is new.", words, name);
	else if (!is)
		change->text =
			*was->value
				? arena_printf(arena,
					       "%s: %s, which was \"%s\", is gone.",
					       words, name, was->value)
				: arena_printf(arena, "%s: %s is gone.", words, name);
	else
		change->text =
			arena_printf(arena, "%s: %s changed from \"%s\" to \"%s\".",
				     words, name, was->value, is->value);
}

static void compare_details(struct comparing *comparing, const struct unit *from,
			    const struct unit *to)
{
	for (size_t i = 0; i < from->detail_count; i++) {
		const struct detail *was = &from->details[i], *is = detail_of(to, was);
		if (!is || !is_same(was->value, is->value))
			say_detail(comparing, to, was, is);
	}
	for (size_t i = 0; i < to->detail_count; i++)
		if (!detail_of(from, &to->details[i]))
			say_detail(comparing, to, NULL, &to->details[i]);
}

/* --- moves --- */

/* Of the steps that stayed in the place of to[at], those that kept their order: the longest chain of rising twins ending
 * there. What is not in the longest of all has moved. */
static void mark_kept(const struct units *to, const struct units *from,
		      const char *place, bool *kept)
{
	size_t count = to->count, best = count;
	size_t *len = ARENA_ARRAY(to->arena, size_t, count + 1);
	size_t *before = ARENA_ARRAY(to->arena, size_t, count + 1);
	for (size_t i = 0; i < count; i++) {
		const struct unit *unit = &to->items[i];
		len[i] = 0;
		if (unit->twin < 0 || !is_same(unit->place, place) ||
		    !is_same(from->items[unit->twin].place, place))
			continue;
		len[i] = 1;
		before[i] = count;
		for (size_t k = 0; k < i; k++)
			if (len[k] && to->items[k].twin < unit->twin &&
			    len[k] + 1 > len[i]) {
				len[i] = len[k] + 1;
				before[i] = k;
			}
		if (best == count || len[i] > len[best])
			best = i;
	}
	for (; best < count; best = before[best])
		kept[best] = true;
}

static const char *behind(struct comparing *comparing, size_t at)
{
	const struct units *to = &comparing->to;
	const char *place = to->items[at].place;
	for (size_t i = at; i-- > 0;)
		if (is_same(to->items[i].place, place))
			return arena_printf(
				comparing->arena, "%s, behind %s", place,
				unit_words(comparing->arena, &to->items[i]));
	return arena_printf(comparing->arena, "%s, as the first", place);
}

static void say_moved(struct comparing *comparing, size_t at)
{
	const struct unit *unit = &comparing->to.items[at];
	struct workflow_change *change = add(comparing, CHANGE_MOVED, unit);
	change->from = comparing->from.items[unit->twin].place;
	change->to = behind(comparing, at);
	change->text = arena_printf(comparing->arena, "%s moved from %s to %s.",
				    unit_words(comparing->arena, unit), change->from,
				    change->to);
}

static bool *find_kept(struct comparing *comparing)
{
	const struct units *to = &comparing->to;
	bool *kept = ARENA_ARRAY(comparing->arena, bool, to->count + 1);
	for (size_t i = 0; i < to->count; i++) {
		bool is_first = true;
		for (size_t k = 0; k < i && is_first; k++)
			is_first = !is_same(to->items[k].place, to->items[i].place);
		if (is_first)
			mark_kept(to, &comparing->from, to->items[i].place, kept);
	}
	return kept;
}

enum err workflow_diff(struct arena *arena, const char *from_xml, const char *to_xml,
		       struct workflow_diff *diff_out)
{
	struct comparing comparing = {.arena = arena};
	enum err err = units_read(arena, from_xml, &comparing.from);
	if (err == ERR_OK)
		err = units_read(arena, to_xml, &comparing.to);
	if (err != ERR_OK)
		return err;
	pair(&comparing, by_id);
	pair(&comparing, by_words);
	pair(&comparing, by_words_elsewhere);
	pair(&comparing, by_order);
	for (size_t i = 0; i < comparing.from.count; i++)
		if (comparing.from.items[i].twin < 0)
			say_gone(&comparing, &comparing.from.items[i]);
	const bool *kept = find_kept(&comparing);
	for (size_t i = 0; i < comparing.to.count; i++) {
		const struct unit *unit = &comparing.to.items[i];
		if (unit->twin < 0) {
			say_new(&comparing, unit);
			continue;
		}
		if (unit->is_step && !kept[i])
			say_moved(&comparing, i);
		compare_details(&comparing, &comparing.from.items[unit->twin], unit);
	}
	*diff_out = (struct workflow_diff){comparing.changes, comparing.count};
	return ERR_OK;
}
