#include "launcher/registration.h"
#include "common/error.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/boot_files.h"
#include "images/import.h"
#include "launcher/attributes.h"
#include "launcher/image_codes.h"
#include "launcher/kernel_check.h"
#include "launcher/register_mapping.h"
#include "launcher/scope.h"
#include "launcher/tagging.h"

#define DEFAULT_ROOT_DEVICE "/dev/sda1"
#define DEFAULT_ARCHITECTURE "x86_64"

void
registration_clear(registration *self)
{
    g_clear_pointer(&self->specs, g_ptr_array_unref);
    g_clear_pointer(&self->tags, g_ptr_array_unref);
    g_clear_pointer(&self->codes, g_ptr_array_unref);
    g_clear_pointer(&self->snapshots, g_hash_table_unref);
    g_clear_pointer(&self->entries, g_ptr_array_unref);
    image_facts_free(self->facts);
    image_free(self->ami);
}

static void
set_text(char **place, const char *text)
{
    char *copy = g_strdup(text);

    g_free(*place);
    *place = copy;
}

/* ---- what is asked ---- */

static gboolean
one_of(const char *what, const char *value, const char *const *allowed, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", (char **)allowed);

    return value == NULL || g_strv_contains(allowed, value) ||
           error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for %s: one of %s", value,
                     what, list);
}

static gboolean
check_request(const register_request *request, GError **error)
{
    static const char *const architectures[] = {"x86_64", "i386", "arm64", NULL};
    static const char *const boot_modes[] = {"legacy-bios", "uefi", "uefi-preferred", NULL};

    if (request->name == NULL)
        return error_set(error, ERROR_PARAMETER_MISSING,
                         "The request must contain the parameter name: --name NAME");
    return image_name_check(request->name, error) &&
           one_of("architecture", request->architecture, architectures, error) &&
           one_of("virtualization type", request->virtualization, virtualization_words, error) &&
           one_of("boot mode", request->boot_mode, boot_modes, error) &&
           boot_image_check("aki", request->kernel, VIRTUALIZATION_PARAVIRTUAL, error) &&
           boot_image_check("ari", request->ramdisk, VIRTUALIZATION_PARAVIRTUAL, error);
}

gboolean
registration_parse(registration *self, const register_request *request, GError **error)
{
    if (!check_request(request, error))
        return FALSE;
    self->request = request;
    self->root_device = request->root_device != NULL ? request->root_device : DEFAULT_ROOT_DEVICE;
    self->specs = map_specs_parse(request->map, error);
    self->tags = self->specs != NULL ? tags_parse(request->tags, error) : NULL;
    self->codes = self->tags != NULL ? product_codes_parse(request->product_codes, error) : NULL;
    return self->codes != NULL;
}

/* ---- what is there ---- */

static gboolean
load_snapshots(launcher *self, registration *what, GError **error)
{
    g_clear_pointer(&what->snapshots, g_hash_table_unref);
    what->snapshots =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)snapshot_free);
    for (guint i = 0; i < what->specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(what->specs, i);
        snapshot *from;
        if (spec->snapshot == NULL || g_hash_table_contains(what->snapshots, spec->snapshot))
            continue;
        from = scope_own_snapshot(self, spec->snapshot, error);
        if (from == NULL)
            return FALSE;
        g_hash_table_insert(what->snapshots, from->id, from);
    }
    return TRUE;
}

static image_facts *
facts_of_content(launcher *self, const char *content)
{
    return content != NULL ? boot_files_known_facts(self->db, self->home, content) : NULL;
}

static char *
key_of_snapshot(const snapshot *root)
{
    return root->content != NULL ? g_strdup(root->content)
                                 : g_strdup_printf("snapshot:%s", root->id);
}

gboolean
registration_load(launcher *self, registration *what, GError **error)
{
    const image_mapping *first;
    g_autofree char *key = NULL;

    g_clear_pointer(&what->entries, g_ptr_array_unref);
    if (!load_snapshots(self, what, error))
        return FALSE;
    what->entries = register_mapping(what->specs, what->snapshots, what->root_device, error);
    if (what->entries == NULL)
        return FALSE;
    first = g_ptr_array_index(what->entries, 0);
    what->root = g_hash_table_lookup(what->snapshots, first->snapshot);
    key = key_of_snapshot(what->root);
    image_facts_free(what->facts);
    what->facts = facts_of_content(self, key);
    return TRUE;
}

