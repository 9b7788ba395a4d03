#include "images/import.h"
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
#include "images/origin.h"
#include "images/probe.h"
#include "images/template.h"
#include "images/volume.h"
#include "store/operation.h"
#include "store/snapshot.h"
#include "store/tag.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define GIB (G_GUINT64_CONSTANT(1) << 30)
#define TEMPLATE_OF "Template of " /* how the pending snapshot names what it is to become */
#define NAME_LEAST 3
#define NAME_MOST 128
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789()[] ./-'@_"

/* An import under way. */
typedef struct {
    const import_context *context;
    const import_request *request;
    origin origin;
    struct stat before; /* of the file, before anything was read of it */
    disk_source *source;
    char *name;
    char *path; /* of the snapshot */
    char *content;
    snapshot *disk;
    image_facts *facts;
} import;

static void
import_clear(import *self)
{
    origin_clear(&self->origin);
    disk_source_free(self->source);
    snapshot_free(self->disk);
    image_facts_free(self->facts);
    g_free(self->name);
    g_free(self->path);
    g_free(self->content);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(import, import_clear)

/* ---- what is asked ---- */

gboolean
image_name_check(const char *name, GError **error)
{
    gsize length = strlen(name);

    if (length >= NAME_LEAST && length <= NAME_MOST && strspn(name, NAME_CHARACTERS) == length)
        return TRUE;
    return error_set(error, ERROR_AMI_NAME_MALFORMED,
                     "'%s' is no AMI name: 3 to 128 of letters, digits, and ()[] ./-'@_", name);
}

/* A name from FILE, the file's, with a number after it if that is taken. */
static char *
name_from_file(const import_context *context, const char *file)
{
    g_autofree char *base = g_strdup(file);
    char *dot = strrchr(base, '.');
    g_autofree char *stem = NULL;

    if (dot != NULL && dot != base)
        *dot = '\0';
    g_strcanon(base, NAME_CHARACTERS, '-');
    stem =
        g_strdup_printf("%.*s%s", NAME_MOST - 8, base, strlen(base) < NAME_LEAST ? "-image" : "");
    for (int number = 1;; number++) {
        char *name = number == 1 ? g_strdup(stem) : g_strdup_printf("%s-%d", stem, number);
        if (!image_name_taken(context->db, context->owner, context->region, name))
            return name;
        g_free(name);
    }
}

static gboolean
choose_name(import *self, GError **error)
{
    const import_context *context = self->context;

    if (self->request->name == NULL) {
        self->name = name_from_file(context, self->origin.name);
        return TRUE;
    }
    self->name = g_strdup(self->request->name);
    if (!image_name_check(self->name, error))
        return FALSE;
    if (image_name_taken(context->db, context->owner, context->region, self->name))
        return error_set(error, ERROR_AMI_NAME_DUPLICATE,
                         "AMI name %s is already in use by another AMI", self->name);
    return TRUE;
}

static gboolean
one_of(const char *what, const char *value, const char *const *allowed, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", (char **)allowed);

    if (value == NULL || g_strv_contains(allowed, value))
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for %s: one of %s", value,
                     what, list);
}

static gboolean
request_check(const import_request *request, GError **error)
{
    static const char *const architectures[] = {"x86_64", "i386", "arm64", NULL};
    const char *device = request->root_device;

    if (device != NULL &&
        (!g_str_has_prefix(device, "/dev/") || strlen(device) > 32 ||
         strspn(device + 5, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(device + 5)))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Invalid value '%s' for root device name: such as /dev/sda1 or /dev/xvda",
                         device);
    if (request->kernel != NULL && !id_is("aki", request->kernel))
        return error_set(error, ERROR_PARAMETER_VALUE, "Invalid id: \"%s\" (expecting \"aki-...\")",
                         request->kernel);
    return one_of("architecture", request->architecture, architectures, error) &&
           one_of("virtualization type", request->virtualization, virtualization_words, error) &&
           one_of("root device type", request->root_device_type, root_device_type_words, error);
}

static root_device_type
chosen_root(const import_request *request)
{
    const char *asked = request->root_device_type;

    return g_strcmp0(asked, root_device_type_words[ROOT_INSTANCE_STORE]) == 0 ? ROOT_INSTANCE_STORE
                                                                              : ROOT_EBS;
}

