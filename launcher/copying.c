#include "launcher/copying.h"
#include "common/error.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/backing.h"
#include "images/home.h"
#include "images/import.h"
#include "images/snapshot_file.h"
#include "launcher/image_life.h"
#include "launcher/image_undo.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/scope.h"
#include "launcher/tagging.h"
#include "launcher/zone.h"
#include "store/product_code.h"
#include "store/tag.h"

#define KIND "copy"
#define NAME_ROOM 120 /* of the 128 of a name; the rest is for a number */

/* A copy that is being made. */
typedef struct {
    const copy_request *asked;
    GPtrArray *tags; /* tag* */
    const char *from;
    const char *to;
    gint64 number;    /* of the operation */
    image *source;    /* NULL if it is a snapshot's */
    image *ami;       /* the copy of SOURCE */
    GPtrArray *disks; /* snapshot*: the copies, each naming its source */
} copy;

static void
copy_clear(copy *self)
{
    g_clear_pointer(&self->tags, g_ptr_array_unref);
    image_free(self->source);
    image_free(self->ami);
    g_clear_pointer(&self->disks, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(copy, copy_clear)

/* ---- what is asked ---- */

static gboolean
check_region(const char *region, GError **error)
{
    return region == NULL || settings_is_region(region) ||
           error_set(error, ERROR_PARAMETER_VALUE, "'%s' is no region: a name like us-east-1",
                     region);
}

static gboolean
copy_begin(launcher *self, copy *what, const copy_request *asked, GError **error)
{
    what->asked = asked;
    what->from = asked->from != NULL ? asked->from : self->conf->region;
    what->to = asked->to != NULL ? asked->to : self->conf->region;
    what->disks = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);
    what->tags = tags_parse(asked->tags, error);
    return what->tags != NULL && check_region(asked->from, error) &&
           check_region(asked->to, error) &&
           (asked->name == NULL || image_name_check(asked->name, error)) &&
           reconcile_images(self, error);
}

static void
note_region(launcher *self, const char *region)
{
    if (region != NULL && !region_is_known(region))
        progress_note(self->listener, "%s is not one of EC2's regions", region);
}

/* ---- the intent, within a transaction ---- */

static gboolean
insert_disk(launcher *self, copy *what, const char *source, const char *description, GError **error)
{
    g_autoptr(snapshot) from = snapshot_get(self->db, source, error);
    snapshot *disk;

    if (from == NULL)
        return FALSE;
    disk = g_new0(snapshot, 1);
    g_ptr_array_add(what->disks, disk);
    disk->id = id_new("snap");
    disk->state = SNAPSHOT_PENDING;
    disk->size_gib = from->size_gib;
    disk->started = time_now();
    disk->description = g_strdup(description);
    disk->owner = g_strdup(self->conf->account);
    disk->region = g_strdup(what->to);
    disk->operation = what->number;
    disk->source = g_strdup(from->id);
    disk->source_region = g_strdup(from->region);
    return snapshot_insert(self->db, disk, error);
}

/* The copy of the snapshot SOURCE; NULL if there is none yet. */
static const snapshot *
find_disk(const copy *what, const char *source)
{
    for (guint i = 0; i < what->disks->len; i++) {
        const snapshot *disk = g_ptr_array_index(what->disks, i);
        if (g_str_equal(disk->source, source))
            return disk;
    }
    return NULL;
}

static gboolean
insert_entry(launcher *self, copy *what, const image_mapping *entry, GError **error)
{
    image_mapping mine = *entry;

    mine.image = what->ami->id;
    if (entry->snapshot != NULL) {
        g_autofree char *description =
            g_strdup_printf("Copied for DestinationAmi %s from SourceAmi %s for SourceSnapshot %s.",
                            what->ami->id, what->source->id, entry->snapshot);
        if (find_disk(what, entry->snapshot) == NULL &&
            !insert_disk(self, what, entry->snapshot, description, error))
            return FALSE;
        mine.snapshot = find_disk(what, entry->snapshot)->id;
    }
    return image_mapping_insert(self->db, &mine, error);
}

static gboolean
insert_entries(launcher *self, copy *what, GError **error)
{
    g_autoptr(GPtrArray) entries = image_mapping_list(self->db, what->source->id, error);

    for (guint i = 0; entries != NULL && i < entries->len; i++)
        if (!insert_entry(self, what, g_ptr_array_index(entries, i), error))
            return FALSE;
    return entries != NULL;
}

static char *
free_name(launcher *self, const copy *what)
{
    g_autofree char *name = g_strdup(what->source->name);

    for (int number = 2; image_name_taken(self->db, self->conf->account, what->to, name);
         number++) {
        g_free(name);
        name = g_strdup_printf("%.*s-%d", NAME_ROOM, what->source->name, number);
    }
    return g_steal_pointer(&name);
}

/* As EC2's console words it. */
static char *
usual_description(const char *id, const char *region, const char *description)
{
    return g_strdup_printf("[Copied %s from %s]%s%s", id, region, description != NULL ? " " : "",
                           description != NULL ? description : "");
}

/* Each region has kernel images of its own: as on EC2 the copy gets the one that does the same
 * there, and where there is none, it keeps what it had, which no launch there finds. The caller
 * frees it. */
static char *
kernel_of_copy(launcher *self, const char *kernel, const char *to)
{
    const kernel_images *known = kernel != NULL ? launcher_kernel_images(self, NULL) : NULL;
    const kernel_image *from = known != NULL ? kernel_images_get(known, kernel) : NULL;
    const kernel_image *there = from != NULL ? kernel_images_like(known, to, from) : NULL;

    return g_strdup(there != NULL ? there->id : kernel);
}

static image *
image_of_copy(launcher *self, const copy *what)
{
    const image *source = what->source;
    const copy_request *asked = what->asked;
    image *ami = g_new0(image, 1);

    ami->id = id_new("ami");
    ami->name = asked->name != NULL ? g_strdup(asked->name) : free_name(self, what);
    ami->description = asked->description != NULL
                           ? g_strdup(asked->description)
                           : usual_description(source->id, source->region, source->description);
    ami->state = IMAGE_PENDING;
    ami->architecture = g_strdup(source->architecture);
    ami->virtualization = source->virtualization;
    ami->root_device_type = source->root_device_type;
    ami->root_device = g_strdup(source->root_device);
    ami->kernel = kernel_of_copy(self, source->kernel, what->to);
    ami->ramdisk = g_strdup(source->ramdisk);
    ami->content = g_strdup(source->content);
    ami->source = g_strdup(source->source);
    ami->owner = g_strdup(self->conf->account);
    ami->region = g_strdup(what->to);
    ami->created = time_now();
    ami->boot_mode = g_strdup(source->boot_mode);
    ami->platform = g_strdup(source->platform);
    ami->location = g_strdup(source->location);
    ami->source_image = g_strdup(source->id);
    ami->source_region = g_strdup(source->region);
    ami->operation = what->number;
    return ami;
}

static gboolean
is_mine(const launcher *self, const image *ami)
{
    return g_str_equal(ami->owner, self->conf->account);
}

/* What is sold is for who bought it.
 * Source: Amazon EC2 User Guide, "Copy an AMI". */
static gboolean
may_be_copied(launcher *self, const image *source, GError **error)
{
    g_autoptr(GPtrArray) codes = product_code_list(self->db, source->id, error);

    if (codes == NULL || !image_check_launchable(source, error))
        return FALSE;
    return codes->len == 0 || is_mine(self, source) ||
           error_set(error, ERROR_REQUEST,
                     "Images with a product code can't be copied to another account: %s has %s. "
                     "Launch it instead, and create an image of the instance",
                     source->id, ((product_code *)g_ptr_array_index(codes, 0))->code);
}

static gboolean
intend_image(launcher *self, copy *what, const char *id, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);

    what->source = intent != NULL ? scope_image_in(self, id, what->from, error) : NULL;
    if (what->source == NULL || !may_be_copied(self, what->source, error))
        return FALSE;
    what->number = operation_begin(self->db, KIND, error);
    if (what->number == 0)
        return FALSE;
    what->ami = image_of_copy(self, what);
    return image_insert(self->db, what->ami, error) && insert_entries(self, what, error) &&
           transaction_commit(intent, error);
}

