#include "launcher/records.h"
#include "common/ids.h"
#include "images/bundle_kept.h"
#include "images/home.h"
#include "store/key_pair.h"
#include "launcher/network.h"
#include "store/operation.h"

#include <string.h>
#include <sys/stat.h>

/* ---- what should be there ---- */

typedef enum { EXPECTED_FILE, EXPECTED_FOLDER } expectation;

static void
expect(GHashTable *expected, char *path, expectation kind)
{
    if (path != NULL)
        g_hash_table_insert(expected, path, GINT_TO_POINTER(kind));
}

static void
expect_secret(GHashTable *expected, const char *home, const char *uuid)
{
    if (uuid != NULL)
        expect(expected, home_secret_path(home, uuid), EXPECTED_FILE);
}

static gboolean
expect_volumes(launcher *self, GHashTable *expected, GError **error)
{
    g_autoptr(GPtrArray) all = volume_list(self->db, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const volume *what = g_ptr_array_index(all, i);
        expect(expected, home_volume_path(self->home, what->id), EXPECTED_FILE);
        expect_secret(expected, self->home, what->secret);
    }
    return all != NULL;
}

static gboolean
expect_snapshots(launcher *self, GHashTable *expected, GError **error)
{
    g_autoptr(GPtrArray) all = snapshot_list_every(self->db, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const snapshot *what = g_ptr_array_index(all, i);
        expect(expected, home_snapshot_path(self->home, what->id), EXPECTED_FILE);
        expect_secret(expected, self->home, what->secret);
    }
    return all != NULL;
}

/* A running guest knows its volume by the name that it got with its last snapshot. */
static gboolean
expect_extra_names(launcher *self, GHashTable *expected, const instance *vm, GError **error)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(self->db, vm->id, error);

    for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (what->backing != NULL)
            expect(expected, home_volume_path_since(self->home, what->id, what->backing),
                   EXPECTED_FOLDER);
    }
    return volumes != NULL;
}

static gboolean
expect_instances(launcher *self, GHashTable *expected, GError **error)
{
    g_autoptr(GPtrArray) all = instance_list(self->db, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        if (vm->state == INSTANCE_TERMINATED)
            continue;
        expect(expected, home_instance_folder(self->home, vm->id), EXPECTED_FOLDER);
        expect(expected, network_socket(self->home, vm->id), EXPECTED_FOLDER);
        expect(expected, network_imds_socket(self->home, vm->id), EXPECTED_FOLDER);
        if (!expect_extra_names(self, expected, vm, error))
            return FALSE;
    }
    return all != NULL;
}

static void
expect_template(GHashTable *expected, const char *home, const char *content)
{
    /* A bundle's comes with its first launch. */
    expect(expected, home_template_path(home, content),
           bundle_is_content(content) ? EXPECTED_FOLDER : EXPECTED_FILE);
}

static gboolean
expect_templates(launcher *self, GHashTable *expected, GError **error)
{
    g_autoptr(GPtrArray) images = image_list_of_root(self->db, ROOT_INSTANCE_STORE, error);
    g_autoptr(GPtrArray) all = images != NULL ? instance_list(self->db, error) : NULL;

    for (guint i = 0; all != NULL && i < images->len; i++)
        expect_template(expected, self->home, ((image *)g_ptr_array_index(images, i))->content);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        if (vm->root_device_type == ROOT_INSTANCE_STORE && vm->state != INSTANCE_TERMINATED)
            expect_template(expected, self->home, vm->content);
    }
    return all != NULL;
}

