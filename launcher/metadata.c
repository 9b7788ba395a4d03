#include "launcher/metadata.h"
#include "launcher/internal.h"

void
metadata_free(metadata *self)
{
    if (self == NULL)
        return;
    instance_view_free(self->what);
    g_free(self->manifest);
    g_free(self);
}

/* The image may have been deregistered since. */
static char *
find_manifest(launcher *self, const instance *vm)
{
    g_autoptr(image) ami = image_get(self->db, vm->image, vm->region, NULL);

    return ami != NULL ? g_strdup(ami->location) : NULL;
}

metadata *
launcher_metadata(launcher *self, const char *id, GError **error)
{
    g_autoptr(metadata) made = g_new0(metadata, 1);
    const instance_types *types = launcher_types(self, NULL);
    instance *vm = launcher_store(self, error) != NULL ? instance_get(self->db, id, error) : NULL;

    if (vm == NULL)
        return NULL;
    made->what = view_of_instance(self, vm, error);
    if (made->what == NULL || !view_add_user_data(self, made->what, error))
        return NULL;
    if (types != NULL)
        made->what->type = instance_types_find(types, vm->type, NULL);
    made->manifest = find_manifest(self, vm);
    return g_steal_pointer(&made);
}

gint64
launcher_records_version(launcher *self)
{
    store *db = launcher_store(self, NULL);

    return db != NULL ? store_version(db) : 0;
}
