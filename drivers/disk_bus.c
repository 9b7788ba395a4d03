#include "drivers/disk_bus.h"

#define LETTERS 26
#define IDE_PLACES 4 /* QEMU's pc: two channels with a master and a slave each */

static const struct {
    const char *word;
    const char *prefix;
    guint places;
    gboolean plugs;
} buses[] = {[DISK_BUS_VIRTIO] = {"virtio", "vd", 0, TRUE},
             [DISK_BUS_SATA] = {"sata", "sd", 0, FALSE},
             [DISK_BUS_IDE] = {"ide", "hd", IDE_PLACES, FALSE},
             [DISK_BUS_XEN] = {"xen", "xvd", 0, TRUE}};

const char *
disk_bus_word(disk_bus bus)
{
    return buses[bus].word;
}

char *
disk_bus_target(disk_bus bus, guint place)
{
    const char *prefix = buses[bus].prefix;

    if (place < LETTERS)
        return g_strdup_printf("%s%c", prefix, 'a' + (int)place);
    return g_strdup_printf("%s%c%c", prefix, 'a' + (int)(place / LETTERS - 1),
                           'a' + (int)(place % LETTERS));
}

guint
disk_bus_places(disk_bus bus)
{
    return buses[bus].places;
}

gboolean
disk_bus_plugs(disk_bus bus)
{
    return buses[bus].plugs;
}

disk_bus
disk_bus_of_target(const char *target)
{
    for (guint i = 0; i < G_N_ELEMENTS(buses); i++)
        if (target != NULL && g_str_has_prefix(target, buses[i].prefix))
            return (disk_bus)i;
    return DISK_BUS_VIRTIO;
}
