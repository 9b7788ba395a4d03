#include "launcher/image_register.h"
#include "common/error.h"
#include "common/files.h"
#include "images/boot_files.h"
#include "images/home.h"
#include "images/inspect.h"
#include "launcher/image_codes.h"
#include "launcher/launch.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/registration.h"
#include "launcher/tagging.h"
#include "store/operation.h"

#define KIND "register"

/* ---- the records ---- */

static gboolean
insert_mapping(launcher *self, const registration *what, GError **error)
{
    for (guint i = 0; i < what->entries->len; i++) {
        image_mapping *entry = g_ptr_array_index(what->entries, i);
        g_free(entry->image);
        entry->image = g_strdup(what->ami->id);
        if (!image_mapping_insert(self->db, entry, error) ||
            (entry->snapshot != NULL &&
             !product_code_copy(self->db, entry->snapshot, what->ami->id, error)))
            return FALSE;
    }
    return TRUE;
}

/* From then on its name is taken and its snapshots are in use. Unless NUMBER is 0, it is pending,
 * and that operation's. */
static gboolean
insert(launcher *self, registration *what, gint64 number, GError **error)
{
    registration_make_image(self, what);
    if (number != 0) {
        what->ami->state = IMAGE_PENDING;
        what->ami->operation = number;
    }
    registration_choose_kind(what);
    if (!registration_check_kind(what, number != 0, error) ||
        !registration_check_kernel(self, what, number != 0, error))
        return FALSE;
    return image_insert(self->db, what->ami, error) &&
           product_codes_put(self->db, what->ami->id, what->codes, error) &&
           insert_mapping(self, what, error) &&
           tags_put(self->db, what->ami->id, what->tags, error);
}

static gboolean
register_known(launcher *self, registration *what, GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);

    return change != NULL && registration_load(self, what, error) && insert(self, what, 0, error) &&
           transaction_commit(change, error);
}

/* ---- looking into it first ---- */

/* What the inspection leaves when it is killed has to be found again. */
static char *
scratch_folder(launcher *self, const image *ami)
{
    g_autofree char *path = home_snapshot_path(self->home, ami->id);

    return g_strdup_printf("%s.inspection", path);
}

static gint64
record_intent(launcher *self, registration *what, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    gint64 number = intent != NULL ? operation_begin(self->db, KIND, error) : 0;

    return number != 0 && registration_load(self, what, error) &&
                   insert(self, what, number, error) && transaction_commit(intent, error)
               ? number
               : 0;
}

static gboolean
look_inside(launcher *self, registration *what, GError **error)
{
    g_autofree char *path = home_snapshot_path(self->home, what->root->id);
    g_autofree char *scratch = scratch_folder(self, what->ami);
    host_facts host;

    if (!host_look(self, &host, error) || !folder_make(scratch, 0700, error))
        return FALSE;
    what->facts = image_inspect(path, scratch, !host.kvm, self->listener, error);
    if (what->facts == NULL)
        return FALSE;
    g_free(what->facts->format);
    what->facts->format = g_strdup("qcow2");
    return TRUE;
}

static gboolean
record_content(launcher *self, const registration *what, GError **error)
{
    g_autofree char *text = image_facts_to_json(what->facts);
    g_autofree char *scratch = scratch_folder(self, what->ami);
    g_autoptr(snapshot) root = snapshot_get(self->db, what->root->id, error);

    if (root == NULL)
        return FALSE;
    g_free(root->content);
    root->content = g_strdup(what->ami->content);
    /* The scratch folder goes before the operation by which it would be found. */
    return boot_files_keep(self->home, what->ami->content, scratch, what->facts, error) &&
           folder_remove(scratch, error) &&
           content_facts_set(self->db, what->ami->content, text, error) &&
           snapshot_update(self->db, root, error);
}

static gboolean
record_result(launcher *self, registration *what, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);
    gint64 number = what->ami->operation;

    what->ami->state = IMAGE_AVAILABLE;
    what->ami->operation = 0;
    registration_choose_kind(what);
    return result != NULL && registration_check_kind(what, FALSE, error) &&
           registration_check_kernel(self, what, FALSE, error) &&
           record_content(self, what, error) && image_update(self->db, what->ami, error) &&
           operation_end(self->db, number, error) && transaction_commit(result, error);
}

static gboolean
undo(launcher *self, gint64 number, GError **error)
{
    g_autoptr(GPtrArray) made = image_list_of_operation(self->db, number, error);
    g_autoptr(transaction) result = NULL;

    for (guint i = 0; made != NULL && i < made->len; i++) {
        g_autofree char *scratch = scratch_folder(self, g_ptr_array_index(made, i));
        if (!folder_remove(scratch, error))
            return FALSE;
    }
    result = made != NULL ? transaction_begin(self->db, error) : NULL;
    for (guint i = 0; result != NULL && i < made->len; i++)
        if (!image_delete(self->db, ((image *)g_ptr_array_index(made, i))->id, error))
            return FALSE;
    return result != NULL && operation_end(self->db, number, error) &&
           transaction_commit(result, error);
}

static gboolean
register_unknown(launcher *self, registration *what, GError **error)
{
    gint64 number = record_intent(self, what, error);

    if (number == 0)
        return FALSE;
    if (look_inside(self, what, error) && record_result(self, what, error))
        return TRUE;
    if (!undo(self, number, NULL))
        operation_abandon(self->db, number);
    return FALSE;
}

gboolean
recover_register(launcher *self, const operation *cut, GError **error)
{
    return undo(self, cut->id, error);
}

/* ---- for faces ---- */

static gboolean
has_to_look(launcher *self, const registration *what)
{
    if (what->facts != NULL || what->request->no_inspect)
        return FALSE;
    if (what->root->secret == NULL)
        return TRUE;
    progress_note(self->listener, "%s is encrypted: it isn't looked into", what->root->id);
    return FALSE;
}

static void
tell_guess(launcher *self, const registration *what)
{
    if (what->request->architecture == NULL &&
        (what->facts == NULL || what->facts->architecture == NULL))
        progress_note(self->listener,
                      "no architecture found in %s: x86_64 is assumed; --arch states another",
                      what->root->id);
}

char *
launcher_image_register(launcher *self, const register_request *request, GError **error)
{
    g_auto(registration) what = {0};

    if (!registration_parse(&what, request, error) || !reconcile_images(self, error) ||
        !registration_load(self, &what, error))
        return NULL;
    if (!(has_to_look(self, &what) ? register_unknown(self, &what, error)
                                   : register_known(self, &what, error)))
        return NULL;
    tell_guess(self, &what);
    return g_strdup(what.ami->id);
}
