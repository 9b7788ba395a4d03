/* Writing XML, in the few ways that are needed. Only for this folder's writers.
 *
 * The writer fails only when memory does, and GLib's way with that is to abort. */
#ifndef DRIVERS_XML_OUT_H
#define DRIVERS_XML_OUT_H

#include <glib.h>
#include <libxml/xmlwriter.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlTextWriter, xmlFreeTextWriter)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlBuffer, xmlBufferFree)

static inline xmlTextWriter *
xml_out_new(xmlBuffer *buffer)
{
    xmlTextWriter *out = xmlNewTextWriterMemory(buffer, 0);

    xmlTextWriterSetIndent(out, 1);
    xmlTextWriterSetIndentString(out, BAD_CAST "  ");
    return out;
}

/* What was written. The caller frees it. */
static inline char *
xml_out_text(xmlTextWriter *out, xmlBuffer *buffer)
{
    xmlTextWriterFlush(out);
    return g_strdup((const char *)xmlBufferContent(buffer));
}

static inline void
xml_attribute(xmlTextWriter *out, const char *name, const char *value)
{
    xmlTextWriterWriteAttribute(out, BAD_CAST name, BAD_CAST value);
}

static inline void
xml_begin(xmlTextWriter *out, const char *name)
{
    xmlTextWriterStartElement(out, BAD_CAST name);
}

static inline void
xml_end(xmlTextWriter *out)
{
    xmlTextWriterEndElement(out);
}

static inline void
xml_element(xmlTextWriter *out, const char *name, const char *text)
{
    xmlTextWriterWriteElement(out, BAD_CAST name, BAD_CAST text);
}

/* An element with one attribute and nothing in it. */
static inline void
xml_mark(xmlTextWriter *out, const char *name, const char *key, const char *value)
{
    xml_begin(out, name);
    xml_attribute(out, key, value);
    xml_end(out);
}

#endif
