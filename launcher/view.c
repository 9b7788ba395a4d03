/* Things with all that belongs to them, for faces to print. */
#include "common/error.h"
#include "common/ids.h"
#include "launcher/claim.h"
#include "launcher/internal.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"

void
image_view_free(image_view *self)
{
    if (self == NULL)
        return;
    image_free(self->ami);
    image_facts_free(self->facts);
    g_clear_pointer(&self->mapping, g_ptr_array_unref);
    g_clear_pointer(&self->snapshots, g_ptr_array_unref);
    g_clear_pointer(&self->tags, g_ptr_array_unref);
    g_clear_pointer(&self->product_codes, g_ptr_array_unref);
    g_free(self);
}

void
instance_view_free(instance_view *self)
{
    if (self == NULL)
        return;
    instance_free(self->vm);
    g_clear_pointer(&self->volumes, g_ptr_array_unref);
    g_clear_pointer(&self->store_disks, g_ptr_array_unref);
    g_clear_pointer(&self->tags, g_ptr_array_unref);
    g_clear_pointer(&self->product_codes, g_ptr_array_unref);
    g_clear_pointer(&self->published, g_ptr_array_unref);
    interface_free(self->nic);
    g_free(self->user_data);
    g_free(self);
}

state_change *
state_change_new(const char *id, instance_state previous, instance_state current)
{
    state_change *self = g_new0(state_change, 1);

    self->id = g_strdup(id);
    self->previous = previous;
    self->current = current;
    return self;
}

void
state_change_free(state_change *self)
{
    g_free(self->id);
    g_free(self);
}

static gboolean
add_network(launcher *self, instance_view *view, GError **error)
{
    g_autoptr(GError) problem = NULL;

    view->nic = interface_get(self->db, view->vm->id, &problem);
    if (problem == NULL)
        view->published = published_port_list(self->db, view->vm->id, &problem);
    if (problem == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

instance_view *
view_of_instance(launcher *self, instance *vm, GError **error)
{
    g_autoptr(instance_view) view = g_new0(instance_view, 1);

    view->vm = vm;
    view->volumes = volume_list_of_instance(self->db, vm->id, error);
    if (view->volumes == NULL)
        return NULL;
    view->store_disks = store_disk_list(self->db, vm->id, error);
    if (view->store_disks == NULL)
        return NULL;
    view->tags = tag_list(self->db, vm->id, error);
    view->product_codes = view->tags != NULL ? product_code_list(self->db, vm->id, error) : NULL;
    if (view->product_codes == NULL || !add_network(self, view, error))
        return NULL;
    return g_steal_pointer(&view);
}

gboolean
view_add_user_data(launcher *self, instance_view *view, GError **error)
{
    g_autoptr(GError) problem = NULL;

    view->user_data = user_data_get(self->db, view->vm->id, &problem);
    if (problem == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* A type that isn't in the file any more leaves its view without one. */
static gboolean
add_types(launcher *self, GPtrArray *views, GError **error)
{
    const instance_types *types = launcher_types(self, error);

    if (types == NULL)
        return FALSE;
    for (guint i = 0; i < views->len; i++) {
        instance_view *view = g_ptr_array_index(views, i);
        view->type = instance_types_find(types, view->vm->type, NULL);
    }
    return TRUE;
}

static GPtrArray *
load(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(GPtrArray) loaded = NULL;

    if (ids == NULL)
        return scope_instances(self, error);
    loaded = g_ptr_array_new_with_free_func((GDestroyNotify)instance_free);
    for (gsize i = 0; ids[i] != NULL; i++) {
        instance *vm = scope_instance(self, ids[i], error);
        if (vm == NULL)
            return NULL;
        g_ptr_array_add(loaded, vm);
    }
    return g_steal_pointer(&loaded);
}

GPtrArray *
launcher_instances(launcher *self, const char *const *ids, gboolean with_types, GError **error)
{
    g_autoptr(GPtrArray) views = g_ptr_array_new_with_free_func((GDestroyNotify)instance_view_free);
    g_autoptr(GPtrArray) loaded = NULL;
    g_autoptr(moment) now = NULL;

    if ((ids != NULL && !claim_check_ids(ids, error)) || !reconcile(self, error))
        return NULL;
    now = moment_begin(self->db, error);
    loaded = now != NULL ? load(self, ids, error) : NULL;
    for (guint i = 0; loaded != NULL && i < loaded->len; i++) {
        instance *vm = g_steal_pointer(&loaded->pdata[i]);
        instance_view *view = view_of_instance(self, vm, error);
        if (view == NULL)
            return NULL;
        g_ptr_array_add(views, view);
        if (ids != NULL && !view_add_user_data(self, view, error))
            return NULL;
    }
    if (loaded == NULL || (with_types && !add_types(self, views, error)))
        return NULL;
    return g_steal_pointer(&views);
}
