/* Making an image of another one with something changed inside: `image customize`. */
#include "launcher/customizing.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/process.h"
#include "common/times.h"
#include "images/boot_files.h"
#include "images/digest.h"
#include "images/home.h"
#include "images/inspect.h"
#include "images/snapshot_file.h"
#include "images/template.h"
#include "images/volume.h"
#include "launcher/bundle_work.h"
#include "launcher/image_life.h"
#include "launcher/launch.h"
#include "launcher/image_undo.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/scope.h"
#include "launcher/tagging.h"
#include "store/product_code.h"

#include <sys/stat.h>

#define KIND "image-customize"

/* An image that is being made. */
typedef struct {
    const customize_request *request;
    GPtrArray *tags; /* tag* */
    image *source;
    image *ami;
    snapshot *disk; /* the new root; NULL on instance store */
    char *scratch;
    char *path; /* of the new root's file */
    image_facts *facts;
    gboolean looked; /* FACTS were found just now, not before */
    gint64 number;   /* of the operation */
    gboolean force_tcg;
} customization;

static void
customization_clear(customization *self)
{
    g_clear_pointer(&self->tags, g_ptr_array_unref);
    image_free(self->source);
    image_free(self->ami);
    snapshot_free(self->disk);
    image_facts_free(self->facts);
    g_free(self->scratch);
    g_free(self->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(customization, customization_clear)

static char *
scratch_folder(launcher *self, gint64 number)
{
    return g_strdup_printf("%s/customize-%" G_GINT64_FORMAT ".inspection", self->home, number);
}

static gboolean
is_mine(const launcher *self, const image *ami)
{
    return g_str_equal(ami->owner, self->conf->account);
}

static void
set_text(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

/* ---- what is asked ---- */

/* What is sold is for who bought it, also in another shape. */
static gboolean
check_codes(launcher *self, const image *source, GError **error)
{
    g_autoptr(GPtrArray) codes = product_code_list(self->db, source->id, error);

    if (codes == NULL)
        return FALSE;
    return codes->len == 0 || is_mine(self, source) ||
           error_set(
               error, ERROR_REQUEST,
               "%s has a product code: launch it instead, and create an image of the instance",
               source->id);
}

/* What isn't known is left to who takes the steps. */
static gboolean
check_packages(launcher *self, const customization *what, GError **error)
{
    g_autofree char *text = content_facts_get(self->db, what->source->content);
    g_autoptr(image_facts) facts = text != NULL ? image_facts_from_json(text, NULL) : NULL;

    if (facts == NULL || facts->package_format != NULL ||
        !customize_needs_packages(what->request->steps))
        return TRUE;
    return error_set(error, ERROR_UNSUPPORTED,
                     "No package manager was found in %s (%s): bring what is to be in it by "
                     "--copy-in and --run",
                     what->source->id, facts->product != NULL ? facts->product : "no known system");
}

static gboolean
check_source(launcher *self, const customization *what, GError **error)
{
    return image_check_launchable(what->source, error) && check_codes(self, what->source, error) &&
           check_packages(self, what, error);
}

/* ---- the intent, within a transaction ---- */

static image *
image_of(launcher *self, const customization *what)
{
    const image *source = what->source;
    const customize_request *request = what->request;
    image *ami = g_new0(image, 1);

    ami->id = id_new("ami");
    ami->name = g_strdup(request->name);
    ami->description = request->description != NULL
                           ? g_strdup(request->description)
                           : g_strdup_printf("Customized from %s (%s)", source->id, source->name);
    ami->state = IMAGE_PENDING;
    ami->architecture = g_strdup(source->architecture);
    ami->virtualization = source->virtualization;
    ami->root_device_type = source->root_device_type;
    ami->root_device = g_strdup(source->root_device);
    ami->kernel = g_strdup(source->kernel);
    ami->ramdisk = g_strdup(source->ramdisk);
    ami->content = what->disk != NULL ? g_strdup_printf("snapshot:%s", what->disk->id)
                                      : g_strdup(source->content);
    ami->source = g_strdup(source->id);
    ami->owner = g_strdup(self->conf->account);
    ami->region = g_strdup(self->conf->region);
    ami->created = time_now();
    ami->boot_mode = g_strdup(source->boot_mode);
    ami->platform = g_strdup(source->platform);
    ami->operation = what->number;
    return ami;
}

/* The new root stands on the old one from now on, so that nobody takes that away. */
static gboolean
insert_root(launcher *self, customization *what, const char *source, GError **error)
{
    g_autoptr(snapshot) below = snapshot_get(self->db, source, error);
    snapshot *disk;

    if (below == NULL)
        return FALSE;
    if (below->secret != NULL)
        return error_set(error, ERROR_UNSUPPORTED,
                         "The root of %s is encrypted, and can't be changed from outside: change "
                         "it in an instance, then amilaunch image create",
                         what->source->id);
    if (below->state != SNAPSHOT_COMPLETED && below->state != SNAPSHOT_DELETED)
        return error_set(error, ERROR_VOLUME_STATE, "The snapshot '%s' is %s", below->id,
                         snapshot_state_words[below->state]);
    disk = what->disk = g_new0(snapshot, 1);
    disk->id = id_new("snap");
    disk->state = SNAPSHOT_PENDING;
    disk->size_gib = below->size_gib;
    disk->started = time_now();
    disk->description = g_strdup_printf("Customized from %s of %s", below->id, what->source->id);
    disk->owner = g_strdup(self->conf->account);
    disk->region = g_strdup(self->conf->region);
    disk->parent = g_strdup(below->id);
    disk->content = g_strdup_printf("snapshot:%s", disk->id);
    disk->operation = what->number;
    return snapshot_insert(self->db, disk, error);
}

static gboolean
is_root(const customization *what, const image_mapping *entry)
{
    return entry->snapshot != NULL && g_strcmp0(entry->device, what->source->root_device) == 0;
}

static gboolean
find_root(launcher *self, customization *what, const GPtrArray *entries, GError **error)
{
    if (what->source->root_device_type == ROOT_INSTANCE_STORE)
        return TRUE;
    for (guint i = 0; i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        if (is_root(what, entry))
            return insert_root(self, what, entry->snapshot, error);
    }
    return error_set(error, ERROR_UNSUPPORTED, "%s maps no snapshot to its root device %s",
                     what->source->id, what->source->root_device);
}

static gboolean
insert_entry(launcher *self, const customization *what, const image_mapping *entry, GError **error)
{
    image_mapping mine = *entry;

    mine.image = what->ami->id;
    if (what->disk != NULL && is_root(what, entry))
        mine.snapshot = what->disk->id;
    else if (entry->snapshot != NULL && !is_mine(self, what->source))
        return error_set(error, ERROR_UNSUPPORTED,
                         "%s is another account's, and has more volumes than its root: amilaunch "
                         "image copy it first",
                         what->source->id);
    return image_mapping_insert(self->db, &mine, error);
}

static gboolean
insert_all(launcher *self, customization *what, GError **error)
{
    g_autoptr(GPtrArray) entries = image_mapping_list(self->db, what->source->id, error);

    if (entries == NULL || !find_root(self, what, entries, error))
        return FALSE;
    what->ami = image_of(self, what);
    if (!image_insert(self->db, what->ami, error) ||
        !tags_put(self->db, what->ami->id, what->tags, error) ||
        !product_code_copy(self->db, what->source->id, what->ami->id, error))
        return FALSE;
    for (guint i = 0; i < entries->len; i++)
        if (!insert_entry(self, what, g_ptr_array_index(entries, i), error))
            return FALSE;
    return TRUE;
}

static gboolean
intend(launcher *self, customization *what, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);

    what->source = intent != NULL ? scope_image(self, what->request->image, error) : NULL;
    if (what->source == NULL || !check_source(self, what, error))
        return FALSE;
    what->number = operation_begin(self->db, KIND, error);
    what->scratch = scratch_folder(self, what->number);
    return what->number != 0 && insert_all(self, what, error) && transaction_commit(intent, error);
}

/* ---- the steps ---- */

/* Relative to the overlay, so that HOME can be moved as a whole. */
static gboolean
make_overlay(const char *path, const char *backing, GError **error)
{
    const char *const argv[] = {"qemu-img", "create", "-q",    "-f", "qcow2", "-F",
                                "qcow2",    "-b",     backing, path, NULL};

    return process_run(argv, ERROR_HOST_DISK, NULL, error);
}

static gboolean
make_root(launcher *self, customization *what, GError **error)
{
    g_autofree char *backing = NULL;

    if (what->disk != NULL) {
        what->path = home_snapshot_path(self->home, what->disk->id);
        backing = g_strdup_printf("%s.qcow2", what->disk->parent);
    } else {
        what->path = g_build_filename(what->scratch, "root.qcow2", NULL);
        backing = home_template_path("..", what->source->content);
    }
    return make_overlay(what->path, backing, error);
}

static gboolean
change_root(launcher *self, const customization *what, GError **error)
{
    const appliance_place place = {what->scratch, what->force_tcg, self->listener};
    const GPtrArray *steps = what->request->steps;

    return customize_disk(what->path, steps,
                          what->request->network || customize_needs_packages(steps), &place, error);
}

/* A template stands on nothing. */
static gboolean
flatten_root(launcher *self, customization *what, GError **error)
{
    g_autofree char *flat = g_build_filename(what->scratch, "template.qcow2", NULL);
    g_autofree char *digest = NULL;
    const char *const argv[] = {"qemu-img", "convert", "-q",       "-f", "qcow2",
                                "-O",       "qcow2",   what->path, flat, NULL};

    if (what->disk != NULL)
        return TRUE;
    progress_phase(self->listener, "writing the template");
    if (!process_run(argv, ERROR_HOST_DISK, NULL, error))
        return FALSE;
    g_free(what->path);
    what->path = g_steal_pointer(&flat);
    digest = file_sha256(what->path, self->listener, "reading the template", error);
    if (digest == NULL)
        return FALSE;
    g_free(what->ami->content);
    what->ami->content = g_strdup_printf("qcow2:sha256:%s", digest);
    return TRUE;
}

/* What the disk was found to be before, if these very bytes were. */
static image_facts *
known_facts(launcher *self, const customization *what)
{
    return boot_files_known_facts(self->db, self->home, what->ami->content);
}

static gboolean
look_inside(launcher *self, customization *what, GError **error)
{
    g_autofree char *old = content_facts_get(self->db, what->source->content);
    g_autoptr(image_facts) before = old != NULL ? image_facts_from_json(old, NULL) : NULL;

    what->facts = known_facts(self, what);
    if (what->facts != NULL)
        return TRUE;
    what->looked = TRUE;
    what->facts = image_inspect(what->path, what->scratch, what->force_tcg, self->listener, error);
    if (what->facts == NULL)
        return FALSE;
    set_text(&what->facts->format, before != NULL ? before->format : "qcow2");
    return TRUE;
}

static gboolean
protect_root(const customization *what, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(what->path);
    FAILPOINT_AROUND("chmod");

    if (chmod(what->path, 0400) != 0)
        return error_set(error, ERROR_HOST_PERMISSION, "can't protect %s", what->path);
    return file_sync(what->path, error) && file_sync(folder, error);
}

static gboolean
act(launcher *self, customization *what, GError **error)
{
    host_facts host;

    if (!host_look(self, &host, error) || !folder_make(what->scratch, 0700, error))
        return FALSE;
    what->force_tcg = !host.kvm;
    return make_root(self, what, error) && change_root(self, what, error) &&
           flatten_root(self, what, error) && look_inside(self, what, error) &&
           protect_root(what, error);
}

/* ---- the result ---- */

/* Which template it is to have must be known before that is there, for the undo to find it. Until
 * now it held the old one, and was the last to do so if the old image went meanwhile. */
static gboolean
record_template(launcher *self, const customization *what, GError **error)
{
    g_autoptr(transaction) change = NULL;

    if (what->disk != NULL)
        return TRUE;
    change = transaction_begin(self->db, error);
    return change != NULL && image_update(self->db, what->ami, error) &&
           template_remove(self->db, self->home, what->source->content, error) &&
           transaction_commit(change, error);
}

static gboolean
settle_root(launcher *self, customization *what, GError **error)
{
    if (what->disk == NULL)
        return template_adopt(self->home, what->ami->content, what->path, error);
    what->disk->state = SNAPSHOT_COMPLETED;
    what->disk->operation = 0;
    return snapshot_update(self->db, what->disk, error) &&
           product_code_copy(self->db, what->source->id, what->disk->id, error);
}

/* Known facts come with files that are there. */
static gboolean
keep_boot_files(launcher *self, const customization *what, GError **error)
{
    return !what->looked ||
           boot_files_keep(self->home, what->ami->content, what->scratch, what->facts, error);
}

static gboolean
record(launcher *self, customization *what, GError **error)
{
    g_autofree char *facts = image_facts_to_json(what->facts);
    g_autoptr(transaction) result = NULL;

    if (!record_template(self, what, error))
        return FALSE;
    result = transaction_begin(self->db, error);
    what->ami->state = IMAGE_AVAILABLE;
    what->ami->operation = 0;
    /* The scratch folder goes before the operation by which it would be found. */
    return result != NULL && settle_root(self, what, error) && keep_boot_files(self, what, error) &&
           folder_remove(what->scratch, error) &&
           content_facts_set(self->db, what->ami->content, facts, error) &&
           image_update(self->db, what->ami, error) &&
           operation_end(self->db, what->number, error) && transaction_commit(result, error);
}

/* ---- back ---- */

static gboolean
undo(launcher *self, gint64 number, GError **error)
{
    g_autofree char *scratch = scratch_folder(self, number);

    return folder_remove(scratch, error) && image_undo(self, number, error);
}

gboolean
recover_image_customize(launcher *self, const operation *cut, GError **error)
{
    return undo(self, cut->id, error);
}

/* ---- for faces ---- */

static gboolean
check_request(launcher *self, customization *what, GError **error)
{
    const customize_request *request = what->request;

    what->tags = tags_parse(request->tags, error);
    return what->tags != NULL && scope_check_image_id(request->image, error) &&
           image_name_check(request->name, error) && customize_check(request->steps, error) &&
           reconcile_images(self, error);
}

char *
launcher_image_customize(launcher *self, const customize_request *request, GError **error)
{
    g_auto(customization) what = {.request = request};

    if (!check_request(self, &what, error) || !bundle_unpack_image(self, request->image, error) ||
        !intend(self, &what, error))
        return NULL;
    if (act(self, &what, error) && record(self, &what, error))
        return g_strdup(what.ami->id);
    if (!undo(self, what.number, NULL))
        operation_abandon(self->db, what.number);
    return NULL;
}
