/* Kernels: what they are, where their drivers are, and copies of the one that a menu boots. */
#include "images/inspection.h"

#include "common/error.h"
#include "common/files.h"
#include "images/elf_notes.h"
#include "images/initramfs.h"
#include "images/kernel_drivers.h"
#include "images/kernel_image.h"
#include "images/packing.h"
#include "images/unpack.h"

#include <stdlib.h>
#include <string.h>

#define KERNELS_MAX 64
#define LIST_MAX (3 << 20)                             /* bytes of a list of modules */
#define COPY_MAX (G_GUINT64_CONSTANT(256) << 20)       /* of a kernel or an initramfs */
#define KERNEL_MAX (128 << 20)                         /* of an unpacked kernel */
#define INITRAMFS_MAX (G_GUINT64_CONSTANT(1024) << 20) /* of an unpacked initramfs */
#define KERNEL_COPY "kernel"
#define INITRD_COPY "initrd"

/* ---- by name ---- */

static kernel_facts *
find_kernel(const image_facts *facts, guint partition, const char *path)
{
    for (guint i = 0; i < facts->kernels->len; i++) {
        kernel_facts *kernel = facts->kernels->pdata[i];
        if (kernel->partition == partition && g_strcmp0(kernel->path, path) == 0)
            return kernel;
    }
    return NULL;
}

/* Of "vmlinuz-6.1.0": "6.1.0"; NULL if the name has none. */
static const char *
version_in(const char *name)
{
    const char *dash = strchr(name, '-');

    return dash != NULL && dash[1] != '\0' ? dash + 1 : NULL;
}

static void
add_kernel(image_facts *facts, guint partition, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    kernel_facts *kernel;

    if (facts->kernels->len >= KERNELS_MAX || find_kernel(facts, partition, path) != NULL)
        return;
    kernel = kernel_facts_new();
    kernel->path = g_utf8_make_valid(path, -1);
    kernel->partition = partition;
    if (version_in(name) != NULL)
        kernel->version = g_utf8_make_valid(version_in(name), -1);
    g_ptr_array_add(facts->kernels, kernel);
}

static void
list_folder(inspection *self, const filesystem *at, const char *folder)
{
    char **names = guestfs_is_dir(self->g, folder) == 1 ? guestfs_ls(self->g, folder) : NULL;

    for (int i = 0; names != NULL && names[i] != NULL; i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        if (g_str_has_prefix(names[i], "vmlinuz-"))
            add_kernel(self->facts, (guint)MAX(at->number, 0), path);
    }
    appliance_free_strings(names);
}

void
inspect_list_kernels(inspection *self, const filesystem *at)
{
    list_folder(self, at, "/boot");
    list_folder(self, at, "/");
}

/* ---- one kernel ---- */

static gboolean
append(const guint8 *data, gsize length, gpointer bytes)
{
    g_byte_array_append(bytes, data, (guint)length);
    return TRUE;
}

static char *
yes_or_no(gboolean yes)
{
    return g_strdup(yes ? "yes" : "no");
}

static gboolean
is_elf(const guint8 *data, gsize length)
{
    return length >= 4 && memcmp(data,
                                 "\x7f"
                                 "ELF",
                                 4) == 0;
}

/* What the unpacked kernel says of Xen. */
static void
tell_notes(kernel_facts *kernel, const GByteArray *unpacked)
{
    elf_notes notes;

    if (!elf_notes_read(unpacked->data, unpacked->len, &notes))
        return;
    kernel->bits = notes.bits;
    kernel->xen_pv = yes_or_no(notes.pv);
    kernel->xen_pvh = yes_or_no(notes.pvh);
}

/* A program that isn't here now may be another time. */
static void
note_packed(inspection *self, const char *kind, const char *path, const GError *problem)
{
    inspection_note(self, "the %s %s can't be looked into: %s", kind, path, problem->message);
    self->facts->incomplete |= error_is(problem, ERROR_HOST_INCOMPLETE);
}

