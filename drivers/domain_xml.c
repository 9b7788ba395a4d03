#include "drivers/domain_xml.h"
#include "common/error.h"
#include "drivers/disk_xml.h"
#include "drivers/nic_xml.h"
#include "drivers/os_xml.h"
#include "drivers/shim_xml.h"
#include "drivers/xen_host_xml.h"
#include "drivers/xen_xml.h"
#include "drivers/xml_out.h"

#define QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"
#define SPARE_PORTS 8 /* for disks that are attached to a running guest */

static void
write_owner(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "metadata");
    xmlTextWriterStartElementNS(out, BAD_CAST "amilaunch", BAD_CAST "instance",
                                BAD_CAST DOMAIN_XML_NAMESPACE);
    xml_attribute(out, "home", plan->home);
    if (plan->kind == BOOT_XEN)
        xml_attribute(out, "boot", XEN_BOOT_MARK);
    xml_end(out);
    xml_end(out);
}

static void
write_size(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "memory");
    xml_attribute(out, "unit", "MiB");
    xmlTextWriterWriteFormatString(out, "%" G_GUINT64_FORMAT, boot_plan_memory(plan));
    xml_end(out);
    xml_begin(out, "vcpu");
    xmlTextWriterWriteFormatString(out, "%u", plan->vcpus);
    xml_end(out);
}

static void
smbios_entry(xmlTextWriter *out, const char *name, const char *value)
{
    xml_begin(out, "entry");
    xml_attribute(out, "name", name);
    xmlTextWriterWriteString(out, BAD_CAST value);
    xml_end(out);
}

/* Guests know EC2 by this: a UUID that begins with "ec2" and is also the serial number. */
static void
write_smbios(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "sysinfo");
    xml_attribute(out, "type", "smbios");
    xml_begin(out, "system");
    smbios_entry(out, "manufacturer", "Amazon EC2");
    smbios_entry(out, "serial", plan->uuid);
    smbios_entry(out, "uuid", plan->uuid);
    xml_end(out);
    xml_end(out);
}

/* A guest may hibernate. One that only slept could not be woken by anybody. */
static void
write_sleep(xmlTextWriter *out)
{
    xml_begin(out, "pm");
    xml_mark(out, "suspend-to-mem", "enabled", "no");
    xml_mark(out, "suspend-to-disk", "enabled", "yes");
    xml_end(out);
}

/* Both give the guest all that the host can: its own CPU, or all that the emulator knows. Without a
 * model QEMU's default would lack what newer distributions are compiled for. */
static void
write_cpu(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "features");
    xml_begin(out, "acpi");
    xml_end(out);
    xml_begin(out, "apic");
    xml_end(out);
    xml_end(out);
    if (plan->kind == BOOT_XEN)
        xen_write_cpu(out, plan);
    else
        xml_mark(out, "cpu", "mode", plan->kvm ? "host-passthrough" : "maximum");
    xml_mark(out, "clock", "offset", "utc");
    xml_element(out, "on_poweroff", "destroy");
    xml_element(out, "on_reboot", "restart");
    xml_element(out, "on_crash", "destroy");
    write_sleep(out);
}

static void
write_console(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "serial");
    xml_attribute(out, "type", "pty");
    xml_begin(out, "log");
    xml_attribute(out, "file", plan->console_log);
    xml_attribute(out, "append", "on");
    xml_end(out);
    xml_mark(out, "target", "port", "0");
    xml_end(out);
    xml_begin(out, "console");
    xml_attribute(out, "type", "pty");
    xml_begin(out, "target");
    xml_attribute(out, "type", "serial");
    xml_attribute(out, "port", "0");
    xml_end(out);
    xml_end(out);
}

static void
write_pci(xmlTextWriter *out, guint index, const char *model)
{
    xml_begin(out, "controller");
    xml_attribute(out, "type", "pci");
    xmlTextWriterWriteFormatAttribute(out, BAD_CAST "index", "%u", index);
    xml_attribute(out, "model", model);
    xml_end(out);
}

static void
write_bridge(xmlTextWriter *out)
{
    xml_begin(out, "controller");
    xml_attribute(out, "type", "pci");
    xml_attribute(out, "index", "1");
    xml_attribute(out, "model", "pci-bridge");
    xml_begin(out, "address");
    xml_attribute(out, "type", "pci");
    xml_attribute(out, "bus", "0x00");
    xml_attribute(out, "slot", NIC_BRIDGE_SLOT);
    xml_end(out);
    xml_end(out);
}

/* On PCI Express each device needs a port of its own, and ports can't be plugged in later. */
static void
write_ports(xmlTextWriter *out, const boot_plan *plan)
{
    if (nic_needs_bridge(plan))
        write_bridge(out);
    if (!g_str_equal(plan->machine, "q35"))
        return;
    write_pci(out, 0, "pcie-root");
    for (guint i = 1; i <= plan->disks->len + SPARE_PORTS; i++)
        write_pci(out, i, "pcie-root-port");
}

/* The card that every system knows. Nobody is connected with it: what it shows can be looked at. */
static void
write_screen(xmlTextWriter *out)
{
    xml_begin(out, "video");
    xml_mark(out, "model", "type", "vga");
    xml_end(out);
}

