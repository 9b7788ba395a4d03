/* Boot loaders' configurations, and where menus lead to. */
#include "images/inspection.h"

#include <stdlib.h>
#include <string.h>

#define PV_GRUB_PARTITIONS 4
#define CONFIGFILES_MAX 4 /* that are followed, one from the other */
#define CONFIGFILE "configfile "

static char *
read_saved_entry(inspection *self, const char *configuration)
{
    g_autofree char *folder = g_path_get_dirname(configuration);
    g_autofree char *path = g_build_filename(folder, "grubenv", NULL);
    size_t length;
    char *text = inspection_read(self, path, INSPECT_FILE_MAX, &length);
    char *saved = text == NULL ? NULL : loader_saved_entry(text, length);

    free(text);
    return saved;
}

static void
keep_menu(inspection *self, const loader_place *place, const filesystem *at, char *text,
          gsize length)
{
    menu_file *file = g_new0(menu_file, 1);

    file->path = place->path;
    file->partition = (guint)at->number;
    /* On a disk without partitions PV-GRUB looks in /boot/grub alone. */
    file->pv_grub = place->pv_grub && at->number <= PV_GRUB_PARTITIONS &&
                    (at->number > 0 || g_str_has_prefix(place->path, "/boot/"));
    file->text = text;
    file->length = length;
    g_ptr_array_add(self->menus, file);
}

static void
read_place(inspection *self, const loader_place *place, const filesystem *at)
{
    g_autofree char *saved = NULL;
    gsize length;
    char *text = inspection_read(self, place->path, INSPECT_FILE_MAX, &length);

    if (text == NULL)
        return;
    if (place->kind == LOADER_MENU_LST) {
        keep_menu(self, place, at, text, length);
        return;
    }
    if (self->loaders[place->kind] == NULL) {
        if (place->kind == LOADER_GRUB_CFG)
            saved = read_saved_entry(self, place->path);
        self->loaders[place->kind] =
            loader_facts_read(place->kind, place->path, (guint)at->number, text, length, saved);
    }
    free(text);
}

void
inspect_loaders(inspection *self, const filesystem *at)
{
    gsize count;
    const loader_place *places = loader_places(&count);

    for (gsize i = 0; at->number >= 0 && i < count; i++)
        read_place(self, &places[i], at);
}

/* UEFI Specification, 3.5.1.1, "Removable Media Boot Behavior". */
void
inspect_efi(inspection *self, const filesystem *at)
{
    static const char *const paths[] = {"/EFI/BOOT/BOOTX64.EFI", "/EFI/BOOT/BOOTAA64.EFI",
                                        "/EFI/BOOT/BOOTIA32.EFI"};
    const partition_facts *partition = inspect_find_partition(self->facts, at->number);

    if (partition == NULL || self->facts->efi_loader != NULL ||
        !(partition->esp || g_str_equal(at->type, "vfat")))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        char *path = guestfs_case_sensitive_path(self->g, paths[i]);
        if (path != NULL && self->facts->efi_loader == NULL && inspection_has_file(self, path)) {
            self->facts->efi_loader = g_strdup(paths[i]);
            self->facts->efi_partition = (guint)at->number;
        }
        free(path);
    }
}

/* ---- where menus lead to ---- */

/* A menu that is being read. */
typedef struct {
    inspection *self;
    loader_facts *facts;
    guint partition; /* that its file is on */
    int depth;       /* how many menus have led to it */
} menu_walk;

/* The number of the partition with the file system of that UUID, -1: none. */
static int
find_uuid(const image_facts *facts, const char *uuid)
{
    for (guint i = 0; i < facts->partitions->len; i++) {
        const partition_facts *partition = facts->partitions->pdata[i];
        if (partition->uuid != NULL && g_ascii_strcasecmp(partition->uuid, uuid) == 0)
            return (int)partition->number;
    }
    return -1;
}

/* The partition that the entry's files are on, if they name none. FALSE: it can't be told. */
static gboolean
root_of_entry(const menu_walk *at, const menu_entry *entry, guint *partition)
{
    int number;

    *partition = at->partition;
    if (entry->root != NULL)
        return menu_lst_path(entry->root, partition) != NULL;
    if (entry->uuid == NULL)
        return TRUE;
    number = find_uuid(at->self->facts, entry->uuid);
    *partition = (guint)MAX(number, 0);
    return number >= 0;
}

/* Where TEXT, a path with or without a device, leads to for the entry. NULL: that can't be told. */
static const char *
resolve(const menu_walk *at, const menu_entry *entry, const char *text, guint *partition)
{
    gboolean known = root_of_entry(at, entry, partition);
    const char *path = menu_lst_path(text, partition);

    if (path == NULL || *path != '/' || (!known && path == text))
        return NULL;
    return path;
}

/* FALSE if it is known not to be there. */
static gboolean
may_be_there(const menu_walk *at, const menu_entry *entry, const char *text)
{
    guint partition;
    const char *path = resolve(at, entry, text, &partition);

    return path == NULL ||
           (inspection_enter_partition(at->self, partition) && inspection_has_file(at->self, path));
}

