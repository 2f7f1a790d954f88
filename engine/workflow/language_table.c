/* language_table.c - the table of the language; see language.h */
#include "workflow/language.h"

#include "workflow/build.h"

#define IN(id) (UINT64_C(1) << (id))

/* what holds steps directly */
#define IN_STEPS                                                                 \
	(IN(EL_STEPS) | IN(EL_ON_SENT) | IN(EL_ON_SKIPPED) | IN(EL_ON_EXPIRED) | \
	 IN(EL_ON_FAILED) | IN(EL_ON_REPLY) | IN(EL_ON_TIMEOUT) | IN(EL_OTHERWISE))
#define IN_CONDITIONS \
	(IN(EL_WHEN) | IN(EL_ALL) | IN(EL_ANY) | IN(EL_NOT) | IN(EL_FILTER))

#define REQUIRED        true
#define OPTIONAL        false
#define ATTRIBUTES(...) .attributes = {__VA_ARGS__}

/* A row of what the language has and this version cannot run. */
#define LATER(element_name, element_parents)                     \
	{                                                        \
		.name = element_name, .parents = element_parents \
	}

/* Holds steps, at most once in its parent. */
#define EXIT(element_name, parent)                                              \
	{                                                                       \
		.name = element_name, .parents = IN(parent),                    \
		.content = CONTENT_ELEMENTS, .is_built = true, .is_once = true, \
		.open = build_exit                                              \
	}

const struct element language[EL_COUNT] = {
	[EL_WORKFLOW] =
		{
			.name = "workflow",
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"name", &value_name, REQUIRED},
				   {"publish", &value_yes_no, OPTIONAL}),
			.open = build_workflow,
			.close = build_workflow_end,
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
			ATTRIBUTES({"reentry", &value_reentry, OPTIONAL},
				   {"stop-on-reply", &value_yes_no, OPTIONAL},
				   {"sender", &value_sender, OPTIONAL},
				   {"smsc", &value_smsc, OPTIONAL}),
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
		},
	[EL_ASSIGN_USER] =
		{
			.name = "assign-user",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"only-unassigned", &value_yes_no, OPTIONAL}),
			.open = build_assign_user,
			.close = build_assign_user_end,
		},
	[EL_USER] =
		{
			.name = "user",
			.parents = IN(EL_ASSIGN_USER),
			.is_built = true,
			ATTRIBUTES({"login", &value_login, REQUIRED},
				   {"weight", &value_weight, OPTIONAL}),
			.open = build_user,
		},
	[EL_TEAM] =
		{
			.name = "team",
			.parents = IN(EL_ASSIGN_USER),
			.is_built = true,
			.is_once = true,
			ATTRIBUTES({"name", &value_name, REQUIRED},
				   {"pool", &value_yes_no, OPTIONAL}),
			.open = build_team,
		},
	[EL_MANUAL_SMS] =
		{
			.name = "manual-sms",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"name", &value_name, REQUIRED},
				   {"due", &value_duration, OPTIONAL},
				   {"expires", &value_duration, OPTIONAL},
				   {"wait", &value_yes_no, OPTIONAL}),
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
			ATTRIBUTES({"snippet", &value_snippet, OPTIONAL}),
			.open = build_message,
		},
	[EL_ON_SENT] = EXIT("on-sent", EL_MANUAL_SMS),
	[EL_ON_SKIPPED] = EXIT("on-skipped", EL_MANUAL_SMS),
	[EL_ON_EXPIRED] = EXIT("on-expired", EL_MANUAL_SMS),
	[EL_ON_FAILED] = EXIT("on-failed", EL_MANUAL_SMS),
	[EL_WAIT_FOR_REPLY] =
		{
			.name = "wait-for-reply",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"to", &value_id, REQUIRED},
				   {"timeout", &value_duration, OPTIONAL}),
			.open = build_wait_for_reply,
			.close = build_step_end,
		},
	[EL_ON_REPLY] = EXIT("on-reply", EL_WAIT_FOR_REPLY),
	[EL_ON_TIMEOUT] = EXIT("on-timeout", EL_WAIT_FOR_REPLY),
	[EL_WAIT] =
		{
			.name = "wait",
			.parents = IN_STEPS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"for", &value_duration, OPTIONAL},
				   {"until", &value_wall, OPTIONAL},
				   {"until-field", &value_date_field, OPTIONAL},
				   {"offset", &value_offset, OPTIONAL},
				   {"until-hours", &value_only_yes, OPTIONAL}),
			.open = build_wait,
			.close = build_step_end,
		},
	[EL_BRANCH] = LATER("branch", IN_STEPS),
	[EL_WHEN] = LATER("when", IN(EL_BRANCH)),
	[EL_OTHERWISE] = LATER("otherwise", IN(EL_BRANCH)),
	[EL_ALL] = LATER("all", IN_CONDITIONS),
	[EL_ANY] = LATER("any", IN_CONDITIONS),
	[EL_NOT] = LATER("not", IN_CONDITIONS),
	[EL_CONDITION] = LATER("condition", IN_CONDITIONS),
	[EL_SEND_EMAIL] =
		{
			.name = "send-email",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"to", &value_line, REQUIRED},
				   {"subject", &value_line, REQUIRED}),
			.open = build_send_email,
			.close = build_step_end,
		},
	[EL_BODY] =
		{
			.name = "body",
			.parents = IN(EL_SEND_EMAIL),
			.content = CONTENT_TEXT,
			.is_built = true,
			.is_once = true,
			.is_required = true,
			.open = build_body,
		},
	[EL_ADD_TAG] =
		{
			.name = "add-tag",
			.parents = IN_STEPS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, OPTIONAL},
				   {"tag", &value_name, REQUIRED}),
			.open = build_add_tag,
			.close = build_step_end,
		},
	[EL_REMOVE_TAG] =
		{
			.name = "remove-tag",
			.parents = IN_STEPS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, OPTIONAL},
				   {"tag", &value_name, REQUIRED}),
			.open = build_remove_tag,
			.close = build_step_end,
		},
	[EL_SET_FIELD] =
		{
			.name = "set-field",
			.parents = IN_STEPS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, OPTIONAL},
				   {"field", &value_set_field, REQUIRED},
				   {"value", &value_template, REQUIRED}),
			.open = build_set_field,
			.close = build_step_end,
		},
	[EL_CALL_HOOK] =
		{
			.name = "call-hook",
			.parents = IN_STEPS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"hook", &value_name, OPTIONAL},
				   {"url", &value_url, OPTIONAL},
				   {"event", &value_event, REQUIRED}),
			.open = build_call_hook,
			.close = build_step_end,
		},
	[EL_GO_TO] =
		{
			.name = "go-to",
			.parents = IN_STEPS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"step", &value_id, REQUIRED},
				   {"max", &value_max, OPTIONAL}),
			.open = build_go_to,
			.close = build_step_end,
		},
	[EL_END] =
		{
			.name = "end",
			.parents = IN_STEPS,
			.is_built = true,
			ATTRIBUTES({"id", &value_id, OPTIONAL}),
			.open = build_end,
			.close = build_step_end,
		},
};
