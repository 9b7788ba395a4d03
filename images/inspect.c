#include "images/inspect.h"
#include "images/appliance.h"
#include "images/bytes.h"
#include "images/etc.h"
#include "images/gpt.h"
#include "images/loader.h"
#include "common/error.h"
#include "images/mbr.h"

#include <guestfs.h>
#include <stdlib.h>

#define HEAD_SIZE (63 * SECTOR_SIZE) /* of the disk: boot code, partition tables */
#define FILE_MAX (1 << 20)           /* bytes read of any file in the image */
#define FILESYSTEMS_MAX 32
#define KERNELS_MAX 64
#define PV_GRUB_PARTITIONS 4

typedef struct {
    appliance *inside;
    guestfs_h *g; /* INSIDE's */
    progress *listener;
    image_facts *facts;
    char *root; /* as libguestfs names it; NULL: no operating system */
    loader_facts *loaders[LOADER_KINDS];
} inspection;

/* A file system: one of the disk's or a partition's. */
typedef struct {
    const char *name; /* as libguestfs names it, "/dev/sda1" or "btrfsvol:/dev/sda1/@" */
    char *device;     /* that it is on */
    int number;       /* of the partition; 0: the whole disk; -1: another device (LVM, RAID) */
} filesystem;

static void G_GNUC_PRINTF(2, 3) note(inspection *self, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(self->facts->notes, g_utf8_make_valid(text, -1));
}

/* ---- the disk ---- */

static partition_facts *
add_partition(image_facts *facts, guint number, guint64 at, guint64 size, const char *type)
{
    partition_facts *partition = g_new0(partition_facts, 1);

    partition->number = number;
    partition->start = at;
    partition->size = size;
    partition->type = g_strdup(type);
    g_ptr_array_add(facts->partitions, partition);
    return partition;
}

static void
add_gpt_partitions(image_facts *facts, const gpt *table)
{
    for (guint i = 0; i < table->entries->len; i++) {
        const gpt_entry *entry = &g_array_index(table->entries, gpt_entry, i);
        const char *type = entry->esp ? "EFI system" : entry->bios_boot ? "BIOS boot" : entry->type;
        partition_facts *partition =
            add_partition(facts, (guint)entry->number, entry->start, entry->size, type);
        partition->esp = entry->esp;
        partition->bios_boot = entry->bios_boot;
    }
}

static void
add_mbr_partitions(image_facts *facts, const mbr *record)
{
    for (guint i = 0; i < MBR_ENTRIES; i++) {
        const mbr_entry *entry = &record->entries[i];
        g_autofree char *type = g_strdup_printf("%02x", entry->type);
        partition_facts *partition;
        if (entry->type == 0)
            continue;
        partition = add_partition(facts, i + 1, entry->start, entry->size,
                                  mbr_entry_is_extended(entry) ? "extended" : type);
        partition->active = entry->active;
        partition->esp = entry->type == 0xef;
    }
}

/* Logical partitions are in a chain of tables all over the disk; libguestfs has followed it. */
static void
add_logical_partitions(inspection *self)
{
    struct guestfs_partition_list *list = guestfs_part_list(self->g, APPLIANCE_DISK);

    for (guint32 i = 0; list != NULL && i < list->len; i++) {
        const struct guestfs_partition *found = &list->val[i];
        if (found->part_num > MBR_ENTRIES)
            add_partition(self->facts, (guint)found->part_num, found->part_start, found->part_size,
                          "logical");
    }
    guestfs_free_partition_list(list);
}

