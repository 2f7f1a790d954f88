/* sendsms_request.h - what sendsms.c says to smsbox and how it understands the answer, apart from when.
 *
 * Pure but for the libcurl handle that is filled. Used by sendsms.c and its test.
 */
#ifndef HB_PLUGIN_SENDSMS_REQUEST_H
#define HB_PLUGIN_SENDSMS_REQUEST_H

#include <curl/curl.h>

#include "base/buf.h"
#include "plugin/gateway.h"

enum { SENDSMS_CONNECTIONS_MOST = 64 };

/* --- settings ------------------------------------------------------------ */

/* A gateway_config with its strings owned and its zeros replaced. */
struct sendsms_settings {
	struct gateway_config config;
	char *strings[6]; /* behind the pointers of config */
};

/* sendsms_settings_init - ERR_INVALID: *why_out (mem_free) is a sentence, settings is untouched. */
enum err sendsms_settings_init(struct sendsms_settings *settings,
			       const struct gateway_config *config,
			       char **why_out) MUST_CHECK;
void sendsms_settings_fini(struct sendsms_settings *settings);

/* --- requests ------------------------------------------------------------ */

/* sendsms_text_is_sendable - not empty, valid UTF-8, and nothing in the addresses that would break a header. */
bool sendsms_text_is_sendable(const struct gateway_text *text);

/* sendsms_request_fill - everything of the request but the callbacks, into a reset easy handle. *headers_out is to be
 * freed (curl_slist_free_all) once the transfer is over; it may be NULL. */
void sendsms_request_fill(const struct sendsms_settings *settings,
			  const struct gateway_text *text, CURL *easy,
			  struct curl_slist **headers_out);

/* --- answers ------------------------------------------------------------- */

struct sendsms_verdict {
	enum gateway_outcome outcome;
	/* NULL: a complete answer. Otherwise why the circuit opens, with the remedy */
	const char *fault;
	/* what a person should know besides Kannel's words; NULL: nothing */
	const char *note;
};

/* sendsms_judge_answer - a whole HTTP answer. */
struct sendsms_verdict sendsms_judge_answer(long status, const char *body);

/* The detail that goes with an outcome, for people: Kannel's words on one line, or what broke, and a note behind it. */
enum { SENDSMS_DETAIL_MOST = 200 };
void sendsms_tell_answer(char detail[SENDSMS_DETAIL_MOST], long status,
			 const char *body);
void sendsms_tell_failure(char detail[SENDSMS_DETAIL_MOST], CURLcode result,
			  bool broke_twice, bool too_long);
void sendsms_tell_note(char detail[SENDSMS_DETAIL_MOST], const char *note);

/* sendsms_judge_failure - no whole answer; has_left: PREREQFUNCTION was called. */
struct sendsms_verdict sendsms_judge_failure(CURLcode result, bool has_left);

#endif
