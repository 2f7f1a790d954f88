/* plans.c - see plans.h */
#include "core/plans.h"

#include <pthread.h>
#include <string.h>

#include "base/log.h"
#include "store/workflow_rows.h"
#include "workflow/parse.h"

struct kept_plan {
	uint64_t hash; /* of id and version: most slots are passed over by it alone */
	uint32_t version;
	uint64_t used;     /* turn of the last use */
	struct plan *plan; /* NULL: a free slot */
};

struct plans {
	pthread_mutex_t lock;
	uint64_t turn;
	struct kept_plan kept[PLANS_MOST];
};

struct plans *plans_new(void)
{
	struct plans *plans = MEM_NEW(struct plans);
	pthread_mutex_init(&plans->lock, NULL);
	return plans;
}

void plans_free(struct plans **plans)
{
	if (!*plans)
		return;
	for (size_t i = 0; i < PLANS_MOST; i++)
		plan_unref(&(*plans)->kept[i].plan);
	pthread_mutex_destroy(&(*plans)->lock);
	mem_free(*plans);
	*plans = NULL;
}

static uint64_t hash_of(const char *workflow_id, uint32_t version)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ version; /* FNV-1a */
	for (; *workflow_id; workflow_id++)
		hash = (hash ^ (unsigned char)*workflow_id) * UINT64_C(0x100000001b3);
	return hash;
}

/* Under the lock. NULL: not kept. */
static struct kept_plan *find(struct plans *plans, const char *workflow_id,
			      uint32_t version)
{
	uint64_t hash = hash_of(workflow_id, version);
	for (size_t i = 0; i < PLANS_MOST; i++) {
		struct kept_plan *kept = &plans->kept[i];
		if (kept->hash == hash && kept->plan && kept->version == version &&
		    strcmp(kept->plan->id, workflow_id) == 0)
			return kept;
	}
	return NULL;
}

static struct plan *take_kept(struct plans *plans, const char *workflow_id,
			      uint32_t version)
{
	struct plan *plan = NULL;
	pthread_mutex_lock(&plans->lock);
	struct kept_plan *kept = find(plans, workflow_id, version);
	if (kept) {
		kept->used = ++plans->turn;
		plan = plan_ref(kept->plan);
	}
	pthread_mutex_unlock(&plans->lock);
	return plan;
}

static void keep(struct plans *plans, struct plan *plan, uint32_t version)
{
	struct plan *gone = NULL; /* freed outside the lock */
	pthread_mutex_lock(&plans->lock);
	struct kept_plan *place = find(plans, plan->id, version);
	if (!place) {
		place = &plans->kept[0];
		for (size_t i = 1; i < PLANS_MOST && place->plan; i++)
			if (!plans->kept[i].plan || plans->kept[i].used < place->used)
				place = &plans->kept[i];
		gone = place->plan;
		*place = (struct kept_plan){.hash = hash_of(plan->id, version),
					    .version = version,
					    .plan = plan_ref(plan)};
	}
	place->used = ++plans->turn;
	pthread_mutex_unlock(&plans->lock);
	plan_unref(&gone);
}

void plans_forget(struct core *core, const char *workflow_id, uint32_t version)
{
	struct plan *gone = NULL;
	pthread_mutex_lock(&core->plans->lock);
	struct kept_plan *kept = find(core->plans, workflow_id, version);
	if (kept) {
		gone = kept->plan;
		*kept = (struct kept_plan){0};
	}
	pthread_mutex_unlock(&core->plans->lock);
	plan_unref(&gone);
}

static enum err parse_version(struct db *db, const char *workflow_id, uint32_t version,
			      struct plan **plan_out)
{
	struct arena *arena = arena_new();
	struct workflow_version row;
	enum err err = version_rows_load(db, arena, workflow_id, version, &row);
	if (err == ERR_OK) {
		struct workflow_report report;
		workflow_report_init(&report, arena, workflow_id);
		err = workflow_parse(row.xml, strlen(row.xml), NULL, plan_out, &report);
		if (err != ERR_OK) {
			log_error("workflow",
				  "a stored version cannot be read workflow=%s "
				  "version=%u why=%s",
				  workflow_id, version,
				  report.count ? report.findings[0].message : "");
			err = ERR_CORRUPT;
		}
	}
	arena_free(&arena);
	return err;
}

enum err plans_get(struct core *core, struct db *db, const char *workflow_id,
		   uint32_t version, struct plan **plan_out)
{
	struct plan *plan = take_kept(core->plans, workflow_id, version);
	if (!plan) {
		enum err err = parse_version(db, workflow_id, version, &plan);
		if (err != ERR_OK)
			return err;
		keep(core->plans, plan, version);
	}
	*plan_out = plan;
	return ERR_OK;
}
