#include "images/manifest_xml.h"
#include "images/manifest.h"

#include <string.h>

/* The element after NODE in the order of the document; NULL at its end. */
static const xmlNode *
next_node(const xmlNode *node)
{
    if (node->children != NULL)
        return node->children;
    while (node != NULL && node->next == NULL)
        node = node->parent;
    return node != NULL ? node->next : NULL;
}

static gboolean
is_plain_name(const xmlNs *space, const xmlChar *name)
{
    return space == NULL && strchr((const char *)name, ':') == NULL;
}

static gboolean
is_plain_node(const xmlNode *node)
{
    if (node->type == XML_TEXT_NODE)
        return TRUE;
    if (node->type != XML_ELEMENT_NODE || node->nsDef != NULL ||
        !is_plain_name(node->ns, node->name))
        return FALSE;
    for (const xmlAttr *one = node->properties; one != NULL; one = one->next)
        if (!is_plain_name(one->ns, one->name))
            return FALSE;
    return TRUE;
}

/* EC2's tools write elements, attributes and text. What else XML has can make bytes look like an
 * element that aren't one, or an element have another name than its bytes say: a comment, a CDATA
 * section, a processing instruction, a namespace. */
static gboolean
check_plain(xmlDoc *document, GError **error)
{
    for (const xmlNode *node = document->children; node != NULL; node = next_node(node))
        if (!is_plain_node(node))
            return error_set(error, ERROR_MANIFEST,
                             "the manifest has more than elements, attributes and text (line %ld): "
                             "no comment, CDATA section, processing instruction or namespace may "
                             "be in one",
                             xmlGetLineNo(node));
    return TRUE;
}

static xmlDoc *
parse(const char *text, gsize length, GError **error)
{
    const int quiet = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    xmlDoc *document;

    if (length > MANIFEST_MOST_BYTES || !g_utf8_validate(text, (gssize)length, NULL)) {
        error_set(error, ERROR_MANIFEST, "the manifest is no UTF-8 text of at most %d MiB",
                  MANIFEST_MOST_BYTES >> 20);
        return NULL;
    }
    /* No manifest has a document type; entities and external files come with nothing else. */
    if (strstr(text, "<!DOCTYPE") != NULL || strstr(text, "<!ENTITY") != NULL) {
        error_set(error, ERROR_MANIFEST, "the manifest has a document type: none may have");
        return NULL;
    }
    /* The encoding is stated, so that the parser reads the same text as manifest_xml_source(). */
    document = xmlReadMemory(text, (int)length, NULL, "UTF-8", quiet);
    if (document == NULL) {
        const xmlError *problem = xmlGetLastError();
        error_set(error, ERROR_MANIFEST, "the manifest is no well-formed XML (line %d)",
                  problem != NULL ? problem->line : 0);
        return NULL;
    }
    if (document->intSubset != NULL || document->extSubset != NULL) {
        xmlFreeDoc(document);
        error_set(error, ERROR_MANIFEST, "the manifest has a document type: none may have");
        return NULL;
    }
    return document;
}

xmlDoc *
manifest_xml_parse(const char *text, gsize length, GError **error)
{
    g_autoptr(xmlDoc) document = parse(text, length, error);

    return document != NULL && check_plain(document, error) ? g_steal_pointer(&document) : NULL;
}

gboolean
manifest_xml_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

guint
manifest_xml_count(const xmlNode *parent, const char *name)
{
    guint count = 0;

    for (const xmlNode *node = parent->children; node != NULL; node = node->next)
        count += manifest_xml_is(node, name);
    return count;
}

xmlNode *
manifest_xml_one(xmlNode *parent, const char *name, gboolean needed, GError **error)
{
    guint count = manifest_xml_count(parent, name);

    if (count > 1 || (count == 0 && needed)) {
        error_set(error, ERROR_MANIFEST, "the manifest has %s %s in its %s",
                  count == 0 ? "no" : "more than one", name, (const char *)parent->name);
        return NULL;
    }
    for (xmlNode *node = parent->children; node != NULL; node = node->next)
        if (manifest_xml_is(node, name))
            return node;
    return NULL;
}

char *
manifest_xml_text(const xmlNode *node, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type != XML_TEXT_NODE) {
            error_set(error, ERROR_MANIFEST, "the manifest's %s holds more than text",
                      (const char *)node->name);
            return NULL;
        }
        g_string_append(text, (const char *)child->content);
    }
    return g_strstrip(g_string_free(g_steal_pointer(&text), FALSE));
}

char *
manifest_xml_attribute(xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, BAD_CAST name);
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    return copy;
}

static const char *
find_opening(const char *text, const char *opening)
{
    const char *at = text;

    while ((at = strstr(at, opening)) != NULL) {
        const char *after = at + strlen(opening);
        if (*after != '\0' && strchr("> \t\r\n/", *after) != NULL)
            return at;
        at = after;
    }
    return NULL;
}

/* In a document of elements, attributes and text a "<" begins a tag, and nothing else does: where
 * the bytes stand once, that is the element which was parsed. */
char *
manifest_xml_source(const char *text, const char *name, GError **error)
{
    g_autofree char *opening = g_strconcat("<", name, NULL);
    g_autofree char *closing = g_strconcat("</", name, ">", NULL);
    const char *begin = find_opening(text, opening);
    const char *end = begin != NULL ? strstr(begin, closing) : NULL;

    if (end == NULL || find_opening(begin + 1, opening) != NULL ||
        strstr(end + 1, closing) != NULL) {
        error_set(error, ERROR_MANIFEST,
                  "the manifest's %s doesn't begin and end exactly once in its text", name);
        return NULL;
    }
    end += strlen(closing);
    return g_strndup(begin, (gsize)(end - begin));
}
