/* test_task_pages.c - pages, counts and the next of many tasks against what a plain statement says: people and the pool,
 * teams, openings, words, cursors.
 */
#include "flow_help.h"

#include "model/states.h"
#include "store/opening_rows.h"
#include "store/task_rows.h"

enum {
	TASKS = 400,
	OPEN_EARLY = 11,
	OPEN_LATE = 12,
	SLEEPS = 13,
	PAGE = 7,
	MINE = 5,
	OTHERS = 6
};

/* Ana is in team 5, Ben in team 6; a task's user, team, opening, state and name are by chance, some share a due date. */
static int set_up_tasks(void **state)
{
	if (flow_set_up(state) != 0)
		return -1;
	struct desk *desk = *state;
	long long now = DESK_START_MS;
	desk_sql(desk, "INSERT INTO teams VALUES (5, 'north', 1), (6, 'south', 1)");
	desk_sql(desk, "INSERT INTO team_members VALUES (5, 1), (5, 3), (6, 2)");
	desk_sql(desk,
		 "INSERT INTO openings VALUES (11, '', 'A', '', %lld, %lld, 0), (12, "
		 "'', 'B', '', %lld, %lld, 0), (13, '', 'C', '', %lld, %lld, 0)",
		 now - 9, now + 1000, now - 9, now + 5000, now + 3000, now + 4000);
	desk_sql(desk,
		 "WITH RECURSIVE n(i, r) AS (SELECT 1, 12345 UNION ALL SELECT i + 1, "
		 "(r * 1103515245 + 12345) %% 2147483648 FROM n WHERE i < %d) INSERT "
		 "INTO tasks (id, origin, contact_id, name, text, assignee_id, "
		 "team_id, state, opening_id, sort_due, is_test, moves_workflow, "
		 "created_at, revision) SELECT 1000 + i, 1, 101 + i %% 20, CASE "
		 "(r >> 8) %% 9 WHEN 0 THEN 'Rare' ELSE 'Call' END, '', nullif((r >> "
		 "12) %% 4, 0), nullif(4 + (r >> 16) %% 3, 4), (r >> 18) %% 4, 11 + "
		 "(r >> 20) %% 3, (r >> 9) %% 50, (r >> 22) %% 11 = 0, 0, 1, 1 FROM n",
		 TASKS);
	desk_sql(desk, "UPDATE contacts SET first_name = 'Callie' WHERE id = 106");
	return 0;
}

struct walk {
	struct call call;
	struct task_filter filter;
	const char *where; /* the same in plain words */
	bool is_searched;  /* q by the index, not by walking */
	/* the line of this file that did not hold; a reader thread cannot fail a test */
	unsigned fault;
	/* a page */
	size_t on_page;
	bool has_more;
	struct task_place last;
	/* all pages */
	uint64_t ids[TASKS + 1];
	size_t count, pages;
};

#define EXPECT(walk, claim)                       \
	do {                                      \
		if (!(claim) && !(walk)->fault)   \
			(walk)->fault = __LINE__; \
	} while (0)

static void take(void *arg, const struct task_item *item)
{
	struct walk *walk = arg;
	EXPECT(walk, walk->on_page <= walk->filter.limit);
	if (walk->on_page++ == walk->filter.limit) {
		walk->has_more = true;
		return;
	}
	walk->last = item->place;
	EXPECT(walk, walk->count < TASKS);
	if (!walk->fault)
		walk->ids[walk->count++] = item->task.id;
}

static void walk_pages(struct db *db, struct walk *walk, enum task_order order)
{
	struct task_look look;
	walk->filter.order = order;
	walk->filter.has_cursor = false;
	walk->filter.limit = PAGE;
	walk->filter.look = &look;
	walk->count = walk->pages = 0;
	do {
		look = (struct task_look){.most = 2 * PAGE};
		walk->on_page = 0;
		walk->has_more = false;
		EXPECT(walk, task_rows_page(db, walk->call.arena, &walk->filter, take,
					    walk) == ERR_OK);
		if (look.cut.id) {
			EXPECT(walk, !walk->has_more);
			walk->has_more = true;
			walk->last = look.cut;
		}
		walk->filter.cursor = walk->last;
		walk->filter.has_cursor = true;
		EXPECT(walk, walk->pages++ < TASKS);
	} while (walk->has_more && !walk->fault);
	walk->filter.has_cursor = false;
	walk->filter.look = NULL;
}

static void expect_ids(struct db *db, struct walk *walk, const char *order)
{
	struct rows rows;
	size_t at = 0;
	sql_query_text(
		db,
		arena_printf(walk->call.arena,
			     "SELECT t.id FROM tasks t JOIN openings o ON o.id = "
			     "t.opening_id WHERE is_test = 0 AND %s ORDER BY %s",
			     walk->where, order),
		&rows, NULL, 0);
	for (; !walk->fault && rows_next(&rows); at++) {
		EXPECT(walk, at < walk->count);
		EXPECT(walk, walk->ids[at] == rows_id(&rows, 0));
	}
	EXPECT(walk, rows_end(&rows) == ERR_OK);
	EXPECT(walk, at == walk->count);
}

