#include "launcher/snapshot_detail.h"
#include "common/copy.h"
#include "images/home.h"
#include "launcher/chain.h"
#include "launcher/scope.h"

guint64
launcher_snapshot_own_bytes(launcher *self, const snapshot *what)
{
    g_autofree char *path = home_snapshot_path(self->home, what->id);

    return file_bytes(path);
}

/* Deleted ones, and those of others, are nobody's business. */
char *
launcher_snapshot_parent(launcher *self, const snapshot *what)
{
    g_autofree char *id = g_strdup(what->parent);

    /* Damaged records may go round in a circle. */
    for (guint i = 0; id != NULL && i < 2 * CHAIN_MOST; i++) {
        g_autoptr(snapshot) seen = scope_snapshot(self, id, NULL);
        g_autoptr(snapshot) one = seen == NULL ? snapshot_get(self->db, id, NULL) : NULL;
        if (seen != NULL)
            return g_steal_pointer(&id);
        g_free(id);
        id = one != NULL ? g_strdup(one->parent) : NULL;
    }
    return NULL;
}

gboolean
launcher_snapshot_layers(launcher *self, const snapshot *what, guint *layers, GError **error)
{
    g_autoptr(GPtrArray) chain = chain_below(self, what->parent, error);

    if (chain == NULL)
        return FALSE;
    *layers = chain->len;
    return TRUE;
}
