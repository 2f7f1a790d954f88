/* drift.c - see drift.h */
#include "model/drift.h"

#include <stdbool.h>
#include <string.h>

static void add_word(struct buf *facts, const char *text)
{
	for (; *text; text++)
		buf_add_char(facts, *text == '\t' || *text == '\n' || *text == '\r'
					    ? ' '
					    : *text);
}

void fact_add(struct buf *facts, enum fact_kind kind, const char *name,
	      const char *value)
{
	buf_printf(facts, "%d\t", (int)kind);
	add_word(facts, name);
	buf_add_char(facts, '\t');
	add_word(facts, value);
	buf_add_char(facts, '\n');
}

struct fact {
	enum fact_kind kind;
	const char *name, *value;
};

/* The next line of a copy that is cut up on the way. false: there is none, or it is no fact. */
static bool next_fact(char **rest, struct fact *fact)
{
	char *line = strsep(rest, "\n");
	if (!line || line[0] < '0' || line[0] >= '0' + FACT_KIND_COUNT ||
	    line[1] != '\t')
		return false;
	char *name = line + 2, *value = strchr(name, '\t');
	if (!value)
		return false;
	*value++ = '\0';
	*fact = (struct fact){(enum fact_kind)(line[0] - '0'), name, value};
	return true;
}

static const char *find(struct arena *arena, const char *facts,
			const struct fact *wanted)
{
	char *rest = arena_strdup(arena, facts);
	struct fact fact;
	while (next_fact(&rest, &fact))
		if (fact.kind == wanted->kind && strcmp(fact.name, wanted->name) == 0)
			return fact.value;
	return NULL;
}

/* The facts of one side that the other has not, or has otherwise; is_then: which side that is. */
static size_t compare(struct arena *arena, const char *facts, const char *others,
		      bool is_then, struct drift *drifts, size_t most)
{
	char *rest = arena_strdup(arena, facts);
	struct fact fact;
	size_t count = 0;
	while (count < most && next_fact(&rest, &fact)) {
		const char *other = find(arena, others, &fact);
		bool differs = !other || (is_then && strcmp(other, fact.value) != 0);
		if (differs)
			drifts[count++] = (struct drift){
				.kind = fact.kind,
				.name = fact.name,
				.was = is_then ? fact.value : NULL,
				.is = is_then ? other : fact.value,
			};
	}
	return count;
}

size_t facts_compare(struct arena *arena, const char *then, const char *now,
		     struct drift *drifts, size_t most)
{
	if (strcmp(then, now) == 0)
		return 0;
	size_t count = compare(arena, then, now, true, drifts, most);
	return count + compare(arena, now, then, false, drifts + count, most - count);
}
