/* render.c - see render.h */
#include "core/render.h"

#include <string.h>

#include "core/contact_time.h"
#include "core/event_data.h"
#include "store/contact_rows.h"
#include "store/message_rows.h"
#include "store/snippet_rows.h"
#include "store/user_rows.h"
#include "store/workflow_rows.h"
#include "workflow/plan.h"

/* What lookups read from; the fields and the owner are loaded only for a template that uses them. */
struct values {
	const struct render *render;
	const struct contact *contact;
	struct contact_field *fields;
	size_t field_count;
	struct user owner;
	struct event_data event;
	struct message reply;
};

static const char *full_name(struct arena *arena, const char *first, const char *last)
{
	if (!first || !*first)
		return last;
	if (!last || !*last)
		return first;
	return arena_printf(arena, "%s %s", first, last);
}

static const char *contact_first_name(const struct values *v)
{
	return v->contact->first_name;
}

static const char *contact_last_name(const struct values *v)
{
	return v->contact->last_name;
}

static const char *contact_name(const struct values *v)
{
	return full_name(v->render->arena, v->contact->first_name,
			 v->contact->last_name);
}

static const char *contact_phone(const struct values *v)
{
	return v->contact->phone_e164 ? v->contact->phone_e164 : v->contact->phone;
}

static const char *contact_email(const struct values *v)
{
	return v->contact->email;
}

static const char *contact_country(const struct values *v)
{
	return v->contact->country;
}

static const char *contact_timezone(const struct values *v)
{
	return v->contact->timezone;
}

static const char *contact_owner(const struct values *v)
{
	return full_name(v->render->arena, v->owner.first_name, v->owner.last_name);
}

static const char *contact_created_at(const struct values *v)
{
	char text[CLOCK_TEXT_LEN];
	return arena_strdup(v->render->arena,
			    clock_format(v->contact->created_at, text));
}

static const char *user_first_name(const struct values *v)
{
	return v->render->user ? v->render->user->first_name : NULL;
}

static const char *user_last_name(const struct values *v)
{
	return v->render->user ? v->render->user->last_name : NULL;
}

static const char *user_name(const struct values *v)
{
	const struct user *user = v->render->user;
	return user ? full_name(v->render->arena, user->first_name, user->last_name)
		    : NULL;
}

static const char *user_login(const struct values *v)
{
	return v->render->user ? v->render->user->login : NULL;
}

static const char *user_email(const struct values *v)
{
	return v->render->user ? v->render->user->email : NULL;
}

static const char *account_name(const struct values *v)
{
	return core_policy(v->render->core)->account_name;
}

static const char *reply_text(const struct values *v)
{
	return v->reply.text;
}

static const struct {
	const char *field;
	const char *(*get)(const struct values *values);
} getters[] = {
	{"contact.first_name", contact_first_name},
	{"contact.last_name", contact_last_name},
	{"contact.name", contact_name},
	{"contact.phone", contact_phone},
	{"contact.email", contact_email},
	{"contact.country", contact_country},
	{"contact.timezone", contact_timezone},
	{"contact.owner", contact_owner},
	{"contact.created_at", contact_created_at},
	{"user.first_name", user_first_name},
	{"user.last_name", user_last_name},
	{"user.name", user_name},
	{"user.login", user_login},
	{"user.email", user_email},
	{"account.name", account_name},
	{"reply.text", reply_text},
};

#define CUSTOM "contact.custom."

static const char *lookup(void *arg, const char *field)
{
	const struct values *values = arg;
	if (strncmp(field, CUSTOM, strlen(CUSTOM)) == 0) {
		for (size_t i = 0; i < values->field_count; i++)
			if (strcmp(values->fields[i].name, field + strlen(CUSTOM)) == 0)
				return values->fields[i].value;
		return NULL;
	}
	if (strncmp(field, EVENT_PREFIX, strlen(EVENT_PREFIX)) == 0)
		return event_data_get(&values->event, field);
	for (size_t i = 0; i < sizeof(getters) / sizeof(getters[0]); i++)
		if (strcmp(getters[i].field, field) == 0)
			return getters[i].get(values);
	return NULL;
}