static gboolean
size_check(const import *self, GError **error)
{
    if (chosen_root(self->request) == ROOT_EBS ||
        self->source->virtual_size <= STORE_ROOT_GIB_MOST * GIB)
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "The root device of an instance-store-backed image can be at most %d GiB: the "
                     "disk in %s has %.1f GiB",
                     STORE_ROOT_GIB_MOST, self->origin.label,
                     (double)self->source->virtual_size / (double)GIB);
}

/* ---- what is found ---- */

static virtualization
chosen_virtualization(const import *self)
{
    const char *asked = self->request->virtualization;

    if (asked == NULL)
        return image_facts_are_paravirtual(self->facts) ? VIRTUALIZATION_PARAVIRTUAL
                                                        : VIRTUALIZATION_HVM;
    return g_str_equal(asked, virtualization_words[VIRTUALIZATION_HVM])
               ? VIRTUALIZATION_HVM
               : VIRTUALIZATION_PARAVIRTUAL;
}

static const char *
chosen_architecture(const import *self)
{
    if (self->request->architecture != NULL)
        return self->request->architecture;
    if (self->facts->architecture != NULL)
        return self->facts->architecture;
    progress_note(self->context->listener,
                  "no architecture found in %s: x86_64 is assumed; --arch states another",
                  self->origin.label);
    return "x86_64";
}

/* ---- the steps ---- */

static gboolean
record_intent(import *self, gint64 *number, GError **error)
{
    const import_context *context = self->context;
    g_autoptr(transaction) intent = transaction_begin(context->db, error);
    snapshot *disk = g_new0(snapshot, 1);

    self->disk = disk;
    disk->id = id_new("snap");
    disk->state = SNAPSHOT_PENDING;
    disk->size_gib = (gint64)((self->source->virtual_size + GIB - 1) / GIB);
    disk->started = time_now();
    disk->description = g_strdup_printf("Imported from %s", self->origin.label);
    disk->owner = g_strdup(context->owner);
    disk->region = g_strdup(context->region);
    self->path = home_snapshot_path(context->home, disk->id);
    if (intent == NULL)
        return FALSE;
    *number = operation_begin(context->db, "import", error);
    if (*number == 0)
        return FALSE;
    disk->operation = *number;
    return snapshot_insert(context->db, disk, error) && transaction_commit(intent, error);
}

/* That it is to become a template has to be known before it is one, for the undo to find it. */
static gboolean
record_template(import *self, GError **error)
{
    g_autoptr(transaction) intent = NULL;

    if (chosen_root(self->request) == ROOT_EBS)
        return TRUE;
    intent = transaction_begin(self->context->db, error);
    g_free(self->disk->description);
    self->disk->description = g_strdup_printf(TEMPLATE_OF "%s", self->content);
    return intent != NULL && snapshot_update(self->context->db, self->disk, error) &&
           transaction_commit(intent, error);
}