static gboolean
intend_snapshot(launcher *self, copy *what, const char *id, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    g_autoptr(snapshot) source =
        intent != NULL ? scope_snapshot_in(self, id, what->from, error) : NULL;
    g_autofree char *description = NULL;

    if (source == NULL)
        return FALSE;
    if (source->state != SNAPSHOT_COMPLETED)
        return error_set(error, ERROR_VOLUME_STATE,
                         "The snapshot '%s' is %s: only one that is completed can be copied", id,
                         snapshot_state_words[source->state]);
    what->number = operation_begin(self->db, KIND, error);
    description = what->asked->description != NULL
                      ? g_strdup(what->asked->description)
                      : usual_description(id, source->region, source->description);
    return what->number != 0 && insert_disk(self, what, id, description, error) &&
           tags_put(self->db, find_disk(what, id)->id, what->tags, error) &&
           transaction_commit(intent, error);
}

/* ---- the act and its result, within one transaction ----
 *
 * As long as that is open, nobody else can remove the source's file, or put another in its place.
 */

static void
set_text(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

static gboolean
take_file(launcher *self, const snapshot *disk, const snapshot *source, GError **error)
{
    g_autofree char *path = home_snapshot_path(self->home, disk->id);
    g_autofree char *below =
        source->parent != NULL ? home_snapshot_path(self->home, source->parent) : NULL;

    return snapshot_file_copy(self->home, source->id, disk->id, error) &&
           backing_matches(path, below, error);
}

static gboolean
complete_disk(launcher *self, snapshot *disk, GError **error)
{
    g_autoptr(snapshot) source = snapshot_get(self->db, disk->source, error);

    if (source == NULL)
        return FALSE;
    /* It was deleted a moment ago. */
    if (source->state != SNAPSHOT_COMPLETED)
        return error_set(error, ERROR_SNAPSHOT_NOT_FOUND, "The snapshot '%s' does not exist.",
                         source->id);
    if (!take_file(self, disk, source, error))
        return FALSE;
    set_text(&disk->parent, source->parent);
    set_text(&disk->secret, source->secret);
    set_text(&disk->content, source->content);
    disk->state = SNAPSHOT_COMPLETED;
    disk->operation = 0;
    return snapshot_update(self->db, disk, error) &&
           product_code_copy(self->db, source->id, disk->id, error);
}

static gboolean
complete_image(launcher *self, const copy *what, GError **error)
{
    const image *source = what->source;
    image *ami = what->ami;

    if (ami == NULL)
        return TRUE;
    ami->state = IMAGE_AVAILABLE;
    ami->operation = 0;
    return image_update(self->db, ami, error) &&
           product_code_copy(self->db, source->id, ami->id, error) &&
           (!what->asked->copy_tags || !is_mine(self, source) ||
            tag_copy(self->db, source->id, ami->id, error)) &&
           tags_put(self->db, ami->id, what->tags, error);
}

static gboolean
complete(launcher *self, const copy *what, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);

    if (result == NULL)
        return FALSE;
    for (guint i = 0; i < what->disks->len; i++)
        if (!complete_disk(self, g_ptr_array_index(what->disks, i), error))
            return FALSE;
    return complete_image(self, what, error) && operation_end(self->db, what->number, error) &&
           transaction_commit(result, error);
}