static void
read_tables(inspection *self, const guint8 *head, gsize length)
{
    image_facts *facts = self->facts;
    g_autoptr(GError) damage = NULL;
    g_autoptr(gpt) table = gpt_parse(head, length, &damage);
    mbr record;

    mbr_parse(head, length, &record);
    facts->scheme = (int)partition_scheme_found(&record, table);
    facts->signature = record.signature;
    facts->active = (guint)record.active;
    facts->boot_code = g_strdup(boot_code_owner(record.code));
    if (facts->scheme != PARTITIONS_NONE)
        facts->boot_code_after = g_strdup(boot_code_owner(mbr_code_after(&record, head, length)));
    if (record.entries[0].type == MBR_TYPE_PROTECTIVE && table == NULL)
        note(self, "the MBR protects a GPT, but %s", damage->message);
    if (facts->scheme == PARTITIONS_GPT || facts->scheme == PARTITIONS_HYBRID) {
        add_gpt_partitions(facts, table);
    } else if (facts->scheme == PARTITIONS_MBR) {
        add_mbr_partitions(facts, &record);
        add_logical_partitions(self);
    }
}

static gboolean
read_disk(inspection *self, GError **error)
{
    int64_t size = guestfs_blockdev_getsize64(self->g, APPLIANCE_DISK);
    size_t length = 0;
    char *head = size < 0 ? NULL
                          : guestfs_pread_device(self->g, APPLIANCE_DISK, (int)MIN(size, HEAD_SIZE),
                                                 0, &length);

    if (head == NULL)
        return error_set(error, ERROR_HOST_INSPECTION, "can't read the disk: %s",
                         appliance_error(self->inside));
    self->facts->virtual_size = (guint64)size;
    read_tables(self, (const guint8 *)head, length);
    free(head);
    return TRUE;
}

/* ---- file systems ---- */

/* The number of the partition that DEVICE is; 0: the whole disk; -1: neither. There is only one
 * disk, but the appliance's own may have come first, and then what libguestfs calls APPLIANCE_DISK
 * when it is told comes back from it as another letter. */
static int
number_of(const char *device)
{
    static const char *const kinds[] = {"/dev/sd", "/dev/vd", "/dev/hd"};

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const char *digits;
        if (!g_str_has_prefix(device, kinds[i]))
            continue;
        digits = device + strlen(kinds[i]);
        digits += strspn(digits, "abcdefghijklmnopqrstuvwxyz");
        return *digits == '\0' ? 0 : atoi(digits);
    }
    return -1;
}

static partition_facts *
find_partition(image_facts *facts, int number)
{
    for (guint i = 0; i < facts->partitions->len; i++) {
        partition_facts *partition = facts->partitions->pdata[i];
        if (number >= 0 && partition->number == (guint)number)
            return partition;
    }
    return NULL;
}

/* Notes what kind of file system it is. One over the whole disk is partition 0. */
static void
describe(inspection *self, const filesystem *at, const char *type)
{
    partition_facts *partition = find_partition(self->facts, at->number);

    if (partition == NULL && at->number == 0)
        partition = add_partition(self->facts, 0, 0, self->facts->virtual_size, NULL);
    if (partition == NULL || partition->filesystem != NULL)
        return;
    partition->filesystem = appliance_take(strdup(type));
    partition->label = appliance_take(guestfs_vfs_label(self->g, at->device));
    partition->uuid = appliance_take(guestfs_vfs_uuid(self->g, at->device));
}

static char *
read_text(inspection *self, const char *path, size_t *length)
{
    return appliance_read(self->inside, path, FILE_MAX, length);
}

static char *
read_saved_entry(inspection *self, const char *configuration)
{
    g_autofree char *folder = g_path_get_dirname(configuration);
    g_autofree char *path = g_build_filename(folder, "grubenv", NULL);
    size_t length;
    char *text = read_text(self, path, &length);
    char *saved = text == NULL ? NULL : loader_saved_entry(text, length);

    free(text);
    return saved;
}

static void
add_menu_lst(inspection *self, const char *path, int number)
{
    loader_facts *found = loader_facts_new();

    found->path = g_strdup(path);
    found->partition = (guint)number;
    g_ptr_array_add(self->facts->menu_lsts, found);
}

/* On a disk without partitions PV-GRUB looks in /boot/grub alone. */
static gboolean
pv_grub_looks(const loader_place *place, const filesystem *at)
{
    return place->pv_grub && at->number <= PV_GRUB_PARTITIONS &&
           (at->number > 0 || g_str_has_prefix(place->path, "/boot/"));
}

