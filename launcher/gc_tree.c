#include "launcher/gc_tree.h"
#include "common/copy.h"
#include "common/error.h"
#include "images/home.h"

#include <sys/stat.h>

typedef struct {
    launcher *self;
    GPtrArray *tree;
    GHashTable *places;    /* id -> 1 + where its node is in the tree */
    GHashTable *files;     /* "DEVICE INODE" -> the same, for files with several names */
    GHashTable *instances; /* id -> instance* */
} loading;

static void
place(loading *to, const char *id, guint at)
{
    g_hash_table_insert(to->places, g_strdup(id), GUINT_TO_POINTER(at + 1));
}

static gc_node *
add_node(loading *to, const char *id, const char *path)
{
    gc_node *node = gc_node_new(id);

    node->bytes = file_bytes(path);
    place(to, id, to->tree->len);
    g_ptr_array_add(to->tree, node);
    return node;
}

static void
pin(gc_node *node, char *why)
{
    g_free(node->pinned);
    node->pinned = why;
}

/* ---- snapshots ---- */

/* One that only a volume's record still names has nothing more. */
static gboolean
is_only_a_record(const snapshot *what, const char *path)
{
    return what->state == SNAPSHOT_DELETED && what->parent == NULL &&
           !g_file_test(path, G_FILE_TEST_EXISTS);
}

/* A copy of a snapshot is another name of its file. NULL if it is the file's first name. */
static gc_node *
find_by_file(loading *to, const char *path, guint next)
{
    g_autofree char *key = NULL;
    struct stat info;
    guint at;

    if (stat(path, &info) != 0 || info.st_nlink < 2)
        return NULL;
    key = g_strdup_printf("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, (guint64)info.st_dev,
                          (guint64)info.st_ino);
    at = GPOINTER_TO_UINT(g_hash_table_lookup(to->files, key));
    if (at == 0)
        g_hash_table_insert(to->files, g_steal_pointer(&key), GUINT_TO_POINTER(next + 1));
    return at != 0 ? g_ptr_array_index(to->tree, at - 1) : NULL;
}

static gc_node *
node_of_snapshot(loading *to, const snapshot *what, const char *path)
{
    gc_node *node = find_by_file(to, path, to->tree->len);

    if (node == NULL) {
        node = add_node(to, what->id, path);
        node->hidden = TRUE;
        return node;
    }
    g_ptr_array_add(node->names, g_strdup(what->id));
    place(to, what->id, GPOINTER_TO_UINT(g_hash_table_lookup(to->places, gc_node_name(node))) - 1);
    return node;
}

static void
add_snapshot(loading *to, const snapshot *what)
{
    g_autofree char *path = home_snapshot_path(to->self->home, what->id);
    gc_node *node;

    if (is_only_a_record(what, path))
        return;
    node = node_of_snapshot(to, what, path);
    node->hidden = node->hidden && what->state == SNAPSHOT_DELETED;
    if (what->operation != 0 || what->state == SNAPSHOT_PENDING)
        pin(node, g_strdup("another command is at work on it"));
    else if (!g_file_test(path, G_FILE_TEST_EXISTS))
        pin(node, g_strdup("its file is gone"));
}

/* ---- volumes ---- */

static char *
why_volume_stays(const loading *to, const volume *what, const char *path)
{
    const instance *vm =
        what->instance != NULL ? g_hash_table_lookup(to->instances, what->instance) : NULL;

    if (what->operation != 0 || (vm != NULL && vm->operation != 0))
        return g_strdup("another command is at work on it");
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return g_strdup("its file is gone");
    if (vm != NULL && vm->state != INSTANCE_STOPPED)
        return g_strdup_printf("%s uses it: gc can take that up when it is stopped", vm->id);
    return NULL;
}

static void
add_volume(loading *to, const volume *what)
{
    g_autofree char *path = home_volume_path(to->self->home, what->id);
    gc_node *node = add_node(to, what->id, path);

    node->volume = TRUE;
    pin(node, why_volume_stays(to, what, path));
}

/* ---- all ---- */

static void
join(loading *to, const char *id, const char *parent)
{
    guint from = GPOINTER_TO_UINT(g_hash_table_lookup(to->places, id));
    int at = parent != NULL ? GPOINTER_TO_INT(g_hash_table_lookup(to->places, parent)) - 1 : -1;
    gc_node *node = from != 0 ? g_ptr_array_index(to->tree, from - 1) : NULL;

    if (node == NULL)
        return;
    if (!g_str_equal(id, gc_node_name(node)) && node->parent != at)
        pin(node, g_strdup("its names stand on different snapshots"));
    else
        node->parent = at;
}

static gboolean
load_rows(loading *to, GError **error)
{
    store *db = to->self->db;
    g_autoptr(GPtrArray) snapshots = snapshot_list_every(db, error);
    g_autoptr(GPtrArray) volumes = snapshots != NULL ? volume_list(db, error) : NULL;
    g_autoptr(GPtrArray) instances = volumes != NULL ? instance_list(db, error) : NULL;

    for (guint i = 0; instances != NULL && i < instances->len; i++) {
        instance *vm = g_ptr_array_index(instances, i);
        g_hash_table_insert(to->instances, vm->id, vm);
    }
    for (guint i = 0; instances != NULL && i < snapshots->len; i++)
        add_snapshot(to, g_ptr_array_index(snapshots, i));
    for (guint i = 0; instances != NULL && i < volumes->len; i++)
        add_volume(to, g_ptr_array_index(volumes, i));
    for (guint i = 0; instances != NULL && i < snapshots->len; i++) {
        const snapshot *what = g_ptr_array_index(snapshots, i);
        join(to, what->id, what->parent);
    }
    for (guint i = 0; instances != NULL && i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        join(to, what->id, what->backing);
    }
    return instances != NULL;
}

GPtrArray *
gc_tree_load(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) tree = g_ptr_array_new_with_free_func((GDestroyNotify)gc_node_free);
    g_autoptr(GHashTable) places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) instances = g_hash_table_new(g_str_hash, g_str_equal);
    loading to = {self, tree, places, files, instances};

    if (!load_rows(&to, error))
        return NULL;
    if (gc_tree_measure(tree) != G_MAXUINT)
        return g_steal_pointer(&tree);
    error_set(error, ERROR_HOST_DATABASE, "snapshots stand on each other in a circle");
    return NULL;
}
