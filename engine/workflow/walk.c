/* walk.c - see walk.h */
#include "workflow/walk.h"

#include <string.h>

#include "workflow/document.h"

#define BIT(id) (UINT64_C(1) << (id))

static const char schema_namespace[] = "http://www.w3.org/2001/XMLSchema-instance";

struct walk {
	struct build *build;
	const char *namespace; /* of the root; NULL: none. Elements inside must have the
				  same one */
};

static const char *name_of(struct walk *walk, const xmlChar *name)
{
	return build_excerpt(walk->build, (const char *)name);
}

static const char *namespace_of(const xmlNs *ns)
{
	return ns ? (const char *)ns->href : NULL;
}

static struct plan_place place_of(struct walk *walk, const xmlNode *node)
{
	return source_place(walk->build->source, document_offset(node));
}

/* --- attributes --- */

static struct plan_place attribute_place(struct walk *walk, const struct visit *visit,
					 const xmlAttr *attribute)
{
	struct source *source = walk->build->source;
	const char *name = (const char *)attribute->name;
	struct buf buf = BUF_EMPTY;
	if (attribute->ns && attribute->ns->prefix)
		buf_printf(&buf, "%s:", (const char *)attribute->ns->prefix);
	buf_add_str(&buf, name);
	size_t offset = source_attribute(source, visit->tag, buf_str(&buf));
	buf_fini(&buf);
	return source_place(source, offset);
}

/* Editors write where they found the schema; that says nothing about the workflow. */
static bool is_schema_hint(const xmlAttr *attribute)
{
	const char *ns = namespace_of(attribute->ns);
	const char *name = (const char *)attribute->name;
	return ns && strcmp(ns, schema_namespace) == 0 &&
	       (strcmp(name, "schemaLocation") == 0 ||
		strcmp(name, "noNamespaceSchemaLocation") == 0);
}

static void fail_unknown_attribute(struct walk *walk, const struct visit *visit,
				   const xmlAttr *attribute)
{
	struct buf known = BUF_EMPTY;
	language_list_attributes(visit->id, &known);
	build_fail(walk->build, attribute_place(walk, visit, attribute),
		   "unknown_attribute", "<%s> has no attribute \"%s\". Allowed: %s.",
		   visit->element->name, name_of(walk, attribute->name),
		   buf_str(&known));
	buf_fini(&known);
}

static void fail_value(struct walk *walk, const struct visit *visit,
		       const xmlAttr *attribute, const struct attribute *row,
		       const char *code, const char *text)
{
	struct plan_place place = attribute_place(walk, visit, attribute);
	const char *shown = build_excerpt(walk->build, text);
	build_fail(walk->build, place, code,
		   "%s=\"%s\" of <%s> is not right: expected %s.", row->name, shown,
		   visit->element->name, row->type->expected);
}

static void take_attribute(struct walk *walk, struct visit *visit,
			   const xmlAttr *attribute)
{
	const struct attribute *rows = visit->element->attributes;
	size_t i = 0;
	if (is_schema_hint(attribute))
		return;
	while (rows[i].name && strcmp(rows[i].name, (const char *)attribute->name) != 0)
		i++;
	if (attribute->ns || !rows[i].name) {
		fail_unknown_attribute(walk, visit, attribute);
		return;
	}
	xmlChar *content = xmlNodeListGetString(attribute->doc, attribute->children, 1);
	const char *text =
		content ? arena_strdup(walk->build->plan->arena, (const char *)content)
			: "";
	xmlFree(content);
	visit->values[i].is_given = true;
	const char *code = rows[i].type->check(text, &visit->values[i].number);
	if (code)
		fail_value(walk, visit, attribute, &rows[i], code, text);
	else
		visit->values[i].text = text;
}

static bool has_attribute(const xmlNode *node, const char *name)
{
	return xmlHasNsProp(node, (const xmlChar *)name, NULL);
}