/* The digest has to be that of the bytes that were copied. */
static gboolean
same_file(const struct stat *before, const char *path)
{
    struct stat now;

    return stat(path, &now) == 0 && now.st_ino == before->st_ino &&
           now.st_size == before->st_size && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

/* One core reads and hashes while the other converts. */
static gboolean
copy_and_hash(import *self, GError **error)
{
    const char *path = self->origin.path;
    const char *label = self->origin.label;
    g_autofree char *options = disk_source_image_opts(self->source);
    const char *const argv[] = {"qemu-img", "convert",  "-q", "--image-opts", "-O", "qcow2",
                                options,    self->path, NULL};
    g_autofree char *phase = g_strdup_printf("reading %s", label);
    g_autofree char *digest = NULL;
    g_autofree char *folder = NULL;
    g_autoptr(process) convert = NULL;

    convert = process_start(argv, ERROR_HOST_DISK, error);
    if (convert == NULL)
        return FALSE;
    digest = file_sha256(path, self->context->listener, phase, error);
    if (digest == NULL)
        return FALSE;
    /* The same bytes read in another format are another disk. */
    self->content = g_strdup_printf("%s:sha256:%s", self->source->format, digest);
    progress_phase(self->context->listener, "writing the snapshot");
    if (!process_finish(g_steal_pointer(&convert), NULL, error)) {
        disk_source_blame(error);
        return error_prefix(error, "can't import %s", label);
    }
    if (!same_file(&self->before, path))
        return error_set(error, ERROR_PARAMETER_VALUE, "%s changed while it was read: try again",
                         label);
    folder = g_path_get_dirname(self->path);
    return file_sync(self->path, error) && file_sync(folder, error);
}

/* What the inspection leaves when it is killed has to be found again. */
static char *
scratch_folder(const char *snapshot_path)
{
    return g_strdup_printf("%s.inspection", snapshot_path);
}

static gboolean
look_inside(import *self, GError **error)
{
    g_autofree char *scratch = scratch_folder(self->path);

    self->facts = boot_files_known_facts(self->context->db, self->context->home, self->content);
    if (self->facts != NULL)
        return TRUE;
    if (!folder_make(scratch, 0700, error))
        return FALSE;
    self->facts = image_inspect(self->path, scratch, self->context->force_tcg,
                                self->context->listener, error);
    if (self->facts == NULL)
        return FALSE;
    g_free(self->facts->format);
    self->facts->format = g_strdup(self->source->format);
    return TRUE;
}

static gboolean
insert_tags(import *self, const char *id, GError **error)
{
    const GPtrArray *tags = self->context->tags;

    for (guint i = 0; tags != NULL && i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        if (!tag_set(self->context->db, id, one->key, one->value, error))
            return FALSE;
    }
    return TRUE;
}

/* A paravirtual guest is given its root as what the name says: as a disk, in which it finds the
 * partitions, or as a partition. */
static const char *
chosen_root_device(const import *self)
{
    gboolean partitioned = self->facts->scheme != PARTITIONS_NONE;

    if (self->request->root_device != NULL)
        return self->request->root_device;
    return chosen_virtualization(self) == VIRTUALIZATION_PARAVIRTUAL && partitioned ? "/dev/sda"
                                                                                    : "/dev/sda1";
}

/* A paravirtual image without one gets the region's newest that looks where its menu can be. */
static const char *
chosen_kernel(const import *self)
{
    const kernel_images *known = self->context->kernels;
    const kernel_image *found;

    if (self->request->kernel != NULL || known == NULL ||
        chosen_virtualization(self) != VIRTUALIZATION_PARAVIRTUAL)
        return self->request->kernel;
    found = kernel_images_newest(known, self->context->region, chosen_architecture(self),
                                 self->facts->scheme != PARTITIONS_NONE);
    return found != NULL ? found->id : NULL;
}

static gboolean
insert_image(import *self, const char *id, GError **error)
{
    const import_request *request = self->request;
    const import_context *context = self->context;
    const char *root = chosen_root_device(self);
    gboolean ebs = chosen_root(request) == ROOT_EBS;
    const image ami = {
        .id = (char *)id,
        .name = self->name,
        .description = (char *)request->description,
        .state = IMAGE_AVAILABLE,
        .architecture = (char *)chosen_architecture(self),
        .virtualization = (int)chosen_virtualization(self),
        .root_device_type = (int)chosen_root(request),
        .root_device = (char *)root,
        .kernel = (char *)chosen_kernel(self),
        .content = self->content,
        .source = self->origin.name,
        .owner = (char *)context->owner,
        .region = (char *)context->region,
        .created = time_now(),
        .platform = g_strcmp0(self->facts->os_type, "windows") == 0 ? (char *)"windows" : NULL,
    };
    const image_mapping mapping = {
        .image = (char *)id,
        .device = (char *)root,
        .virtual_name = (char *)(ebs ? NULL : "ami"),
        .snapshot = ebs ? self->disk->id : NULL,
        .size_gib = self->disk->size_gib,
        .volume_type = (char *)(ebs ? "gp2" : NULL),
        .delete_on_termination = ebs,
    };

    return image_insert(context->db, &ami, error) &&
           image_mapping_insert(context->db, &mapping, error) && insert_tags(self, id, error);
}

/* What was a pending snapshot up to now becomes one, or the content's template. */
static gboolean
settle_disk(import *self, GError **error)
{
    const import_context *context = self->context;

    self->disk->state = SNAPSHOT_COMPLETED;
    self->disk->operation = 0;
    self->disk->content = g_strdup(self->content);
    if (chosen_root(self->request) == ROOT_EBS)
        return snapshot_update(context->db, self->disk, error);
    return snapshot_delete(context->db, self->disk->id, error) &&
           template_adopt(context->home, self->content, self->path, error);
}

/* The scratch folder goes before the operation by which it would be found. */
static gboolean
record_facts(import *self, GError **error)
{
    g_autofree char *facts = image_facts_to_json(self->facts);
    g_autofree char *scratch = scratch_folder(self->path);

    if (!g_file_test(scratch, G_FILE_TEST_EXISTS))
        return TRUE; /* they are known */
    return boot_files_keep(self->context->home, self->content, scratch, self->facts, error) &&
           content_facts_set(self->context->db, self->content, facts, error) &&
           folder_remove(scratch, error);
}

static char *
record_result(import *self, GError **error)
{
    store *db = self->context->db;
    g_autofree char *id = id_new("ami");
    g_autoptr(transaction) result = transaction_begin(db, error);
    gint64 number = self->disk->operation;

    if (result == NULL || !settle_disk(self, error) || !record_facts(self, error) ||
        !insert_image(self, id, error) || !operation_end(db, number, error) ||
        !transaction_commit(result, error))
        return NULL;
    return g_steal_pointer(&id);
}

static char *
import_steps(import *self, GError **error)
{
    if (!copy_and_hash(self, error) || !look_inside(self, error))
        return NULL;
    /* Never written again, not even by a guest's QEMU that has gone astray. */
    FAILPOINT_AROUND("chmod");
    if (chmod(self->path, 0400) != 0) {
        error_set(error, ERROR_HOST_PERMISSION, "can't protect %s", self->path);
        return NULL;
    }
    return record_template(self, error) ? record_result(self, error) : NULL;
}

/* Nobody has vouched for it but the server. */
static void
note_digest(const import *self)
{
    const origin *from = &self->origin;

    if (from->file != NULL && !from->has_sum)
        progress_note(self->context->listener,
                      "no checksum of %s was given to compare with: its SHA-256 is %s", from->label,
                      strrchr(self->content, ':') + 1);
}

/* Before anything else of it is believed. */
static gboolean
check_sum(import *self, GError **error)
{
    /* What isn't there, or is no file, is named by who looks at it next. */
    return stat(self->origin.path, &self->before) != 0 || !S_ISREG(self->before.st_mode) ||
           origin_verify(&self->origin, error);
}

/* What was found out about the file is recorded, or nothing is. */
static char *
import_file(import *self, GError **error)
{
    const import_context *context = self->context;
    gint64 number = 0;
    char *id;

    progress_phase(context->listener, "looking at the file");
    if (!check_sum(self, error))
        return NULL;
    self->source = disk_source_probe(self->origin.path, self->request->format, error);
    if (self->source == NULL) {
        origin_explain(&self->origin, error);
        return NULL;
    }
    if (!size_check(self, error) || !record_intent(self, &number, error))
        return NULL;
    id = import_steps(self, error);
    if (id == NULL && !image_import_undo(context->db, context->home, number, NULL))
        operation_abandon(context->db, number);
    return id;
}

/* Others may have taken the name that was chosen, as fetching takes long. */
static gboolean
fetch(import *self, GError **error)
{
    if (!origin_fetch(&self->origin, self->request, error))
        return FALSE;
    g_clear_pointer(&self->name, g_free);
    return choose_name(self, error);
}

char *
image_import(const import_context *context, const import_request *request, GError **error)
{
    g_auto(import) self = {.context = context, .request = request};
    g_autoptr(GError) problem = NULL;
    char *id = NULL;

    if (!request_check(request, error) || !origin_init(&self.origin, context, request, error) ||
        !choose_name(&self, error))
        return NULL;
    if (fetch(&self, &problem))
        id = import_file(&self, &problem);
    origin_end(&self.origin, &problem);
    if (problem != NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    else
        note_digest(&self);
    return id;
}

static gboolean
forget_disk(store *db, const char *home, const snapshot *disk, GError **error)
{
    const char *text = disk->description;

    if (!snapshot_delete(db, disk->id, error))
        return FALSE;
    return text == NULL || !g_str_has_prefix(text, TEMPLATE_OF) ||
           template_remove(db, home, text + strlen(TEMPLATE_OF), error);
}

gboolean
image_import_undo(store *db, const char *home, gint64 number, GError **error)
{
    g_autoptr(GPtrArray) made = snapshot_list_of_operation(db, number, error);
    g_autoptr(transaction) result = NULL;

    if (made == NULL)
        return FALSE;
    for (guint i = 0; i < made->len; i++) {
        const snapshot *disk = g_ptr_array_index(made, i);
        g_autofree char *path = home_snapshot_path(home, disk->id);
        g_autofree char *scratch = scratch_folder(path);
        if (!file_remove(path, error) || !folder_remove(scratch, error))
            return FALSE;
    }
    result = transaction_begin(db, error);
    if (result == NULL)
        return FALSE;
    for (guint i = 0; i < made->len; i++)
        if (!forget_disk(db, home, g_ptr_array_index(made, i), error))
            return FALSE;
    return operation_end(db, number, error) && transaction_commit(result, error);
}
