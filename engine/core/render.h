/* render.h - the text of a task, with the values of the contact and of whoever is to send it.
 *
 *	const struct render render = {.core = core, .db = db, .arena = arena, .contact = &contact, .user = &opener};
 *	struct template_rendered text;
 *	err = render_template(db, arena, step, task.id, &template);
 *	err = render_text(&render, template, &text);
 *	if (text.hole_count) … the card shows ⟦contact.first_name⟧ marked, and Send is blocked
 *
 * A task is rendered when it is made (user: its assignee, when there is one) and again for whoever opens its card, as
 * long as nobody edited the text. Without a user the values user.* are holes. A task that another program made has its
 * text as it is, and no holes.
 *
 * Thread: any that has a struct db.
 */
#ifndef HB_CORE_RENDER_H
#define HB_CORE_RENDER_H

#include "core/core.h"
#include "model/records.h"
#include "model/template.h"
#include "store/store.h"

struct render {
	struct core *core;
	struct db *db;
	struct arena *arena; /* the result lives here */
	const struct contact *contact;
	const struct user *user; /* NULL: nobody yet */
	/* event.* and reply.text: the enrollment, or its id, by which it is loaded when they are used; 0: none */
	const struct enrollment *enrollment;
	uint64_t enrollment_id;
};

/* render_text - of a template; NULL gives an empty text (the user types). */
enum err render_text(const struct render *render, const struct template *template,
		     struct template_rendered *rendered_out) MUST_CHECK;

struct step;

/* render_wording - what a task of that manual-sms is made of when it is made now: the step's own text, or a snippet's. It
 * lives as long as the plan and arena. */
struct render_wording {
	const struct template *template; /* NULL: the user types */
	/* of a snippet, for the task to keep; NULL: the step has its own text */
	const char *taken;
	const char *missing; /* a snippet that is no longer there: the user types */
};
enum err render_wording(struct db *db, struct arena *arena, const struct step *step,
			struct render_wording *wording_out) MUST_CHECK;

/* render_template - what a task of that manual-sms was made from: what the task keeps for itself, else the step's own text;
 * NULL: nobody's template. It lives as long as the plan and arena. */
enum err render_template(struct db *db, struct arena *arena, const struct step *step,
			 uint64_t task_id,
			 const struct template **template_out) MUST_CHECK;

/* render_each_value - the values that a template uses, each once: NULL or "" when there is none. */
typedef void render_value_fn(void *arg, const char *field, const char *value);
enum err render_each_value(const struct render *render, const struct template *template,
			   render_value_fn *each, void *arg) MUST_CHECK;

#endif
