# rank 1: the rules, pure; knows base
libhandbox_a_SOURCES += \
	engine/model/actor.h \
	engine/model/ascii_like.c engine/model/ascii_like.h \
	engine/model/condition.c engine/model/condition.h \
	engine/model/condition_pattern.c engine/model/condition_pattern.h \
	engine/model/confirmation.c engine/model/confirmation.h \
	engine/model/consent_words.c engine/model/consent_words.h \
	engine/model/date_value.c engine/model/date_value.h \
	engine/model/decimal.c engine/model/decimal.h \
	engine/model/duration.c engine/model/duration.h \
	engine/model/email.c engine/model/email.h engine/model/email_write.c \
	engine/model/forbidden.c engine/model/forbidden.h \
	engine/model/drift.c engine/model/drift.h \
	engine/model/guards.c engine/model/guards.h \
	engine/model/hold_reason.c engine/model/hold_reason.h \
	engine/model/hours.c engine/model/hours.h \
	engine/model/number_laws.c engine/model/number_laws.h engine/model/number_zones.c engine/model/number_zones.h \
	engine/model/mention.c engine/model/mention.h \
	engine/model/policy.h \
	engine/model/records.c engine/model/records.h \
	engine/model/rules.c engine/model/rules.h \
	engine/model/search.c engine/model/search.h \
	engine/model/sender.c engine/model/sender.h \
	engine/model/states.c engine/model/states.h \
	engine/model/template.c engine/model/template.h \
	engine/model/template_parts.h engine/model/template_render.c \
	engine/model/task_states.def engine/model/message_states.def engine/model/email_states.def \
	engine/model/who.c engine/model/who.h \
	engine/model/word_fold.c engine/model/word_fold.h
