/* language.c - see language.h */
#include "workflow/language.h"

#include <assert.h>
#include <string.h>

#include "workflow/build.h"

#define IN(id) (UINT64_C(1) << (id))

/* what holds steps directly */
#define IN_STEPS                                                                 \
	(IN(EL_STEPS) | IN(EL_ON_SENT) | IN(EL_ON_SKIPPED) | IN(EL_ON_EXPIRED) | \
	 IN(EL_ON_FAILED) | IN(EL_ON_REPLY) | IN(EL_ON_TIMEOUT) | IN(EL_OTHERWISE))
#define IN_CONDITIONS \
	(IN(EL_WHEN) | IN(EL_ALL) | IN(EL_ANY) | IN(EL_NOT) | IN(EL_FILTER))

#define REQUIRED true
#define OPTIONAL false

/* A row of what the language has and this version cannot run. */
#define LATER(element_name, element_parents)                     \
	{                                                        \
		.name = element_name, .parents = element_parents \
	}

const struct element language[EL_COUNT] = {
	[EL_WORKFLOW] =
		{
			.name = "workflow",
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			.attributes =
				{
					{"id", &value_id, REQUIRED},
					{"name", &value_name, REQUIRED},
					{"publish", &value_yes_no, OPTIONAL},
				},
			.open = build_workflow,
		},
	[EL_DESCRIPTION] =
		{
			.name = "description",
			.parents = IN(EL_WORKFLOW),
			.content = CONTENT_TEXT,
			.is_built = true,
			.is_once = true,
			.open = build_description,
		},
	[EL_SETTINGS] =
		{
			.name = "settings",
			.parents = IN(EL_WORKFLOW),
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			.is_once = true,
			.attributes =
				{
					{"reentry", &value_reentry, OPTIONAL},
					{"stop-on-reply", &value_only_no, OPTIONAL},
					{"sender", &value_sender, OPTIONAL},
					{"smsc", &value_smsc, OPTIONAL},
				},
			.open = build_settings,
		},
	[EL_HOURS] = LATER("hours", IN(EL_SETTINGS)),
	[EL_TRIGGERS] =
		{
			.name = "triggers",
			.parents = IN(EL_WORKFLOW),
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			.is_once = true,
		},
	[EL_CONTACT_CREATED] = LATER("contact-created", IN(EL_TRIGGERS)),
	[EL_TAG_ADDED] = LATER("tag-added", IN(EL_TRIGGERS)),
	[EL_TAG_REMOVED] = LATER("tag-removed", IN(EL_TRIGGERS)),
	[EL_FIELD_CHANGED] = LATER("field-changed", IN(EL_TRIGGERS)),
	[EL_MESSAGE_RECEIVED] = LATER("message-received", IN(EL_TRIGGERS)),
	[EL_EVENT] = LATER("event", IN(EL_TRIGGERS)),
	[EL_DATE] = LATER("date", IN(EL_TRIGGERS)),
	[EL_FILTER] = LATER("filter", IN(EL_TRIGGERS)),
	[EL_STEPS] =
		{
			.name = "steps",
			.parents = IN(EL_WORKFLOW) | IN(EL_WHEN),
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			.is_once = true,
			.is_required = true,
			.close = build_steps_end,
		},
	[EL_ASSIGN_USER] =
		{
			.name = "assign-user",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			.attributes =
				{
					{"id", &value_id, REQUIRED},
					{"only-unassigned", &value_yes_no, OPTIONAL},
				},
			.open = build_assign_user,
			.close = build_assign_user_end,
		},
	[EL_USER] =
		{
			.name = "user",
			.parents = IN(EL_ASSIGN_USER),
			.is_built = true,
			.attributes =
				{
					{"login", &value_login, REQUIRED},
					{"weight", &value_weight, OPTIONAL},
				},
			.open = build_user,
		},
	[EL_TEAM] =
		{
			.name = "team",
			.parents = IN(EL_ASSIGN_USER),
			.is_built = true,
			.is_once = true,
			.attributes =
				{
					{"name", &value_name, REQUIRED},
					{"pool", &value_yes_no, OPTIONAL},
				},
			.open = build_team,
		},
	[EL_MANUAL_SMS] =
		{
			.name = "manual-sms",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			.attributes =
				{
					{"id", &value_id, REQUIRED},
					{"name", &value_name, REQUIRED},
					{"due", &value_duration, OPTIONAL},
					{"expires", &value_duration, OPTIONAL},
					{"wait", &value_yes_no, OPTIONAL},
				},
			.open = build_manual_sms,
			.close = build_step_end,
		},
	[EL_MESSAGE] =
		{
			.name = "message",
			.parents = IN(EL_MANUAL_SMS),
			.content = CONTENT_TEXT,
			.is_built = true,
			.is_once = true,
			.attributes = {{"snippet", &value_not_built, OPTIONAL}},
			.open = build_message,
		},
	[EL_ON_SENT] = LATER("on-sent", IN(EL_MANUAL_SMS)),
	[EL_ON_SKIPPED] = LATER("on-skipped", IN(EL_MANUAL_SMS)),
	[EL_ON_EXPIRED] = LATER("on-expired", IN(EL_MANUAL_SMS)),
	[EL_ON_FAILED] = LATER("on-failed", IN(EL_MANUAL_SMS)),
	[EL_WAIT_FOR_REPLY] = LATER("wait-for-reply", IN_STEPS),
	[EL_ON_REPLY] = LATER("on-reply", IN(EL_WAIT_FOR_REPLY)),
	[EL_ON_TIMEOUT] = LATER("on-timeout", IN(EL_WAIT_FOR_REPLY)),
	[EL_WAIT] = LATER("wait", IN_STEPS),
	[EL_BRANCH] = LATER("branch", IN_STEPS),
	[EL_WHEN] = LATER("when", IN(EL_BRANCH)),
	[EL_OTHERWISE] = LATER("otherwise", IN(EL_BRANCH)),
	[EL_ALL] = LATER("all", IN_CONDITIONS),
	[EL_ANY] = LATER("any", IN_CONDITIONS),
	[EL_NOT] = LATER("not", IN_CONDITIONS),
	[EL_CONDITION] = LATER("condition", IN_CONDITIONS),
	[EL_SEND_EMAIL] = LATER("send-email", IN_STEPS),
	[EL_BODY] = LATER("body", IN(EL_SEND_EMAIL)),
	[EL_ADD_TAG] =
		{
			.name = "add-tag",
			.parents = IN_STEPS,
			.is_built = true,
			.attributes =
				{
					{"id", &value_id, OPTIONAL},
					{"tag", &value_name, REQUIRED},
				},
			.open = build_add_tag,
			.close = build_step_end,
		},
	[EL_REMOVE_TAG] =
		{
			.name = "remove-tag",
			.parents = IN_STEPS,
			.is_built = true,
			.attributes =
				{
					{"id", &value_id, OPTIONAL},
					{"tag", &value_name, REQUIRED},
				},
			.open = build_remove_tag,
			.close = build_step_end,
		},
	[EL_SET_FIELD] = LATER("set-field", IN_STEPS),
	[EL_CALL_HOOK] = LATER("call-hook", IN_STEPS),
	[EL_GO_TO] = LATER("go-to", IN_STEPS),
	[EL_END] =
		{
			.name = "end",
			.parents = IN_STEPS,
			.is_built = true,
			.attributes = {{"id", &value_id, OPTIONAL}},
			.open = build_end,
			.close = build_step_end,
		},
};
_Static_assert(EL_COUNT <= 64, "a bit per element");

