/* Reading XML. Only for this folder's readers. */
#ifndef DRIVERS_XML_IN_H
#define DRIVERS_XML_IN_H

#include <glib.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlXPathObject, xmlXPathFreeObject)

/* NULL if TEXT (which may be NULL) isn't XML. */
static inline xmlDoc *
xml_in_parse(const char *text)
{
    int quiet = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOBLANKS;

    return text != NULL ? xmlReadMemory(text, (int)strlen(text), NULL, NULL, quiet) : NULL;
}

static inline gboolean
xml_in_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The first child of that name; NULL if there is none, or no NODE. */
static inline xmlNode *
xml_in_child(const xmlNode *node, const char *name)
{
    for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
        if (xml_in_is(child, name))
            return child;
    return NULL;
}

/* An attribute's value, NULL if it or NODE isn't there. The caller frees it with g_free(). */
static inline char *
xml_in_attribute(xmlNode *node, const char *name)
{
    xmlChar *value = node != NULL ? xmlGetNoNsProp(node, BAD_CAST name) : NULL;
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    return copy;
}

#endif
