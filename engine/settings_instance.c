/* settings_instance.c - see settings_instance.h */
#include "settings_instance.h"

#include <string.h>

#include "base/mem.h"

#define FOLDER SYSCONFDIR "/handbox/"

/* NULL: none. */
static const char *instance_of(struct arena *arena, const char *path)
{
	size_t len = strlen(path), before = strlen(FOLDER), behind = strlen(".conf");
	if (len <= before + behind || strncmp(path, FOLDER, before) != 0 ||
	    strcmp(path + len - behind, ".conf") != 0)
		return NULL;
	const char *name = arena_strndup(arena, path + before, len - before - behind);
	return strchr(name, '/') || strcmp(name, "handbox") == 0 ? NULL : name;
}

void settings_instance_defaults(struct settings *settings)
{
	const char *name = instance_of(settings->arena, settings->path);
	if (!name)
		return;
	settings->account_name = name;
	settings->database = arena_printf(
		settings->arena, LOCALSTATEDIR "/lib/handbox/%s/handbox.db", name);
}
