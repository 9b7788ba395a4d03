#include "launcher/image_register.h"
#include "common/error.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/home.h"
#include "images/import.h"
#include "images/inspect.h"
#include "launcher/attributes.h"
#include "launcher/image_codes.h"
#include "launcher/launch.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/register_mapping.h"
#include "launcher/scope.h"
#include "launcher/tagging.h"
#include "store/operation.h"

#define KIND "register"
#define DEFAULT_ROOT_DEVICE "/dev/sda1"
#define DEFAULT_ARCHITECTURE "x86_64"

/* A registration under way. */
typedef struct {
    const register_request *request;
    const char *root_device;
    GPtrArray *specs;      /* map_spec* */
    GPtrArray *tags;       /* tag* */
    GPtrArray *codes;      /* product_code* without a resource */
    GHashTable *snapshots; /* id -> snapshot*, those that SPECS name */
    GPtrArray *entries;    /* image_mapping* */
    const snapshot *root;  /* one of SNAPSHOTS */
    image_facts *facts;    /* of ROOT; NULL: not known */
    image *ami;
} registration;

static void
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

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(registration, registration_clear)

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

static gboolean
parse_request(registration *self, GError **error)
{
    const register_request *request = self->request;

    if (!check_request(request, error))
        return FALSE;
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
    g_autofree char *text = content != NULL ? content_facts_get(self->db, content) : NULL;

    return text != NULL ? image_facts_from_json(text, NULL) : NULL;
}

static char *
key_of_snapshot(const snapshot *root)
{
    return root->content != NULL ? g_strdup(root->content)
                                 : g_strdup_printf("snapshot:%s", root->id);
}

/* The snapshots, the mapping that is made of them, and what is known of the root. Anew within the
 * transaction that records who uses them. */
static gboolean
load(launcher *self, registration *what, GError **error)
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

static void
set_text(char **place, const char *text)
{
    char *copy = g_strdup(text);

    g_free(*place);
    *place = copy;
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

/* What wasn't stated is as it is found. */
static void
choose_kind(registration *what)
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

/* What is to be looked into may turn out to be of the other kind. */
static gboolean
check_before_looking(const registration *what, GError **error)
{
    virtualization kind = (virtualization)what->ami->virtualization;

    return (what->request->virtualization == NULL &&
            check_kind(what, VIRTUALIZATION_PARAVIRTUAL, NULL)) ||
           check_kind(what, kind, error);
}

static image *
image_of_request(launcher *self, const registration *what)
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
    return ami;
}

/* ---- the records ---- */

static gboolean
insert_mapping(launcher *self, const registration *what, GError **error)
{
    for (guint i = 0; i < what->entries->len; i++) {
        image_mapping *entry = g_ptr_array_index(what->entries, i);
        set_text(&entry->image, what->ami->id);
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
    what->ami = image_of_request(self, what);
    if (number != 0) {
        what->ami->state = IMAGE_PENDING;
        what->ami->operation = number;
    }
    choose_kind(what);
    if (!(number != 0 ? check_before_looking(what, error)
                      : check_kind(what, (virtualization)what->ami->virtualization, error)))
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

    return change != NULL && load(self, what, error) && insert(self, what, 0, error) &&
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

    return number != 0 && load(self, what, error) && insert(self, what, number, error) &&
                   transaction_commit(intent, error)
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
    folder_remove(scratch, NULL);
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
    g_autoptr(snapshot) root = snapshot_get(self->db, what->root->id, error);

    if (root == NULL)
        return FALSE;
    set_text(&root->content, what->ami->content);
    return content_facts_set(self->db, what->ami->content, text, error) &&
           snapshot_update(self->db, root, error);
}

static gboolean
record_result(launcher *self, registration *what, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);
    gint64 number = what->ami->operation;

    what->ami->state = IMAGE_AVAILABLE;
    what->ami->operation = 0;
    choose_kind(what);
    return result != NULL && check_kind(what, (virtualization)what->ami->virtualization, error) &&
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
    g_auto(registration) what = {.request = request};

    if (!parse_request(&what, error) || !reconcile_images(self, error) || !load(self, &what, error))
        return NULL;
    if (!(has_to_look(self, &what) ? register_unknown(self, &what, error)
                                   : register_known(self, &what, error)))
        return NULL;
    tell_guess(self, &what);
    return g_strdup(what.ami->id);
}
