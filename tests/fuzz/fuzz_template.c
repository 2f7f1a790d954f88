/* fuzz_template - any bytes as a template: errors with places inside the text, or a template whose rendered holes are
 * the ones that are found again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes);

/* Odd fields are empty, the others hold a date. */
static const char *lookup(void *arg, const char *field)
{
	(void)arg;
	return strlen(field) % 2 ? "2026-02-28T23:59:59+01:00" : NULL;
}

static void check_holes(const struct template *template, struct arena *arena)
{
	const struct template_values values = {.lookup = lookup,
					       .zone = zone_find("Asia/Kolkata")};
	struct template_rendered rendered;
	const struct template_hole *found;
	template_render(template, &values, arena, &rendered);
	size_t count = template_find_holes(template, rendered.text, arena, &found);
	if (count < rendered.hole_count)
		abort(); /* more is fine: the author may write a marker */
	for (size_t i = 0; i < count; i++)
		if (found[i].start_bytes + found[i].len_bytes > rendered.len_bytes)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct arena *arena = arena_new();
	const struct template *template;
	const struct template_error *error = NULL;
	if (template_compile(arena, (const char *)data, len_bytes, &template, &error) ==
	    ERR_OK)
		check_holes(template, arena);
	else if (!error)
		abort();
	for (; error; error = error->next)
		if (error->offset_bytes > len_bytes || !error->line || !error->column)
			abort();
	arena_free(&arena);
	return 0;
}
