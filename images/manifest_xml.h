/* A manifest's XML, which anybody may have written. Only for manifest*.c. */
#ifndef IMAGES_MANIFEST_XML_H
#define IMAGES_MANIFEST_XML_H

#include "common/error.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)

/* InvalidManifest for what isn't well-formed UTF-8 without a document type, or too long, or has
 * more than elements, attributes and text without namespaces. TEXT[LENGTH] must be a zero. */
xmlDoc *manifest_xml_parse(const char *text, gsize length, GError **error);

gboolean manifest_xml_is(const xmlNode *node, const char *name);

/* How many children of that name there are. */
guint manifest_xml_count(const xmlNode *parent, const char *name);

/* The only child of that name. NULL if there is none, which is an error if it is NEEDED, or if
 * there are several, which always is one. */
xmlNode *manifest_xml_one(xmlNode *parent, const char *name, gboolean needed, GError **error);

/* What stands in an element that may only hold text, without blanks around it. The caller frees it.
 */
char *manifest_xml_text(const xmlNode *node, GError **error);

/* NULL if there is none. The caller frees it. */
char *manifest_xml_attribute(xmlNode *node, const char *name);

/* The bytes of the only element NAME in the text of a document that was parsed, from "<" to ">".
 * InvalidManifest if NAME stands there more than once. The caller frees it. */
char *manifest_xml_source(const char *text, const char *name, GError **error);

#endif
