/* turn.c - see turn.h */
#include "core/turn.h"

#include "core/consent.h"
#include "core/digest.h"
#include "core/handler.h"
#include "core/holds.h"
#include "core/house.h"
#include "core/inbound.h"
#include "core/jobs.h"
#include "core/openings.h"
#include "core/release.h"
#include "core/reply.h"
#include "core/sink.h"
#include "core/stranded.h"
#include "core/tasks.h"
#include "core/trigger.h"
#include "core/users.h"
#include "core/words.h"

/* What one work did. */
struct done {
	bool is_done;
	int64_t next_at;
};

static enum err do_openings(struct txn *txn, struct turn *turn, struct done *done)
{
	struct opening_sweep work;
	(void)turn;
	enum err err = opening_sweep(txn, &work);
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_holds(struct txn *txn, struct turn *turn, struct done *done)
{
	struct hold_sweep work;
	(void)turn;
	enum err err = hold_sweep(txn, &work);
	done->is_done = work.is_done;
	return err;
}

static enum err do_opted_out(struct txn *txn, struct turn *turn, struct done *done)
{
	struct consent_sweep work;
	(void)turn;
	enum err err = consent_sweep(txn, &work);
	done->is_done = work.is_done;
	return err;
}

static enum err do_leavers(struct txn *txn, struct turn *turn, struct done *done)
{
	struct user_reassign_step work;
	(void)turn;
	enum err err = user_reassign_step(txn, &work);
	done->is_done = work.is_done;
	return err;
}

static enum err do_replies(struct txn *txn, struct turn *turn, struct done *done)
{
	struct reply_sweep work;
	(void)turn;
	enum err err = reply_sweep(txn, &work);
	done->is_done = work.is_done;
	return err;
}

static enum err do_released(struct txn *txn, struct turn *turn, struct done *done)
{
	struct release_sweep work;
	(void)turn;
	enum err err = release_sweep(txn, &work);
	done->is_done = work.is_done;
	return err;
}

static enum err do_sink(struct txn *txn, struct turn *turn, struct done *done)
{
	struct sink_step work;
	(void)turn;
	enum err err = sink_step(txn, &work);
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_parts(struct txn *txn, struct turn *turn, struct done *done)
{
	struct inbound_parts_step work;
	(void)turn;
	enum err err = inbound_parts_step(txn, &work);
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_jobs(struct txn *txn, struct turn *turn, struct done *done)
{
	struct job_step work;
	(void)turn;
	enum err err = job_step(txn, &work);
	done->is_done = work.is_done;
	return err;
}

static enum err do_triggers(struct txn *txn, struct turn *turn, struct done *done)
{
	struct trigger_sweep work = {.culprit = turn->bad_occurrence};
	enum err err = trigger_sweep(txn, &work);
	turn->bad_occurrence = work.culprit;
	done->is_done = work.is_done;
	return err;
}

static enum err do_plans(struct txn *txn, struct turn *turn, struct done *done)
{
	struct trigger_sweep work;
	(void)turn;
	enum err err = trigger_plan_step(txn, &work);
	done->is_done = work.is_done;
	return err;
}

static enum err do_dates(struct txn *txn, struct turn *turn, struct done *done)
{
	struct trigger_clock work = {.window = turn->window, .culprit = turn->bad_date};
	enum err err = trigger_clock(txn, &work);
	turn->bad_date = work.culprit;
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_tasks(struct txn *txn, struct turn *turn, struct done *done)
{
	struct task_clock work = {.window = turn->window};
	enum err err = task_clock(txn, &work);
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_stranded(struct txn *txn, struct turn *turn, struct done *done)
{
	struct stranded_sweep work;
	(void)turn;
	enum err err = stranded_sweep(txn, &work);
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_digests(struct txn *txn, struct turn *turn, struct done *done)
{
	struct digest_step work;
	(void)turn;
	enum err err = digest_step(txn, &work);
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_handlers(struct txn *txn, struct turn *turn, struct done *done)
{
	struct handler_sweep work;
	(void)turn;
	enum err err = handler_sweep(txn, &work);
	*done = (struct done){work.is_done, work.next_at};
	return err;
}

static enum err do_words(struct txn *txn, struct turn *turn, struct done *done)
{
	struct words_step work;
	(void)turn;
	enum err err = words_step(txn, &work);
	done->next_at = work.next_at;
	return err;
}

static enum err do_house(struct txn *txn, struct turn *turn, struct done *done)
{
	done->is_done = true;
	if (!turn->keeps_house)
		return ERR_OK;
	enum err err = house_keep(txn, &done->is_done);
	turn->keeps_house = !done->is_done;
	return err;
}

static enum err (*const works[])(struct txn *, struct turn *, struct done *) = {
	do_openings, do_holds, do_opted_out, do_leavers,  do_replies, do_released,
	do_parts,    do_sink,  do_jobs,      do_tasks,    do_house,   do_plans,
	do_triggers, do_dates, do_stranded,  do_handlers, do_digests, do_words,
};

enum { WORK_COUNT = sizeof(works) / sizeof(works[0]) };

enum err turn_run(struct txn *txn, void *arg)
{
	struct turn *turn = arg;
	turn->has_more = false;
	turn->next_at = 0;
	for (unsigned i = 0; i < WORK_COUNT && !turn->has_more; i++) {
		unsigned at = (turn->first + i) % WORK_COUNT;
		struct done done = {.is_done = true};
		enum err err = works[at](txn, turn, &done);
		if (err != ERR_OK)
			return err;
		if (done.next_at && (!turn->next_at || done.next_at < turn->next_at))
			turn->next_at = done.next_at;
		turn->has_more = !done.is_done;
		if (turn->has_more)
			turn->first = (at + 1) % WORK_COUNT;
	}
	return ERR_OK;
}
