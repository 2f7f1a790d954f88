/* fuzz_kannel_conf.c - any bytes as a configuration: parsed or refused with a sentence, surveyed, and read back the same */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "plugin/kannel_conf.h"
#include "plugin/kannel_setup.h"
#include "plugin/kannel_snippet.h"
#include "plugin/phone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void survey(const struct kannel_conf *conf)
{
	struct kannel_wishes wishes = {.sender = "13013",
				       .callback_url = "http://127.0.0.1:1",
				       .max_segments = 3};
	const char *const more[] = {"13014", NULL};
	struct kannel_snippet want = {.username = "hb",
				      .password = "pw",
				      .sender = "13013",
				      .more_senders = more,
				      .callback_url = "http://127.0.0.1:1",
				      .secret = "s",
				      .max_segments = 3};
	struct kannel_setup setup;
	struct arena *arena = arena_new();
	struct buf out = BUF_EMPTY;
	kannel_setup_derive(arena, conf, &wishes, &setup);
	for (unsigned i = 0; i < setup.finding_count; i++)
		if (!setup.findings[i].sentence || !setup.findings[i].fix)
			abort();
	kannel_snippet_write(conf, &want, &out);
	buf_fini(&out);
	arena_free(&arena);
}

static void read_rules(const struct kannel_conf *conf)
{
	struct phone_rules *rules;
	char *why;
	if (phone_rules_from_conf(conf, &rules, &why) == ERR_OK)
		phone_rules_free(&rules);
	else
		mem_free(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kannel_conf *conf = NULL;
	char *why = NULL;
	enum err err = kannel_conf_parse((const char *)data, size, "fuzz.conf", false,
					 &conf, &why);
	if ((err == ERR_OK) != (conf != NULL) || (err == ERR_OK) != (why == NULL))
		abort();
	if (err != ERR_OK) {
		if (strncmp(why, "fuzz.conf", 9))
			abort();
		mem_free(why);
		return 0;
	}
	for (const struct conf_group *group = conf->groups; group; group = group->next)
		for (const struct conf_key *key = group->keys; key; key = key->next)
			if (!group->name || !key->name[0] || !key->value ||
			    key->place.line == 0)
				abort();
	survey(conf);
	read_rules(conf);
	kannel_conf_free(&conf);
	return 0;
}
