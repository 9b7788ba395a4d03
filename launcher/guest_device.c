#include "launcher/guest_device.h"
#include "drivers/xen_xml.h"

#include <stdlib.h>
#include <string.h>

#define DEV "/dev/"

/* After "/dev/" and what the bus is called; NULL if NAME is no disk's. *BUS: which that is. */
static const char *
skip_bus(const char *name, const char **bus)
{
    static const char *const buses[] = {"xvd", "vd", "sd", "hd"};

    if (!g_str_has_prefix(name, DEV))
        return NULL;
    name += strlen(DEV);
    for (guint i = 0; i < G_N_ELEMENTS(buses); i++) {
        const char *letters = name + strlen(buses[i]);
        if (!g_str_has_prefix(name, buses[i]) || !g_ascii_islower(*letters))
            continue;
        letters += strspn(letters, G_CSET_a_2_z);
        if (letters[strspn(letters, G_CSET_DIGITS)] != '\0')
            return NULL;
        *bus = buses[i];
        return name + strlen(buses[i]);
    }
    return NULL;
}

/* Under Xen an old kernel's disks are sda or hda, a newer one's xvda; an IDE disk is one of Linux's
 * sd since 2.6.20 or so, an hd before. */
static gboolean
is_bus_of(const boot_plan *plan, const char *bus, const char *disks)
{
    if (g_str_equal(bus, disks))
        return TRUE;
    if (plan->kind == BOOT_XEN || plan->kind == BOOT_XEN_HOST || plan->kind == BOOT_SHIM)
        return !g_str_equal(bus, "vd");
    return plan->bus == DISK_BUS_IDE && (g_str_equal(bus, "hd") || g_str_equal(bus, "sd"));
}

static gboolean
has_partition(const image_facts *facts, guint number)
{
    for (guint i = 0; i < facts->partitions->len; i++)
        if (((partition_facts *)g_ptr_array_index(facts->partitions, i))->number == number)
            return TRUE;
    return FALSE;
}

static guest_device
find_partition(const boot_disk *disk, gboolean root, const image_facts *facts, guint number)
{
    gboolean blank = disk->store || g_strcmp0(disk->origin, "empty") == 0;

    if (root && facts != NULL)
        return has_partition(facts, number) ? GUEST_DEVICE_THERE : GUEST_DEVICE_ABSENT;
    return blank ? GUEST_DEVICE_ABSENT : GUEST_DEVICE_UNKNOWN;
}

/* Of DISK, which the guest calls by the letters OWN: NAME's are the same, or a partition of it. */
static guest_device
find_on(const boot_disk *disk, gboolean root, const image_facts *facts, const char *own,
        const char *name)
{
    const char *number = name + strlen(own);

    if (g_str_equal(own, name))
        return GUEST_DEVICE_THERE;
    if (g_ascii_isdigit(own[strlen(own) - 1]) || !g_str_has_prefix(name, own) ||
        !g_ascii_isdigit(*number))
        return GUEST_DEVICE_ABSENT;
    return find_partition(disk, root, facts, (guint)strtoul(number, NULL, 10));
}

guest_device
guest_device_find(const boot_plan *plan, const image_facts *facts, const char *name)
{
    const char *bus, *disks;
    const char *letters = skip_bus(name, &bus);

    if (letters == NULL)
        return g_str_has_prefix(name, DEV "nvme") ? GUEST_DEVICE_ABSENT : GUEST_DEVICE_UNKNOWN;
    if (plan->disks->len == 0)
        return GUEST_DEVICE_UNKNOWN;
    for (guint i = 0; i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        const char *own = skip_bus(disk->guest, &disks);
        guest_device found;
        if (own == NULL || !is_bus_of(plan, bus, disks))
            continue;
        found = find_on(disk, i == 0, facts, own, letters);
        if (found != GUEST_DEVICE_ABSENT)
            return found;
    }
    return GUEST_DEVICE_ABSENT;
}

const boot_disk *
guest_device_of_xen(const boot_plan *plan, const char *name, const char **rest)
{
    const char *bus;
    const char *letters = skip_bus(name, &bus);

    for (guint i = 0; letters != NULL && i < plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(plan->disks, i);
        g_autofree char *mapped = xen_disk_in_guest(disk->device);
        const char *own = skip_bus(mapped, &bus);
        if (own == NULL || !g_str_has_prefix(letters, own))
            continue;
        *rest = letters + strlen(own);
        if (**rest == '\0' || (g_ascii_isdigit(**rest) && !g_ascii_isdigit(rest[0][-1])))
            return disk;
    }
    return NULL;
}