/* ---- back ---- */

gboolean
recover_copy(launcher *self, const operation *cut, GError **error)
{
    return image_undo(self, cut->id, error);
}

static gboolean
complete_or_undo(launcher *self, const copy *what, GError **error)
{
    if (complete(self, what, error))
        return TRUE;
    if (!image_undo(self, what->number, NULL))
        operation_abandon(self->db, what->number);
    return FALSE;
}

/* ---- for faces ---- */

char *
launcher_image_copy(launcher *self, const char *id, const copy_request *asked, GError **error)
{
    g_auto(copy) what = {0};

    if (!scope_check_image_id(id, error) || !copy_begin(self, &what, asked, error) ||
        !intend_image(self, &what, id, error) || !complete_or_undo(self, &what, error))
        return NULL;
    note_region(self, asked->to);
    return g_strdup(what.ami->id);
}

snapshot *
launcher_snapshot_copy(launcher *self, const char *id, const copy_request *asked, GError **error)
{
    g_auto(copy) what = {0};

    if (!scope_check_snapshot_id(id, error) || !copy_begin(self, &what, asked, error) ||
        !intend_snapshot(self, &what, id, error) || !complete_or_undo(self, &what, error))
        return NULL;
    note_region(self, asked->to);
    return g_ptr_array_steal_index(what.disks, 0);
}