/* The bundles of images, HOME's own keys, and what is at work on them. */
static gboolean
expect_bundles(launcher *self, GHashTable *expected, GError **error)
{
    g_autoptr(GPtrArray) images = image_list_of_root(self->db, ROOT_INSTANCE_STORE, error);
    g_autoptr(GPtrArray) all = images != NULL ? operation_list(self->db, error) : NULL;

    for (guint i = 0; all != NULL && i < images->len; i++) {
        const image *ami = g_ptr_array_index(images, i);
        if (bundle_is_content(ami->content))
            expect(expected, home_bundle_folder(self->home, ami->content), EXPECTED_FILE);
    }
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const operation *one = g_ptr_array_index(all, i);
        expect(expected, home_bundle_scratch(self->home, one->id), EXPECTED_FOLDER);
    }
    expect(expected, g_build_filename(self->home, "bundles", "keys", NULL), EXPECTED_FOLDER);
    return all != NULL;
}

/* Private keys, which may be elsewhere as well, and what is at work on them. */
static gboolean
expect_keys(launcher *self, GHashTable *expected, GError **error)
{
    g_autoptr(GPtrArray) pairs = key_pair_list_every(self->db, error);
    g_autoptr(GPtrArray) all = pairs != NULL ? operation_list(self->db, error) : NULL;

    for (guint i = 0; all != NULL && i < pairs->len; i++)
        expect(expected, home_key_path(self->home, ((key_pair *)g_ptr_array_index(pairs, i))->id),
               EXPECTED_FOLDER);
    for (guint i = 0; all != NULL && i < all->len; i++)
        expect(expected, home_key_scratch(self->home, ((operation *)g_ptr_array_index(all, i))->id),
               EXPECTED_FOLDER);
    return all != NULL;
}

/* ---- what is there ---- */

static void
list_folder(const char *home, const char *part, GPtrArray *found)
{
    g_autofree char *path = g_build_filename(home, part, NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL)
        g_ptr_array_add(found, g_build_filename(path, name, NULL));
}

/* Guests' user, whose folder it is in, may have made one by the name of a socket. */
static gboolean
is_folder(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Instances' sockets; the rest there is the network process's own. */
static void
list_sockets(const char *home, GPtrArray *found)
{
    g_autofree char *path = network_folder(home);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *one = g_build_filename(path, name, NULL);
        if (network_socket_owner(name, NULL) && !is_folder(one))
            g_ptr_array_add(found, g_steal_pointer(&one));
    }
}

static gboolean
is_there(const char *path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(path, G_FILE_TEST_IS_SYMLINK);
}

/* Another command may have made or removed a file between the two looks. */
static gboolean
is_stray(GHashTable *expected, const char *path)
{
    return !g_hash_table_contains(expected, path) && is_there(path);
}

static void
tell_strays(const GPtrArray *found, GHashTable *expected, GPtrArray *sentences)
{
    for (guint i = 0; i < found->len; i++) {
        const char *path = g_ptr_array_index(found, i);
        if (is_stray(expected, path))
            g_ptr_array_add(
                sentences, g_strdup_printf("%s belongs to nothing that amilaunch.db knows: look at "
                                           "it before you remove it",
                                           path));
    }
}

static void
tell_missing(GHashTable *expected, GPtrArray *sentences)
{
    GHashTableIter at;
    gpointer path, kind;

    g_hash_table_iter_init(&at, expected);
    while (g_hash_table_iter_next(&at, &path, &kind))
        if (GPOINTER_TO_INT(kind) == EXPECTED_FILE && !is_there(path))
            g_ptr_array_add(sentences,
                            g_strdup_printf("%s is gone: put it back, or remove what it was with "
                                            "amilaunch terminate, volume rm or snapshot rm",
                                            (char *)path));
}

/* ---- guests ---- */

/* One that is not in the list may have been launched since. */
static gboolean
is_known(launcher *self, GHashTable *ids, const char *name)
{
    g_autoptr(instance) newer = NULL;

    if (g_hash_table_contains(ids, name))
        return TRUE;
    newer = instance_get(self->db, name, NULL);
    return newer != NULL;
}

