/* The XML of a saved guest, brought up to date: its disks may have moved on to other files, and all
 * of them to another HOME. */
#include "common/error.h"
#include "drivers/live_xml.h"
#include "drivers/xml_in.h"

/* What says where a disk's bytes are; all the rest is the hardware that the guest knows. */
static const char *const contents[] = {"source", "encryption", "backingStore", "mirror"};

static gboolean
same_name(const xmlNode *one, const xmlNode *other, const char *element, const char *attribute)
{
    g_autofree char *first = xml_in_attribute(xml_in_child(one, element), attribute);
    g_autofree char *second = xml_in_attribute(xml_in_child(other, element), attribute);

    return first != NULL && g_strcmp0(first, second) == 0;
}

static xmlNode *
find_disk(const xmlNode *devices, const xmlNode *like, const char *element, const char *attribute)
{
    for (xmlNode *child = devices->children; child != NULL; child = child->next)
        if (xml_in_is(child, "disk") && same_name(child, like, element, attribute))
            return child;
    return NULL;
}

/* What says in <os> where a file is. */
static const char *const starters[] = {"loader", "nvram", "kernel", "initrd"};

/* A disk that has another alias is another disk, whatever its target. */
static xmlNode *
find_counterpart(const xmlNode *devices, const xmlNode *disk)
{
    xmlNode *found = find_disk(devices, disk, "alias", "name");

    if (found != NULL)
        return found;
    found = find_disk(devices, disk, "target", "dev");
    return found != NULL && xml_in_child(found, "alias") == NULL ? found : NULL;
}

static guint
count_disks(const xmlNode *devices)
{
    guint count = 0;

    for (const xmlNode *child = devices->children; child != NULL; child = child->next)
        count += xml_in_is(child, "disk");
    return count;
}

static void
drop_child(xmlNode *parent, const char *name)
{
    xmlNode *child = xml_in_child(parent, name);

    if (child == NULL)
        return;
    xmlUnlinkNode(child);
    xmlFreeNode(child);
}

static void
copy_child(xmlNode *to, const xmlNode *from, const char *name)
{
    xmlNode *child = xml_in_child(from, name);

    if (child != NULL)
        xmlAddChild(to, xmlDocCopyNode(child, to->doc, 1));
}

static gboolean
rebase_disks(const xmlNode *saved, const xmlNode *fresh, GError **error)
{
    if (count_disks(saved) != count_disks(fresh))
        return error_set(error, ERROR_INTERNAL,
                         "the saved guest has %u disks, and now there are %u", count_disks(saved),
                         count_disks(fresh));
    for (xmlNode *disk = fresh->children; disk != NULL; disk = disk->next) {
        xmlNode *old = xml_in_is(disk, "disk") ? find_counterpart(saved, disk) : NULL;
        if (!xml_in_is(disk, "disk"))
            continue;
        if (old == NULL) {
            g_autofree char *target = xml_in_attribute(xml_in_child(disk, "target"), "dev");
            return error_set(error, ERROR_INTERNAL, "the saved guest has no disk %s", target);
        }
        for (guint i = 0; i < G_N_ELEMENTS(contents); i++) {
            drop_child(old, contents[i]);
            copy_child(old, disk, contents[i]);
        }
    }
    return TRUE;
}

static void
rebase_os(const xmlNode *saved, const xmlNode *fresh)
{
    xmlNode *old = xml_in_child(saved, "os");
    const xmlNode *now = xml_in_child(fresh, "os");

    if (old == NULL || now == NULL)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(starters); i++) {
        drop_child(old, starters[i]);
        copy_child(old, now, starters[i]);
    }
}

char *
saved_xml_rebase(const char *saved, const char *fresh, GError **error)
{
    g_autoptr(xmlDoc) old = xml_in_parse(saved);
    g_autoptr(xmlDoc) now = xml_in_parse(fresh);
    xmlNode *old_root = old != NULL ? xmlDocGetRootElement(old) : NULL;
    xmlNode *now_root = now != NULL ? xmlDocGetRootElement(now) : NULL;
    const xmlNode *old_devices = xml_in_child(old_root, "devices");
    const xmlNode *now_devices = xml_in_child(now_root, "devices");
    xmlChar *text = NULL;
    char *result;

    if (old_devices == NULL || now_devices == NULL) {
        error_set(error, ERROR_INTERNAL, "the saved guest's XML is not that of a domain");
        return NULL;
    }
    if (!rebase_disks(old_devices, now_devices, error))
        return NULL;
    rebase_os(old_root, now_root);
    drop_child(old_root, "commandline");
    copy_child(old_root, now_root, "commandline");
    xmlDocDumpFormatMemory(old, &text, NULL, 1);
    result = g_strdup((const char *)text);
    xmlFree(text);
    return result;
}
