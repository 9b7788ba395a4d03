#include "drivers/domain_xml.h"
#include "common/error.h"

#include <libxml/xmlwriter.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlTextWriter, xmlFreeTextWriter)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlBuffer, xmlBufferFree)

/* The writer fails only when memory does, and GLib's way with that is to abort. */
static void
attribute(xmlTextWriter *out, const char *name, const char *value)
{
    xmlTextWriterWriteAttribute(out, BAD_CAST name, BAD_CAST value);
}

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

static void
element(xmlTextWriter *out, const char *name, const char *text)
{
    xmlTextWriterWriteElement(out, BAD_CAST name, BAD_CAST text);
}

/* An element with one attribute and nothing in it. */
static void
mark(xmlTextWriter *out, const char *name, const char *key, const char *value)
{
    begin(out, name);
    attribute(out, key, value);
    end(out);
}

static void
write_owner(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "metadata");
    xmlTextWriterStartElementNS(out, BAD_CAST "amilaunch", BAD_CAST "instance",
                                BAD_CAST DOMAIN_XML_NAMESPACE);
    attribute(out, "home", plan->home);
    end(out);
    end(out);
}

static void
write_size(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "memory");
    attribute(out, "unit", "MiB");
    xmlTextWriterWriteFormatString(out, "%" G_GUINT64_FORMAT, plan->memory_mib);
    end(out);
    begin(out, "vcpu");
    xmlTextWriterWriteFormatString(out, "%u", plan->vcpus);
    end(out);
}

static void
smbios_entry(xmlTextWriter *out, const char *name, const char *value)
{
    begin(out, "entry");
    attribute(out, "name", name);
    xmlTextWriterWriteString(out, BAD_CAST value);
    end(out);
}

/* Guests know EC2 by this: a UUID that begins with "ec2" and is also the serial number. */
static void
write_smbios(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "sysinfo");
    attribute(out, "type", "smbios");
    begin(out, "system");
    smbios_entry(out, "manufacturer", "Amazon EC2");
    smbios_entry(out, "serial", plan->uuid);
    smbios_entry(out, "uuid", plan->uuid);
    end(out);
    end(out);
}

static void
write_os(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "os");
    begin(out, "type");
    attribute(out, "arch", "x86_64");
    attribute(out, "machine", plan->machine);
    xmlTextWriterWriteString(out, BAD_CAST "hvm");
    end(out);
    mark(out, "boot", "dev", "hd");
    mark(out, "smbios", "mode", "sysinfo");
    end(out);
}

/* Both give the guest all that the host can: its own CPU, or all that the emulator knows. Without a
 * model QEMU's default would lack what newer distributions are compiled for. */
static void
write_cpu(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "features");
    begin(out, "acpi");
    end(out);
    begin(out, "apic");
    end(out);
    end(out);
    mark(out, "cpu", "mode", plan->kvm ? "host-passthrough" : "maximum");
    mark(out, "clock", "offset", "utc");
    element(out, "on_poweroff", "destroy");
    element(out, "on_reboot", "restart");
    element(out, "on_crash", "destroy");
}

/* The whole chain is stated, down to the end, so that neither libvirt nor QEMU looks into a disk to
 * find out what it is. */
static void
write_layers(xmlTextWriter *out, const boot_disk *disk, guint from)
{
    const boot_layer *layer;

    begin(out, "backingStore");
    if (from < disk->layers->len) {
        layer = g_ptr_array_index(disk->layers, from);
        attribute(out, "type", "file");
        mark(out, "format", "type", "qcow2");
        begin(out, "source");
        attribute(out, "file", layer->path);
        /* Snapshots are shared and immutable: no guest's user may come to own them. */
        begin(out, "seclabel");
        attribute(out, "model", "dac");
        attribute(out, "relabel", "no");
        end(out);
        end(out);
        write_layers(out, disk, from + 1);
    }
    end(out);
}

static void
write_disk(xmlTextWriter *out, const boot_disk *disk)
{
    begin(out, "disk");
    attribute(out, "type", "file");
    attribute(out, "device", "disk");
    begin(out, "driver");
    attribute(out, "name", "qemu");
    attribute(out, "type", disk->format);
    /* Instance-store data doesn't outlive a crash of the host on EC2 either. */
    attribute(out, "cache", disk->store ? "unsafe" : "writeback");
    attribute(out, "discard", "unmap");
    end(out);
    mark(out, "source", "file", disk->path);
    write_layers(out, disk, 0);
    begin(out, "target");
    attribute(out, "dev", disk->target);
    attribute(out, "bus", "virtio");
    end(out);
    if (disk->serial != NULL)
        element(out, "serial", disk->serial);
    end(out);
}

static void
write_console(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "serial");
    attribute(out, "type", "pty");
    begin(out, "log");
    attribute(out, "file", plan->console_log);
    attribute(out, "append", "on");
    end(out);
    mark(out, "target", "port", "0");
    end(out);
    begin(out, "console");
    attribute(out, "type", "pty");
    begin(out, "target");
    attribute(out, "type", "serial");
    attribute(out, "port", "0");
    end(out);
    end(out);
}

static void
write_devices(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "devices");
    for (guint i = 0; i < plan->disks->len; i++)
        write_disk(out, g_ptr_array_index(plan->disks, i));
    write_console(out, plan);
    begin(out, "controller");
    attribute(out, "type", "usb");
    attribute(out, "model", "none");
    end(out);
    mark(out, "memballoon", "model", "none");
    end(out);
}

static gboolean
complete(const boot_plan *plan, GError **error)
{
    if (plan->name == NULL || plan->uuid == NULL || plan->home == NULL || plan->console_log == NULL)
        return error_set(error, ERROR_INTERNAL, "a plan without an instance can't become a domain");
    for (guint i = 0; i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        if (disk->path == NULL || disk->format == NULL)
            return error_set(error, ERROR_INTERNAL, "disk %s has no file yet", disk->device);
    }
    return TRUE;
}

static void
write_domain(xmlTextWriter *out, const boot_plan *plan)
{
    begin(out, "domain");
    attribute(out, "type", plan->kvm ? "kvm" : "qemu");
    element(out, "name", plan->name);
    element(out, "uuid", plan->uuid);
    write_owner(out, plan);
    write_size(out, plan);
    write_smbios(out, plan);
    write_os(out, plan);
    write_cpu(out, plan);
    write_devices(out, plan);
    end(out);
}

char *
domain_xml(const boot_plan *plan, GError **error)
{
    g_autoptr(xmlBuffer) buffer = xmlBufferCreate();
    g_autoptr(xmlTextWriter) out = xmlNewTextWriterMemory(buffer, 0);

    if (!complete(plan, error))
        return NULL;
    xmlTextWriterSetIndent(out, 1);
    xmlTextWriterSetIndentString(out, BAD_CAST "  ");
    write_domain(out, plan);
    xmlTextWriterFlush(out);
    return g_strdup((const char *)xmlBufferContent(buffer));
}
