/* Images, as a face asks for them. */
#include "images/fetch.h"
#include "launcher/attributes.h"
#include "launcher/kernel_check.h"
#include "launcher/kernel_find.h"
#include "launcher/launch.h"
#include "launcher/mapping.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"
#include "launcher/tagging.h"

static gboolean
check_kernel(launcher *self, const import_request *request, GError **error)
{
    const kernel_images *known = launcher_kernel_images(self, error);

    if (known == NULL)
        return FALSE;
    return request->kernel == NULL ||
           (boot_image_check("aki", request->kernel, VIRTUALIZATION_PARAVIRTUAL, error) &&
            kernel_check(known, request->kernel, self->conf->region, request->architecture, NULL,
                         error) != NULL);
}

char *
launcher_image_import(launcher *self, const import_request *request, GError **error)
{
    import_context context = {.home = self->home,
                              .owner = self->conf->account,
                              .region = self->conf->region,
                              .listener = self->listener,
                              .download_limit = self->conf->download_limit_mib << 20,
                              .download_timeout_s = self->conf->download_timeout,
                              .download_retries = self->conf->download_retries};
    g_autoptr(GPtrArray) tags = tags_parse(request->tags, error);
    host_facts host;

    if (tags == NULL || !reconcile_images(self, error) || !host_look(self, &host, error) ||
        !check_kernel(self, request, error))
        return NULL;
    fetch_clean(self->home);
    context.db = self->db;
    context.tags = tags;
    context.kernels = launcher_kernel_images(self, NULL);
    context.force_tcg = !host.kvm;
    return image_import(&context, request, error);
}

static gboolean
load_snapshots(launcher *self, image_view *view, GError **error)
{
    view->snapshots = g_ptr_array_new_with_free_func((GDestroyNotify)snapshot_free);
    for (guint i = 0; i < view->mapping->len; i++) {
        const image_mapping *entry = g_ptr_array_index(view->mapping, i);
        snapshot *disk;
        if (entry->snapshot == NULL)
            continue;
        disk = snapshot_get(self->db, entry->snapshot, error);
        if (disk == NULL)
            return FALSE;
        g_ptr_array_add(view->snapshots, disk);
    }
    return TRUE;
}

/* Tags are between a resource and its owner. */
static gboolean
load_belongings(launcher *self, image_view *view, GError **error)
{
    const image *ami = view->ami;
    gboolean mine = g_strcmp0(ami->owner, self->conf->account) == 0;

    view->owner_alias = settings_owner_alias(self->conf, ami->owner);
    view->tags = mine ? tag_list(self->db, ami->id, error) : g_ptr_array_new();
    view->product_codes = view->tags != NULL ? product_code_list(self->db, ami->id, error) : NULL;
    return view->product_codes != NULL;
}

image_view *
launcher_image_show(launcher *self, const char *id, GError **error)
{
    g_autoptr(image_view) view = g_new0(image_view, 1);
    g_autofree char *facts = NULL;

    if (kernel_find_is_id(id))
        return kernel_find_one(self, id, error);
    if (!scope_check_image_id(id, error) || launcher_store(self, error) == NULL)
        return NULL;
    view->ami = scope_image(self, id, error);
    if (view->ami == NULL)
        return NULL;
    view->mapping = image_mapping_list(self->db, id, error);
    if (view->mapping == NULL || !load_snapshots(self, view, error) ||
        !load_belongings(self, view, error))
        return NULL;
    facts = content_facts_get(self->db, view->ami->content);
    if (facts != NULL)
        view->facts = image_facts_from_json(facts, NULL);
    return g_steal_pointer(&view);
}

/* A type that takes every image: what is doubtful about the image doesn't depend on it. */
static const instance_type any_type = {
    .name = (char *)"any type",
    .vcpus = 1,
    .memory_mib = 1,
    .architectures = ARCHITECTURE_I386 | ARCHITECTURE_X86_64 | ARCHITECTURE_ARM64,
    .virtualization = TYPE_HVM | TYPE_PARAVIRTUAL,
    .roots = TYPE_ROOT_EBS | TYPE_ROOT_INSTANCE_STORE,
    .boot_modes = BOOT_MODE_LEGACY_BIOS | BOOT_MODE_UEFI,
    .hypervisor = HYPERVISOR_XEN,
};

boot_plan *
launcher_image_doubts(launcher *self, const image_view *what)
{
    const image *ami = what->ami;
    g_autoptr(GPtrArray) no_devices = g_ptr_array_new();
    plan_input input = {.type = &any_type,
                        .architecture = ami->architecture,
                        .virtualization = (virtualization)ami->virtualization,
                        .root_device_type = (root_device_type)ami->root_device_type,
                        .root_device = ami->root_device,
                        .kernel = ami->kernel,
                        .ramdisk = ami->ramdisk,
                        .region = ami->region,
                        .image_only = TRUE,
                        .boot_mode = ami->boot_mode,
                        .facts = what->facts,
                        .devices = no_devices,
                        .host = {.memory_mib = G_MAXUINT64, .cpus = G_MAXUINT}};

    input.kernel_images = launcher_kernel_images(self, NULL);
    if (input.kernel_images != NULL && ami->kernel != NULL)
        input.aki = kernel_images_get(input.kernel_images, ami->kernel);
    return plan_boot(&input, NULL);
}
