# rank 1: all that knows Kannel
libhandbox_a_SOURCES += \
	plugin/callback.c plugin/callback.h \
	plugin/charset.c plugin/charset.h \
	plugin/curl_loop.c plugin/curl_loop.h \
	plugin/gateway.c plugin/gateway.h \
	plugin/gsm.c plugin/gsm.h \
	plugin/kannel_conf.c plugin/kannel_conf.h \
	plugin/kannel_setup.c plugin/kannel_setup.h \
	plugin/kannel_snippet.c plugin/kannel_snippet.h \
	plugin/look.c plugin/look.h \
	plugin/phone.cc plugin/phone.h \
	plugin/phone_plan.c plugin/phone_plan.h \
	plugin/sendsms.c plugin/sendsms.h \
	plugin/sendsms_request.c plugin/sendsms_request.h
