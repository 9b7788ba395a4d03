#include "drivers/disk_xml.h"
#include "common/error.h"
#include "drivers/xml_out.h"

static void
write_encryption(xmlTextWriter *out, const char *secret, GHashTable *secrets)
{
    const char *known =
        secrets != NULL && secret != NULL ? g_hash_table_lookup(secrets, secret) : NULL;

    if (secret == NULL)
        return;
    xml_begin(out, "encryption");
    xml_attribute(out, "format", "luks");
    xml_begin(out, "secret");
    xml_attribute(out, "type", "passphrase");
    xml_attribute(out, "uuid", known != NULL ? known : secret);
    xml_end(out);
    xml_end(out);
}

static void
write_layer_source(xmlTextWriter *out, const boot_layer *layer, GHashTable *secrets)
{
    xml_begin(out, "source");
    xml_attribute(out, "file", layer->path);
    /* Snapshots are shared and immutable: no guest's user may come to own them. */
    xml_begin(out, "seclabel");
    xml_attribute(out, "model", "dac");
    xml_attribute(out, "relabel", "no");
    xml_end(out);
    write_encryption(out, layer->secret, secrets);
    xml_end(out);
}

/* The whole chain is stated, down to the end, so that neither libvirt nor QEMU looks into a disk to
 * find out what it is. */
static void
write_layers(xmlTextWriter *out, const boot_disk *disk, guint from, GHashTable *secrets)
{
    xml_begin(out, "backingStore");
    if (from < disk->layers->len) {
        xml_attribute(out, "type", "file");
        xml_mark(out, "format", "type", "qcow2");
        write_layer_source(out, g_ptr_array_index(disk->layers, from), secrets);
        write_layers(out, disk, from + 1, secrets);
    }
    xml_end(out);
}

static void
write_driver(xmlTextWriter *out, const boot_disk *disk)
{
    xml_begin(out, "driver");
    xml_attribute(out, "name", "qemu");
    xml_attribute(out, "type", disk->format);
    /* Instance-store data doesn't outlive a crash of the host on EC2 either. */
    xml_attribute(out, "cache", disk->store ? "unsafe" : "writeback");
    /* A write that the host can't do (a full disk, but also a quota, which "enospace" would not
     * cover) makes the guest wait, as EC2's volumes do, instead of breaking its file systems. A
     * read that fails is told: waiting would not bring the data back. */
    xml_attribute(out, "error_policy", "stop");
    xml_attribute(out, "rerror_policy", "report");
    xml_attribute(out, "discard", "unmap");
    xml_end(out);
}

void
disk_xml_write(xmlTextWriter *out, const boot_disk *disk, const char *target, disk_bus bus,
               GHashTable *secrets)
{
    xml_begin(out, "disk");
    xml_attribute(out, "type", "file");
    xml_attribute(out, "device", "disk");
    write_driver(out, disk);
    xml_begin(out, "source");
    xml_attribute(out, "file", disk->path);
    write_encryption(out, disk->secret, secrets);
    xml_end(out);
    write_layers(out, disk, 0, secrets);
    xml_begin(out, "target");
    xml_attribute(out, "dev", target);
    xml_attribute(out, "bus", disk_bus_word(bus));
    xml_end(out);
    if (disk->read_only) {
        xml_begin(out, "readonly");
        xml_end(out);
    }
    if (disk->serial != NULL)
        xml_element(out, "serial", disk->serial);
    if (disk->alias != NULL)
        xml_mark(out, "alias", "name", disk->alias);
    xml_end(out);
}

char *
disk_xml(const boot_disk *disk, const char *target, GHashTable *secrets, GError **error)
{
    g_autoptr(xmlBuffer) buffer = xmlBufferCreate();
    g_autoptr(xmlTextWriter) out = xml_out_new(buffer);

    if (disk->path == NULL || disk->format == NULL) {
        error_set(error, ERROR_INTERNAL, "disk %s has no file yet", disk->device);
        return NULL;
    }
    disk_xml_write(out, disk, target, disk_bus_of_target(target), secrets);
    return xml_out_text(out, buffer);
}

static void
write_switch(xmlTextWriter *out, const disk_switch *to, const char *target, GHashTable *secrets)
{
    xml_begin(out, "disk");
    xml_attribute(out, "name", target);
    xml_attribute(out, "snapshot", "external");
    xml_attribute(out, "type", "file");
    xml_mark(out, "driver", "type", "qcow2");
    xml_begin(out, "source");
    xml_attribute(out, "file", to->path);
    write_encryption(out, to->secret, secrets);
    xml_end(out);
    xml_end(out);
}

char *
disk_xml_switches(const GPtrArray *switches, const GPtrArray *targets, const GPtrArray *others,
                  GHashTable *secrets)
{
    g_autoptr(xmlBuffer) buffer = xmlBufferCreate();
    g_autoptr(xmlTextWriter) out = xml_out_new(buffer);

    xml_begin(out, "domainsnapshot");
    xml_begin(out, "disks");
    for (guint i = 0; i < switches->len; i++)
        write_switch(out, g_ptr_array_index(switches, i), g_ptr_array_index(targets, i), secrets);
    for (guint i = 0; i < others->len; i++) {
        xml_begin(out, "disk");
        xml_attribute(out, "name", g_ptr_array_index(others, i));
        xml_attribute(out, "snapshot", "no");
        xml_end(out);
    }
    xml_end(out);
    xml_end(out);
    return xml_out_text(out, buffer);
}