static void
look_for_loaders(inspection *self, const filesystem *at)
{
    gsize count;
    const loader_place *places = loader_places(&count);

    for (gsize i = 0; at->number >= 0 && i < count; i++) {
        const loader_place *place = &places[i];
        g_autofree char *saved = NULL;
        size_t length;
        char *text = read_text(self, place->path, &length);
        if (text == NULL)
            continue;
        if (pv_grub_looks(place, at))
            add_menu_lst(self, place->path, at->number);
        if (self->loaders[place->kind] == NULL) {
            if (place->kind == LOADER_GRUB_CFG)
                saved = read_saved_entry(self, place->path);
            self->loaders[place->kind] =
                loader_facts_read(place->kind, place->path, (guint)at->number, text, length, saved);
        }
        free(text);
    }
}

static void
look_for_kernels(inspection *self, const char *folder)
{
    char **names = guestfs_is_dir(self->g, folder) == 1 ? guestfs_ls(self->g, folder) : NULL;

    for (int i = 0; names != NULL && names[i] != NULL; i++) {
        kernel_facts *kernel;
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        if (!g_str_has_prefix(names[i], "vmlinuz-") || self->facts->kernels->len >= KERNELS_MAX)
            continue;
        kernel = kernel_facts_new();
        kernel->path = g_utf8_make_valid(path, -1);
        kernel->version = g_utf8_make_valid(names[i] + strlen("vmlinuz-"), -1);
        g_ptr_array_add(self->facts->kernels, kernel);
    }
    appliance_free_strings(names);
}

static void
read_fstab(inspection *self)
{
    size_t length;
    char *text = read_text(self, "/etc/fstab", &length);

    if (text != NULL)
        fstab_read(text, length, self->facts->fstab);
    free(text);
}

/* The name in os-release is better than libguestfs', which for Debian is no more than a number. */
static void
read_product(inspection *self)
{
    size_t length;
    char *text = read_text(self, "/etc/os-release", &length);
    char *name = text == NULL ? NULL : os_release_name(text, length);

    free(text);
    if (name == NULL)
        return;
    g_free(self->facts->product);
    self->facts->product = name;
}

/* The root's /etc; where no operating system was recognised, the first fstab that is found. */
static void
look_into_etc(inspection *self, const filesystem *at)
{
    if (self->root == NULL && self->facts->fstab->len == 0)
        read_fstab(self);
    if (self->root == NULL || strcmp(self->root, at->name) != 0)
        return;
    read_fstab(self);
    read_product(self);
}

static gboolean
has_files(const char *type)
{
    static const char *const without[] = {"unknown", "swap", "", NULL};

    return !g_strv_contains(without, type) && !g_str_has_prefix(type, "crypto_") &&
           !g_str_has_suffix(type, "_member");
}

static void
look_into(inspection *self, const filesystem *at, const char *type)
{
    describe(self, at, type);
    if (!has_files(type))
        return;
    if (guestfs_mount_ro(self->g, at->name, "/") != 0) {
        note(self, "the %s file system on %s cannot be mounted: %s", type, at->name,
             appliance_error(self->inside));
        return;
    }
    look_for_loaders(self, at);
    look_for_kernels(self, "/boot");
    look_for_kernels(self, "/");
    look_into_etc(self, at);
    if (guestfs_umount_all(self->g) != 0)
        note(self, "the file system on %s cannot be left: %s", at->name,
             appliance_error(self->inside));
}

static void
look_into_all(inspection *self)
{
    char **pairs; /* name, type, name, type, ... */

    progress_phase(self->listener, "looking into file systems");
    pairs = guestfs_list_filesystems(self->g);
    if (pairs == NULL)
        note(self, "file systems cannot be listed: %s", appliance_error(self->inside));
    for (int i = 0; pairs != NULL && pairs[i] != NULL && i < 2 * FILESYSTEMS_MAX; i += 2) {
        filesystem at = {.name = pairs[i], .device = guestfs_mountable_device(self->g, pairs[i])};
        if (at.device == NULL)
            continue;
        at.number = number_of(at.device);
        look_into(self, &at, pairs[i + 1]);
        free(at.device);
    }
    appliance_free_strings(pairs);
    self->facts->loader =
        loader_choose(self->loaders, self->facts->boot_code, (partition_scheme)self->facts->scheme);
}

