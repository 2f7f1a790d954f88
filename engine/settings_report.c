/* settings_report.c - what a reload changes, and the end of settings that were replaced. See settings.h */
#include "settings.h"

#include <string.h>

#include "base/mem.h"
#include "model/consent_words.h"
#include "plugin/phone.h"

void settings_reload_report(const struct settings *before, const struct settings *after,
			    struct buf *out)
{
	const struct conf_group *was = kannel_conf_find(before->file, "handbox");
	const struct conf_group *is = kannel_conf_find(after->file, "handbox");
	struct settings_key key;
	for (unsigned i = 0; settings_key_at(i, &key); i++) {
		const char *a = conf_get(was, key.name), *b = conf_get(is, key.name);
		if ((!a && !b) || (a && b && strcmp(a, b) == 0))
			continue;
		buf_printf(out, "%s%s: %s", out->len ? "; " : "", key.name,
			   key.is_reloaded ? "taken" : "waits for a restart");
	}
}

void settings_free(struct settings **settings)
{
	if (!*settings)
		return;
	struct arena *arena = (*settings)->arena;
	struct phone_rules *rules =
		(struct phone_rules *)(*settings)->policy.phone_rules;
	struct consent_words *words =
		(struct consent_words *)(*settings)->policy.consent_words;
	kannel_conf_free(&(*settings)->file);
	kannel_conf_free(&(*settings)->kannel_file);
	phone_rules_free(&rules);
	consent_words_free(&words);
	arena_free(&arena);
	*settings = NULL;
}
