/* language_table.c - the table of the language; see language.h */
#include "workflow/language.h"

#include "workflow/build.h"

#define IN(id) (UINT64_C(1) << (id))

/* what holds steps directly */
#define IN_STEPS                                                                 \
	(IN(EL_STEPS) | IN(EL_ON_SENT) | IN(EL_ON_SKIPPED) | IN(EL_ON_EXPIRED) | \
	 IN(EL_ON_FAILED) | IN(EL_ON_REPLY) | IN(EL_ON_TIMEOUT) | IN(EL_OTHERWISE))
#define IN_CONDITIONS                                                         \
	(IN(EL_WHEN) | IN(EL_ALL) | IN(EL_ANY) | IN(EL_NOT) | IN(EL_FILTER) | \
	 IN_TRIGGERS)
#define IN_TRIGGERS                                                       \
	(IN(EL_CONTACT_CREATED) | IN(EL_TAG_ADDED) | IN(EL_TAG_REMOVED) | \
	 IN(EL_FIELD_CHANGED) | IN(EL_MESSAGE_RECEIVED) | IN(EL_EVENT) | IN(EL_DATE))

#define REQUIRED        true
#define OPTIONAL        false
#define ATTRIBUTES(...) .attributes = {__VA_ARGS__}

/* Holds steps, at most once in its parent. */
#define EXIT(element_name, parent)                                               \
	{                                                                        \
		.name = element_name, .parents = IN(parent),                     \
		.content = CONTENT_ELEMENTS, .is_once = true, .open = build_exit \
	}

