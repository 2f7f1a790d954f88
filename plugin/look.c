/* look.c - see look.h */
#include "plugin/look.h"

#include <assert.h>

enum { LOOK_MS = 2000 };

static void on_looked(void *arg, CURL *easy, CURLcode result)
{
	struct look *look = arg;
	curl_easy_cleanup(easy);
	look->easy = NULL;
	look->looked(look->arg, result == CURLE_OK);
}

void look_start(struct look *look, struct curl_loop *loop, const char *url)
{
	assert(!look->easy);
	look->easy = curl_easy_init();
	curl_easy_setopt(look->easy, CURLOPT_URL, url);
	curl_easy_setopt(look->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(look->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(look->easy, CURLOPT_TIMEOUT_MS, (long)LOOK_MS);
	curl_easy_setopt(look->easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(look->easy, CURLOPT_FORBID_REUSE, 1L);
	curl_loop_add(loop, look->easy, on_looked, look);
}

void look_drop(struct look *look, struct curl_loop *loop)
{
	if (!look->easy)
		return;
	curl_loop_remove(loop, look->easy);
	curl_easy_cleanup(look->easy);
	look->easy = NULL;
}
