#include "images/manifest.h"

#include <libxml/xmlwriter.h>
#include <string.h>

#define HEAD "<?xml version=\"1.0\"?>\n"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlTextWriter, xmlFreeTextWriter)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlBuffer, xmlBufferFree)

static void
begin(xmlTextWriter *out, const char *name)
{
    xmlTextWriterStartElement(out, BAD_CAST name);
}

static void
end(xmlTextWriter *out)
{
    xmlTextWriterEndElement(out);
}

/* Nothing for a TEXT that is NULL. */
static void
element(xmlTextWriter *out, const char *name, const char *text)
{
    if (text != NULL)
        xmlTextWriterWriteElement(out, BAD_CAST name, BAD_CAST text);
}

static void
element_of(xmlTextWriter *out, const char *name, const char *algorithm, const char *text)
{
    begin(out, name);
    xmlTextWriterWriteAttribute(out, BAD_CAST "algorithm", BAD_CAST algorithm);
    xmlTextWriterWriteString(out, BAD_CAST text);
    end(out);
}

static void
number(xmlTextWriter *out, const char *name, guint64 value)
{
    xmlTextWriterWriteFormatElement(out, BAD_CAST name, "%" G_GUINT64_FORMAT, value);
}

/* EC2's own tools write the path of the root, and else a bare name. */
static const char *
spelled(const manifest_mapping *entry)
{
    const char *device = entry->device;

    return !g_str_equal(entry->virtual_name, "root") && g_str_has_prefix(device, "/dev/")
               ? device + strlen("/dev/")
               : device;
}

static void
write_machine(xmlTextWriter *out, const manifest *self)
{
    begin(out, "machine_configuration");
    element(out, "architecture", self->architecture);
    element(out, "kernel_id", self->kernel);
    element(out, "ramdisk_id", self->ramdisk);
    if (self->mapping->len > 0)
        begin(out, "block_device_mapping");
    for (guint i = 0; i < self->mapping->len; i++) {
        const manifest_mapping *entry = g_ptr_array_index(self->mapping, i);
        begin(out, "mapping");
        element(out, "virtual", entry->virtual_name);
        element(out, "device", spelled(entry));
        end(out);
    }
    if (self->mapping->len > 0)
        end(out);
    if (self->product_codes->len > 0)
        begin(out, "product_codes");
    for (guint i = 0; i < self->product_codes->len; i++)
        element(out, "product_code", g_ptr_array_index(self->product_codes, i));
    if (self->product_codes->len > 0)
        end(out);
    end(out);
}

static void
write_parts(xmlTextWriter *out, const manifest *self)
{
    begin(out, "parts");
    xmlTextWriterWriteFormatAttribute(out, BAD_CAST "count", "%u", self->parts->len);
    for (guint i = 0; i < self->parts->len; i++) {
        const manifest_part *part = g_ptr_array_index(self->parts, i);
        begin(out, "part");
        xmlTextWriterWriteFormatAttribute(out, BAD_CAST "index", "%u", i);
        element(out, "filename", part->filename);
        element_of(out, "digest", "SHA1", part->digest);
        end(out);
    }
    end(out);
}

static void
write_image(xmlTextWriter *out, const manifest *self)
{
    begin(out, "image");
    element(out, "name", self->name);
    element(out, "user", self->user);
    element(out, "type", "machine");
    element_of(out, "digest", "SHA1", self->digest);
    number(out, "size", self->size);
    number(out, "bundled_size", self->bundled_size);
    element_of(out, "ec2_encrypted_key", "AES-128-CBC", self->ec2_key);
    element_of(out, "user_encrypted_key", "AES-128-CBC", self->user_key);
    element(out, "ec2_encrypted_iv", self->ec2_iv);
    element(out, "user_encrypted_iv", self->user_iv);
    write_parts(out, self);
    end(out);
}

static void
write_head(xmlTextWriter *out, const manifest *self)
{
    element(out, "version", "2007-10-10");
    begin(out, "bundler");
    element(out, "name", self->bundler);
    element(out, "version", self->bundler_version);
    element(out, "release", self->bundler_release);
    end(out);
}

/* What several elements look like, one after the other. */
static char *
text_of(void (*write)(xmlTextWriter *out, const manifest *self), const manifest *self)
{
    g_autoptr(xmlBuffer) buffer = xmlBufferCreate();
    g_autoptr(xmlTextWriter) out = xmlNewTextWriterMemory(buffer, 0);

    write(out, self);
    xmlTextWriterFlush(out);
    return g_strdup((const char *)xmlBufferContent(buffer));
}

void
manifest_seal(manifest *self)
{
    g_autofree char *machine = text_of(write_machine, self);
    g_autofree char *image = text_of(write_image, self);

    g_free(self->signed_text);
    self->signed_text = g_strconcat(machine, image, NULL);
}

/* Put together of texts, so that what was signed is in it byte for byte. */
char *
manifest_document(const manifest *self)
{
    g_autofree char *head = text_of(write_head, self);

    return g_strconcat(HEAD "<manifest>", head, self->signed_text, "<signature>", self->signature,
                       "</signature></manifest>\n", NULL);
}