static const struct value *visit_value(const struct visit *visit, const char *attribute)
{
	const struct attribute *rows = visit->element->attributes;
	size_t i = 0;
	while (rows[i].name && strcmp(rows[i].name, attribute) != 0)
		i++;
	assert(rows[i].name);
	return &visit->values[i];
}

const char *visit_text(const struct visit *visit, const char *attribute)
{
	return visit_value(visit, attribute)->text;
}

int64_t visit_number(const struct visit *visit, const char *attribute, int64_t fallback)
{
	const struct value *value = visit_value(visit, attribute);
	return value->text ? value->number : fallback;
}

enum element_id language_find(const char *name)
{
	for (int id = 0; id < EL_COUNT; id++)
		if (strcmp(language[id].name, name) == 0)
			return (enum element_id)id;
	return EL_NONE;
}

bool language_allows(enum element_id parent, enum element_id child)
{
	return language[child].parents & IN(parent);
}

static void list_add(struct buf *buf, const char *before, const char *name,
		     const char *behind)
{
	buf_printf(buf, "%s%s%s%s", buf->len ? ", " : "", before, name, behind);
}

void language_list_children(enum element_id parent, struct buf *buf)
{
	for (int id = 0; id < EL_COUNT; id++)
		if (language[id].is_built &&
		    language_allows(parent, (enum element_id)id))
			list_add(buf, "<", language[id].name, ">");
	if (!buf->len)
		buf_add_str(buf, "nothing");
}

void language_list_attributes(enum element_id id, struct buf *buf)
{
	for (const struct attribute *row = language[id].attributes; row->name; row++)
		if (row->type != &value_not_built)
			list_add(buf, "", row->name, "");
	if (!buf->len)
		buf_add_str(buf, "none");
}