static enum err load_reply(const struct render *render,
			   const struct enrollment *enrollment, struct values *values)
{
	if (!enrollment->reply_id)
		return ERR_OK;
	enum err err = message_rows_load(render->db, render->arena,
					 enrollment->reply_id, &values->reply);
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* What the enrollment brought along. */
static enum err load_brought(const struct render *render,
			     const struct template *template, struct values *values)
{
	const struct enrollment *enrollment = render->enrollment;
	struct enrollment loaded;
	bool uses_event = template_uses(template, EVENT_PREFIX),
	     uses_reply = template_uses(template, "reply.");
	if ((!uses_event && !uses_reply) || (!enrollment && !render->enrollment_id))
		return ERR_OK;
	if (!enrollment) {
		enum err err = enrollment_rows_load(render->db, render->arena,
						    render->enrollment_id, &loaded);
		if (err != ERR_OK)
			return err == ERR_NOT_FOUND ? ERR_OK : err;
		enrollment = &loaded;
	}
	if (uses_event)
		event_data_read(&values->event, render->arena, enrollment->data);
	return uses_reply ? load_reply(render, enrollment, values) : ERR_OK;
}

static enum err load_values(const struct render *render,
			    const struct template *template, struct values *values)
{
	enum err err = ERR_OK;
	if (template_uses(template, CUSTOM))
		err = contact_rows_fields(render->db, render->arena,
					  values->contact->id, &values->fields,
					  &values->field_count);
	if (err == ERR_OK && values->contact->owner_id &&
	    template_uses(template, "contact.owner"))
		err = user_rows_load(render->db, render->arena,
				     values->contact->owner_id, &values->owner);
	return err == ERR_OK ? load_brought(render, template, values) : err;
}

enum err render_each_value(const struct render *render, const struct template *template,
			   render_value_fn *each, void *arg)
{
	struct values values = {.render = render, .contact = render->contact};
	size_t count;
	const char *const *fields = template_fields(template, &count);
	enum err err = load_values(render, template, &values);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		each(arg, fields[i], lookup(&values, fields[i]));
	return err;
}

enum err render_text(const struct render *render, const struct template *template,
		     struct template_rendered *rendered_out)
{
	struct values values = {.render = render, .contact = render->contact};
	if (!template) {
		*rendered_out = (struct template_rendered){.text = ""};
		return ERR_OK;
	}
	enum err err = load_values(render, template, &values);
	if (err == ERR_OK)
		template_render(template,
				&(struct template_values){
					.lookup = lookup,
					.arg = &values,
					.zone = contact_zone(render->contact)},
				render->arena, rendered_out);
	return err;
}

static enum err compile(struct arena *arena, const char *text,
			const struct template **template_out)
{
	const struct template_error *errors;
	return template_compile(arena, text, strlen(text), template_out, &errors) ==
			       ERR_OK
		       ? ERR_OK
		       : ERR_CORRUPT;
}

enum err render_wording(struct db *db, struct arena *arena, const struct step *step,
			struct render_wording *wording_out)
{
	struct snippet snippet;
	*wording_out = (struct render_wording){.template = step->sms.template};
	if (!step->sms.snippet)
		return ERR_OK;
	enum err err = snippet_rows_by_name(db, arena, step->sms.snippet, &snippet);
	if (err == ERR_NOT_FOUND) {
		wording_out->missing = step->sms.snippet;
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	wording_out->taken = snippet.text;
	return compile(arena, snippet.text, &wording_out->template);
}

enum err render_template(struct db *db, struct arena *arena, const struct step *step,
			 uint64_t task_id, const struct template **template_out)
{
	const char *text;
	*template_out = step->sms.template;
	enum err err = task_template_rows_load(db, arena, task_id, &text);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	return compile(arena, text, template_out);
}