/* The copy at PATH; a header of old doesn't say where its payload begins. */
static void
read_copy(inspection *self, kernel_facts *kernel, kernel_image *image, const char *path)
{
    g_autoptr(GByteArray) unpacked = g_byte_array_new();
    g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
    g_autoptr(GError) problem = NULL;
    const guint8 *data = file != NULL ? (const guint8 *)g_mapped_file_get_contents(file) : NULL;
    gsize length = data != NULL ? g_mapped_file_get_length(file) : 0;
    const char *packing;

    if (image->payload >= length)
        return;
    if (!image->payload_known)
        image->payload +=
            kernel_image_find_gzip(data + image->payload, length - (gsize)image->payload);
    data += image->payload;
    length -= (gsize)image->payload;
    packing = packing_of(data, length);
    if (kernel->compression == NULL)
        kernel->compression = g_strdup(packing);
    if (packing == NULL)
        g_byte_array_append(unpacked, data, (guint)MIN(length, KERNEL_MAX));
    else if (!unpack_file(path, image->payload, packing, KERNEL_MAX, append, unpacked, &problem))
        note_packed(self, "kernel", kernel->path, problem);
    tell_notes(kernel, unpacked);
}

/* Copies a file of the mounted file system to NAME in the scratch folder. NULL if it isn't there or
 * too large; the caller frees the path. */
static char *
copy_out(inspection *self, const char *path, const char *name)
{
    g_autofree char *copy = g_build_filename(self->scratch, name, NULL);
    int64_t size = inspection_has_file(self, path) ? guestfs_filesize(self->g, path) : -1;

    if (size <= 0)
        return NULL;
    if ((guint64)size > COPY_MAX) {
        inspection_note(self, "%s has %" G_GINT64_FORMAT " bytes: that is too much to copy it",
                        path, size);
        return NULL;
    }
    if (guestfs_download(self->g, path, copy) == 0)
        return g_steal_pointer(&copy);
    inspection_note(self, "%s can't be copied: %s", path, appliance_error(self->inside));
    self->facts->incomplete = TRUE;
    file_remove(copy, NULL);
    return NULL;
}

/* The first bytes. FALSE: it is no kernel. */
static gboolean
read_head(inspection *self, kernel_facts *kernel, kernel_image *image)
{
    gsize length = 0, have = 0;
    char *head = inspection_read(self, kernel->path, KERNEL_HEAD_SIZE, &length);
    int64_t size = head != NULL ? guestfs_filesize(self->g, kernel->path) : -1;
    gboolean good =
        size > 0 && kernel_image_parse((const guint8 *)head, length, (guint64)size, image);
    char *begin = NULL;

    if (good && image->payload_known)
        begin =
            guestfs_pread(self->g, kernel->path, PACKING_MAGIC_MAX, (int64_t)image->payload, &have);
    if (begin != NULL)
        kernel->compression = g_strdup(
            is_elf((const guint8 *)begin, have) ? "none" : packing_of((const guint8 *)begin, have));
    kernel->bits = image->bits;
    if (kernel->version == NULL)
        kernel->version = g_strdup(image->version);
    free(begin);
    free(head);
    return good;
}

/* Names that distributions give to a kernel's initramfs. */
static char *
find_initramfs(inspection *self, const kernel_facts *kernel)
{
    static const char *const patterns[] = {"initrd.img-%s", "initramfs-%s.img", "initrd-%s.img",
                                           "initrd-%s"};
    g_autofree char *folder = g_path_get_dirname(kernel->path);

    for (gsize i = 0; kernel->version != NULL && i < G_N_ELEMENTS(patterns); i++) {
        g_auto(GStrv) parts = g_strsplit(patterns[i], "%s", 2);
        g_autofree char *name = g_strconcat(parts[0], kernel->version, parts[1], NULL);
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (inspection_has_file(self, path))
            return g_steal_pointer(&path);
    }
    return NULL;
}