const struct element language[EL_COUNT] = {
	[EL_WORKFLOW] =
		{
			.name = "workflow",
			.content = CONTENT_ELEMENTS,
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
			.is_once = true,
			.open = build_description,
		},
	[EL_SETTINGS] =
		{
			.name = "settings",
			.parents = IN(EL_WORKFLOW),
			.content = CONTENT_ELEMENTS,
			.is_once = true,
			ATTRIBUTES({"reentry", &value_reentry, OPTIONAL},
				   {"stop-on-reply", &value_yes_no, OPTIONAL},
				   {"sender", &value_sender, OPTIONAL},
				   {"smsc", &value_smsc, OPTIONAL}),
			.open = build_settings,
			.close = build_settings_end,
		},
	[EL_HOURS] =
		{
			.name = "hours",
			.parents = IN(EL_SETTINGS),
			ATTRIBUTES({"days", &value_days, REQUIRED},
				   {"from", &value_clock_from, REQUIRED},
				   {"to", &value_clock_to, REQUIRED},
				   {"timezone", &value_zone, OPTIONAL}),
			.open = build_hours,
		},
	[EL_TRIGGERS] =
		{
			.name = "triggers",
			.parents = IN(EL_WORKFLOW),
			.content = CONTENT_ELEMENTS,
			.is_once = true,
		},
	[EL_CONTACT_CREATED] =
		{
			.name = "contact-created",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"imports", &value_yes_no, OPTIONAL}),
			.open = build_trigger,
			.close = build_trigger_end,
		},
	[EL_TAG_ADDED] =
		{
			.name = "tag-added",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"tag", &value_name, REQUIRED}),
			.open = build_trigger,
			.close = build_trigger_end,
		},
	[EL_TAG_REMOVED] =
		{
			.name = "tag-removed",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"tag", &value_name, REQUIRED}),
			.open = build_trigger,
			.close = build_trigger_end,
		},
	[EL_FIELD_CHANGED] =
		{
			.name = "field-changed",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"field", &value_changed_field, REQUIRED}),
			.open = build_trigger,
			.close = build_trigger_end,
		},
	[EL_MESSAGE_RECEIVED] =
		{
			.name = "message-received",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"keyword", &value_name, OPTIONAL}),
			.open = build_trigger,
			.close = build_trigger_end,
		},
	[EL_EVENT] =
		{
			.name = "event",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"name", &value_event, REQUIRED}),
			.open = build_trigger,
			.close = build_trigger_end,
		},
	[EL_DATE] =
		{
			.name = "date",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"field", &value_date_field, REQUIRED},
				   {"offset", &value_days_offset, OPTIONAL},
				   {"at", &value_clock_from, OPTIONAL}),
			.open = build_trigger,
			.close = build_trigger_end,
		},
	[EL_FILTER] =
		{
			.name = "filter",
			.parents = IN(EL_TRIGGERS),
			.content = CONTENT_ELEMENTS,
			.is_once = true,
			.open = build_filter,
			.close = build_filter_end,
		},
	[EL_STEPS] =
		{
			.name = "steps",
			.parents = IN(EL_WORKFLOW) | IN(EL_WHEN),
			.content = CONTENT_ELEMENTS,
			.is_once = true,
			.is_required = true,
		},
	[EL_ASSIGN_USER] =
		{
			.name = "assign-user",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"only-unassigned", &value_yes_no, OPTIONAL}),
			.open = build_assign_user,
			.close = build_assign_user_end,
		},
	[EL_USER] =
		{
			.name = "user",
			.parents = IN(EL_ASSIGN_USER),
			ATTRIBUTES({"login", &value_login, REQUIRED},
				   {"weight", &value_weight, OPTIONAL}),
			.open = build_user,
		},
	[EL_TEAM] =
		{
			.name = "team",
			.parents = IN(EL_ASSIGN_USER),
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
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"name", &value_name, REQUIRED},
				   {"due", &value_duration, OPTIONAL},
				   {"expires", &value_duration, OPTIONAL},
				   {"wait", &value_yes_no, OPTIONAL},
				   {"follow-owner", &value_yes_no, OPTIONAL},
				   {"locked", &value_yes_no, OPTIONAL},
				   {"priority", &value_priority, OPTIONAL}),
			.open = build_manual_sms,
			.close = build_step_end,
		},
	[EL_MESSAGE] =
		{
			.name = "message",
			.parents = IN(EL_MANUAL_SMS),
			.content = CONTENT_TEXT,
			.is_once = true,
			ATTRIBUTES({"snippet", &value_name, OPTIONAL}),
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
			ATTRIBUTES({"id", &value_id, REQUIRED},
				   {"for", &value_duration, OPTIONAL},
				   {"until", &value_wall, OPTIONAL},
				   {"until-field", &value_date_field, OPTIONAL},
				   {"offset", &value_offset, OPTIONAL},
				   {"until-hours", &value_only_yes, OPTIONAL}),
			.open = build_wait,
			.close = build_step_end,
		},
	[EL_BRANCH] =
		{
			.name = "branch",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
			ATTRIBUTES({"id", &value_id, REQUIRED}),
			.open = build_branch,
			.close = build_step_end,
		},
	[EL_WHEN] =
		{
			.name = "when",
			.parents = IN(EL_BRANCH),
			.content = CONTENT_ELEMENTS,
			.is_required = true,
			ATTRIBUTES({"name", &value_name, OPTIONAL}),
			.open = build_when,
			.close = build_when_end,
		},
	[EL_OTHERWISE] = EXIT("otherwise", EL_BRANCH),
	[EL_ALL] =
		{
			.name = "all",
			.parents = IN_CONDITIONS,
			.content = CONTENT_ELEMENTS,
			.open = build_group,
			.close = build_group_end,
		},
	[EL_ANY] =
		{
			.name = "any",
			.parents = IN_CONDITIONS,
			.content = CONTENT_ELEMENTS,
			.open = build_group,
			.close = build_group_end,
		},
	[EL_NOT] =
		{
			.name = "not",
			.parents = IN_CONDITIONS,
			.content = CONTENT_ELEMENTS,
			.open = build_group,
			.close = build_group_end,
		},
	[EL_CONDITION] =
		{
			.name = "condition",
			.parents = IN_CONDITIONS,
			ATTRIBUTES({"field", &value_condition_field, REQUIRED},
				   {"is", &value_any, OPTIONAL},
				   {"is-not", &value_any, OPTIONAL},
				   {"contains", &value_any, OPTIONAL},
				   {"starts-with", &value_any, OPTIONAL},
				   {"ends-with", &value_any, OPTIONAL},
				   {"greater-than", &value_any, OPTIONAL},
				   {"less-than", &value_any, OPTIONAL},
				   {"before", &value_any, OPTIONAL},
				   {"after", &value_any, OPTIONAL},
				   {"in", &value_any, OPTIONAL},
				   {"matches", &value_any, OPTIONAL},
				   {"is-set", &value_yes_no, OPTIONAL}),
			.open = build_condition,
		},
	[EL_SEND_EMAIL] =
		{
			.name = "send-email",
			.parents = IN_STEPS,
			.content = CONTENT_ELEMENTS,
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
			.is_once = true,
			.is_required = true,
			.open = build_body,
		},
	[EL_ADD_TAG] =
		{
			.name = "add-tag",
			.parents = IN_STEPS,
			ATTRIBUTES({"id", &value_id, OPTIONAL},
				   {"tag", &value_name, REQUIRED}),
			.open = build_add_tag,
			.close = build_step_end,
		},
	[EL_REMOVE_TAG] =
		{
			.name = "remove-tag",
			.parents = IN_STEPS,
			ATTRIBUTES({"id", &value_id, OPTIONAL},
				   {"tag", &value_name, REQUIRED}),
			.open = build_remove_tag,
			.close = build_step_end,
		},
	[EL_SET_FIELD] =
		{
			.name = "set-field",
			.parents = IN_STEPS,
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
			ATTRIBUTES({"id", &value_id, OPTIONAL}),
			.open = build_end,
			.close = build_step_end,
		},
};
