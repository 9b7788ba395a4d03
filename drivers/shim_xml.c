#include "drivers/shim_xml.h"
#include "common/error.h"
#include "drivers/xen_xml.h"

#include <jansson.h>

gboolean
shim_check_disks(const boot_plan *plan, GError **error)
{
    for (guint i = 0; i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        if (disk->encrypted || disk->secret != NULL)
            return error_set(error, ERROR_UNSUPPORTED,
                             "%s is encrypted, which Xen's PV shim can't have here: choose another "
                             "way with --pv",
                             disk->device);
    }
    return TRUE;
}

/* The whole chain is stated, down to the end, as with libvirt's own disks. */
static json_t *
layer_node(const boot_disk *disk, guint from)
{
    const boot_layer *layer;

    if (from >= disk->layers->len)
        return json_null();
    layer = g_ptr_array_index(disk->layers, from);
    return json_pack("{s:s, s:{s:s, s:s}, s:b, s:o}", "driver", "qcow2", "file", "driver", "file",
                     "filename", layer->path, "read-only", 1, "backing",
                     layer_node(disk, from + 1));
}

static char *
disk_node(const boot_disk *disk, const char *name)
{
    json_t *node = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s}}", "driver", disk->format,
                             "node-name", name, "discard", "unmap", "file", "driver", "file",
                             "filename", disk->path, "discard", "unmap");
    char *text, *copy;

    if (g_str_equal(disk->format, "qcow2"))
        json_object_set_new(node, "backing", layer_node(disk, 0));
    text = json_dumps(node, JSON_COMPACT | JSON_SORT_KEYS);
    copy = g_strdup(text);
    free(text);
    json_decref(node);
    return copy;
}

static void
add(GPtrArray *arguments, const char *option, char *value)
{
    g_ptr_array_add(arguments, g_strdup(option));
    g_ptr_array_add(arguments, value);
}

static void
add_console(GPtrArray *arguments, const boot_plan *plan)
{
    g_auto(GStrv) parts = g_strsplit(plan->console_log, ",", -1);
    g_autofree char *log = g_strjoinv(",,", parts);

    add(arguments, "-chardev", g_strdup_printf("null,id=xen-console,logfile=%s,logappend=on", log));
    add(arguments, "-device", g_strdup("xen-console,chardev=xen-console"));
}

static void
add_disk(GPtrArray *arguments, const boot_disk *disk, guint place)
{
    g_autofree char *node = g_strdup_printf("xen-disk-%u", place);
    g_autofree char *name = xen_disk_name(disk->device);

    add(arguments, "-blockdev", disk_node(disk, node));
    add(arguments, "-device", g_strdup_printf("xen-disk,drive=%s,vdev=%s", node, name));
}

GPtrArray *
shim_arguments(const boot_plan *plan)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

    add_console(arguments, plan);
    for (guint i = 0; i < plan->disks->len; i++)
        add_disk(arguments, g_ptr_array_index(plan->disks, i), i);
    return arguments;
}