static void
read_initramfs(inspection *self, kernel_drivers *drivers, const char *path, const char *copy)
{
    g_autoptr(GError) problem = NULL;

    kernel_drivers_set_initramfs(drivers, INITRAMFS_READ);
    if (initramfs_read(copy, INITRAMFS_MAX, kernel_drivers_add_initramfs_file, drivers, &problem))
        return;
    kernel_drivers_set_initramfs(drivers, INITRAMFS_UNREAD);
    note_packed(self, "initramfs", path, problem);
}

typedef void (*list_reader)(kernel_drivers *self, const char *text, gsize length);

static void
read_list(inspection *self, kernel_drivers *drivers, list_reader reader, const char *folder,
          const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    gsize length;
    char *text = inspection_read(self, path, LIST_MAX, &length);

    if (text != NULL)
        reader(drivers, text, length);
    free(text);
}

/* A version is a folder's name: it leads nowhere else. */
static gboolean
is_plain(const char *version)
{
    return version != NULL && strchr(version, '/') == NULL && !g_str_equal(version, "..") &&
           !g_str_equal(version, ".");
}

static void
read_modules(inspection *self, kernel_drivers *drivers, const kernel_facts *kernel)
{
    g_autofree char *folder = NULL;

    if (!is_plain(kernel->version) || (self->root != NULL && !inspection_enter_root(self)))
        return;
    folder = g_build_filename("/lib/modules", kernel->version, NULL);
    read_list(self, drivers, kernel_drivers_add_builtin, folder, "modules.builtin");
    read_list(self, drivers, kernel_drivers_add_modules, folder, "modules.dep");
}

static void
read_config(inspection *self, kernel_drivers *drivers, const kernel_facts *kernel)
{
    g_autofree char *folder = g_path_get_dirname(kernel->path);
    g_autofree char *name =
        is_plain(kernel->version) ? g_strconcat("config-", kernel->version, NULL) : NULL;

    if (name != NULL)
        read_list(self, drivers, kernel_drivers_add_config, folder, name);
}

/* What a boot loader gives a kernel. */
typedef struct {
    gboolean known; /* else one that belongs to the kernel by name is taken for it */
    gboolean some;  /* there is one, known or not */
    const char *path;
} ramdisk;

/* DEEP: all of it is read, and the copies stay in the scratch folder; else no more than its first
 * bytes. */
static void
look_at(inspection *self, kernel_facts *kernel, const ramdisk *given, gboolean deep)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    g_auto(kernel_image) image = {0};
    g_autofree char *copy = NULL;
    g_autofree char *initramfs_copy = NULL;

    if (!inspection_enter_partition(self, kernel->partition) || !read_head(self, kernel, &image))
        return;
    kernel->initramfs = given->known ? g_strdup(given->path) : find_initramfs(self, kernel);
    read_config(self, drivers, kernel);
    if (kernel->initramfs != NULL || given->some)
        kernel_drivers_set_initramfs(drivers, INITRAMFS_UNREAD);
    if (deep) {
        copy = copy_out(self, kernel->path, KERNEL_COPY);
        if (kernel->initramfs != NULL)
            initramfs_copy = copy_out(self, kernel->initramfs, INITRD_COPY);
    }
    if (copy != NULL)
        read_copy(self, kernel, &image, copy);
    if (initramfs_copy != NULL)
        read_initramfs(self, drivers, kernel->initramfs, initramfs_copy);
    read_modules(self, drivers, kernel);
    kernel_drivers_tell(drivers, kernel);
}

/* ---- those that count ---- */

static void
drop_copies(inspection *self)
{
    g_autofree char *kernel = g_build_filename(self->scratch, KERNEL_COPY, NULL);
    g_autofree char *initrd = g_build_filename(self->scratch, INITRD_COPY, NULL);

    file_remove(kernel, NULL);
    file_remove(initrd, NULL);
}

