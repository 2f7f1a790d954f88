# rank 2: XML to plan and back, lint, the step interpreter; knows base and model
libhandbox_a_SOURCES += \
	engine/workflow/build.c engine/workflow/build_condition.c engine/workflow/build_steps.c \
	engine/workflow/build_trigger.c engine/workflow/build.h \
	engine/workflow/diff.c engine/workflow/diff.h \
	engine/workflow/diff_units.c engine/workflow/diff_units.h \
	engine/workflow/document.c engine/workflow/document.h \
	engine/workflow/language.c engine/workflow/language_table.c engine/workflow/language.h \
	engine/workflow/link.c engine/workflow/link.h \
	engine/workflow/lint.c engine/workflow/lint_names.c engine/workflow/lint_way.c \
	engine/workflow/lint.h engine/workflow/lint_parts.h \
	engine/workflow/migration.c engine/workflow/migration.h \
	engine/workflow/parse.c engine/workflow/parse.h \
	engine/workflow/plan.c engine/workflow/plan.h \
	engine/workflow/report.c engine/workflow/report.h \
	engine/workflow/source.c engine/workflow/source.h \
	engine/workflow/step.c engine/workflow/step.h \
	engine/workflow/value.c engine/workflow/value.h \
	engine/workflow/walk.c engine/workflow/walk.h \
	engine/workflow/way.c engine/workflow/way.h \
	engine/workflow/write.c engine/workflow/write_steps.c engine/workflow/write.h \
	engine/workflow/writing.c engine/workflow/writing.h

# The schema, so that editors complete and check, and examples to start from.
dist_pkgdata_DATA += conf/workflow.xsd
workflowsdir = $(pkgdatadir)/workflows
dist_workflows_DATA = conf/workflows/new-lead.xml conf/workflows/callback.xml \
	conf/workflows/quote.xml conf/workflows/renewal.xml
