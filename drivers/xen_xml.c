#include "drivers/xen_xml.h"
#include "common/error.h"
#include "drivers/xml_out.h"

#include <string.h>

char *
xen_disk_name(const char *device)
{
    const char *name = g_str_has_prefix(device, "/dev/") ? device + strlen("/dev/") : device;

    if ((g_str_has_prefix(name, "sd") && name[2] > 'p') ||
        (g_str_has_prefix(name, "hd") && name[2] > 'd'))
        return g_strdup_printf("xvd%s", name + 2);
    return g_strdup(name);
}

char *
xen_disk_in_guest(const char *device)
{
    g_autofree char *name = xen_disk_name(device);
    const char *bare = g_str_has_prefix(name, "xvd") ? name + strlen("xvd") : name + strlen("sd");

    return g_strdup_printf("/dev/xvd%s", bare);
}

gboolean
xen_paths_check(const boot_plan *plan, GError **error)
{
    if (strpbrk(plan->appliance, " \t\n") == NULL)
        return TRUE;
    return error_set(error, ERROR_HOST_QEMU,
                     "QEMU can't start an appliance from a folder with white space in its name: %s",
                     plan->appliance);
}

/* In QEMU's options a comma in a value is doubled. */
static void
append_path(GString *text, const char *path)
{
    for (; *path != '\0'; path++) {
        g_string_append_c(text, *path);
        if (*path == ',')
            g_string_append_c(text, ',');
    }
}

static void
append_words(GString *text, const boot_plan *plan)
{
    const boot_disk *root = g_ptr_array_index(plan->disks, 0);
    g_autofree char *root_name = xen_disk_name(root->device);

    g_string_append_printf(text,
                           " amilaunch.mem=%" G_GUINT64_FORMAT " amilaunch.vcpus=%u"
                           " amilaunch.grub=%s amilaunch.root=%s amilaunch.disks=%u"
                           " amilaunch.uuid=%s amilaunch.name=%s",
                           plan->memory_mib, plan->vcpus, plan->partitioned ? "hd00" : "hd0",
                           root_name, plan->disks->len, plan->uuid, plan->name);
}

char *
xen_modules(const boot_plan *plan)
{
    GString *text = g_string_new(NULL);

    append_path(text, plan->dom0_kernel);
    g_string_append_c(text, ' ');
    g_string_append(text, plan->dom0_cmdline);
    append_words(text, plan);
    g_string_append_c(text, ',');
    append_path(text, plan->initrd);
    return g_string_free(text, FALSE);
}

void
xen_write_os(xmlTextWriter *out, const boot_plan *plan)
{
    xml_element(out, "kernel", plan->kernel);
    xml_element(out, "cmdline", plan->cmdline);
}

/* Xen 4.17's dom0 doesn't live through what QEMU emulates of SMAP and SMEP; a plain model boots
 * quickest. */
void
xen_write_cpu(xmlTextWriter *out, const boot_plan *plan)
{
    static const char *const troubles[] = {"smap", "smep"};

    xml_begin(out, "cpu");
    if (plan->kvm) {
        xml_attribute(out, "mode", "host-passthrough");
        for (guint i = 0; i < G_N_ELEMENTS(troubles); i++) {
            xml_begin(out, "feature");
            xml_attribute(out, "policy", "disable");
            xml_attribute(out, "name", troubles[i]);
            xml_end(out);
        }
    } else {
        xml_attribute(out, "mode", "custom");
        xml_attribute(out, "match", "exact");
        xml_attribute(out, "check", "none");
        xml_element(out, "model", "qemu64");
    }
    xml_end(out);
}

static void
write_log(xmlTextWriter *out, const boot_plan *plan)
{
    xml_begin(out, "serial");
    xml_attribute(out, "type", "file");
    xml_mark(out, "source", "path", plan->appliance_log);
    xml_mark(out, "target", "port", "1");
    xml_end(out);
}

void
xen_write_ports(xmlTextWriter *out, const boot_plan *plan)
{
    write_log(out, plan);
    xml_begin(out, "channel");
    xml_attribute(out, "type", "unix");
    xml_begin(out, "target");
    xml_attribute(out, "type", "virtio");
    xml_attribute(out, "name", XEN_CHANNEL);
    xml_end(out);
    xml_end(out);
}
