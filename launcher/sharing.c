#include "launcher/sharing.h"
#include "common/error.h"
#include "launcher/image_life.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"
#include "store/permission.h"
#include "store/product_code.h"

#define EVERYBODY "all"

void
sharing_free(sharing *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->accounts);
    g_free(self);
}

static sharing *
sharing_read(launcher *self, const char *id, gboolean public, GError **error)
{
    GPtrArray *accounts = permission_list(self->db, id, error);
    sharing *made;

    if (accounts == NULL)
        return NULL;
    made = g_new0(sharing, 1);
    made->public = public;
    made->accounts = accounts;
    return made;
}

/* ---- what is asked ---- */

static gboolean
is_everybody(const char *who)
{
    return g_str_equal(who, EVERYBODY);
}

static gboolean
has(const char *const *list, const char *who)
{
    return list != NULL && g_strv_contains(list, who);
}

static gboolean
check_list(const char *const *list, error_code code, GError **error)
{
    for (gsize i = 0; list != NULL && list[i] != NULL; i++)
        if (!is_everybody(list[i]) && !settings_is_account(list[i]))
            return error_set(error, code,
                             "Invalid attribute item value \"%s\" for userId item type: an "
                             "account's 12 digits, or " EVERYBODY " for everybody",
                             list[i]);
    return TRUE;
}

static gboolean
check_request(const share_request *asked, error_code code, GError **error)
{
    if (!check_list(asked->add, code, error) || !check_list(asked->remove, code, error))
        return FALSE;
    for (gsize i = 0; asked->add != NULL && asked->add[i] != NULL; i++)
        if (has(asked->remove, asked->add[i]))
            return error_set(error, ERROR_PARAMETER_COMBINATION,
                             "'%s' can't be added and removed at once", asked->add[i]);
    return TRUE;
}

static gboolean
gives(const share_request *asked)
{
    return asked->add != NULL && asked->add[0] != NULL;
}

/* ---- the change, within a transaction ---- */

typedef gboolean (*change)(store *db, const char *resource, const char *account, GError **error);

static gboolean
change_each(launcher *self, const char *id, const char *const *list, change act, GError **error)
{
    for (gsize i = 0; list != NULL && list[i] != NULL; i++)
        if (!is_everybody(list[i]) && !act(self->db, id, list[i], error))
            return FALSE;
    return TRUE;
}

static gboolean
apply(launcher *self, const char *id, const share_request *asked, gint64 *public, GError **error)
{
    if (asked->reset || has(asked->remove, EVERYBODY))
        *public = FALSE;
    if (has(asked->add, EVERYBODY))
        *public = TRUE;
    return (!asked->reset || permission_clear(self->db, id, error)) &&
           change_each(self, id, asked->remove, permission_remove, error) &&
           change_each(self, id, asked->add, permission_add, error);
}

/* What isn't committed is taken back. */
static gboolean
end(transaction *all, const share_request *asked, GError **error)
{
    return asked->dry_run || transaction_commit(all, error);
}

/* Source: Amazon EC2 User Guide, "Make your AMI publicly available"; API Reference,
 * "ModifySnapshotAttribute". */
static gboolean
check_no_codes(launcher *self, const char *id, GError **error)
{
    g_autoptr(GPtrArray) codes = product_code_list(self->db, id, error);

    if (codes == NULL || codes->len == 0)
        return codes != NULL;
    return error_set(error, ERROR_UNSUPPORTED,
                     "'%s' has the product code %s, and so can't be public. Share it with accounts "
                     "by their ids",
                     id, ((product_code *)g_ptr_array_index(codes, 0))->code);
}

/* ---- images ---- */