static void require_attributes(struct walk *walk, const struct visit *visit,
			       const xmlNode *node)
{
	for (const struct attribute *row = visit->element->attributes; row->name;
	     row++) {
		if (!row->is_required || has_attribute(node, row->name))
			continue;
		build_fail(walk->build, visit->place,
			   row->type == &value_id ? "missing_id" : "missing_attribute",
			   "<%s> needs the attribute %s: %s.", visit->element->name,
			   row->name, row->type->expected);
	}
}

/* --- what stands inside --- */

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

static void fail_content(struct walk *walk, const struct visit *visit,
			 const xmlNode *node)
{
	struct buf known = BUF_EMPTY;
	if (visit->element->content == CONTENT_TEXT)
		buf_add_str(&known, "text and nothing else");
	else
		language_list_children(visit->id, &known);
	bool is_text =
		node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
	build_fail(walk->build,
		   node->type == XML_ELEMENT_NODE ? place_of(walk, node) : visit->place,
		   is_text ? "unexpected_text" : "unexpected_content",
		   "%s cannot stand inside <%s>. Allowed: %s.",
		   is_text                     ? "Text"
		   : node->type == XML_PI_NODE ? "A processing instruction"
					       : "An element",
		   visit->element->name, buf_str(&known));
	buf_fini(&known);
}

static void trim(struct visit *visit, char *text)
{
	size_t lead = strspn(text, " \t\r\n"), len = strlen(text);
	while (len > lead && strchr(" \t\r\n", text[len - 1]))
		len--;
	text[len] = '\0';
	visit->text = text + lead;
	visit->text_lead_bytes = lead;
}

static void take_text(struct walk *walk, struct visit *visit, const xmlNode *node)
{
	struct buf buf = BUF_EMPTY;
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_TEXT_NODE ||
		    child->type == XML_CDATA_SECTION_NODE)
			buf_add_str(&buf, (const char *)child->content);
		else if (child->type != XML_COMMENT_NODE)
			fail_content(walk, visit, child);
	}
	trim(visit, arena_strndup(walk->build->plan->arena, buf_str(&buf), buf.len));
	buf_fini(&buf);
}

static void walk_element(struct walk *walk, const xmlNode *node, struct visit *parent);

static void walk_children(struct walk *walk, struct visit *visit, const xmlNode *node)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		bool is_text = child->type == XML_TEXT_NODE ||
			       child->type == XML_CDATA_SECTION_NODE;
		if (child->type == XML_ELEMENT_NODE &&
		    visit->element->content == CONTENT_ELEMENTS)
			walk_element(walk, child, visit);
		else if (child->type != XML_COMMENT_NODE &&
			 !(is_text && is_blank((const char *)child->content)))
			fail_content(walk, visit, child);
	}
	for (int id = 0; id < EL_COUNT; id++)
		if (language[id].is_required &&
		    language_allows(visit->id, (enum element_id)id) &&
		    !(visit->seen & BIT(id)))
			build_fail(walk->build, visit->place, "missing_element",
				   "<%s> needs the element <%s> in it.",
				   visit->element->name, language[id].name);
}

/* --- elements --- */

static void visit_element(struct walk *walk, const xmlNode *node, enum element_id id)
{
	struct build *build = walk->build;
	struct visit visit = {
		.element = &language[id],
		.id = id,
		.tag = document_offset(node),
		.place = place_of(walk, node),
		.text = "",
	};
	require_attributes(walk, &visit, node);
	for (const xmlAttr *attribute = node->properties; attribute;
	     attribute = attribute->next)
		take_attribute(walk, &visit, attribute);
	if (visit.element->content == CONTENT_TEXT)
		take_text(walk, &visit, node);
	if (visit.element->open)
		visit.element->open(build, &visit);
	if (visit.element->content != CONTENT_TEXT)
		walk_children(walk, &visit, node);
	if (visit.element->close)
		visit.element->close(build, &visit);
}

