/* run.c - reads scenario files and replays them: see scenario.h.
 *
 *	tests/scenario/run [--restarts] [--list] [--only TEXT] [FILE.scn…]
 *
 * Without files: all of the folder. --restarts: the store is closed and opened again before every line. Prints a line of
 * counts for each file, and in the end "N passed, N failed".
 */
#include "scenario.h"

#include <ctype.h>
#include <glob.h>
#include <libgen.h>

#include "core/plans.h"
#include "core/standing.h"
#include "settings_consent.h"

static bool restarts;
static struct arena *texts; /* of all scenarios */
static struct consent_words *consent;

/* --- reading ---------------------------------------------------------------------------------------------------- */

static char *slurp(const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file) {
		perror(path);
		exit(2);
	}
	struct buf buf = BUF_EMPTY;
	char part[4096];
	size_t got;
	while ((got = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(&buf, part, got);
	fclose(file);
	char *text = arena_strdup(texts, buf_str(&buf));
	buf_fini(&buf);
	return text;
}

/* One word from *at on, quotes taken off; NULL at the end or a comment. */
static char *next_word(const char **at)
{
	struct buf buf = BUF_EMPTY;
	const char *p = *at + strspn(*at, " \t");
	bool quoted = false;
	if (!*p || *p == '#')
		return NULL;
	for (; *p && (quoted || !isblank((unsigned char)*p)); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (*p == '\\' && p[1])
			p++;
		buf_add_char(&buf, *p);
	}
	*at = p;
	char *word = arena_strdup(texts, buf_str(&buf));
	buf_fini(&buf);
	return word;
}

static void split(const char *file, struct line *line)
{
	const char *at = line->text;
	char *word;
	while ((word = next_word(&at))) {
		if (strcmp(word, "=>") == 0) {
			line->code = next_word(&at);
			break;
		}
		if (line->count == LINE_WORDS_MOST) {
			fprintf(stderr, "%s:%u: too many words\n", file, line->number);
			exit(2);
		}
		line->words[line->count++] = word;
	}
}

struct reader {
	const char *file;
	struct scenario *scenarios;
	size_t count, room;
	struct line *lines; /* of the scenario at hand */
	size_t line_count, line_room;
};

static void *more_room(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	*room = *room ? *room * 2 : 32;
	char *grown = arena_calloc(texts, *room * size);
	if (count)
		memcpy(grown, items, count * size);
	return grown;
}

static void end_scenario(struct reader *reader)
{
	if (reader->count) {
		reader->scenarios[reader->count - 1].lines = reader->lines;
		reader->scenarios[reader->count - 1].line_count = reader->line_count;
	}
	reader->lines = NULL;
	reader->line_count = reader->line_room = 0;
}

static void take_line(struct reader *reader, char *text, unsigned number)
{
	static const char begin[] = "scenario ";
	if (strncmp(text, begin, sizeof(begin) - 1) == 0) {
		end_scenario(reader);
		reader->scenarios = more_room(reader->scenarios, reader->count,
					      &reader->room, sizeof(struct scenario));
		reader->scenarios[reader->count++] =
			(struct scenario){.file = reader->file,
					  .title = text + sizeof(begin) - 1,
					  .number = number};
		return;
	}
	struct line line = {.number = number, .text = text};
	if (isblank((unsigned char)*text) && reader->line_count) {
		struct line *above = &reader->lines[reader->line_count - 1];
		above->block = arena_printf(texts, "%s%s\n",
					    above->block ? above->block : "", text);
		return;
	}
	split(reader->file, &line);
	if (!line.count)
		return;
	if (!reader->count) {
		fprintf(stderr, "%s:%u: a scenario begins with: scenario TITLE\n",
			reader->file, number);
		exit(2);
	}
	reader->lines = more_room(reader->lines, reader->line_count, &reader->line_room,
				  sizeof(line));
	reader->lines[reader->line_count++] = line;
}

static struct reader read_file(const char *path)
{
	struct reader reader = {
		.file = arena_strdup(texts, basename(arena_strdup(texts, path)))};
	char *rest = slurp(path), *text;
	unsigned number = 0;
	while ((text = strsep(&rest, "\n")))
		take_line(&reader, text, ++number);
	end_scenario(&reader);
	return reader;
}

/* --- replaying -------------------------------------------------------------------------------------------------- */

static const struct act *find_act(const char *word)
{
	static const struct act *const tables[] = {world_acts, task_acts,  text_acts,
						   limit_acts, queue_acts, migrate_acts,
						   clock_acts};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct act *act = tables[i]; act->word; act++)
			if (strcmp(act->word, word) == 0)
				return act;
	return NULL;
}