void
records_find_strangers(launcher *self, const GPtrArray *all, GHashTable *domains,
                       GPtrArray *sentences)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter at;
    gpointer name;

    for (guint i = 0; i < all->len; i++)
        g_hash_table_add(ids, ((instance *)g_ptr_array_index(all, i))->id);
    g_hash_table_iter_init(&at, domains);
    while (g_hash_table_iter_next(&at, &name, NULL)) {
        g_autofree char *home = NULL;
        if (!id_is("i", name) || is_known(self, ids, name))
            continue;
        home = hypervisor_home_of(self->driver, name, NULL);
        if (g_strcmp0(home, self->home) == 0)
            g_ptr_array_add(
                sentences,
                g_strdup_printf("libvirt has the guest %s of this HOME, which amilaunch.db doesn't "
                                "know (was an older copy put back?): it is left alone; virsh "
                                "destroy and virsh undefine end it",
                                (char *)name));
    }
}

static gboolean
compare_guests(launcher *self, GPtrArray *sentences, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, error);
    g_autoptr(GHashTable) domains = driver != NULL ? hypervisor_list(driver, error) : NULL;
    g_autoptr(GPtrArray) all = domains != NULL ? instance_list(self->db, error) : NULL;

    if (all == NULL)
        return FALSE;
    records_find_strangers(self, all, domains, sentences);
    return TRUE;
}

/* Of those in FOUND, which may be had again from their image: one that isn't there is none's loss.
 */
static gboolean
expect_boot_files(launcher *self, const GPtrArray *found, GHashTable *expected, GError **error)
{
    for (guint i = 0; i < found->len; i++) {
        const char *path = g_ptr_array_index(found, i);
        g_autofree char *content = home_boot_content(self->home, path);
        gboolean used = FALSE;
        if (content == NULL)
            continue;
        if (!image_find_boot_use(self->db, content, &used, error))
            return FALSE;
        if (used)
            expect(expected, g_strdup(path), EXPECTED_FOLDER);
    }
    return TRUE;
}

/* What a gc that is under way is making. */
static gboolean
expect_merges(launcher *self, GHashTable *expected, GError **error)
{
    g_autoptr(GPtrArray) all = operation_list(self->db, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        gint64 number = ((operation *)g_ptr_array_index(all, i))->id;
        expect(expected, home_merge_path(self->home, "volumes", number), EXPECTED_FOLDER);
        expect(expected, home_merge_path(self->home, "snapshots", number), EXPECTED_FOLDER);
    }
    return all != NULL;
}

/* What is in HOME's folders, and then what should be: what is made meanwhile is in neither. */
static gboolean
look_at_files(launcher *self, GPtrArray *found, GHashTable *expected, GError **error)
{
    static const char *const parts[] = {"volumes",   "snapshots", "instances", "secrets",
                                        "templates", "bundles",   "boot",      "keys"};

    if (launcher_store(self, error) == NULL)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        list_folder(self->home, parts[i], found);
    list_sockets(self->home, found);
    return expect_volumes(self, expected, error) && expect_snapshots(self, expected, error) &&
           expect_instances(self, expected, error) && expect_templates(self, expected, error) &&
           expect_bundles(self, expected, error) && expect_keys(self, expected, error) &&
           expect_boot_files(self, found, expected, error) && expect_merges(self, expected, error);
}

GPtrArray *
records_compare(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) sentences = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!look_at_files(self, found, expected, error) || !compare_guests(self, sentences, error))
        return NULL;
    tell_strays(found, expected, sentences);
    tell_missing(expected, sentences);
    return g_steal_pointer(&sentences);
}

GPtrArray *
records_strays(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) strays = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) expected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (!look_at_files(self, found, expected, error))
        return NULL;
    for (guint i = 0; i < found->len; i++)
        if (is_stray(expected, g_ptr_array_index(found, i)))
            g_ptr_array_add(strays, g_strdup(g_ptr_array_index(found, i)));
    return g_steal_pointer(&strays);
}