/* ---- the operating system ---- */

/* As EC2 names it. */
static char *
read_architecture(guestfs_h *g, const char *root)
{
    g_autofree char *name = appliance_take(guestfs_inspect_get_arch(g, root));

    return g_strcmp0(name, "aarch64") == 0 ? g_strdup("arm64") : g_steal_pointer(&name);
}

static void
read_root(inspection *self)
{
    char *device = guestfs_mountable_device(self->g, self->root);
    int number = device == NULL ? -1 : number_of(device);

    if (number > 0)
        self->facts->root_device = g_strdup_printf(APPLIANCE_DISK "%d", number);
    else
        self->facts->root_device =
            number == 0 ? g_strdup(APPLIANCE_DISK) : g_utf8_make_valid(self->root, -1);
    self->facts->root_partition = (guint)MAX(number, 0);
    self->facts->root_filesystem = appliance_take(guestfs_vfs_type(self->g, self->root));
    if (number < 0)
        note(self, "the root file system is not on a partition by itself but on %s", self->root);
    free(device);
}

static void
read_system(inspection *self)
{
    image_facts *facts = self->facts;
    guestfs_h *g = self->g;

    facts->os_type = appliance_take(guestfs_inspect_get_type(g, self->root));
    facts->distribution = appliance_take(guestfs_inspect_get_distro(g, self->root));
    facts->product = appliance_take(guestfs_inspect_get_product_name(g, self->root));
    facts->version = appliance_version(self->inside, self->root);
    facts->hostname = appliance_take(guestfs_inspect_get_hostname(g, self->root));
    facts->package_format = appliance_take(guestfs_inspect_get_package_format(g, self->root));
    facts->architecture = read_architecture(g, self->root);
    read_root(self);
}

static void
look_for_system(inspection *self)
{
    char **roots;

    progress_phase(self->listener, "looking for an operating system");
    roots = guestfs_inspect_os(self->g);
    if (roots == NULL) {
        note(self, "an operating system cannot be looked for: %s", appliance_error(self->inside));
        return;
    }
    if (roots[0] != NULL) {
        self->root = g_strdup(roots[0]);
        read_system(self);
        if (roots[1] != NULL)
            note(self, "there are %u operating systems; the one on %s is described",
                 g_strv_length(roots), self->root);
    }
    appliance_free_strings(roots);
}

static void
free_other_loaders(inspection *self)
{
    for (int i = 0; i < LOADER_KINDS; i++)
        if (self->loaders[i] != self->facts->loader)
            loader_facts_free(self->loaders[i]);
}

static gboolean
inspect(inspection *self, GError **error)
{
    if (!read_disk(self, error))
        return FALSE;
    look_for_system(self);
    look_into_all(self);
    progress_phase(self->listener, "stopping the inspection appliance");
    return appliance_stop(self->inside, error);
}

image_facts *
image_inspect(const char *path, const char *scratch, gboolean force_tcg, progress *listener,
              GError **error)
{
    const char *const disks[] = {path, NULL};
    const appliance_place place = {scratch, force_tcg, listener};
    g_autoptr(appliance) inside = appliance_start(disks, &place, error);
    g_autoptr(image_facts) facts = NULL;
    inspection self = {.inside = inside, .listener = listener};
    gboolean good;

    if (inside == NULL)
        return NULL;
    facts = self.facts = image_facts_new();
    self.g = appliance_handle(inside);
    good = inspect(&self, error);
    free_other_loaders(&self);
    g_free(self.root);
    return good ? g_steal_pointer(&facts) : NULL;
}