static gboolean
copy_is_there(const inspection *self, const char *name)
{
    g_autofree char *path = g_build_filename(self->scratch, name, NULL);

    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* The kernel that LOADER boots; NULL if it isn't among those found. */
static kernel_facts *
kernel_of(const inspection *self, const loader_facts *loader)
{
    g_autofree char *name = NULL;

    if (loader->kernel_path != NULL)
        return find_kernel(self->facts, loader->kernel_partition, loader->kernel_path);
    if (loader->kernel == NULL)
        return NULL;
    /* grub.cfg doesn't say on which file system it is. */
    name = g_path_get_basename(loader->kernel);
    for (guint i = 0; i < self->facts->kernels->len; i++) {
        kernel_facts *kernel = self->facts->kernels->pdata[i];
        g_autofree char *other = g_path_get_basename(kernel->path);
        if (g_str_equal(name, other))
            return kernel;
    }
    return NULL;
}

/* A menu's ramdisk, whose path is known if it is on the same file system as its kernel. */
static ramdisk
ramdisk_of_menu(const loader_facts *menu)
{
    guint partition = menu->kernel_partition;
    const char *path = menu->initrd != NULL ? menu_lst_path(menu->initrd, &partition) : NULL;
    gboolean beside = path != NULL && partition == menu->kernel_partition;

    return (ramdisk){menu->initrd == NULL || beside, menu->initrd != NULL, beside ? path : NULL};
}

static void
look_at_menus_kernel(inspection *self, const loader_facts *menu)
{
    const ramdisk given = ramdisk_of_menu(menu);
    kernel_facts *kernel;

    add_kernel(self->facts, menu->kernel_partition, menu->kernel_path);
    kernel = kernel_of(self, menu);
    if (kernel == NULL)
        return;
    look_at(self, kernel, &given, TRUE);
    /* A Xen needs its modules, and comes by itself only to a host. */
    if (kernel->compression == NULL || menu->modules->len > 0) {
        drop_copies(self);
        return;
    }
    if (copy_is_there(self, KERNEL_COPY))
        self->facts->boot_kernel = g_strdup(KERNEL_COPY);
    if (given.path != NULL && copy_is_there(self, INITRD_COPY))
        self->facts->boot_initrd = g_strdup(INITRD_COPY);
}

/* grub.cfg names its ramdisks, the last of which has the modules, as it does its kernel. */
static void
look_at_loaders_kernel(inspection *self, const loader_facts *loader, kernel_facts *kernel)
{
    const char *names = loader->initrd, *last = names != NULL ? strrchr(names, ' ') : NULL;
    g_autofree char *name =
        names != NULL ? g_path_get_basename(last != NULL ? last + 1 : names) : NULL;
    g_autofree char *folder = g_path_get_dirname(kernel->path);
    g_autofree char *path = name != NULL ? g_build_filename(folder, name, NULL) : NULL;
    gboolean there = path != NULL && inspection_enter_partition(self, kernel->partition) &&
                     inspection_has_file(self, path);
    const ramdisk given = {names == NULL || there, names != NULL, path};

    look_at(self, kernel, &given, TRUE);
}

static const loader_facts *
first_menu_with_kernel(const image_facts *facts)
{
    for (guint i = 0; i < facts->menu_lsts->len; i++) {
        const loader_facts *menu = facts->menu_lsts->pdata[i];
        if (menu->kernel_path != NULL)
            return menu;
    }
    return NULL;
}

void
inspect_kernels(inspection *self)
{
    static const ramdisk unknown = {0};
    const loader_facts *menu = first_menu_with_kernel(self->facts);
    kernel_facts *booted = NULL;

    progress_phase(self->listener, "looking at kernels");
    if (menu != NULL) {
        look_at_menus_kernel(self, menu);
        booted = kernel_of(self, menu);
    } else if (self->facts->loader != NULL) {
        booted = kernel_of(self, self->facts->loader);
        if (booted != NULL)
            look_at_loaders_kernel(self, self->facts->loader, booted);
        drop_copies(self);
    }
    for (guint i = 0; i < self->facts->kernels->len; i++)
        if (self->facts->kernels->pdata[i] != booted)
            look_at(self, self->facts->kernels->pdata[i], &unknown, FALSE);
}
