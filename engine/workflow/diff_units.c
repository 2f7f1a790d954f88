/* diff_units.c - see diff_units.h */
#include "workflow/diff_units.h"

#include <string.h>

#include "workflow/document.h"

enum { DETAILS_MOST = 2000 };

static const char *name_of(const xmlNode *node)
{
	return (const char *)node->name;
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* Elements whose children are units of their own. */
static bool holds_units(const xmlNode *node)
{
	static const char *const holders[] = {
		"steps",     "triggers", "on-sent",    "on-skipped", "on-expired",
		"on-failed", "on-reply", "on-timeout", "otherwise",  NULL};
	return is_one_of(name_of(node), holders);
}

static const char *attribute(struct arena *arena, const xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
	const char *copy = arena_strdup(arena, (const char *)value);
	xmlFree(value);
	return copy;
}

/* By what a child is called, when it is one of several. */
static const char *const naming[] = {"login", "name", "field", NULL};

/* --- details --- */

static void add_detail(struct units *units, struct unit *unit, struct detail detail)
{
	if (unit->detail_count == DETAILS_MOST)
		return;
	if ((unit->detail_count & (unit->detail_count - 1)) == 0) {
		size_t room = unit->detail_count ? unit->detail_count * 2 : 1;
		struct detail *more = ARENA_ARRAY(units->arena, struct detail, room);
		for (size_t i = 0; i < unit->detail_count; i++)
			more[i] = unit->details[i];
		unit->details = more;
	}
	unit->details[unit->detail_count++] = detail;
}

static const char *join(struct units *units, const char *before, const char *name)
{
	return *before ? arena_printf(units->arena, "%s %s", before, name) : name;
}

static void add_attributes(struct units *units, struct unit *unit, const xmlNode *node,
			   const char *before)
{
	for (const xmlAttr *at = node->properties; at; at = at->next) {
		const char *name = arena_strdup(units->arena, (const char *)at->name);
		if (strcmp(name, "publish") == 0 ||
		    (!*before && strcmp(name, "id") == 0) ||
		    (*before && is_one_of(name, naming)))
			continue;
		add_detail(
			units, unit,
			(struct detail){.name = join(units, before, name),
					.value = attribute(units->arena, node, name)});
	}
}

/* How one of several equal children is called: by who or what it names, else by its number. */
static const char *child_name(struct units *units, const xmlNode *node)
{
	unsigned number = 1;
	for (const char *const *key = naming; *key; key++) {
		const char *value = attribute(units->arena, node, *key);
		if (value)
			return arena_printf(units->arena, "%s %s", name_of(node),
					    value);
	}
	for (const xmlNode *at = node->prev; at; at = at->prev)
		number += at->type == XML_ELEMENT_NODE &&
			  strcmp(name_of(at), name_of(node)) == 0;
	return number > 1 ? arena_printf(units->arena, "%s %u", name_of(node), number)
			  : arena_strdup(units->arena, name_of(node));
}

static const char *trimmed(struct arena *arena, const char *text)
{
	static const char blanks[] = " \t\r\n";
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len && strchr(blanks, text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

static void add_text(struct units *units, struct unit *unit, const xmlNode *node,
		     const char *before)
{
	for (const xmlNode *at = node->children; at; at = at->next) {
		if (at->type != XML_TEXT_NODE)
			continue;
		const char *text = trimmed(units->arena, (const char *)at->content);
		if (*text)
			add_detail(units, unit,
				   (struct detail){before, text, .is_text = true});
	}
}

/* All that the unit says in elements of its own; depth is bounded by the reader. */
static void add_children(struct units *units, struct unit *unit, const xmlNode *node,
			 const char *before)
{
	for (const xmlNode *at = node->children; at; at = at->next) {
		if (at->type != XML_ELEMENT_NODE || holds_units(at))
			continue;
		if (!*before && strcmp(name_of(node), "workflow") == 0 &&
		    strcmp(name_of(at), "description") != 0)
			continue; /* settings, triggers and steps are units */
		const char *name = join(units, before, child_name(units, at));
		add_detail(units, unit, (struct detail){.name = name, .value = ""});
		add_attributes(units, unit, at, name);
		add_text(units, unit, at, name);
		add_children(units, unit, at, name);
	}
}

/* --- units --- */

static struct unit *add_unit(struct units *units, const xmlNode *node,
			     const char *place)
{
	if (units->count == units->room) {
		size_t room = units->room ? units->room * 2 : 32;
		struct unit *more = ARENA_ARRAY(units->arena, struct unit, room);
		for (size_t i = 0; i < units->count; i++)
			more[i] = units->items[i];
		units->items = more;
		units->room = room;
	}
	struct unit *unit = &units->items[units->count++];
	*unit = (struct unit){.element = arena_strdup(units->arena, name_of(node)),
			      .id = attribute(units->arena, node, "id"),
			      .place = place,
			      .twin = -1};
	add_attributes(units, unit, node, "");
	add_children(units, unit, node, "");
	return unit;
}

static void add_held(struct units *units, const xmlNode *holder, const char *place,
		     bool are_steps);

/* Exits and branches: what they hold is said to stand in them. */
static void add_inside(struct units *units, const xmlNode *node, const char *id)
{
	for (const xmlNode *at = node->children; at; at = at->next) {
		if (at->type != XML_ELEMENT_NODE)
			continue;
		const char *of = id ? arena_printf(units->arena, "%s of \"%s\"",
						   child_name(units, at), id)
				    : child_name(units, at);
		if (holds_units(at))
			add_held(units, at, of, true);
		for (const xmlNode *in = at->children; in && !holds_units(at);
		     in = in->next)
			if (in->type == XML_ELEMENT_NODE && holds_units(in))
				add_held(units, in, of, true);
	}
}

static void add_held(struct units *units, const xmlNode *holder, const char *place,
		     bool are_steps)
{
	for (const xmlNode *at = holder->children; at; at = at->next) {
		if (at->type != XML_ELEMENT_NODE)
			continue;
		struct unit *unit = add_unit(units, at, place);
		unit->is_step = are_steps;
		const char *id = unit->id;
		if (are_steps)
			add_inside(units, at, id);
	}
}

static void add_all(struct units *units, const xmlNode *root)
{
	(void)add_unit(units, root, "");
	for (const xmlNode *at = root->children; at; at = at->next) {
		if (at->type != XML_ELEMENT_NODE)
			continue;
		if (strcmp(name_of(at), "steps") == 0)
			add_held(units, at, "the steps", true);
		else if (strcmp(name_of(at), "triggers") == 0)
			add_held(units, at, "the triggers", false);
		else if (strcmp(name_of(at), "settings") == 0)
			(void)add_unit(units, at, "");
	}
}

enum err units_read(struct arena *arena, const char *xml, struct units *units_out)
{
	struct workflow_report report;
	struct source source;
	xmlDoc *doc = NULL;
	workflow_report_init(&report, arena, NULL);
	*units_out = (struct units){.arena = arena};
	enum err err = source_open(&source, xml, strlen(xml), &report);
	if (err == ERR_OK)
		err = document_open(&source, &report, &doc);
	if (err != ERR_OK)
		return err;
	add_all(units_out, xmlDocGetRootElement(doc));
	document_close(&doc);
	return ERR_OK;
}
