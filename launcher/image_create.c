/* Images of instances: snapshots of all volumes at one moment, and a mapping that names them. */
#include "common/error.h"
#include "common/times.h"
#include "common/ids.h"
#include "images/import.h"
#include "launcher/claim.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/scope.h"
#include "launcher/snapshot_take.h"
#include "launcher/tagging.h"

#include <time.h>

/* The kind tells whether the guest's vCPUs may have been paused by us. */
#define KIND "image-create"
#define KIND_REBOOT "image-create-reboot"

typedef struct {
    const image_create_request *request;
    snapshot_set set;
    image *ami;
    const GPtrArray *tags; /* tag* */
    gboolean reboot;
} creation;

static void
creation_clear(creation *self)
{
    snapshot_set_clear(&self->set);
    image_free(self->ami);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(creation, creation_clear)

/* ---- the intent ---- */

static char *
usual_name(launcher *self, const char *instance_id)
{
    char date[32];
    time_t now = (time_t)time_now();
    struct tm parts;

    strftime(date, sizeof date, "%Y%m%d-%H%M%S", gmtime_r(&now, &parts));
    for (int number = 1;; number++) {
        g_autofree char *more = number > 1 ? g_strdup_printf("-%d", number) : g_strdup("");
        g_autofree char *name = g_strdup_printf("%s-%s%s", instance_id, date, more);
        if (!image_name_taken(self->db, self->conf->account, self->conf->region, name))
            return g_steal_pointer(&name);
    }
}

static char *
platform_of_content(launcher *self, const char *content)
{
    g_autofree char *text = content_facts_get(self->db, content);
    g_autoptr(image_facts) facts = text != NULL ? image_facts_from_json(text, NULL) : NULL;

    return g_strdup(facts != NULL && g_strcmp0(facts->os_type, "windows") == 0 ? "windows" : NULL);
}

static image *
image_of_instance(launcher *self, const instance *vm, const image_create_request *request)
{
    image *ami = g_new0(image, 1);

    ami->id = id_new("ami");
    ami->name =
        request->name != NULL ? g_strdup(request->name) : usual_name(self, request->instance);
    ami->description = g_strdup(request->description);
    ami->state = IMAGE_PENDING;
    ami->architecture = g_strdup(vm->architecture);
    ami->virtualization = vm->virtualization;
    ami->root_device_type = ROOT_EBS;
    ami->root_device = g_strdup(vm->root_device);
    ami->kernel = g_strdup(vm->kernel);
    ami->ramdisk = g_strdup(vm->ramdisk);
    ami->content = g_strdup(vm->content);
    ami->boot_mode = g_strdup(vm->boot_mode);
    ami->platform = platform_of_content(self, vm->content);
    ami->source = g_strdup(vm->id);
    ami->owner = g_strdup(self->conf->account);
    ami->region = g_strdup(self->conf->region);
    ami->created = time_now();
    return ami;
}

static gboolean
has_root(const volume_claim *mine)
{
    for (guint i = 0; i < mine->volumes->len; i++) {
        const volume *what = g_ptr_array_index(mine->volumes, i);
        if (g_strcmp0(what->device, mine->vm->root_device) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
instance_allowed(const volume_claim *mine, GError **error)
{
    const instance *vm = mine->vm;

    if (vm->root_device_type != ROOT_EBS)
        return error_set(error, ERROR_UNSUPPORTED,
                         "The instance '%s' does not have an 'ebs' root device type and no image "
                         "can be created of it.",
                         vm->id);
    if (!snapshots_allowed(mine, error))
        return FALSE;
    return has_root(mine) ||
           error_set(error, ERROR_PARAMETER_VALUE,
                     "Instance does not have a volume attached at root (%s)", vm->root_device);
}

/* The root first, as in an imported image. */
static gboolean
insert_volumes(launcher *self, const creation *what, gint64 *position, GError **error)
{
    const GPtrArray *volumes = what->set.claim->volumes;

    for (guint turn = 0; turn < 2; turn++)
        for (guint i = 0; i < volumes->len; i++) {
            const volume *of = g_ptr_array_index(volumes, i);
            const snapshot *made = g_ptr_array_index(what->set.made, i);
            gboolean is_root = g_strcmp0(of->device, what->ami->root_device) == 0;
            const image_mapping entry = {.image = what->ami->id,
                                         .position = *position,
                                         .device = of->device,
                                         .snapshot = made->id,
                                         .size_gib = of->size_gib,
                                         .volume_type = of->type,
                                         .delete_on_termination = of->delete_on_termination,
                                         .encrypted = of->secret != NULL};
            if (is_root != (turn == 0))
                continue;
            (*position)++;
            if (!image_mapping_insert(self->db, &entry, error) ||
                !product_code_copy(self->db, made->id, what->ami->id, error))
                return FALSE;
        }
    return TRUE;
}

/* What came with the type and was not asked for comes again by itself. */
static gboolean
insert_store_disks(launcher *self, const creation *what, gint64 *position, GError **error)
{
    g_autoptr(GPtrArray) disks = store_disk_list(self->db, what->set.claim->vm->id, error);

    for (guint i = 0; disks != NULL && i < disks->len; i++) {
        const store_disk *disk = g_ptr_array_index(disks, i);
        const image_mapping entry = {.image = what->ami->id,
                                     .position = *position,
                                     .device = disk->device,
                                     .virtual_name = disk->virtual_name};
        if (!disk->mapped)
            continue;
        (*position)++;
        if (!image_mapping_insert(self->db, &entry, error))
            return FALSE;
    }
    return disks != NULL;
}

static gboolean
intend(launcher *self, volume_claim *mine, gpointer data, GError **error)
{
    creation *what = data;
    g_autofree char *description = NULL;
    gint64 position = 0;

    if (!instance_allowed(mine, error))
        return FALSE;
    /* Whether it is to be rebooted was decided by how it was a moment ago. */
    if (what->reboot && mine->vm->state != INSTANCE_RUNNING)
        return error_set(error, ERROR_INSTANCE_STATE, "The instance '%s' is %s now: try again.",
                         mine->vm->id, instance_state_words[mine->vm->state]);
    what->ami = image_of_instance(self, mine->vm, what->request);
    description = g_strdup_printf("Created by CreateImage(%s) for %s", mine->vm->id, what->ami->id);
    return snapshots_intend(self, &what->set, mine, description, error) &&
           image_insert(self->db, what->ami, error) &&
           tags_put(self->db, what->ami->id, what->tags, error) &&
           product_code_copy(self->db, mine->vm->id, what->ami->id, error) &&
           insert_volumes(self, what, &position, error) &&
           insert_store_disks(self, what, &position, error);
}

/* ---- the steps ---- */

/* At the moment of the reset all that the guest had to write is written, and its firmware doesn't
 * write anything: there it is held. */
static gboolean
reboot_and_hold(launcher *self, const instance *vm, GError **error)
{
    g_autofree char *phase = g_strdup_printf("waiting for %s to reboot", vm->id);
    reboot_result result;

    progress_phase(self->listener, phase);
    if (!hypervisor_reboot(self->driver, vm->id,
                           self->conf->reboot_timeout * G_GINT64_CONSTANT(1000), &result, error))
        return FALSE;
    if (result == REBOOT_OFF)
        return TRUE;
    if (result == REBOOT_DONE)
        return hypervisor_pause(self->driver, vm->id, error);
    progress_note(self->listener,
                  "%s did not reboot in %u s: it is reset, and the image is as after a power "
                  "failure",
                  vm->id, self->conf->reboot_timeout);
    return hypervisor_reset(self->driver, vm->id, error) &&
           hypervisor_pause(self->driver, vm->id, error);
}

/* Lets a guest that was held go on. */
static gboolean
release(launcher *self, const char *name, GError **error)
{
    hypervisor *driver = launcher_hypervisor(self, error);
    g_autoptr(GHashTable) domains = driver != NULL ? hypervisor_list(driver, error) : NULL;
    const domain_status *status;

    if (domains == NULL)
        return FALSE;
    status = g_hash_table_lookup(domains, name);
    if (status == NULL || status->state != DOMAIN_PAUSED || status->pause == PAUSED_IO_ERROR ||
        status->pause == PAUSED_CRASHED)
        return TRUE;
    return hypervisor_resume(driver, name, error);
}

static gboolean
act(launcher *self, creation *what, GError **error)
{
    const instance *vm = what->set.claim->vm;

    if (!snapshots_prepare(self, &what->set, error) ||
        (what->reboot && !reboot_and_hold(self, vm, error)))
        return FALSE;
    progress_phase(self->listener, "taking the snapshots");
    return snapshots_take(self, &what->set, error);
}

/* ---- the result ---- */

static gboolean
record(launcher *self, volume_claim *mine G_GNUC_UNUSED, gpointer data, GError **error)
{
    creation *what = data;

    /* Before the snapshots that it names. */
    if (!what->set.taken && !image_delete(self->db, what->ami->id, error))
        return FALSE;
    what->ami->state = IMAGE_AVAILABLE;
    return snapshots_record(self, &what->set, error) &&
           (!what->set.taken || image_update(self->db, what->ami, error));
}

/* A guest must not rest for longer than it must, whatever happens to the snapshots. */
static gboolean
settle(launcher *self, creation *what, GError **error)
{
    gboolean settled = snapshots_settle(self, &what->set, error);
    gboolean goes_on =
        !what->reboot || release(self, what->set.claim->vm->id, settled ? error : NULL);

    return settled && goes_on && claim_volumes_settle(self, what->set.claim, record, what, error);
}

static gboolean
create(launcher *self, creation *what, GError **error)
{
    g_autoptr(GError) problem = NULL;
    gboolean done = act(self, what, &problem);

    if (!settle(self, what, done ? error : NULL)) {
        operation_abandon(self->db, what->set.claim->operation);
        if (done)
            return FALSE;
    } else if (what->set.taken) {
        return TRUE;
    }
    if (problem != NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    else
        error_set(error, ERROR_INSTANCE_STATE, "The guest changed while its image was made");
    return FALSE;
}

/* ---- for faces ---- */

static gboolean
check_request(launcher *self, const image_create_request *request, GError **error)
{
    const char *const ids[] = {request->instance, NULL};

    return claim_check_ids(ids, error) && launcher_store(self, error) != NULL &&
           (request->name == NULL || image_name_check(request->name, error));
}

char *
launcher_image_create(launcher *self, const image_create_request *request, GError **error)
{
    g_autoptr(GPtrArray) tags = tags_parse(request->tags, error);
    g_auto(creation) what = {.request = request, .tags = tags};
    g_autoptr(volume_claim) mine = NULL;
    g_autoptr(instance) vm = NULL;

    if (tags == NULL || !check_request(self, request, error) || !reconcile(self, error))
        return NULL;
    vm = scope_instance(self, request->instance, error);
    if (vm == NULL)
        return NULL;
    what.reboot = vm->state == INSTANCE_RUNNING && !request->no_reboot;
    if (vm->hibernated == HIBERNATED_MEMORY)
        progress_note(self->listener,
                      "%s is hibernated: the image is as after a power failure, without its memory",
                      vm->id);
    mine =
        claim_volumes(self, NULL, vm->id, what.reboot ? KIND_REBOOT : KIND, intend, &what, error);
    if (mine == NULL || !create(self, &what, error))
        return NULL;
    return g_strdup(what.ami->id);
}

/* Its snapshots say which image it was to be. */
static image *
image_of_set(launcher *self, const snapshot_set *set, GError **error)
{
    const snapshot *first = set->made->len > 0 ? g_ptr_array_index(set->made, 0) : NULL;
    g_autoptr(GPtrArray) entries = NULL;
    const image_mapping *entry;

    if (first == NULL) {
        error_set(error, ERROR_HOST_DATABASE, "no snapshot is recorded of the image");
        return NULL;
    }
    entries = image_mapping_list_of_snapshot(self->db, first->id, error);
    if (entries == NULL || entries->len == 0) {
        error_set(error, ERROR_HOST_DATABASE, "no image is recorded of %s", first->id);
        return NULL;
    }
    entry = g_ptr_array_index(entries, 0);
    return image_get(self->db, entry->image, first->region, error);
}

gboolean
recover_image_create(launcher *self, const operation *cut, GError **error)
{
    g_autoptr(volume_claim) mine = claim_volumes_of_operation(self, cut, error);
    g_auto(creation) what = {.reboot = g_str_equal(cut->kind, KIND_REBOOT)};

    if (mine == NULL || !snapshots_of_operation(self, &what.set, mine, error))
        return FALSE;
    what.ami = image_of_set(self, &what.set, error);
    if (what.ami == NULL || !settle(self, &what, error))
        return FALSE;
    progress_note(self->listener, "%s: its image %s was interrupted; %s", mine->vm->id,
                  what.ami->id, what.set.taken ? "it is completed" : "undone");
    return TRUE;
}
