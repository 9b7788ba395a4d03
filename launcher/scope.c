#include "launcher/scope.h"
#include "common/error.h"
#include "store/permission.h"

#include <string.h>

static gboolean
is_mine(const launcher *self, const char *owner)
{
    return g_strcmp0(owner, self->conf->account) == 0;
}

static gboolean
is_here(const launcher *self, const char *region)
{
    return g_strcmp0(region, self->conf->region) == 0;
}

static gboolean
is_shared(launcher *self, const char *id, gboolean public, gboolean *shared, GError **error)
{
    *shared = public;
    return public || permission_find(self->db, id, self->conf->account, shared, error);
}

/* ---- images ---- */

static gboolean
can_see_image(launcher *self, const image *ami, gboolean *visible, GError **error)
{
    *visible = FALSE;
    if (ami->binned != 0)
        return TRUE;
    if (is_mine(self, ami->owner)) {
        *visible = TRUE;
        return TRUE;
    }
    return ami->state != IMAGE_AVAILABLE ||
           is_shared(self, ami->id, ami->public != 0, visible, error);
}

image *
scope_image(launcher *self, const char *id, GError **error)
{
    g_autoptr(image) ami = image_get(self->db, id, self->conf->region, error);
    gboolean visible;

    if (ami == NULL || !can_see_image(self, ami, &visible, error))
        return NULL;
    if (visible)
        return g_steal_pointer(&ami);
    error_set(error, ERROR_AMI_NOT_FOUND, "The image id '[%s]' does not exist", id);
    return NULL;
}

image *
scope_own_image(launcher *self, const char *id, GError **error)
{
    g_autoptr(image) ami = scope_image(self, id, error);

    if (ami == NULL || is_mine(self, ami->owner))
        return g_steal_pointer(&ami);
    error_set(error, ERROR_AUTH_FAILURE, "Not authorized for image:%s", id);
    return NULL;
}

/* ---- snapshots ---- */

static gboolean
can_see_snapshot(launcher *self, const snapshot *what, gboolean *visible, GError **error)
{
    *visible = FALSE;
    if (!is_here(self, what->region) || what->state == SNAPSHOT_RECOVERABLE ||
        what->state == SNAPSHOT_DELETED)
        return TRUE;
    if (is_mine(self, what->owner)) {
        *visible = TRUE;
        return TRUE;
    }
    return what->state != SNAPSHOT_COMPLETED ||
           is_shared(self, what->id, what->public != 0, visible, error);
}

snapshot *
scope_snapshot(launcher *self, const char *id, GError **error)
{
    g_autoptr(snapshot) found = snapshot_get(self->db, id, error);
    gboolean visible;

    if (found == NULL || !can_see_snapshot(self, found, &visible, error))
        return NULL;
    if (visible)
        return g_steal_pointer(&found);
    error_set(error, ERROR_SNAPSHOT_NOT_FOUND, "The snapshot '%s' does not exist.", id);
    return NULL;
}

snapshot *
scope_own_snapshot(launcher *self, const char *id, GError **error)
{
    g_autoptr(snapshot) found = scope_snapshot(self, id, error);

    if (found == NULL || is_mine(self, found->owner))
        return g_steal_pointer(&found);
    error_set(error, ERROR_AUTH_FAILURE, "Not authorized for snapshot:%s", id);
    return NULL;
}

/* ---- volumes and instances ---- */

volume *
scope_volume(launcher *self, const char *id, GError **error)
{
    g_autoptr(volume) found = volume_get(self->db, id, error);

    if (found == NULL)
        return NULL;
    /* A zone is its region and a letter. */
    if (is_mine(self, found->owner) && g_str_has_prefix(found->zone, self->conf->region) &&
        strlen(found->zone) == strlen(self->conf->region) + 1)
        return g_steal_pointer(&found);
    error_set(error, ERROR_VOLUME_NOT_FOUND, "The volume '%s' does not exist.", id);
    return NULL;
}

instance *
scope_instance(launcher *self, const char *id, GError **error)
{
    g_autoptr(instance) found = instance_get(self->db, id, error);

    if (found == NULL || (is_mine(self, found->owner) && is_here(self, found->region)))
        return g_steal_pointer(&found);
    error_set(error, ERROR_INSTANCE_NOT_FOUND, "The instance ID '%s' does not exist", id);
    return NULL;
}
