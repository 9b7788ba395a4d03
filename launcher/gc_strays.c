#include "launcher/gc_strays.h"
#include "launcher/appliances.h"
#include "common/copy.h"
#include "common/files.h"
#include "common/ids.h"
#include "images/home.h"
#include "launcher/network.h"
#include "launcher/records.h"
#include "store/image.h"
#include "store/operation.h"

#include <string.h>

#define MERGE_PREFIX "merge-"
#define MAY_BE_DATA                                                                                \
    "amilaunch.db doesn't know it; if an older copy of that was put back, it may be data: look "   \
    "at "                                                                                          \
    "it before you remove it"

typedef struct {
    launcher *self;
    GPtrArray *operations; /* operation*: under way, listed after the files were */
    guint ours;            /* how many of these are this process's */
    gc_report *report;
    gboolean dry_run;
} look;

/* "merge-12.qcow2" was made by operation 12. */
static gboolean
is_of_ended_operation(const look *at, const char *name)
{
    char *rest = NULL;
    gint64 number;

    if (!g_str_has_prefix(name, MERGE_PREFIX))
        return FALSE;
    number = g_ascii_strtoll(name + strlen(MERGE_PREFIX), &rest, 10);
    if (number <= 0 || !g_str_equal(rest, ".qcow2"))
        return FALSE;
    for (guint i = 0; i < at->operations->len; i++)
        if (((operation *)g_ptr_array_index(at->operations, i))->id == number)
            return FALSE;
    return TRUE;
}

static gboolean
is_idle_volume(launcher *self, const char *id)
{
    g_autoptr(volume) what = volume_get(self->db, id, NULL);
    g_autoptr(instance) vm = what != NULL && what->instance != NULL
                                 ? instance_get(self->db, what->instance, NULL)
                                 : NULL;

    return what != NULL && what->operation == 0 &&
           (vm == NULL || (vm->state == INSTANCE_STOPPED && vm->operation == 0));
}

/* "vol-1.snap-2.qcow2" is how a guest that was on knew vol-1. */
static gboolean
is_second_name_of_volume(launcher *self, const char *path, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", 3);
    g_autofree char *volume_path = NULL;
    g_autofree char *snapshot_path = NULL;

    if (g_strv_length(parts) != 3 || !id_is("vol", parts[0]) || !id_is("snap", parts[1]) ||
        !g_str_equal(parts[2], "qcow2") || !is_idle_volume(self, parts[0]))
        return FALSE;
    volume_path = home_volume_path(self->home, parts[0]);
    snapshot_path = home_snapshot_path(self->home, parts[1]);
    return file_is_same(path, volume_path) || file_is_same(path, snapshot_path);
}

/* A socket is nothing but a name. */
static gboolean
is_socket_of_nobody(launcher *self, const char *name)
{
    g_autofree char *id = NULL;
    g_autoptr(instance) vm = NULL;

    if (!network_socket_owner(name, &id))
        return FALSE;
    vm = instance_get(self->db, id, NULL);
    return vm == NULL || vm->state == INSTANCE_TERMINATED;
}

/* Nothing is lost with it. Asked within a transaction: nobody begins anything meanwhile. */
static gboolean
is_left_over(const look *at, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);

    return is_of_ended_operation(at, name) || is_second_name_of_volume(at->self, path, name) ||
           is_socket_of_nobody(at->self, name);
}

static void
note_removed(gc_report *report, const char *path, guint64 bytes)
{
    gc_done *done = g_new0(gc_done, 1);

    done->deed = GC_REMOVED;
    done->id = g_strdup(path);
    done->absorbed = g_ptr_array_new_with_free_func(g_free);
    done->before = bytes;
    report->freed += bytes;
    g_ptr_array_add(report->done, done);
}

/* Copies of an image's kernel, which nothing is lost with. *GONE: it was one, and has no user. */
static gboolean
look_at_boot_files(const look *at, const char *path, gboolean *gone, GError **error)
{
    g_autofree char *content = home_boot_content(at->self->home, path);
    gboolean used = content == NULL;

    *gone = FALSE;
    if (content != NULL && !image_find_boot_use(at->self->db, content, &used, error))
        return FALSE;
    if (used)
        return TRUE;
    *gone = TRUE;
    note_removed(at->report, path, 0);
    return at->dry_run || folder_remove(path, error);
}

static gboolean
look_at_one(const look *at, const char *path, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    guint64 bytes = g_str_has_prefix(name, MERGE_PREFIX) ? file_bytes(path) : 0;
    gboolean gone;

    if (!look_at_boot_files(at, path, &gone, error))
        return FALSE;
    if (gone)
        return TRUE;
    if (!is_left_over(at, path)) {
        /* It may be what another command is making. */
        if (at->operations->len <= at->ours)
            g_ptr_array_add(at->report->left, gc_left_new(path, file_bytes(path), MAY_BE_DATA));
        return TRUE;
    }
    if (!at->dry_run && !file_remove(path, error))
        return FALSE;
    note_removed(at->report, path, bytes);
    return TRUE;
}

/* Folders, of which nothing but their names is known: they hold what a build can make again. */
static gboolean
sweep_appliance(launcher *self, gboolean dry_run, gc_report *report, GError **error)
{
    g_autoptr(GPtrArray) left = appliance_leftovers(self->home);

    for (guint i = 0; i < left->len; i++) {
        const char *path = g_ptr_array_index(left, i);
        if (!dry_run && !folder_remove(path, error))
            return FALSE;
        note_removed(report, path, 0);
    }
    return TRUE;
}

gboolean
gc_strays(launcher *self, gboolean dry_run, gc_report *report, GError **error)
{
    g_autoptr(GPtrArray) strays = records_strays(self, error);
    g_autoptr(transaction) quiet = strays != NULL ? transaction_begin(self->db, error) : NULL;
    g_autoptr(GPtrArray) operations = quiet != NULL ? operation_list(self->db, error) : NULL;
    look at = {self, operations, dry_run ? 0 : 1, report, dry_run};

    for (guint i = 0; operations != NULL && i < strays->len; i++)
        if (!look_at_one(&at, g_ptr_array_index(strays, i), error))
            return FALSE;
    return operations != NULL && sweep_appliance(self, dry_run, report, error);
}