static void fail_unknown_element(struct walk *walk, const xmlNode *node,
				 const struct visit *parent, bool is_foreign)
{
	struct buf known = BUF_EMPTY;
	language_list_children(parent->id, &known);
	build_fail(walk->build, place_of(walk, node), "unknown_element",
		   "There is no element <%s>%s. Allowed inside <%s>: %s.",
		   name_of(walk, node->name), is_foreign ? " of another namespace" : "",
		   parent->element->name, buf_str(&known));
	buf_fini(&known);
}

static void fail_misplaced(struct walk *walk, const xmlNode *node,
			   const struct visit *parent)
{
	struct buf known = BUF_EMPTY;
	language_list_children(parent->id, &known);
	build_fail(walk->build, place_of(walk, node), "misplaced_element",
		   "<%s> cannot stand inside <%s>. Allowed there: %s.",
		   (const char *)node->name, parent->element->name, buf_str(&known));
	buf_fini(&known);
}

static bool same_namespace(const struct walk *walk, const xmlNode *node)
{
	const char *ns = namespace_of(node->ns);
	if (!ns || !walk->namespace)
		return ns == walk->namespace;
	return strcmp(ns, walk->namespace) == 0;
}

/* NULL when it has none, or not a right one. */
static const char *step_id_of(struct walk *walk, const xmlNode *node)
{
	xmlChar *id = xmlGetNoNsProp(node, (const xmlChar *)"id");
	bool is_valid = id && plan_id_is_valid((const char *)id);
	const char *copy =
		is_valid ? arena_strdup(walk->build->plan->arena, (const char *)id)
			 : NULL;
	xmlFree(id);
	return copy;
}

static void walk_known(struct walk *walk, const xmlNode *node, enum element_id id,
		       struct visit *parent)
{
	bool is_second = parent->seen & BIT(id);
	parent->seen |= BIT(id);
	if (language[id].is_once && is_second)
		build_fail(walk->build, place_of(walk, node), "duplicate_element",
			   "<%s> may stand once inside <%s>: join the two.",
			   language[id].name, parent->element->name);
	else if (!language_allows(EL_STEPS, id) ||
		 build_has_room(walk->build, place_of(walk, node)))
		visit_element(walk, node, id);
}

static void walk_element(struct walk *walk, const xmlNode *node, struct visit *parent)
{
	bool is_foreign = !same_namespace(walk, node);
	enum element_id id =
		is_foreign ? EL_NONE : language_find((const char *)node->name);
	if (id == EL_NONE) {
		fail_unknown_element(walk, node, parent, is_foreign);
		return;
	}
	if (!language_allows(parent->id, id)) {
		fail_misplaced(walk, node, parent);
		return;
	}
	const char *outer_id = walk->build->step_id;
	if (language_allows(EL_STEPS, id))
		walk->build->step_id = step_id_of(walk, node);
	walk_known(walk, node, id, parent);
	walk->build->step_id = outer_id;
}

static bool root_is_known(struct walk *walk, const xmlNode *root)
{
	struct build *build = walk->build;
	if (strcmp((const char *)root->name, "workflow") != 0) {
		build_fail(build, place_of(walk, root), "unknown_element",
			   "The outermost element is <%s>; it must be <workflow "
			   "xmlns=\"%s\" …>.",
			   name_of(walk, root->name), WORKFLOW_NAMESPACE);
		return false;
	}
	if (!walk->namespace)
		build_fail(build, place_of(walk, root), "wrong_namespace",
			   "The namespace is missing: write <workflow xmlns=\"%s\" …>.",
			   WORKFLOW_NAMESPACE);
	else if (strcmp(walk->namespace, WORKFLOW_NAMESPACE) != 0)
		build_fail(build, place_of(walk, root), "wrong_namespace",
			   "The namespace is \"%s\": write <workflow xmlns=\"%s\" …>.",
			   build_excerpt(build, walk->namespace), WORKFLOW_NAMESPACE);
	return true;
}

void workflow_walk(struct build *build, const xmlDoc *doc)
{
	const xmlNode *root = xmlDocGetRootElement(doc);
	struct walk walk = {build, namespace_of(root->ns)};
	if (root_is_known(&walk, root))
		visit_element(&walk, root, EL_WORKFLOW);
}