static gboolean
check_snapshots_open(launcher *self, const image *ami, GError **error)
{
    g_autoptr(GPtrArray) entries = image_mapping_list(self->db, ami->id, error);

    for (guint i = 0; entries != NULL && i < entries->len; i++) {
        const image_mapping *entry = g_ptr_array_index(entries, i);
        g_autoptr(snapshot) disk =
            entry->snapshot != NULL ? snapshot_get(self->db, entry->snapshot, error) : NULL;
        if (entry->snapshot != NULL && disk == NULL)
            return FALSE;
        if (disk != NULL && disk->secret != NULL)
            return error_set(error, ERROR_UNSUPPORTED,
                             "Encrypted snapshots can't be shared publicly: %s is one (%s). Share "
                             "the image with accounts by their ids",
                             disk->id, entry->device);
    }
    return entries != NULL;
}

static gboolean
image_may_be_public(launcher *self, const image *ami, GError **error)
{
    return check_no_codes(self, ami->id, error) && check_snapshots_open(self, ami, error);
}

sharing *
launcher_image_share(launcher *self, const char *id, const share_request *asked, GError **error)
{
    g_autoptr(transaction) all = NULL;
    g_autoptr(image) ami = NULL;
    g_autoptr(sharing) now = NULL;

    if (!scope_check_image_id(id, error) ||
        !check_request(asked, ERROR_AMI_ATTRIBUTE_ITEM, error) || !reconcile_images(self, error))
        return NULL;
    all = transaction_begin(self->db, error);
    ami = all != NULL ? scope_own_image(self, id, error) : NULL;
    if (ami == NULL || (gives(asked) && !image_check_launchable(ami, error)) ||
        (has(asked->add, EVERYBODY) && !image_may_be_public(self, ami, error)) ||
        !apply(self, id, asked, &ami->public, error))
        return NULL;
    now = sharing_read(self, id, ami->public != 0, error);
    if (now == NULL || !image_update(self->db, ami, error) || !end(all, asked, error))
        return NULL;
    return g_steal_pointer(&now);
}

sharing *
launcher_image_sharing(launcher *self, const image *ami)
{
    gboolean mine = g_strcmp0(ami->owner, self->conf->account) == 0;

    return mine ? sharing_read(self, ami->id, ami->public != 0, NULL) : NULL;
}

/* ---- snapshots ---- */

static gboolean
snapshot_may_be_given(const snapshot *what, GError **error)
{
    return what->state == SNAPSHOT_COMPLETED ||
           error_set(error, ERROR_VOLUME_STATE,
                     "The snapshot '%s' is %s: only one that is completed can be shared", what->id,
                     snapshot_state_words[what->state]);
}

static gboolean
snapshot_may_be_public(launcher *self, const snapshot *what, GError **error)
{
    if (what->secret != NULL)
        return error_set(error, ERROR_UNSUPPORTED,
                         "Encrypted snapshots can't be shared publicly: %s is one. Share it with "
                         "accounts by their ids",
                         what->id);
    return check_no_codes(self, what->id, error);
}

sharing *
launcher_snapshot_share(launcher *self, const char *id, const share_request *asked, GError **error)
{
    g_autoptr(transaction) all = NULL;
    g_autoptr(snapshot) what = NULL;
    g_autoptr(sharing) now = NULL;

    if (!scope_check_snapshot_id(id, error) ||
        !check_request(asked, ERROR_PARAMETER_VALUE, error) || !reconcile_images(self, error))
        return NULL;
    all = transaction_begin(self->db, error);
    what = all != NULL ? scope_own_snapshot(self, id, error) : NULL;
    if (what == NULL || (gives(asked) && !snapshot_may_be_given(what, error)) ||
        (has(asked->add, EVERYBODY) && !snapshot_may_be_public(self, what, error)) ||
        !apply(self, id, asked, &what->public, error))
        return NULL;
    now = sharing_read(self, id, what->public != 0, error);
    if (now == NULL || !snapshot_update(self->db, what, error) || !end(all, asked, error))
        return NULL;
    return g_steal_pointer(&now);
}

sharing *
launcher_snapshot_sharing(launcher *self, const snapshot *what)
{
    gboolean mine = g_strcmp0(what->owner, self->conf->account) == 0;

    return mine ? sharing_read(self, what->id, what->public != 0, NULL) : NULL;
}
