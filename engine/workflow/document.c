/* document.c - see document.h
 *
 * The tree is built by libxml2's own SAX2 handlers; ours stand before two of them: the one that opens an element notes
 * where it stands (in the node's _private, as offset + 1), the one that meets a DOCTYPE stops the reader.
 * Ref: libxml2 SAX2.c:xmlSAX2StartElementNs, parser.c:xmlParseDocTypeDecl
 */
#include "workflow/document.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>
#include <string.h>

#include "workflow/parse.h"

struct reading {
	struct source *source;
	struct workflow_report *report;
	bool has_errors;
	bool is_broken; /* the first fatal error says it all; later ones are its consequences */
};

static void refuse(struct reading *reading, struct plan_place place, const char *code,
		   const char *message)
{
	struct finding_at at = {FINDING_ERROR, place, NULL, code};
	workflow_report_add(reading->report, at, "%s", message);
	reading->has_errors = true;
	reading->is_broken = true;
}

static size_t consumed(xmlParserCtxt *ctxt)
{
	long bytes = xmlByteConsumed(ctxt);
	return bytes > 0 ? (size_t)bytes : 0;
}

static void on_element(void *arg, const xmlChar *name, const xmlChar *prefix,
		       const xmlChar *uri, int namespace_count,
		       const xmlChar **namespaces, int attribute_count,
		       int defaulted_count, const xmlChar **attributes)
{
	xmlParserCtxt *ctxt = arg;
	struct reading *reading = ctxt->_private;
	size_t tag = source_tag(reading->source, consumed(ctxt));
	if (ctxt->nodeNr >= WORKFLOW_DEPTH_MAX) {
		refuse(reading, source_place(reading->source, tag), "too_deep",
		       "Elements stand at most 32 deep in each other.");
		xmlStopParser(ctxt);
		return;
	}
	xmlSAX2StartElementNs(ctxt, name, prefix, uri, namespace_count, namespaces,
			      attribute_count, defaulted_count, attributes);
	if (ctxt->node)
		ctxt->node->_private = (void *)(tag + 1);
}

static void on_doctype(void *arg, const xmlChar *name, const xmlChar *external_id,
		       const xmlChar *system_id)
{
	(void)name, (void)external_id, (void)system_id;
	xmlParserCtxt *ctxt = arg;
	struct reading *reading = ctxt->_private;
	size_t tag = source_tag(reading->source, consumed(ctxt));
	refuse(reading, source_place(reading->source, tag), "doctype",
	       "A DOCTYPE is not taken, and no entities with it: delete it.");
	xmlStopParser(ctxt);
}

static bool error_is_ours(const xmlError *error, const struct reading *reading)
{
	return error->level >= XML_ERR_ERROR && error->code != XML_ERR_USER_STOP &&
	       !reading->is_broken;
}

static void on_error(void *arg, xmlErrorPtr error)
{
	xmlParserCtxt *ctxt = arg;
	struct reading *reading = ctxt->_private;
	if (!error_is_ours(error, reading))
		return;
	struct plan_place place = {
		error->line > 0 ? (unsigned)error->line : 0,
		error->int2 > 0 ? (unsigned)error->int2 : 0,
	};
	struct finding_at at = {FINDING_ERROR, place, NULL, "not_well_formed"};
	const char *message = error->message ? error->message : "no reason given";
	int len = (int)strcspn(message, "\n");
	workflow_report_add(reading->report, at, "This is not well-formed XML: %.*s.",
			    len, message);
	reading->has_errors = true;
	reading->is_broken = error->level == XML_ERR_FATAL;
}

static void library_init(void)
{
	xmlInitParser();
}

enum err document_open(struct source *source, struct workflow_report *report,
		       xmlDoc **doc_out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, library_init);

	struct reading reading = {.source = source, .report = report};
	xmlParserCtxt *ctxt = xmlNewParserCtxt();
	if (!ctxt)
		return ERR_INTERNAL;
	ctxt->_private = &reading;
	ctxt->sax->startElementNs = on_element;
	ctxt->sax->internalSubset = on_doctype;
	ctxt->sax->serror = on_error;
	const int options = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_IGNORE_ENC;
	xmlDoc *doc = xmlCtxtReadMemory(ctxt, source->text, (int)source->len_bytes,
					NULL, NULL, options);
	bool is_whole = ctxt->wellFormed && !reading.has_errors;
	xmlFreeParserCtxt(ctxt);
	if (!doc || !is_whole || !xmlDocGetRootElement(doc)) {
		if (!reading.has_errors)
			refuse(&reading, (struct plan_place){1, 1}, "not_well_formed",
			       "This is not well-formed XML.");
		xmlFreeDoc(doc);
		return ERR_INVALID_WORKFLOW;
	}
	*doc_out = doc;
	return ERR_OK;
}

void document_close(xmlDoc **doc)
{
	xmlFreeDoc(*doc);
	*doc = NULL;
}

size_t document_offset(const xmlNode *element)
{
	size_t mark = (size_t)element->_private;
	return mark ? mark - 1 : 0;
}
