# engine/core
libhandbox_a_SOURCES += \
	engine/core/call.c engine/core/call.h \
	engine/core/core.h \
	engine/core/plans.c engine/core/plans.h \
	engine/core/render.c engine/core/render.h \
	engine/core/seal.c engine/core/seal.h

# workflows and enrollments
libhandbox_a_SOURCES += \
	engine/core/advance.c engine/core/advance.h \
	engine/core/advance_branch.c engine/core/advance_contact.c engine/core/advance_move.c engine/core/advance_parts.h \
	engine/core/advance_task.c engine/core/advance_wait.c \
	engine/core/event_data.c engine/core/event_data.h \
	engine/core/events.c engine/core/events.h \
	engine/core/event_source.c engine/core/event_source_check.c engine/core/event_sources.h \
	engine/core/facts.c engine/core/facts.h \
	engine/core/follow_owner.c engine/core/follow_owner.h \
	engine/core/trigger.c engine/core/trigger.h engine/core/trigger_date.c \
	engine/core/trigger_listen.c engine/core/trigger_parts.h engine/core/trigger_try.c \
	engine/core/contact_time.c engine/core/contact_time.h \
	engine/core/local_time.c engine/core/local_time.h \
	engine/core/release.c engine/core/release.h engine/core/reply.c engine/core/reply.h \
	engine/core/stranded.c engine/core/stranded.h \
	engine/core/words.c engine/core/words.h \
	engine/core/digest.c engine/core/digest.h \
	engine/core/due.h engine/core/turn.c engine/core/turn.h engine/core/wake.c engine/core/wake.h \
	engine/core/assign.c engine/core/assign.h \
	engine/core/bulk_enroll.c engine/core/bulk_remove.c engine/core/bulk_tasks.c \
	engine/core/job_parts.h engine/core/jobs.c engine/core/jobs.h \
	engine/core/enroll.c engine/core/enroll.h engine/core/enrollment_view.c \
	engine/core/list.c engine/core/list.h \
	engine/core/migrate.c engine/core/migrate.h engine/core/migrate_parts.h \
	engine/core/migrate_step.c engine/core/migrate_task.c \
	engine/core/members.c engine/core/members.h \
	engine/core/why.c engine/core/why.h engine/core/why_branch.c engine/core/why_change.c engine/core/why_parts.h engine/core/why_place.c engine/core/why_task.c \
	engine/core/why_trigger.c engine/core/journal_words.c engine/core/journal_words.h engine/core/why_counts.c engine/core/why_counts.h \
	engine/core/workflow_create.c engine/core/workflow_diff.c \
	engine/core/workflow_files.c engine/core/workflow_files.h \
	engine/core/workflow_folder.c engine/core/workflow_folder.h \
	engine/core/workflow_parts.h engine/core/workflow_publish.c \
	engine/core/workflow_save.c engine/core/workflow_view.c \
	engine/core/workflows.h

# people and the ledger
libhandbox_a_SOURCES += \
	engine/core/journal.c engine/core/journal.h \
	engine/core/ledger.c engine/core/ledger.h \
	engine/core/ledger_hash.h \
	engine/core/ledger_payload.c engine/core/ledger_payload.h \
	engine/core/ledger_verify.c \
	engine/core/people.c engine/core/people.h
libhandbox_a_SOURCES += \
	engine/core/secret.c engine/core/secret.h \
	engine/core/sign_in.c engine/core/sign_in.h \
	engine/core/team.c \
	engine/core/token.c engine/core/tokens.h \
	engine/core/user_change.c \
	engine/core/user_deactivate.c \
	engine/core/user_parts.c engine/core/user_parts.h \
	engine/core/user_query.c engine/core/users.h

# tasks and texts
libhandbox_a_SOURCES += \
	engine/core/card.c engine/core/card.h engine/core/thread.c engine/core/thread.h \
	engine/core/conversations.c engine/core/conversations.h engine/core/timeline.c \
	engine/core/snippets.c engine/core/snippets.h \
	engine/core/channel.c engine/core/channel.h engine/core/drift.c engine/core/drift.h \
	engine/core/handover.c \
	engine/core/handler.c engine/core/handler.h \
	engine/core/holds.c engine/core/holds.h \
	engine/core/limits.c engine/core/limits.h \
	engine/core/house.c engine/core/house.h \
	engine/core/openings.c engine/core/openings.h \
	engine/core/message_acts.c engine/core/message_moved.c engine/core/messages.h \
	engine/core/report.c engine/core/inbound.c engine/core/inbound.h \
	engine/core/inbound_parts.c \
	engine/core/contact_erase.c engine/core/erased.c engine/core/erased.h \
	engine/core/evidence.c engine/core/evidence.h \
	engine/core/contact_classify.c \
	engine/core/status.c engine/core/status.h \
	engine/core/task_acts.c \
	engine/core/task_change.c \
	engine/core/task_find.h engine/core/task_list.c \
	engine/core/task_make.c engine/core/task_make.h \
	engine/core/sink.c engine/core/sink.h \
	engine/core/task_open.c engine/core/task_send.c engine/core/tasks.h \
	engine/core/standing.c engine/core/standing.h engine/core/task_why.c engine/core/task_why_user.c engine/core/task_why_user.h \
	engine/core/view.c engine/core/view.h

# contacts and consent
libhandbox_a_SOURCES += \
	engine/core/confirm.c engine/core/confirm.h \
	engine/core/consent.c engine/core/consent.h \
	engine/core/contact_acts.c engine/core/contact_check.c \
	engine/core/contact_parts.h engine/core/contact_merge.c \
	engine/core/contact_reset.c engine/core/contact_save.c \
	engine/core/contact_view.c engine/core/contacts.h

# a copy put back
libhandbox_a_SOURCES += engine/core/restored.c engine/core/restored.h

# telling other systems
libhandbox_a_SOURCES += \
	engine/core/advance_hook.c \
	engine/core/hook_acts.c engine/core/hook_deliver.c \
	engine/core/hook_emit.c engine/core/hook_emit.h \
	engine/core/hook_events.def \
	engine/core/hook_key.c engine/core/hook_key.h \
	engine/core/hook_set.c engine/core/hook_set.h \
	engine/core/hook_sign.c engine/core/hook_sign.h \
	engine/core/hook_url.c engine/core/hook_url.h engine/core/hooks.h

# e-mails
libhandbox_a_SOURCES += engine/core/advance_mail.c engine/core/mail.c engine/core/mail.h engine/core/mail_step.c engine/core/mail_step.h