/* ---- what it is ---- */

static gboolean
check_boot_mode(const image *ami, virtualization kind, GError **error)
{
    gboolean uefi = ami->boot_mode != NULL && !g_str_equal(ami->boot_mode, "legacy-bios");
    gboolean arm = g_str_equal(ami->architecture, "arm64");

    if (uefi && kind != VIRTUALIZATION_HVM)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "The boot mode '%s' requires a virtualization type of 'hvm'",
                         ami->boot_mode);
    if (arm && kind != VIRTUALIZATION_HVM)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "The architecture 'arm64' requires a virtualization type of 'hvm'");
    if (arm && ami->boot_mode != NULL && !uefi)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "The architecture 'arm64' can't boot in the mode 'legacy-bios'");
    return TRUE;
}

static const char *
chosen_architecture(const registration *what)
{
    if (what->request->architecture != NULL)
        return what->request->architecture;
    return what->facts != NULL && what->facts->architecture != NULL ? what->facts->architecture
                                                                    : DEFAULT_ARCHITECTURE;
}

static virtualization
chosen_virtualization(const registration *what)
{
    const char *asked = what->request->virtualization;
    gboolean paravirtual =
        asked != NULL ? g_str_equal(asked, virtualization_words[VIRTUALIZATION_PARAVIRTUAL])
                      : what->facts != NULL && image_facts_are_paravirtual(what->facts);

    return paravirtual ? VIRTUALIZATION_PARAVIRTUAL : VIRTUALIZATION_HVM;
}

void
registration_choose_kind(registration *what)
{
    image *ami = what->ami;
    const char *system = what->facts != NULL ? what->facts->os_type : NULL;

    set_text(&ami->architecture, chosen_architecture(what));
    ami->virtualization = chosen_virtualization(what);
    set_text(&ami->platform, g_strcmp0(system, "windows") == 0 ? "windows" : NULL);
}

static gboolean
check_kind(const registration *what, virtualization kind, GError **error)
{
    const image *ami = what->ami;

    return check_boot_mode(ami, kind, error) && boot_image_check("aki", ami->kernel, kind, error) &&
           boot_image_check("ari", ami->ramdisk, kind, error) &&
           register_mapping_check_names(what->entries, what->root_device, kind, error);
}

gboolean
registration_check_kind(const registration *what, gboolean before_looking, GError **error)
{
    virtualization kind = (virtualization)what->ami->virtualization;

    return (before_looking && what->request->virtualization == NULL &&
            check_kind(what, VIRTUALIZATION_PARAVIRTUAL, NULL)) ||
           check_kind(what, kind, error);
}

gboolean
registration_check_kernel(launcher *self, const registration *what, gboolean before_looking,
                          GError **error)
{
    const image *ami = what->ami;
    const kernel_images *known;
    const char *architecture =
        before_looking && what->request->architecture == NULL ? NULL : ami->architecture;

    if (ami->kernel == NULL)
        return TRUE;
    known = launcher_kernel_images(self, error);
    return known != NULL &&
           kernel_check(known, ami->kernel, ami->region, architecture, ami->ramdisk, error) != NULL;
}

void
registration_make_image(launcher *self, registration *what)
{
    const register_request *request = what->request;
    image *ami = g_new0(image, 1);

    ami->id = id_new("ami");
    ami->name = g_strdup(request->name);
    ami->description = g_strdup(request->description);
    ami->state = IMAGE_AVAILABLE;
    ami->root_device_type = ROOT_EBS;
    ami->root_device = g_strdup(what->root_device);
    ami->kernel = g_strdup(request->kernel);
    ami->ramdisk = g_strdup(request->ramdisk);
    ami->boot_mode = g_strdup(request->boot_mode);
    ami->content = key_of_snapshot(what->root);
    ami->owner = g_strdup(self->conf->account);
    ami->region = g_strdup(self->conf->region);
    ami->created = time_now();
    what->ami = ami;
}
