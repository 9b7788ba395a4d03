#include "drivers/os_xml.h"
#include "common/error.h"
#include "drivers/xen_xml.h"
#include "drivers/xml_out.h"

static gboolean
need(const boot_plan *plan, const char *file, const char *what, GError **error)
{
    return file != NULL || error_set(error, ERROR_INTERNAL, "the plan of %s has no %s",
                                     plan->name != NULL ? plan->name : "a guest", what);
}

gboolean
os_xml_complete(const boot_plan *plan, GError **error)
{
    switch (plan->kind) {
    case BOOT_UEFI:
        return need(plan, plan->firmware, "firmware", error) &&
               need(plan, plan->nvram_template, "template of its variables", error) &&
               need(plan, plan->nvram, "file for its variables", error);
    case BOOT_SHIM:
        return need(plan, plan->emulator, "emulator of Xen", error) &&
               need(plan, plan->kernel, "shim", error) &&
               need(plan, plan->initrd, "kernel for the shim", error);
    case BOOT_GRUB:
    case BOOT_DIRECT:
    case BOOT_XEN_HOST:
        return need(plan, plan->kernel, "kernel", error);
    case BOOT_XEN:
        return plan->disks->len > 0
                   ? need(plan, plan->dom0_kernel, "appliance", error)
                   : error_set(error, ERROR_INTERNAL, "a guest under Xen needs a disk");
    case BOOT_BIOS:
        return TRUE;
    }
    return TRUE;
}

/* OVMF in two parts: the code, which all guests share, and the guest's own variables, which libvirt
 * makes from the template when they aren't there yet. */
static void
write_firmware(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "loader");
    xml_attribute(out, "readonly", "yes");
    xml_attribute(out, "type", "pflash");
    xmlTextWriterWriteString(out, BAD_CAST plan->firmware);
    xml_end(out);
    xml_begin(out, "nvram");
    xml_attribute(out, "template", plan->nvram_template);
    xmlTextWriterWriteString(out, BAD_CAST plan->nvram);
    xml_end(out);
}

static void
write_kernel(xmlTextWriter *out, const boot_plan *plan)
{
    xml_element(out, "kernel", plan->kernel);
    if (plan->initrd != NULL)
        xml_element(out, "initrd", plan->initrd);
    if (plan->cmdline != NULL)
        xml_element(out, "cmdline", plan->cmdline);
}

/* What a BIOS and the loaders that it starts print goes to a screen, and guests have none: SeaBIOS
 * then shows it on the serial port (libvirt.org, "Domain XML format", bios). Without that nobody
 * would learn that no disk was bootable, or what a boot loader's prompt complains of. */
static void
write_screen(xmlTextWriter *out, const boot_plan *plan)
{
    if (plan->kind != BOOT_UEFI && plan->kind != BOOT_XEN)
        xml_mark(out, "bios", "useserial", "yes");
}

static void
write_start(xmlTextWriter *out, const boot_plan *plan)
{
    if (plan->kind == BOOT_XEN) {
        xen_write_os(out, plan);
        return;
    }
    if (plan->kind == BOOT_UEFI)
        write_firmware(out, plan);
    else if (plan->kind != BOOT_BIOS)
        write_kernel(out, plan);
    xml_mark(out, "boot", "dev", "hd");
}

void
os_xml_write(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "os");
    xml_begin(out, "type");
    xml_attribute(out, "arch", "x86_64");
    xml_attribute(out, "machine", plan->machine);
    xmlTextWriterWriteString(out, BAD_CAST "hvm");
    xml_end(out);
    write_start(out, plan);
    write_screen(out, plan);
    xml_mark(out, "smbios", "mode", "sysinfo");
    xml_end(out);
}
