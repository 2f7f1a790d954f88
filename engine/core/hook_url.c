/* hook_url.c - see hook_url.h */
#include "core/hook_url.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

static bool has_part(CURLU *parts, CURLUPart part)
{
	char *text = NULL;
	bool is_there = curl_url_get(parts, part, &text, 0) == CURLUE_OK;
	curl_free(text);
	return is_there;
}

static bool part_is(CURLU *parts, CURLUPart part, const char *a, const char *b)
{
	char *text = NULL;
	bool is = curl_url_get(parts, part, &text, 0) == CURLUE_OK &&
		  (strcmp(text, a) == 0 || strcmp(text, b) == 0);
	curl_free(text);
	return is;
}

static const char *fault_of(CURLU *parts, const char *url)
{
	if (curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) !=
	    CURLUE_OK)
		return "It is no URL; write it like https://crm.example.com/hooks.";
	if (!part_is(parts, CURLUPART_SCHEME, "https", "http"))
		return "Only https:// and http:// are called.";
	if (has_part(parts, CURLUPART_USER) || has_part(parts, CURLUPART_PASSWORD))
		return "Leave user and password out: calls are signed, and URLs are "
		       "shown.";
	if (has_part(parts, CURLUPART_FRAGMENT))
		return "Leave out what stands behind #: it is never sent.";
	return NULL;
}

const char *hook_url_fault(const char *url)
{
	if (strlen(url) > HOOK_URL_MOST)
		return "It is longer than 1000 characters.";
	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return "It has blanks or letters beyond ASCII; write them as "
			       "%20 or in punycode.";
	CURLU *parts = curl_url();
	const char *fault = fault_of(parts, url);
	curl_url_cleanup(parts);
	return fault;
}

static bool copy_part(CURLU *parts, CURLUPart part, char *out, size_t size)
{
	char *text = NULL;
	bool fits = curl_url_get(parts, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		    strlen(text) < size;
	if (fits)
		snprintf(out, size, "%s", text);
	curl_free(text);
	return fits;
}

static void tidy_host(char *name)
{
	size_t len = strlen(name);
	if (name[0] == '[' && len > 1) {
		memmove(name, name + 1, len - 2);
		name[len - 2] = '\0';
	}
	for (; *name; name++)
		*name = (char)tolower((unsigned char)*name);
}

bool hook_url_host(const char *url, struct hook_host *host_out)
{
	CURLU *parts = curl_url();
	bool is_fine = !fault_of(parts, url) &&
		       copy_part(parts, CURLUPART_HOST, host_out->name,
				 sizeof(host_out->name)) &&
		       copy_part(parts, CURLUPART_PORT, host_out->port,
				 sizeof(host_out->port));
	curl_url_cleanup(parts);
	if (is_fine)
		tidy_host(host_out->name);
	return is_fine;
}
