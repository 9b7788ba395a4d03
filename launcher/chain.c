#include "launcher/chain.h"
#include "common/error.h"
#include "store/snapshot.h"

#define DEEPEST 1000 /* nobody has so many; a circle in damaged records has */

GPtrArray *
chain_below(launcher *self, const char *backing, GError **error)
{
    g_autoptr(GPtrArray) chain = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);

    while (backing != NULL) {
        snapshot *layer = snapshot_get(self->db, backing, error);
        if (layer == NULL)
            return NULL;
        g_ptr_array_add(chain, layer);
        backing = layer->parent;
        if (chain->len > DEEPEST) {
            error_set(error, ERROR_HOST_DATABASE, "the snapshots under %s stand on each other",
                      layer->id);
            return NULL;
        }
    }
    return g_steal_pointer(&chain);
}

GPtrArray *
chains_of_volumes(launcher *self, const GPtrArray *volumes, GError **error)
{
    g_autoptr(GPtrArray) chains = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        GPtrArray *chain = chain_below(self, what->backing, error);
        if (chain == NULL)
            return NULL;
        g_ptr_array_add(chains, chain);
    }
    return g_steal_pointer(&chains);
}
