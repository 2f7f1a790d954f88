/* scenario.h - stories about workflows, in text files, told to the core commands on a fake clock with a scripted gateway.
 *
 *	scenario A reply within two days is an engagement
 *	user ana
 *	contact rui custom.plan=gold
 *	workflow lead stop-on-reply=no
 *		<assign-user id="who"><user login="ana"/></assign-user>
 *		<manual-sms id="hello" name="Say hello" expires="3d"><message>Hi</message></manual-sms>
 *	enroll rui lead
 *	send rui
 *	gateway accepted
 *	expect task rui/hello state=sent
 *	expect enrollment rui lead state=completed
 *
 * One act or expectation a line; # begins a comment; "…" holds blanks together; what is indented under a line belongs to
 * it (XML). `=> code` at the end of an act: it must be refused so. acts.c, texts.c and expect.c have the tables of words,
 * README.md tells them.
 *
 * Each scenario is a cmocka test with a store of its own; run.c replays it, on demand with a restart before every line.
 */
#ifndef HB_TESTS_SCENARIO_H
#define HB_TESTS_SCENARIO_H

#include "../unit/core_help.h"

#include "model/who.h"
#include "tree.h"

enum { LINE_WORDS_MOST = 48, NAMES_MOST = 256, CARDS_MOST = 64, TREES_MOST = 512 };

struct line {
	unsigned number;
	const char *text;
	const char *block; /* the lines indented under it, NULL: none */
	char *words[LINE_WORDS_MOST + 1];
	unsigned count;
	const char *code; /* behind =>; NULL: it must work */
};

struct scenario {
	const char *file, *title;
	unsigned number; /* of its first line */
	const struct line *lines;
	size_t line_count;
};

enum named { NAMED_USER, NAMED_TEAM, NAMED_CONTACT };
struct name {
	enum named kind;
	const char *name, *phone;
	uint64_t id;
	struct actor actor; /* users */
};

/* a card somebody opened */
struct card_open {
	uint64_t task_id, user_id;
	const char *receipt, *text;
	struct json_t *answer;
};

struct world {
	struct desk *desk;
	const struct scenario *scenario;
	const struct line *line;
	struct name names[NAMES_MOST];
	size_t name_count;
	struct card_open cards[CARDS_MOST];
	size_t card_count;
	struct json_t *trees[TREES_MOST]; /* answers that were read */
	size_t tree_count;
	struct policy policy;
	unsigned events;     /* of the gateway, so far */
	int64_t next_at;     /* when something falls due, 0: nothing waits */
	uint64_t job_id;     /* of the last bulk act */
	const char *refusal; /* what the last refusal said beside its code, as JSON */
	const char *preview; /* the last dry run's answer; NULL: none */
};

/* scene_fail - the scenario does not hold: says where, and ends it. */
void scene_fail(struct world *world, const char *fmt, ...) PRINTF_LIKE(2, 3)
	__attribute__((noreturn));

/* scene_check - the outcome of an act is what its line says: fails otherwise. */
void scene_check(struct world *world, const struct call *call, enum err err);

/* scene_write, scene_read - a command or query, checked so. true: it worked. scene_tree - its answer. Trees live as long
 * as the scenario. */
bool scene_write(struct world *world, store_write_fn *write, struct call *call);
struct json_t *scene_read(struct world *world, store_read_fn *read, struct call *call);
struct json_t *scene_tree(struct world *world, const struct call *call);

/* word - the n-th word, 0 is the act; fails when it is not there. option - what stands behind NAME= among the words, or
 * NULL. number_option likewise. has_word - is it among them. */
const char *word(struct world *world, unsigned n);
const char *option(struct world *world, const char *name);
bool has_word(struct world *world, const char *text);
/* span_ms - "2d", "15m", "90s", "500ms". instant - RFC 3339, or now, now+4h, now-1d. */
int64_t span_ms(struct world *world, const char *text);
int64_t instant(struct world *world, const char *text);
int64_t scene_now(const struct world *world);

struct name *name_new(struct world *world, enum named kind, const char *name);
struct name *name_of(struct world *world, enum named kind, const char *name);
/* who_of - a login, team:NAME, or nobody. */
struct who who_of(struct world *world, const char *text);
const struct actor *actor_of(struct world *world, const char *login);

/* task_ref - rui, rui/hello, rui/hello/2, rui/lead:hello: the newest open one of these, else the newest; 0: none.
 * enrollment_ref - the contact's newest in that workflow; 0: none. message_ref - the contact's newest outbound text. */
uint64_t task_ref(struct world *world, const char *ref);
uint64_t enrollment_ref(struct world *world, const char *contact, const char *workflow);
uint64_t message_ref(struct world *world, const char *contact);

/* world_turn - what is due is done, as the scheduler would. world_restart - the store is closed and opened again, and
 * what start does is done. */
void world_turn(struct world *world);
void world_restart(struct world *world);
void world_pass_to(struct world *world, int64_t until);

/* card_opened - what that person was shown last of a task; NULL: nothing. card_open_now - shows it; NULL: refused, as the
 * line expects. task_actor - by=LOGIN, or whoever has the task, or the first user there is. */
struct card_open *card_opened(struct world *world, uint64_t task_id, uint64_t user_id);
struct card_open *card_open_now(struct world *world, uint64_t task_id,
				const struct actor *actor);
const struct actor *task_actor(struct world *world, uint64_t task_id);

typedef void act_fn(struct world *world);
struct act {
	const char *word;
	act_fn *act;
};
extern const struct act world_acts[], task_acts[], text_acts[], limit_acts[],
	queue_acts[], migrate_acts[], clock_acts[]; /* end with a NULL word */
void act_expect(struct world *world);

#endif
