/* write.c - see write.h */
#include "workflow/write.h"

#include <assert.h>
#include <string.h>

#include "model/duration.h"

struct writing {
	struct buf *buf;
	unsigned depth;
};

/* What would not come back as it is: markup, and blanks that the reader folds. In texts
 * only CR is folded. */
static const char *escape_of(char c, bool is_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\r':
		return "&#13;";
	case '"':
		return is_attribute ? "&quot;" : NULL;
	case '\n':
		return is_attribute ? "&#10;" : NULL;
	case '\t':
		return is_attribute ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void put_escaped(struct writing *writing, const char *text, bool is_attribute)
{
	for (const char *at = text; *at; at++) {
		const char *escape = escape_of(*at, is_attribute);
		if (escape)
			buf_add_str(writing->buf, escape);
		else
			buf_add_char(writing->buf, *at);
	}
}

/* --- tags: put_open, attributes, then put_close, put_inside … put_end, or put_text ---
 */

static void put_open(struct writing *writing, const char *name)
{
	for (unsigned i = 0; i < writing->depth; i++)
		buf_add_str(writing->buf, "  ");
	buf_printf(writing->buf, "<%s", name);
}

/* Nothing when text is NULL. */
static void put_attribute(struct writing *writing, const char *name, const char *text)
{
	if (!text)
		return;
	buf_printf(writing->buf, " %s=\"", name);
	put_escaped(writing, text, true);
	buf_add_char(writing->buf, '"');
}

static void put_duration(struct writing *writing, const char *name, int64_t ms)
{
	char text[DURATION_TEXT_LEN];
	put_attribute(writing, name, ms ? duration_format(ms, text) : NULL);
}

static void put_close(struct writing *writing)
{
	buf_add_str(writing->buf, "/>\n");
}

static void put_inside(struct writing *writing)
{
	buf_add_str(writing->buf, ">\n");
	writing->depth++;
}

static void put_end(struct writing *writing, const char *name)
{
	writing->depth--;
	put_open(writing, "/");
	buf_printf(writing->buf, "%s>\n", name);
}

static void put_text(struct writing *writing, const char *name, const char *text)
{
	put_open(writing, name);
	buf_add_char(writing->buf, '>');
	put_escaped(writing, text, false);
	buf_printf(writing->buf, "</%s>\n", name);
}

/* --- steps --- */

static void put_assign(struct writing *writing, const struct step *step)
{
	const struct step_assign *assign = &step->assign;
	put_attribute(writing, "only-unassigned",
		      assign->only_unassigned ? "yes" : NULL);
	put_inside(writing);
	if (assign->team) {
		put_open(writing, "team");
		put_attribute(writing, "name", assign->team);
		put_attribute(writing, "pool", assign->is_pool ? "yes" : NULL);
		put_close(writing);
	}
	for (size_t i = 0; i < assign->user_count; i++) {
		const struct plan_user *user = &assign->users[i];
		put_open(writing, "user");
		put_attribute(writing, "login", user->login);
		if (user->weight != 1)
			buf_printf(writing->buf, " weight=\"%u\"", user->weight);
		put_close(writing);
	}
	put_end(writing, step_kind_name(step->kind));
}

static void put_sms(struct writing *writing, const struct step *step)
{
	const struct step_sms *sms = &step->sms;
	put_attribute(writing, "name", sms->name);
	put_duration(writing, "due", sms->due.ms);
	put_duration(writing, "expires", sms->expires.ms);
	put_attribute(writing, "wait", sms->does_wait ? NULL : "no");
	if (!sms->text) {
		put_close(writing);
		return;
	}
	put_inside(writing);
	put_text(writing, "message", sms->text);
	put_end(writing, step_kind_name(step->kind));
}

static void put_tag(struct writing *writing, const struct step *step)
{
	put_attribute(writing, "tag", step->tag);
	put_close(writing);
}

static void put_nothing(struct writing *writing, const struct step *step)
{
	(void)step;
	put_close(writing);
}

/* what stands behind the id, per kind */
static void (*const step_writers[])(struct writing *writing,
				    const struct step *step) = {
	[STEP_ASSIGN_USER] = put_assign, [STEP_MANUAL_SMS] = put_sms,
	[STEP_ADD_TAG] = put_tag,        [STEP_REMOVE_TAG] = put_tag,
	[STEP_END] = put_nothing,
};
_Static_assert(sizeof(step_writers) / sizeof(step_writers[0]) == STEP_KIND_COUNT,
	       "a writer per kind");

static void put_steps(struct writing *writing, const struct plan *plan)
{
	put_open(writing, "steps");
	if (!plan->step_count) {
		put_close(writing);
		return;
	}
	put_inside(writing);
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		put_open(writing, step_kind_name(step->kind));
		put_attribute(writing, "id", step->is_id_written ? step->id : NULL);
		step_writers[step->kind](writing, step);
	}
	put_end(writing, "steps");
}

/* --- the whole --- */

static void put_settings(struct writing *writing, const struct plan_settings *settings)
{
	bool has_reentry = settings->reentry != REENTRY_ONE_AT_A_TIME;
	if (!has_reentry && !settings->sender && !settings->smsc)
		return;
	put_open(writing, "settings");
	put_attribute(writing, "reentry",
		      has_reentry ? reentry_name(settings->reentry) : NULL);
	put_attribute(writing, "sender", settings->sender);
	put_attribute(writing, "smsc", settings->smsc);
	put_close(writing);
}

void workflow_write(const struct plan *plan, bool with_publish, struct buf *buf)
{
	struct writing writing = {buf, 0};
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
	put_steps(&writing, plan);
	put_end(&writing, "workflow");
}
