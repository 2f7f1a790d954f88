# rank 0: knows nothing but libc
libhandbox_a_SOURCES += \
	engine/base/buf.c engine/base/buf.h \
	engine/base/clock.c engine/base/clock.h \
	engine/base/err.c engine/base/err.def engine/base/err.h \
	engine/base/fault.c engine/base/fault.h \
	engine/base/ident.c engine/base/ident.h \
	engine/base/json.c engine/base/json.h \
	engine/base/log.c engine/base/log.h \
	engine/base/mailbox.c engine/base/mailbox.h \
	engine/base/mem.c engine/base/mem_trim.c engine/base/mem.h \
	engine/base/pool.c engine/base/pool.h \
	engine/base/utf8.c engine/base/utf8.h \
	engine/base/zone.c engine/base/zone.h \
	engine/base/zone_country.c engine/base/zone_file.c \
	engine/base/zone_parts.h engine/base/zone_rule.c
