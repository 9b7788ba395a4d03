#include "images/kernel_drivers.h"

#include <string.h>

#define NAME_MAX_LENGTH 64 /* of a module; longer ones are none of ours */

/* A disk behind ahci or ata_piix is sd_mod's; virtio needs its bus. */
typedef enum {
    VIRTIO_PCI,
    VIRTIO_BLK,
    VIRTIO_NET,
    NVME,
    SD_MOD,
    AHCI,
    ATA_PIIX,
    E1000,
    XEN_BLKFRONT,
    XEN_NETFRONT,
    PARTS
} part;

/* NAMES: with "_" for "-"; the second, if any, is what it was called in the kernels of XenSource.
 */
static const struct {
    const char *names[2];
    const char *config;
} parts[PARTS] = {
    [VIRTIO_PCI] = {{"virtio_pci", NULL}, "CONFIG_VIRTIO_PCI"},
    [VIRTIO_BLK] = {{"virtio_blk", NULL}, "CONFIG_VIRTIO_BLK"},
    [VIRTIO_NET] = {{"virtio_net", NULL}, "CONFIG_VIRTIO_NET"},
    [NVME] = {{"nvme", NULL}, "CONFIG_BLK_DEV_NVME"},
    [SD_MOD] = {{"sd_mod", NULL}, "CONFIG_BLK_DEV_SD"},
    [AHCI] = {{"ahci", NULL}, "CONFIG_SATA_AHCI"},
    [ATA_PIIX] = {{"ata_piix", NULL}, "CONFIG_ATA_PIIX"},
    [E1000] = {{"e1000", NULL}, "CONFIG_E1000"},
    [XEN_BLKFRONT] = {{"xen_blkfront", "xenblk"}, "CONFIG_XEN_BLKDEV_FRONTEND"},
    [XEN_NETFRONT] = {{"xen_netfront", "xennet"}, "CONFIG_XEN_NETDEV_FRONTEND"},
};

/* In the order of how early a driver is there. */
typedef enum { BUILTIN, IN_INITRAMFS, IN_MODULES, ABSENT, NOT_KNOWN } place;

struct kernel_drivers {
    gboolean found[PARTS][ABSENT];
    gboolean configured[PARTS]; /* as a module; whether that is there, the list of modules says */
    gboolean has_config, has_builtin, has_modules; /* that was given */
    initramfs_state initramfs;
    gboolean xen, xen_pv, xen_pv_named, pvh; /* of the configuration */
};

kernel_drivers *
kernel_drivers_new(void)
{
    return g_new0(kernel_drivers, 1);
}

/* ---- lists of modules ---- */

/* The module's name in a path of LENGTH bytes ending in ".ko", ".ko.xz" and the like. FALSE if it
 * is none. */
static gboolean
module_name(const char *path, gsize length, char name[NAME_MAX_LENGTH])
{
    const char *slash = memrchr(path, '/', length);
    const char *base = slash != NULL ? slash + 1 : path;
    gsize size = length - (gsize)(base - path);
    const char *end = memmem(base, size, ".ko", 3);

    if (end == NULL || end == base || end - base >= NAME_MAX_LENGTH)
        return FALSE;
    size = (gsize)(end - base);
    memcpy(name, base, size);
    name[size] = '\0';
    g_strdelimit(name, "-", '_');
    return TRUE;
}

static void
note_module(kernel_drivers *self, const char *path, gsize length, place where)
{
    char name[NAME_MAX_LENGTH];

    if (!module_name(path, length, name))
        return;
    for (int i = 0; i < PARTS; i++)
        if (g_str_equal(name, parts[i].names[0]) || g_strcmp0(name, parts[i].names[1]) == 0)
            self->found[i][where] = TRUE;
}

static const char *
line_end(const char *at, const char *end)
{
    const char *found = at < end ? memchr(at, '\n', (gsize)(end - at)) : NULL;

    return found != NULL ? found : end;
}

static void
read_list(kernel_drivers *self, const char *text, gsize length, place where)
{
    const char *end = text + length;

    for (const char *at = text; at < end;) {
        const char *stop = line_end(at, end);
        const char *colon = memchr(at, ':', (gsize)(stop - at));
        note_module(self, at, (gsize)((colon != NULL ? colon : stop) - at), where);
        at = stop < end ? stop + 1 : end;
    }
}

void
kernel_drivers_add_builtin(kernel_drivers *self, const char *text, gsize length)
{
    self->has_builtin = TRUE;
    read_list(self, text, length, BUILTIN);
}