static int64_t number_of(struct db *db, const char *text)
{
	struct rows rows;
	sql_query_text(db, text, &rows, NULL, 0);
	int64_t number = rows_next(&rows) ? rows_int(&rows, 0) : 0;
	return rows_end(&rows) == ERR_OK ? number : -1;
}

/* How many there are, and which is next of those that sleep, or do not. */
static void expect_next(struct db *db, struct walk *walk)
{
	struct arena *arena = walk->call.arena;
	const char *pending =
		arena_printf(arena,
			     "FROM tasks t JOIN openings o ON o.id = t.opening_id "
			     "WHERE is_test = 0 AND state = 0 AND %s",
			     walk->where);
	struct task_filter filter = walk->filter;
	struct task_place place;
	int64_t count, at;
	filter.order = TASK_ORDER_DUE;
	EXPECT(walk, task_rows_first(db, arena, &filter, &place) == ERR_OK);
	EXPECT(walk, place.id == (uint64_t)(number_of(
					 db, arena_printf(arena,
							  "SELECT t.id %s AND o.id <> "
							  "%d ORDER BY sort_due, t.id",
							  pending, SLEEPS))));
	filter.order = TASK_ORDER_CLOSING;
	EXPECT(walk, task_rows_first(db, arena, &filter, &place) == ERR_OK);
	EXPECT(walk,
	       place.id ==
		       (uint64_t)(number_of(
			       db, arena_printf(arena,
						"SELECT t.id %s AND o.id <> %d ORDER "
						"BY closes_at, sort_due, t.id",
						pending, SLEEPS))));
	filter.states = 1u << TASK_PENDING;
	filter.eligible_only = true;
	const char *const within[] = {[TASK_HOURS_ANY] = "1",
				      [TASK_HOURS_OPEN] = "o.id <> 13",
				      [TASK_HOURS_LATER] = "o.id = 13"};
	for (filter.hours = TASK_HOURS_ANY; filter.hours <= TASK_HOURS_LATER;
	     filter.hours++) {
		EXPECT(walk, task_rows_count(db, &filter, TASKS, &count) == ERR_OK);
		EXPECT(walk,
		       count == (number_of(db, arena_printf(arena,
							    "SELECT count(*) %s AND %s",
							    pending,
							    within[filter.hours]))));
	}
	filter.hours = TASK_HOURS_LATER;
	EXPECT(walk, task_rows_next_open(db, &filter, &at) == ERR_OK);
	EXPECT(walk, at == (count ? DESK_START_MS + 3000 : 0));
}

static enum err compare(struct snapshot *snap, void *arg)
{
	struct walk *walk = arg;
	struct db *db = snapshot_db(snap);
	int64_t count;
	if (walk->is_searched) {
		EXPECT(walk,
		       task_rows_search(db, walk->call.arena, &walk->filter) == ERR_OK);
		EXPECT(walk, walk->filter.contact_id || walk->filter.among);
	}
	walk_pages(db, walk, TASK_ORDER_DUE);
	expect_ids(db, walk, "sort_due, t.id");
	EXPECT(walk, task_rows_count(db, &walk->filter, TASKS, &count) == ERR_OK);
	EXPECT(walk, (size_t)count == walk->count);
	walk_pages(db, walk, TASK_ORDER_CREATED);
	expect_ids(db, walk, "t.id");
	walk_pages(db, walk, TASK_ORDER_CLOSING);
	expect_ids(db, walk, "closes_at, o.id, sort_due, t.id");
	if (!walk->filter.states)
		expect_next(db, walk);
	return ERR_OK;
}

#define VISIBLE                                                                 \
	" AND (assignee_id = 1 OR assignee_id IS NULL AND (team_id IS NULL OR " \
	"team_id = 5))"
#define MATES_TOO                                                                     \
	" AND (assignee_id IN (1, 3) OR assignee_id IS NULL AND (team_id IS NULL OR " \
	"team_id = 5))"