/* Whatever was done: who goes on has one reason to be where it is. */
static void look_at_standing(struct world *world)
{
	struct standing look = {.call = desk_call(world->desk, &actor_system)};
	do {
		look.after_id = look.next_id;
		if (store_read_now(world->desk->store, standing_check, &look) != ERR_OK)
			scene_fail(world, "enrollments cannot be looked at");
		if (look.wrong)
			scene_fail(world, "an enrollment is not in order: %s",
				   buf_str(&look.call.answer));
		buf_fini(&look.call.answer);
	} while (look.next_id);
}

static void replay(void **state)
{
	struct world *world = *state;
	for (size_t i = 0; i < world->scenario->line_count; i++) {
		world->line = &world->scenario->lines[i];
		if (restarts)
			world_restart(world);
		if (strcmp(word(world, 0), "expect") == 0) {
			act_expect(world);
			continue;
		}
		const struct act *act = find_act(word(world, 0));
		if (!act)
			scene_fail(world, "there is no act '%s'", word(world, 0));
		act->act(world);
		world_turn(world);
		look_at_standing(world);
	}
}

/* *state comes in as the scenario */
static int set_up(void **state)
{
	struct world *world = MEM_NEW(struct world);
	void *desk;
	world->scenario = *state;
	if (desk_set_up(&desk) != 0)
		return -1;
	world->desk = desk;
	world->desk->core.plans = plans_new();
	world->desk->core.epoch = 1;
	world->policy = policy_default;
	world->policy.agents_see = AGENTS_SEE_ALL;
	world->policy.default_region = "PT";
	world->policy.sender = "12345";
	world->policy.consent_words = consent;
	atomic_store(&world->desk->core.policy, &world->policy);
	world->line = world->scenario->lines;
	atomic_store(&world->desk->now_ms, instant(world, "2027-01-04T09:00:00Z"));
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	struct plans *plans = world->desk->core.plans;
	void *desk = world->desk;
	for (size_t i = 0; i < world->tree_count; i++)
		tree_free(world->trees[i]);
	int rc = desk_tear_down(&desk);
	plans_free(&plans);
	mem_free(world);
	return rc;
}

struct options {
	const char *only;
	bool list;
};

static int run_file(const char *path, const struct options *options, int *failed_out)
{
	struct reader reader = read_file(path);
	struct CMUnitTest *tests =
		ARENA_ARRAY(texts, struct CMUnitTest, reader.count + 1);
	size_t count = 0;
	for (size_t i = 0; i < reader.count; i++) {
		struct scenario *scenario = &reader.scenarios[i];
		if (options->only && !strstr(scenario->title, options->only))
			continue;
		if (options->list)
			printf("%s:%u: %s\n", scenario->file, scenario->number,
			       scenario->title);
		tests[count++] = (struct CMUnitTest){.name = scenario->title,
						     .test_func = replay,
						     .setup_func = set_up,
						     .teardown_func = tear_down,
						     .initial_state = scenario};
	}
	*failed_out = 0;
	if (options->list || !count)
		return (int)count;
	*failed_out = _cmocka_run_group_tests(reader.file, tests, count, NULL, NULL);
	printf("%s: %d passed, %d failed\n", reader.file, (int)count - *failed_out,
	       *failed_out);
	return (int)count;
}

static void take_options(int argc, char **argv, struct options *options, int *first_out)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--restarts") == 0) {
			restarts = true;
		} else if (strcmp(argv[i], "--list") == 0) {
			options->list = true;
		} else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
			options->only = argv[++i];
		} else {
			fprintf(stderr, "usage: run [--restarts] [--list] [--only "
					"TEXT] [FILE.scn…]\n");
			exit(2);
		}
	}
	*first_out = i;
}

/* The word lists that are shipped, as the program carries them. */
static void load_consent(void)
{
	struct buf why = BUF_EMPTY;
	const char *list;
	consent = consent_words_new();
	for (unsigned i = 0; settings_consent_carried(i, &list); i++)
		if (consent_words_add(consent, list, strlen(list), &why) != ERR_OK) {
			fprintf(stderr, "list %u: %s\n", i, buf_str(&why));
			exit(2);
		}
}

int main(int argc, char **argv)
{
	struct options options = {0};
	int first, total = 0, failed = 0;
	take_options(argc, argv, &options, &first);
	texts = arena_new();
	load_consent();
	glob_t found = {0};
	if (first < argc)
		for (int i = first; i < argc; i++)
			glob(argv[i],
			     i > first ? GLOB_APPEND | GLOB_NOCHECK : GLOB_NOCHECK,
			     NULL, &found);
	else
		glob(SCENARIO_FOLDER "/*.scn", 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int bad;
		total += run_file(found.gl_pathv[i], &options, &bad);
		failed += bad;
	}
	globfree(&found);
	arena_free(&texts);
	consent_words_free(&consent);
	if (!options.list)
		printf("%d passed, %d failed\n", total - failed, failed);
	return failed || !total;
}
