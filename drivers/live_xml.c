#include "drivers/live_xml.h"
#include "common/error.h"
#include "drivers/disk_bus.h"
#include "drivers/xen_xml.h"
#include "drivers/xml_in.h"

#include <stdlib.h>

static void
live_disk_free(live_disk *self)
{
    g_free(self->alias);
    g_free(self->target);
    g_free(self->serial);
    g_free(self->file);
    g_array_unref(self->images);
    g_free(self);
}

static void
add_image(live_disk *disk, xmlNode *element)
{
    g_autofree char *text = xml_in_attribute(element, "index");
    gint number = text != NULL ? atoi(text) : 0;

    if (number > 0)
        g_array_append_val(disk->images, number);
}

/* The number of the top is with its <source>, that of a layer with its <backingStore>. */
static void
read_images(live_disk *disk, const xmlNode *element)
{
    add_image(disk, xml_in_child(element, "source"));
    for (xmlNode *layer = xml_in_child(element, "backingStore"); layer != NULL;
         layer = xml_in_child(layer, "backingStore"))
        add_image(disk, layer);
}

static char *
child_text(const xmlNode *element, const char *name)
{
    xmlNode *child = xml_in_child(element, name);
    xmlChar *text = child != NULL ? xmlNodeGetContent(child) : NULL;
    char *copy = g_strdup((const char *)text);

    xmlFree(text);
    return copy;
}

static live_disk *
read_disk(const xmlNode *element)
{
    live_disk *disk = g_new0(live_disk, 1);

    disk->alias = xml_in_attribute(xml_in_child(element, "alias"), "name");
    disk->target = xml_in_attribute(xml_in_child(element, "target"), "dev");
    disk->serial = child_text(element, "serial");
    disk->file = xml_in_attribute(xml_in_child(element, "source"), "file");
    disk->images = g_array_new(FALSE, FALSE, sizeof(gint));
    read_images(disk, element);
    return disk;
}

GPtrArray *
live_disks(const char *xml, GError **error)
{
    g_autoptr(xmlDoc) document = xml_in_parse(xml);
    const xmlNode *root = document != NULL ? xmlDocGetRootElement(document) : NULL;
    const xmlNode *devices = root != NULL ? xml_in_child(root, "devices") : NULL;
    GPtrArray *disks;

    if (devices == NULL) {
        error_set(error, ERROR_INTERNAL, "libvirt's XML is not that of a domain");
        return NULL;
    }
    disks = g_ptr_array_new_with_free_func((GDestroyNotify)live_disk_free);
    for (const xmlNode *child = devices->children; child != NULL; child = child->next)
        if (xml_in_is(child, "disk"))
            g_ptr_array_add(disks, read_disk(child));
    return disks;
}

gboolean
live_disks_known(const GPtrArray *disks, GError **error)
{
    return disks->len > 0 ||
           error_set(error, ERROR_UNSUPPORTED,
                     "libvirt doesn't know the disks of this guest, so nothing can be done to them "
                     "while it runs: stop it first");
}

const live_disk *
live_disk_find(const GPtrArray *disks, const char *alias)
{
    for (guint i = 0; i < disks->len; i++) {
        const live_disk *disk = g_ptr_array_index(disks, i);
        if (g_strcmp0(disk->alias, alias) == 0)
            return disk;
    }
    return NULL;
}

static gboolean
target_taken(const GPtrArray *disks, const char *target)
{
    for (guint i = 0; i < disks->len; i++) {
        const live_disk *disk = g_ptr_array_index(disks, i);
        if (g_strcmp0(disk->target, target) == 0)
            return TRUE;
    }
    return FALSE;
}

char *
live_disk_free_target(const GPtrArray *disks)
{
    char *target = disk_bus_target(DISK_BUS_VIRTIO, 0);

    for (guint place = 1; target_taken(disks, target); place++) {
        g_free(target);
        target = disk_bus_target(DISK_BUS_VIRTIO, place);
    }
    return target;
}

static char *
own_attribute(const char *metadata, const char *name)
{
    g_autoptr(xmlDoc) document = xml_in_parse(metadata);

    return document != NULL ? xml_in_attribute(xmlDocGetRootElement(document), name) : NULL;
}

char *
live_home(const char *metadata)
{
    return own_attribute(metadata, "home");
}

gboolean
live_is_xen(const char *metadata)
{
    g_autofree char *boot = own_attribute(metadata, "boot");

    return g_strcmp0(boot, XEN_BOOT_MARK) == 0;
}