static const char *
configfile_of(const menu_entry *entry)
{
    return entry->kernel == NULL && entry->chain != NULL &&
                   g_str_has_prefix(entry->chain, CONFIGFILE)
               ? entry->chain + strlen(CONFIGFILE)
               : NULL;
}

static gboolean
entry_works(const menu_entry *entry, gpointer data)
{
    const char *next = configfile_of(entry);

    if (entry->kernel != NULL)
        return may_be_there(data, entry, entry->kernel) &&
               (entry->initrd == NULL || may_be_there(data, entry, entry->initrd));
    return next == NULL || may_be_there(data, entry, next);
}

static void
look_for_kernel(const menu_walk *at, const menu_entry *entry)
{
    guint partition;
    const char *path = entry->kernel != NULL ? resolve(at, entry, entry->kernel, &partition) : NULL;

    if (path == NULL)
        return;
    if (!may_be_there(at, entry, entry->kernel)) {
        at->facts->kernel_found = g_strdup("no");
        return;
    }
    at->facts->kernel_found = g_strdup("yes");
    at->facts->kernel_partition = partition;
    at->facts->kernel_path = g_strdup(path);
}

/* Of a ramdisk that isn't there GRUB complains, and boots nothing. */
static void
look_for_ramdisk(const menu_walk *at, const menu_entry *entry)
{
    guint partition;

    if (entry->initrd != NULL && resolve(at, entry, entry->initrd, &partition) != NULL)
        at->facts->initrd_found = g_strdup(may_be_there(at, entry, entry->initrd) ? "yes" : "no");
}

static void walk_menu(const menu_walk *at, const char *text, gsize length);

/* Goes on with the menu that NEXT names. FALSE if it can't be read. */
static gboolean
follow(const menu_walk *at, const menu_entry *entry, const char *next)
{
    menu_walk deeper = {at->self, at->facts, at->partition, at->depth + 1};
    const char *path = resolve(at, entry, next, &deeper.partition);
    gsize length;
    char *text;

    if (path == NULL || !inspection_enter_partition(at->self, deeper.partition))
        return FALSE;
    text = inspection_read(at->self, path, INSPECT_FILE_MAX, &length);
    if (text == NULL)
        return FALSE;
    if (deeper.depth <= CONFIGFILES_MAX)
        walk_menu(&deeper, text, length);
    else
        inspection_note(at->self, "menus lead from one to the other more than %d times, from %s",
                        CONFIGFILES_MAX, at->facts->path);
    free(text);
    return deeper.depth <= CONFIGFILES_MAX;
}

static void
add_way(loader_facts *facts, const char *way)
{
    char *before = facts->way;

    facts->way = before == NULL ? g_strdup(way) : g_strdup_printf("%s; %s", before, way);
    g_free(before);
}

static void
take_configfile(const menu_walk *at, const menu_lst *menu)
{
    const menu_entry nowhere = {0};
    g_autofree char *chain = g_strconcat(CONFIGFILE, menu->configfile, NULL);

    add_way(at->facts, chain);
    if (!follow(at, &nowhere, menu->configfile))
        at->facts->chain = g_steal_pointer(&chain);
}

static void
walk_menu(const menu_walk *at, const char *text, gsize length)
{
    g_autoptr(menu_lst) menu = menu_lst_parse(text, length);
    g_autofree char *way = NULL;
    const menu_entry *entry = menu_lst_choose(menu, entry_works, (gpointer)at, &way);
    const char *next;

    loader_facts_take_menu(at->facts, menu);
    if (entry == NULL) {
        if (menu->configfile != NULL)
            take_configfile(at, menu);
        return;
    }
    add_way(at->facts, way);
    loader_facts_take_entry(at->facts, entry);
    next = configfile_of(entry);
    if (next != NULL) {
        add_way(at->facts, entry->chain);
        follow(at, entry, next);
    }
    if (at->facts->kernel_found != NULL)
        return;
    look_for_kernel(at, entry);
    look_for_ramdisk(at, entry);
}

static loader_facts *
read_menu(inspection *self, const menu_file *file)
{
    loader_facts *facts =
        loader_facts_read(LOADER_MENU_LST, file->path, file->partition, "", 0, NULL);
    const menu_walk at = {self, facts, file->partition, 0};

    walk_menu(&at, file->text, file->length);
    return facts;
}

/* libguestfs lists file systems in the partitions' order, but for those that it has to open first.
 */
static gint
compare_menus(gconstpointer one, gconstpointer other)
{
    const menu_file *a = *(const menu_file *const *)one, *b = *(const menu_file *const *)other;

    return a->partition < b->partition ? -1 : a->partition > b->partition;
}

void
inspect_menus(inspection *self)
{
    g_ptr_array_sort(self->menus, compare_menus);
    for (guint i = 0; i < self->menus->len; i++) {
        const menu_file *file = self->menus->pdata[i];
        if (file->pv_grub)
            g_ptr_array_add(self->facts->menu_lsts, read_menu(self, file));
        if (self->loaders[LOADER_MENU_LST] == NULL)
            self->loaders[LOADER_MENU_LST] = read_menu(self, file);
    }
}
