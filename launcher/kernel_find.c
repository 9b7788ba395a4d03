#include "launcher/kernel_find.h"
#include "common/error.h"
#include "common/filter.h"

gboolean
kernel_find_is_id(const char *id)
{
    return g_str_has_prefix(id, "aki-");
}

/* Of the accounts that are amazon's the first. */
static char *
owner_of(const launcher *self)
{
    g_auto(GStrv) accounts = g_strsplit(self->conf->amazon, ",", 2);

    return g_strdup(accounts[0]);
}

static image_view *
view_of(launcher *self, const kernel_image *what)
{
    image_view *view = g_new0(image_view, 1);
    image *ami = g_new0(image, 1);

    ami->id = g_strdup(what->id);
    ami->name = g_strdup(what->name);
    ami->description =
        g_strdup_printf("PV-GRUB %s: looks for menu.lst in %s", what->version,
                        what->partitioned ? "the disk's partitions" : "the disk itself");
    ami->state = IMAGE_AVAILABLE;
    ami->architecture = g_strdup(what->architecture);
    ami->virtualization = VIRTUALIZATION_PARAVIRTUAL;
    ami->root_device_type = ROOT_INSTANCE_STORE;
    ami->owner = owner_of(self);
    ami->region = g_strdup(what->region);
    ami->public = TRUE;
    view->ami = ami;
    view->owner_alias = settings_owner_alias(self->conf, ami->owner);
    view->mapping = g_ptr_array_new();
    view->snapshots = g_ptr_array_new();
    view->tags = g_ptr_array_new();
    view->product_codes = g_ptr_array_new();
    return view;
}

image_view *
kernel_find_one(launcher *self, const char *id, GError **error)
{
    const kernel_images *known = launcher_kernel_images(self, error);
    const kernel_image *found = known != NULL ? kernel_images_get(known, id) : NULL;

    if (known == NULL)
        return NULL;
    if (found != NULL && g_str_equal(found->region, self->conf->region))
        return view_of(self, found);
    error_set(error, ERROR_AMI_NOT_FOUND,
              "The image id '[%s]' does not exist: `amilaunch image ls --filter "
              "name=image-type,values=kernel` lists the kernel images of %s",
              id, self->conf->region);
    return NULL;
}

/* ---- filters ---- */

/* What filter NAME compares of a kernel image; NULL for what none has. The caller frees it. */
static char *
value_of(const image_view *view, const char *name)
{
    const image *ami = view->ami;

    if (g_str_equal(name, "architecture"))
        return g_strdup(ami->architecture);
    if (g_str_equal(name, "description"))
        return g_strdup(ami->description);
    if (g_str_equal(name, "hypervisor"))
        return g_strdup("xen");
    if (g_str_equal(name, "image-id"))
        return g_strdup(ami->id);
    if (g_str_equal(name, "image-type"))
        return g_strdup("kernel");
    if (g_str_equal(name, "is-public"))
        return g_strdup("true");
    if (g_str_equal(name, "manifest-location"))
        return g_strdup_printf("%s/%s", view->owner_alias, ami->name);
    if (g_str_equal(name, "name"))
        return g_strdup(ami->name);
    if (g_str_equal(name, "owner-alias"))
        return g_strdup(view->owner_alias);
    if (g_str_equal(name, "owner-id"))
        return g_strdup(ami->owner);
    if (g_str_equal(name, "root-device-type"))
        return g_strdup(root_device_type_words[ami->root_device_type]);
    if (g_str_equal(name, "state"))
        return g_strdup(image_state_words[ami->state]);
    return g_str_equal(name, "virtualization-type")
               ? g_strdup(virtualization_words[ami->virtualization])
               : NULL;
}

static gboolean
matches_all(const image_view *view, const GPtrArray *filters)
{
    for (guint i = 0; i < filters->len; i++) {
        const filter *one = g_ptr_array_index(filters, i);
        g_autofree char *value = value_of(view, one->name);
        if (!filter_matches(one, value))
            return FALSE;
    }
    return TRUE;
}

static gboolean
asks_for_types(const GPtrArray *filters)
{
    for (guint i = 0; i < filters->len; i++)
        if (g_str_equal(((filter *)g_ptr_array_index(filters, i))->name, "image-type"))
            return TRUE;
    return FALSE;
}

static gboolean
has_text(const GPtrArray *list, const char *text)
{
    for (guint i = 0; i < list->len; i++)
        if (g_str_equal(g_ptr_array_index(list, i), text))
            return TRUE;
    return FALSE;
}

GPtrArray *
kernel_find(launcher *self, const GPtrArray *filters, const GPtrArray *owners, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)image_view_free);
    g_autofree char *owner = owner_of(self);
    const kernel_images *known;

    if (owners == NULL ? !asks_for_types(filters) : !has_text(owners, owner))
        return g_steal_pointer(&found);
    known = launcher_kernel_images(self, error);
    if (known == NULL)
        return NULL;
    for (guint i = 0; i < kernel_images_count(known); i++) {
        const kernel_image *one = kernel_images_at(known, i);
        g_autoptr(image_view) view = NULL;
        if (!g_str_equal(one->region, self->conf->region))
            continue;
        view = view_of(self, one);
        if (matches_all(view, filters))
            g_ptr_array_add(found, g_steal_pointer(&view));
    }
    return g_steal_pointer(&found);
}