static void
write_disk(xmlTextWriter *out, const boot_plan *plan, const boot_disk *disk, GHashTable *secrets)
{
    g_autofree char *name = xen_disk_name(disk->device);
    boot_disk named = *disk;

    if (plan->kind == BOOT_XEN)
        named.serial = name;
    disk_xml_write(out, &named, disk->target, plan->bus, secrets);
}

static void
write_devices(xmlTextWriter *out, const boot_plan *plan, GHashTable *secrets)
{
    xml_begin(out, "devices");
    if (plan->emulator != NULL)
        xml_element(out, "emulator", plan->emulator);
    if (plan->kind != BOOT_SHIM) {
        for (guint i = 0; i < plan->disks->len; i++)
            write_disk(out, plan, g_ptr_array_index(plan->disks, i), secrets);
        write_console(out, plan);
    }
    if (plan->screen)
        write_screen(out);
    if (plan->kind == BOOT_XEN)
        xen_write_ports(out, plan);
    write_ports(out, plan);
    xml_begin(out, "controller");
    xml_attribute(out, "type", "usb");
    xml_attribute(out, "model", "none");
    xml_end(out);
    xml_mark(out, "memballoon", "model", "none");
    xml_end(out);
}

static void
write_argument(xmlTextWriter *out, const char *value)
{
    xmlTextWriterStartElementNS(out, BAD_CAST "qemu", BAD_CAST "arg", NULL);
    xml_attribute(out, "value", value);
    xml_end(out);
}

/* A second monitor, on files. In QEMU's options a comma in a value is doubled. */
static void
write_events(xmlTextWriter *out, const boot_plan *plan)
{
    g_auto(GStrv) parts = g_strsplit(plan->events, ",", -1);
    g_autofree char *path = g_strjoinv(",,", parts);
    g_autofree char *device = g_strdup_printf("pipe,id=events,path=%s", path);

    write_argument(out, "-chardev");
    write_argument(out, device);
    write_argument(out, "-mon");
    write_argument(out, "chardev=events,mode=control");
}

/* libvirt's own <initrd> takes one file's path and nothing else where it looks whether that is
 * there. */
static void
write_modules(xmlTextWriter *out, const boot_plan *plan)
{
    g_autofree char *modules = xen_modules(plan);

    write_argument(out, "-initrd");
    write_argument(out, modules);
}

static void
write_all(xmlTextWriter *out, GPtrArray *arguments)
{
    for (guint i = 0; i < arguments->len; i++)
        write_argument(out, g_ptr_array_index(arguments, i));
    g_ptr_array_unref(arguments);
}

static gboolean
has_arguments(const boot_plan *plan)
{
    return plan->kind != BOOT_XEN_HOST && (plan->events != NULL || plan->mac != NULL ||
                                           plan->kind == BOOT_XEN || plan->kind == BOOT_SHIM);
}

static void
write_arguments(xmlTextWriter *out, const boot_plan *plan)
{
    if (!has_arguments(plan))
        return;
    xmlTextWriterStartElementNS(out, BAD_CAST "qemu", BAD_CAST "commandline", NULL);
    if (plan->kind == BOOT_XEN)
        write_modules(out, plan);
    if (plan->kind == BOOT_SHIM)
        write_all(out, shim_arguments(plan));
    write_all(out, nic_arguments(plan));
    if (plan->events != NULL)
        write_events(out, plan);
    xml_end(out);
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
    return os_xml_complete(plan, error);
}

/* Of QEMU. */
static void
write_machine(xmlTextWriter *out, const boot_plan *plan, GHashTable *secrets)
{
    write_smbios(out, plan);
    os_xml_write(out, plan);
    write_cpu(out, plan);
    write_devices(out, plan, secrets);
    write_arguments(out, plan);
}

static const char *
domain_type(const boot_plan *plan)
{
    if (plan->kind == BOOT_XEN_HOST)
        return "xen";
    return plan->kvm ? "kvm" : "qemu";
}

static void
write_domain(xmlTextWriter *out, const boot_plan *plan, GHashTable *secrets)
{
    xml_begin(out, "domain");
    xml_attribute(out, "type", domain_type(plan));
    if (has_arguments(plan))
        xml_attribute(out, "xmlns:qemu", QEMU_NAMESPACE);
    xml_element(out, "name", plan->name);
    xml_element(out, "uuid", plan->uuid);
    write_owner(out, plan);
    write_size(out, plan);
    if (plan->kind == BOOT_XEN_HOST)
        xen_host_xml_write(out, plan, secrets);
    else
        write_machine(out, plan, secrets);
    xml_end(out);
}

char *
domain_xml(const boot_plan *plan, GHashTable *secrets, GError **error)
{
    g_autoptr(xmlBuffer) buffer = xmlBufferCreate();
    g_autoptr(xmlTextWriter) out = xml_out_new(buffer);

    if (!complete(plan, error))
        return NULL;
    write_domain(out, plan, secrets);
    return xml_out_text(out, buffer);
}
