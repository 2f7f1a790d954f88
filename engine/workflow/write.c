/* write.c - the head, triggers and conditions of a plan as XML, and the whole; see write.h */
#include "workflow/write.h"

#include <string.h>

#include "workflow/writing.h"

/* --- conditions --- */

void put_condition(struct writing *writing, const struct condition *condition)
{
	static const char *const names[] = {
		[CONDITION_TEST] = "condition",
		[CONDITION_ALL] = "all",
		[CONDITION_ANY] = "any",
		[CONDITION_NOT] = "not",
	};
	put_open(writing, names[condition->kind]);
	if (condition->kind == CONDITION_TEST) {
		put_attribute(writing, "field", condition->field);
		put_attribute(writing, condition_op_name(condition->op),
			      condition->value);
		put_close(writing);
		return;
	}
	put_inside(writing);
	for (size_t i = 0; i < condition->child_count; i++)
		put_condition(writing, condition->children[i]);
	put_end(writing, names[condition->kind]);
}

/* --- triggers --- */

static const struct {
	const char *element, *attribute;
} trigger_words[] = {
	[TRIGGER_CONTACT_CREATED] = {"contact-created", NULL},
	[TRIGGER_TAG_ADDED] = {"tag-added", "tag"},
	[TRIGGER_TAG_REMOVED] = {"tag-removed", "tag"},
	[TRIGGER_FIELD_CHANGED] = {"field-changed", "field"},
	[TRIGGER_MESSAGE_RECEIVED] = {"message-received", "keyword"},
	[TRIGGER_EVENT] = {"event", "name"},
	[TRIGGER_DATE] = {"date", "field"},
};
_Static_assert(sizeof(trigger_words) / sizeof(trigger_words[0]) == TRIGGER_KIND_COUNT,
	       "words per trigger");

static void put_minute(struct writing *writing, const char *name, int minute)
{
	buf_printf(writing->buf, " %s=\"%02d:%02d\"", name, minute / 60, minute % 60);
}

/* An element that may hold a condition. */
static void put_around(struct writing *writing, const char *name,
		       const struct condition *condition)
{
	if (!condition) {
		put_close(writing);
		return;
	}
	put_inside(writing);
	put_condition(writing, condition);
	put_end(writing, name);
}

static void put_trigger(struct writing *writing, const struct plan_trigger *trigger)
{
	const char *element = trigger_words[trigger->kind].element;
	put_open(writing, element);
	if (trigger->kind == TRIGGER_CONTACT_CREATED)
		put_attribute(writing, "imports", trigger->imports ? "yes" : NULL);
	else
		put_attribute(writing, trigger_words[trigger->kind].attribute,
			      trigger->name);
	if (trigger->kind == TRIGGER_DATE) {
		put_offset(writing, trigger->offset_ms);
		put_minute(writing, "at", trigger->at_minute);
	}
	put_around(writing, element, trigger->condition);
}

static void put_triggers(struct writing *writing)
{
	const struct plan *plan = writing->plan;
	if (!plan->trigger_count && !plan->filter)
		return;
	put_open(writing, "triggers");
	put_inside(writing);
	for (size_t i = 0; i < plan->trigger_count; i++)
		put_trigger(writing, &plan->triggers[i]);
	if (plan->filter) {
		put_open(writing, "filter");
		put_around(writing, "filter", plan->filter);
	}
	put_end(writing, "triggers");
}

/* --- the whole --- */

static void put_window(struct writing *writing, const struct hours_window *window)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu",
					    "fri", "sat", "sun"};
	char days[sizeof("mon tue wed thu fri sat sun")] = "";
	for (unsigned i = 0; i < 7; i++)
		if (window->days & (1U << i))
			strcat(strcat(days, *days ? " " : ""), names[i]);
	put_open(writing, "hours");
	put_attribute(writing, "days", days);
	put_minute(writing, "from", window->from);
	put_minute(writing, "to", window->to);
	put_attribute(writing, "timezone",
		      window->zone ? zone_name(window->zone) : NULL);
	put_close(writing);
}

static void put_settings(struct writing *writing, const struct plan_settings *settings)
{
	const struct hours *hours = settings->hours;
	bool has_reentry = settings->reentry != REENTRY_ONE_AT_A_TIME;
	if (!has_reentry && !settings->stop_on_reply && !settings->sender &&
	    !settings->smsc && !hours)
		return;
	put_open(writing, "settings");
	put_attribute(writing, "reentry",
		      has_reentry ? reentry_name(settings->reentry) : NULL);
	put_attribute(writing, "stop-on-reply", settings->stop_on_reply ? "yes" : NULL);
	put_attribute(writing, "sender", settings->sender);
	put_attribute(writing, "smsc", settings->smsc);
	if (!hours) {
		put_close(writing);
		return;
	}
	put_inside(writing);
	for (size_t i = 0; i < hours->count; i++)
		put_window(writing, &hours->windows[i]);
	put_end(writing, "settings");
}

void workflow_write(const struct plan *plan, bool with_publish, struct buf *buf)
{
	struct writing writing = {.buf = buf, .plan = plan};
	buf_add_str(buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	put_open(&writing, "workflow");
	put_attribute(&writing, "xmlns", WORKFLOW_NAMESPACE);
	put_attribute(&writing, "id", plan->id);
	put_attribute(&writing, "name", plan->name);
	put_attribute(&writing, "publish",
		      with_publish && plan->publish ? "yes" : NULL);
	put_inside(&writing);
	if (plan->description)
		put_text(&writing, "description", plan->description);
	put_settings(&writing, &plan->settings);
	put_triggers(&writing);
	put_all_steps(&writing);
	put_end(&writing, "workflow");
}
