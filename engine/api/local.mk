# engine/api: the HTTP server (http*), and what every resource reads and answers with
libhandbox_a_SOURCES += \
	engine/api/body.c engine/api/body.h \
	engine/api/condition.c engine/api/condition.h \
	engine/api/contact_api.c engine/api/contact_api.h \
	engine/api/evidence_api.c engine/api/evidence_api.h \
	engine/api/http.c engine/api/http.h engine/api/http_inside.h \
	engine/api/http_audit.c \
	engine/api/http_conn.c \
	engine/api/http_listen.c \
	engine/api/http_parse.c engine/api/http_parse.h \
	engine/api/http_request.c \
	engine/api/http_tls.c \
	engine/api/problem.c engine/api/problem.h \
	engine/api/query.c engine/api/query.h \
	engine/api/route.c engine/api/route.h

DEP_LIBS += -lssl -lcrypto

# who calls, and people
libhandbox_a_SOURCES += \
	engine/api/auth.c engine/api/auth.h engine/api/auth_inside.h \
	engine/api/auth_api.c \
	engine/api/auth_cache.c engine/api/auth_cache.h \
	engine/api/auth_decide.c \
	engine/api/password_job.c engine/api/password_job.h \
	engine/api/session_api.c engine/api/session_api.h \
	engine/api/throttle.c engine/api/throttle.h \
	engine/api/user_api.c

# tasks, texts, the channel, the kannel door, the doors themselves
libhandbox_a_SOURCES += \
	engine/api/api.c engine/api/api.h \
	engine/api/event_api.c engine/api/event_api.h \
	engine/api/event_source_api.c engine/api/event_source_api.h \
	engine/api/signed.c engine/api/signed.h \
	engine/api/hook_api.c engine/api/hook_api.h \
	engine/api/kannel_api.c engine/api/kannel_api.h \
	engine/api/message_api.c engine/api/message_api.h \
	engine/api/metrics.c engine/api/metrics.h \
	engine/api/not_built.c engine/api/not_built.h \
	engine/api/server.c engine/api/server.h \
	engine/api/shell_api.c engine/api/shell_api.h \
	engine/api/snippet_api.c engine/api/snippet_api.h \
	engine/api/task_api.c engine/api/task_api.h engine/api/task_bulk_api.c \
	engine/api/thread_api.c engine/api/thread_api.h

# workflows and enrollments
libhandbox_a_SOURCES += \
	engine/api/api_once.c engine/api/api_once.h \
	engine/api/bulk_api.c engine/api/bulk_api.h engine/api/enrollment_api.c \
	engine/api/workflow_api.c engine/api/workflow_api.h

# the description of the contract: a file for whoever wants one, and in the program without its indentation
libhandbox_a_SOURCES += engine/api/openapi_api.c engine/api/openapi_api.h
dist_pkgdata_DATA += conf/openapi.json
BUILT_SOURCES += engine/api/openapi_json.h
CLEANFILES += engine/api/openapi_json.h

engine/api/openapi_json.h: conf/openapi.json conf/embed.awk
	$(AM_V_at)$(MKDIR_P) engine/api
	$(AM_V_GEN)sed 's/^ *//' $(srcdir)/conf/openapi.json >engine/api/openapi.json && \
		(cd engine/api && $(AWK) -f $(abs_srcdir)/conf/embed.awk openapi.json) >$@.tmp && \
		rm -f engine/api/openapi.json && mv -f $@.tmp $@
engine/api/openapi_api.$(OBJEXT): engine/api/openapi_json.h
