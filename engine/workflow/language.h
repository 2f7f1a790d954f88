/* language.h - the elements of the language as one table: where each may stand, what it takes, who builds it.
 *
 * A new element is a row (and a line in conf/workflow.xsd). Attributes are checked by type before a handler runs; a handler reads them
 * with visit_text() and visit_number(), which give the fallback when the attribute is absent or was wrong: after any
 * error the plan is thrown away, so handlers need not care.
 */
#ifndef HB_WORKFLOW_LANGUAGE_H
#define HB_WORKFLOW_LANGUAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "workflow/plan.h"
#include "workflow/value.h"

/* in the order in which they are listed to people */
enum element_id {
	EL_WORKFLOW,
	EL_DESCRIPTION,
	EL_SETTINGS,
	EL_HOURS,
	EL_TRIGGERS,
	EL_CONTACT_CREATED,
	EL_TAG_ADDED,
	EL_TAG_REMOVED,
	EL_FIELD_CHANGED,
	EL_MESSAGE_RECEIVED,
	EL_EVENT,
	EL_DATE,
	EL_FILTER,
	EL_STEPS,
	EL_ASSIGN_USER,
	EL_USER,
	EL_TEAM,
	EL_MANUAL_SMS,
	EL_MESSAGE,
	EL_ON_SENT,
	EL_ON_SKIPPED,
	EL_ON_EXPIRED,
	EL_ON_FAILED,
	EL_WAIT_FOR_REPLY,
	EL_ON_REPLY,
	EL_ON_TIMEOUT,
	EL_WAIT,
	EL_BRANCH,
	EL_WHEN,
	EL_OTHERWISE,
	EL_ALL,
	EL_ANY,
	EL_NOT,
	EL_CONDITION,
	EL_SEND_EMAIL,
	EL_BODY,
	EL_ADD_TAG,
	EL_REMOVE_TAG,
	EL_SET_FIELD,
	EL_CALL_HOOK,
	EL_GO_TO,
	EL_END,
	EL_COUNT,
	EL_NONE = -1
};

enum content { CONTENT_NONE, CONTENT_ELEMENTS, CONTENT_TEXT };

enum { ELEMENT_ATTRIBUTES_MAX = 16 };

struct attribute {
	const char *name; /* NULL ends the list */
	const struct value_type *type;
	bool is_required;
};

struct build;
struct visit;
typedef void visit_fn(struct build *build, struct visit *visit);

struct element {
	const char *name;
	uint64_t parents; /* a bit per element_id */
	enum content content;
	bool is_once;     /* in its parent */
	bool is_required; /* in its parent */
	struct attribute attributes[ELEMENT_ATTRIBUTES_MAX];
	visit_fn *open;  /* attributes and text are there; may be NULL */
	visit_fn *close; /* the elements inside were visited; may be NULL */
};

extern const struct element language[EL_COUNT];

/* one attribute as it was found */
struct value {
	const char *text; /* NULL: absent, or wrong */
	int64_t number;
	bool is_given;
};

/* one element while it is visited */
struct visit {
	const struct element *element;
	enum element_id id;
	size_t tag; /* offset of its "<" */
	struct plan_place place;
	struct value values[ELEMENT_ATTRIBUTES_MAX]; /* as element->attributes */
	uint64_t seen;          /* a bit per element_id found inside */
	const char *text;       /* CONTENT_TEXT: trimmed, "" when there is none */
	size_t text_lead_bytes; /* trimmed off before it */
};

const char *visit_text(const struct visit *visit, const char *attribute);

/* visit_is_given - written in the XML, right or wrong. */
bool visit_is_given(const struct visit *visit, const char *attribute);

int64_t visit_number(const struct visit *visit, const char *attribute,
		     int64_t fallback);

/* language_find - EL_NONE when the language has no such element. */
enum element_id language_find(const char *name);

bool language_allows(enum element_id parent, enum element_id child);

/* language_list_* - "<user>, <team>": what may stand in an element; "id, name": its attributes. */
void language_list_children(enum element_id parent, struct buf *buf);
void language_list_attributes(enum element_id id, struct buf *buf);

#endif
