#include "drivers/xen_host_xml.h"
#include "drivers/disk_xml.h"
#include "drivers/xen_xml.h"
#include "drivers/xml_out.h"

static void
write_os(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "os");
    xml_begin(out, "type");
    xml_attribute(out, "arch", "x86_64");
    xml_attribute(out, "machine", "xenpv");
    xmlTextWriterWriteString(out, BAD_CAST "linux");
    xml_end(out);
    xml_element(out, "kernel", plan->kernel);
    if (plan->cmdline != NULL)
        xml_element(out, "cmdline", plan->cmdline);
    xml_end(out);
}

/* Xen gives a guest its disks by the names that EC2 has for them: "sda1" can be a partition without
 * a disk. */
static void
write_disks(xmlTextWriter *out, const boot_plan *plan, GHashTable *secrets)
{
    for (guint i = 0; i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        g_autofree char *name = xen_disk_name(disk->device);
        disk_xml_write(out, disk, name, DISK_BUS_XEN, secrets);
    }
}

void
xen_host_xml_write(xmlTextWriter *out, const boot_plan *plan, GHashTable *secrets)
{
    write_os(out, plan);
    xml_mark(out, "clock", "offset", "utc");
    xml_element(out, "on_poweroff", "destroy");
    xml_element(out, "on_reboot", "restart");
    xml_element(out, "on_crash", "destroy");
    xml_begin(out, "devices");
    write_disks(out, plan, secrets);
    xml_begin(out, "console");
    xml_attribute(out, "type", "pty");
    xml_begin(out, "target");
    xml_attribute(out, "type", "xen");
    xml_attribute(out, "port", "0");
    xml_end(out);
    xml_end(out);
    xml_end(out);
}
