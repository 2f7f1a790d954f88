/* document.h - the only place that talks to the XML reader of libxml2.
 *
 * No DOCTYPE, no entities but the five of XML, no network, no file; at most WORKFLOW_DEPTH_MAX levels. Errors of the
 * reader become findings and are printed nowhere.
 *
 * Thread: any, several at once.
 */
#ifndef HB_WORKFLOW_DOCUMENT_H
#define HB_WORKFLOW_DOCUMENT_H

#include <libxml/tree.h>

#include "workflow/report.h"
#include "workflow/source.h"

/* document_open - the tree of a source. ERR_INVALID_WORKFLOW: the report says why. */
enum err document_open(struct source *source, struct workflow_report *report,
		       xmlDoc **doc_out) MUST_CHECK;

void document_close(xmlDoc **doc);

/* document_offset - the "<" of an element of such a tree. */
size_t document_offset(const xmlNode *element);

#endif