static const struct {
	struct task_filter filter;
	const char *where;
} cases[] = {
	{{.whose = TASK_OF_ANYBODY}, "1"},
	{{.states = 1u << TASK_PENDING}, "state = 0"},
	{{.states = 1u << TASK_PENDING | 1u << TASK_SNOOZED}, "state IN (0, 2)"},
	{{.whose = TASK_OF_USER, .assignee_id = ANA}, "assignee_id = 1"},
	{{.whose = TASK_OF_USER, .assignee_id = DOT}, "assignee_id = 4"},
	{{.whose = TASK_OF_USER, .assignee_id = ANA, .states = 1u << TASK_PENDING},
	 "assignee_id = 1 AND state = 0"},
	{{.whose = TASK_OF_NOBODY}, "assignee_id IS NULL"},
	{{.team_id = OTHERS}, "team_id = 6"},
	{{.team_id = MINE, .states = 1u << TASK_HELD}, "team_id = 5 AND state = 1"},
	{{.contact_id = 103}, "contact_id = 103"},
	{{.seen_by = ANA}, "1" VISIBLE},
	{{.seen_by = ANA, .states = 1u << TASK_PENDING}, "state = 0" VISIBLE},
	{{.seen_by = ANA, .states = 1u << TASK_PENDING | 1u << TASK_HELD},
	 "state IN (0, 1)" VISIBLE},
	{{.seen_by = ANA, .sees_team = true}, "1" MATES_TOO},
	{{.seen_by = ANA, .whose = TASK_OF_NOBODY}, "assignee_id IS NULL" VISIBLE},
	{{.seen_by = ANA, .whose = TASK_OF_USER, .assignee_id = BEN},
	 "assignee_id = 2" VISIBLE},
	{{.q = "rare"}, "name = 'Rare'"},
	{{.q = "rare", .states = 1u << TASK_PENDING}, "name = 'Rare' AND state = 0"},
	{{.q = "rare", .seen_by = ANA}, "name = 'Rare'" VISIBLE},
	{{.q = "3519120000", .whose = TASK_OF_USER, .assignee_id = BEN},
	 "assignee_id = 2"},
	{{.q = "100%"}, "0"},
	{{.q = "+351 912-000-002"}, "contact_id = 103"},
	{{.q = "RARE", .whose = TASK_OF_USER, .assignee_id = ANA, .seen_by = ANA},
	 "name = 'Rare' AND assignee_id = 1"},
	{{.q = "rare", .seen_by = ANA, .sees_team = true}, "name = 'Rare'" MATES_TOO},
	{{.q = "rare", .team_id = OTHERS}, "name = 'Rare' AND team_id = 6"},
	{{.q = "call"}, "(name = 'Call' OR contact_id = 106)"},
	{{.q = "call", .attention = "any"}, "0"},
	{{.q = "rare", .contact_id = 103}, "name = 'Rare' AND contact_id = 103"},
};

static void test_against_plain_statements(void **state)
{
	struct desk *desk = *state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct walk walk = {.call = desk_call(desk, &desk_shell),
				    .filter = cases[i / 2].filter,
				    .where = cases[i / 2].where,
				    .is_searched = i % 2};
		if (walk.is_searched && !walk.filter.q)
			continue;
		walk.filter.now = DESK_START_MS;
		walk.filter.replied_after = DESK_START_MS;
		assert_int_equal(desk_read(desk, compare, &walk.call), ERR_OK);
		if (walk.fault)
			fail_msg("%s: line %u", walk.where, walk.fault);
	}
}

static enum err look_once(struct snapshot *snap, void *arg)
{
	struct walk *walk = arg;
	struct task_look look = {.most = 20};
	int64_t count;
	walk->filter.look = &look;
	walk->filter.limit = PAGE;
	EXPECT(walk, task_rows_page(snapshot_db(snap), walk->call.arena, &walk->filter,
				    take, walk) == ERR_OK);
	EXPECT(walk, walk->count == 0);
	EXPECT(walk, look.most == 0);
	EXPECT(walk, look.cut.id == (uint64_t)(number_of(
					    snapshot_db(snap),
					    "SELECT id FROM tasks WHERE is_test = 0 "
					    "ORDER BY id LIMIT 1 OFFSET 19")));
	look.most = 20;
	EXPECT(walk, task_rows_count(snapshot_db(snap), &walk->filter, TASKS, &count) ==
			     ERR_OK);
	EXPECT(walk, count == 0);
	return ERR_OK;
}

/* A search ends where it has looked at enough, and says where. */
static void test_search_is_cut(void **state)
{
	struct desk *desk = *state;
	struct walk walk = {.call = desk_call(desk, &desk_shell),
			    .filter = {.q = "nobody has this",
				       .order = TASK_ORDER_CREATED,
				       .now = DESK_START_MS}};
	assert_int_equal(desk_read(desk, look_once, &walk.call), ERR_OK);
	assert_int_equal(walk.fault, 0);
}

static enum err first(struct snapshot *snap, void *arg)
{
	struct walk *walk = arg;
	int64_t count;
	EXPECT(walk, task_rows_first(snapshot_db(snap), walk->call.arena, &walk->filter,
				     &walk->last) == ERR_OK);
	walk->filter.eligible_only = true;
	EXPECT(walk, task_rows_count(snapshot_db(snap), &walk->filter, TASKS, &count) ==
			     ERR_OK);
	walk->count = (size_t)count;
	return ERR_OK;
}

/* What holds all lets nothing go, and is asked for once. */
static void test_hold_of_all(void **state)
{
	struct desk *desk = *state;
	for (int is_held = 0; is_held < 2; is_held++) {
		struct walk walk = {.call = desk_call(desk, &desk_shell),
				    .filter = {.now = DESK_START_MS,
					       .replied_after = DESK_START_MS}};
		if (is_held)
			desk_sql(desk, "INSERT INTO holds VALUES (3, '', 'stop', 1)");
		assert_int_equal(desk_read(desk, first, &walk.call), ERR_OK);
		assert_int_equal(walk.fault, 0);
		assert_int_equal(walk.last.id == 0, is_held);
		assert_int_equal(walk.count == 0, is_held);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_tasks, flow_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_against_plain_statements),
		TEST(test_search_is_cut),
		TEST(test_hold_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