void
kernel_drivers_add_modules(kernel_drivers *self, const char *text, gsize length)
{
    self->has_modules = TRUE;
    read_list(self, text, length, IN_MODULES);
}

void
kernel_drivers_add_initramfs_file(const char *name, gpointer self)
{
    note_module(self, name, strlen(name), IN_INITRAMFS);
}

void
kernel_drivers_set_initramfs(kernel_drivers *self, initramfs_state state)
{
    self->initramfs = state;
}

/* ---- the configuration ---- */

/* TRUE if the line is KEY=y or KEY=m, as VALUE says. */
static gboolean
sets(const char *line, gsize length, const char *key, char value)
{
    gsize size = strlen(key);

    return length >= size + 2 && memcmp(line, key, size) == 0 && line[size] == '=' &&
           line[size + 1] == value;
}

static void
read_setting(kernel_drivers *self, const char *line, gsize length)
{
    static const char pv_unset[] = "# CONFIG_XEN_PV is not set";

    for (int i = 0; i < PARTS; i++) {
        self->found[i][BUILTIN] |= sets(line, length, parts[i].config, 'y');
        self->configured[i] |= sets(line, length, parts[i].config, 'm');
    }
    self->xen |= sets(line, length, "CONFIG_XEN", 'y');
    self->xen_pv |= sets(line, length, "CONFIG_XEN_PV", 'y');
    self->xen_pv_named |= length == strlen(pv_unset) && memcmp(line, pv_unset, length) == 0;
    self->pvh |= sets(line, length, "CONFIG_PVH", 'y') || sets(line, length, "CONFIG_XEN_PVH", 'y');
}

void
kernel_drivers_add_config(kernel_drivers *self, const char *text, gsize length)
{
    const char *end = text + length;

    self->has_config = TRUE;
    for (const char *at = text; at < end;) {
        const char *stop = line_end(at, end);
        read_setting(self, at, (gsize)(stop - at));
        at = stop < end ? stop + 1 : end;
    }
}

/* ---- the result ---- */

static place
place_of(const kernel_drivers *self, part which)
{
    const gboolean *found = self->found[which];

    if (found[BUILTIN])
        return BUILTIN;
    if (found[IN_INITRAMFS])
        return IN_INITRAMFS;
    if (found[IN_MODULES] || (self->configured[which] && !self->has_modules))
        return self->initramfs == INITRAMFS_UNREAD ? NOT_KNOWN : IN_MODULES;
    return self->has_config || (self->has_builtin && self->has_modules) ? ABSENT : NOT_KNOWN;
}

/* As late as the later of the two. */
static char *
place_text(const kernel_drivers *self, part which, part other)
{
    static const char *const texts[] = {DRIVER_BUILTIN, DRIVER_INITRAMFS, DRIVER_MODULE,
                                        DRIVER_ABSENT, NULL};
    place one = place_of(self, which), two = place_of(self, other);

    /* What isn't there doesn't come, whatever is unknown of the rest. */
    if (one == ABSENT || two == ABSENT)
        return g_strdup(DRIVER_ABSENT);
    return g_strdup(texts[MAX(one, two)]);
}

static void
set(char **field, char *text)
{
    g_free(*field);
    *field = text;
}

static char *
yes_or_no(gboolean yes)
{
    return g_strdup(yes ? "yes" : "no");
}

void
kernel_drivers_tell(const kernel_drivers *self, kernel_facts *facts)
{
    set(&facts->virtio_blk, place_text(self, VIRTIO_BLK, VIRTIO_PCI));
    set(&facts->virtio_net, place_text(self, VIRTIO_NET, VIRTIO_PCI));
    set(&facts->nvme, place_text(self, NVME, NVME));
    set(&facts->ahci, place_text(self, AHCI, SD_MOD));
    set(&facts->ata_piix, place_text(self, ATA_PIIX, SD_MOD));
    set(&facts->e1000, place_text(self, E1000, E1000));
    set(&facts->xen_blkfront, place_text(self, XEN_BLKFRONT, XEN_BLKFRONT));
    set(&facts->xen_netfront, place_text(self, XEN_NETFRONT, XEN_NETFRONT));
    if (!self->has_config)
        return;
    /* Before Linux 4.12 a kernel for Xen was one for PV guests. */
    if (facts->xen_pv == NULL)
        facts->xen_pv = yes_or_no(self->xen_pv || (self->xen && !self->xen_pv_named));
    if (facts->xen_pvh == NULL)
        facts->xen_pvh = yes_or_no(self->pvh);
}

void
kernel_drivers_free(kernel_drivers *self)
{
    g_free(self);
}
