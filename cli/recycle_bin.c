#include "cli/recycle_bin.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/text.h"
#include "common/times.h"
#include "launcher/recycle_bin.h"

#include <stdio.h>

/* What both kinds have, for printing. */
typedef struct {
    const char *id;
    const char *name;
    const char *description;
    gint64 since, until;
} binned;

static binned
binned_image(gconstpointer row)
{
    const image *ami = row;

    return (binned){ami->id, ami->name, ami->description, ami->binned, ami->bin_until};
}

static binned
binned_snapshot(gconstpointer row)
{
    const snapshot *what = row;

    return (binned){what->id, NULL, what->description, what->binned, what->bin_until};
}

/* ---- for people ---- */

static void
print_table(const GPtrArray *all, const char *const *headings, binned (*take)(gconstpointer),
            const char *empty)
{
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < all->len; i++) {
        binned one = take(g_ptr_array_index(all, i));
        g_autofree char *since = time_spelled(one.since);
        g_autofree char *until = time_spelled(one.until);
        g_autofree char *about = text_clean(one.description != NULL ? one.description : "");
        text_table_add(table, one.id);
        if (one.name != NULL)
            text_table_add(table, one.name);
        text_table_add(table, since);
        text_table_add(table, until);
        text_table_add(table, about);
    }
    text_table_print(table, empty);
}

/* ---- as EC2 describes it ---- */

static void
put(json_t *object, const char *key, const char *value)
{
    if (value != NULL)
        json_object_set_new(object, key, json_string(value));
}

static json_t *
object_of(const binned *one, const char *id_key)
{
    json_t *object = json_object();
    g_autofree char *since = time_iso8601(one->since);
    g_autofree char *until = time_iso8601(one->until);

    put(object, id_key, one->id);
    put(object, "Name", one->name);
    put(object, "Description", one->description);
    put(object, "RecycleBinEnterTime", since);
    put(object, "RecycleBinExitTime", until);
    return object;
}

static void
print_json(const GPtrArray *all, const char *key, const char *id_key, binned (*take)(gconstpointer))
{
    json_t *list = json_array();

    for (guint i = 0; i < all->len; i++) {
        binned one = take(g_ptr_array_index(all, i));
        json_array_append_new(list, object_of(&one, id_key));
    }
    ec2_print(json_pack("{s:o}", key, list));
}

static void
print_ids(const GPtrArray *all, binned (*take)(gconstpointer))
{
    for (guint i = 0; i < all->len; i++)
        puts(take(g_ptr_array_index(all, i)).id);
}

gboolean
bin_print_images(app *self, gboolean only_ids, GError **error)
{
    static const char *const headings[] = {"IMAGE", "NAME", "SINCE", "UNTIL", "DESCRIPTION", NULL};
    g_autoptr(GPtrArray) all = launcher_bin_images(self->engine, error);

    if (all == NULL)
        return FALSE;
    if (only_ids)
        print_ids(all, binned_image);
    else if (self->json)
        print_json(all, "Images", "ImageId", binned_image);
    else
        print_table(all, headings, binned_image, "no images in the recycle bin");
    return TRUE;
}

gboolean
bin_print_snapshots(app *self, gboolean only_ids, GError **error)
{
    static const char *const headings[] = {"SNAPSHOT", "SINCE", "UNTIL", "DESCRIPTION", NULL};
    g_autoptr(GPtrArray) all = launcher_bin_snapshots(self->engine, error);

    if (all == NULL)
        return FALSE;
    if (only_ids)
        print_ids(all, binned_snapshot);
    else if (self->json)
        print_json(all, "Snapshots", "SnapshotId", binned_snapshot);
    else
        print_table(all, headings, binned_snapshot, "no snapshots in the recycle bin");
    return TRUE;
}

/* ---- restore ---- */

static void
print_restored(const app *self, const char *const *ids)
{
    if (self->json)
        ec2_print(json_pack("{s:b}", "Return", TRUE));
    for (gsize i = 0; ids[i] != NULL && !self->json; i++)
        printf("%s  restored\n", ids[i]);
}

static gboolean
run_restore_images(app *self, const char *const *args, GError **error)
{
    if (!launcher_image_restore(self->engine, args, error))
        return FALSE;
    print_restored(self, args);
    return TRUE;
}

static gboolean
run_restore_snapshots(app *self, const char *const *args, GError **error)
{
    if (!launcher_snapshot_restore(self->engine, args, error))
        return FALSE;
    print_restored(self, args);
    return TRUE;
}

const command command_image_restore = {
    .name = "image restore",
    .arguments = "AMI...",
    .summary = "Take images out of the recycle bin, with the ids that they had",
    .details = "`amilaunch image ls --bin` lists what is in it. An image whose name was taken in "
               "the meantime stays\nthere.",
    .least = 1,
    .most = -1,
    .run = run_restore_images,
};

const command command_snapshot_restore = {
    .name = "snapshot restore",
    .arguments = "SNAPSHOT...",
    .summary = "Take snapshots out of the recycle bin, with the ids that they had",
    .details = "`amilaunch snapshot ls --bin` lists what is in it.",
    .least = 1,
    .most = -1,
    .run = run_restore_snapshots,
};
