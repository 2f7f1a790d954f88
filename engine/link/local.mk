# rank 4: between the core and the outside, and between the core and the clock
libhandbox_a_SOURCES += \
	engine/link/clock_watch.c engine/link/clock_watch.h \
	engine/link/dispatch.c engine/link/dispatch.h \
	engine/link/hook_guard.c engine/link/hook_guard.h \
	engine/link/hook_post.c engine/link/hook_post.h \
	engine/link/hooks.c engine/link/hooks.h \
	engine/link/mail_send.c engine/link/mail_send.h \
	engine/link/mailer.c engine/link/mailer.h \
	engine/link/scheduler.c engine/link/scheduler.h
