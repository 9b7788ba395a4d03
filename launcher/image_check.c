/* Checking an image before it is shared: `image check`. */
#include "launcher/checking.h"
#include "common/error.h"
#include "common/files.h"
#include "common/ids.h"
#include "images/check.h"
#include "images/home.h"
#include "launcher/bundle_work.h"
#include "launcher/launch.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/scope.h"

#define KIND "image-check"

void
check_report_free(check_report *self)
{
    if (self == NULL)
        return;
    g_free(self->image);
    check_facts_free(self->facts);
    g_clear_pointer(&self->findings, g_ptr_array_unref);
    g_free(self);
}

/* ---- which files ---- */

static gboolean
add_snapshot(launcher *self, const image *ami, const char *id, GPtrArray *disks, GError **error)
{
    g_autoptr(snapshot) disk = snapshot_get(self->db, id, error);

    if (disk == NULL)
        return FALSE;
    if (disk->secret != NULL)
        return error_set(
            error, ERROR_UNSUPPORTED,
            "The snapshot %s of %s is encrypted, and an encrypted disk can't be looked "
            "into from outside: look at it in an instance",
            id, ami->id);
    g_ptr_array_add(disks, home_snapshot_path(self->home, id));
    return TRUE;
}

/* The root first: the inspection takes the first system that it finds. */
static gboolean
add_snapshots(launcher *self, const image *ami, GPtrArray *disks, GError **error)
{
    g_autoptr(GPtrArray) mapping = image_mapping_list(self->db, ami->id, error);

    if (mapping == NULL)
        return FALSE;
    for (guint turn = 0; turn < 2; turn++)
        for (guint i = 0; i < mapping->len; i++) {
            const image_mapping *entry = g_ptr_array_index(mapping, i);
            gboolean is_root = g_strcmp0(entry->device, ami->root_device) == 0;
            if (entry->snapshot == NULL || is_root != (turn == 0))
                continue;
            if (!add_snapshot(self, ami, entry->snapshot, disks, error))
                return FALSE;
        }
    return TRUE;
}

/* char*, ended by NULL. */
static GPtrArray *
disks_of_image(launcher *self, const image *ami, GError **error)
{
    g_autoptr(GPtrArray) disks = g_ptr_array_new_with_free_func(g_free);

    if (ami->state == IMAGE_PENDING || ami->state == IMAGE_FAILED) {
        error_set(error, ERROR_AMI_UNAVAILABLE, "The image ID '%s' is %s", ami->id,
                  image_state_words[ami->state]);
        return NULL;
    }
    if (ami->root_device_type == ROOT_INSTANCE_STORE)
        g_ptr_array_add(disks, home_template_path(self->home, ami->content));
    if (!add_snapshots(self, ami, disks, error))
        return NULL;
    if (disks->len == 0 || !g_file_test(g_ptr_array_index(disks, 0), G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_UNSUPPORTED, "%s has no disk that could be looked into", ami->id);
        return NULL;
    }
    g_ptr_array_add(disks, NULL);
    return g_steal_pointer(&disks);
}

/* ---- the look ---- */

/* What a look that is killed leaves is found by its operation. */
static char *
scratch_folder(launcher *self, gint64 number)
{
    return g_strdup_printf("%s/check-%" G_GINT64_FORMAT ".inspection", self->home, number);
}

static gint64
begin(launcher *self, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    gint64 number = intent != NULL ? operation_begin(self->db, KIND, error) : 0;

    return number != 0 && transaction_commit(intent, error) ? number : 0;
}

static gboolean
clean_up(launcher *self, gint64 number, GError **error)
{
    g_autofree char *scratch = scratch_folder(self, number);

    return folder_remove(scratch, error) && operation_end(self->db, number, error);
}

static check_facts *
look(launcher *self, GPtrArray *disks, gint64 number, GError **error)
{
    g_autofree char *scratch = scratch_folder(self, number);
    appliance_place place = {.scratch = scratch, .listener = self->listener};
    host_facts host;

    if (!host_look(self, &host, error) || !folder_make(scratch, 0700, error))
        return NULL;
    place.force_tcg = !host.kvm;
    return check_look((const char *const *)disks->pdata, &place, error);
}

check_report *
launcher_image_check(launcher *self, const char *id, GError **error)
{
    g_autoptr(check_report) report = g_new0(check_report, 1);
    g_autoptr(GPtrArray) disks = NULL;
    g_autoptr(image) ami = NULL;
    gint64 number;

    if (!id_is("ami", id)) {
        error_set(error, ERROR_AMI_MALFORMED, "Invalid id: \"%s\" (expecting \"ami-...\")", id);
        return NULL;
    }
    ami = reconcile_images(self, error) ? scope_image(self, id, error) : NULL;
    disks = ami != NULL && bundle_unpack_image(self, id, error) ? disks_of_image(self, ami, error)
                                                                : NULL;
    number = disks != NULL ? begin(self, error) : 0;
    if (number == 0)
        return NULL;
    report->image = g_strdup(id);
    report->facts = look(self, disks, number, error);
    if (!clean_up(self, number, report->facts != NULL ? error : NULL)) {
        operation_abandon(self->db, number);
        return NULL;
    }
    if (report->facts == NULL)
        return NULL;
    report->findings = check_judge(report->facts);
    return g_steal_pointer(&report);
}

gboolean
recover_image_check(launcher *self, const operation *cut, GError **error)
{
    return clean_up(self, cut->id, error);
}
