/* Bundling the root of an instance, or a disk image. */
#include "common/error.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/process.h"
#include "images/probe.h"
#include "launcher/bundle_mapping.h"
#include "launcher/bundle_work.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_NAME "image"
#define ACCOUNT_DIGITS 12

typedef struct {
    const bundle_ask *asked;
    instance *vm;        /* either */
    disk_source *source; /* or */
    manifest *what;
    bundle_key *owner;
    bundle_key *opener;
    bundle_key *cloud;
    bundle_work work;
    char *image; /* the raw file */
} bundling;

static void
bundling_clear(bundling *self)
{
    instance_free(self->vm);
    disk_source_free(self->source);
    manifest_free(self->what);
    bundle_key_free(self->owner);
    bundle_key_free(self->opener);
    bundle_key_free(self->cloud);
    bundle_work_clear(&self->work);
    g_free(self->image);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(bundling, bundling_clear)

/* ---- what is asked ---- */

/* EC2's tools took an account with dashes, too. */
static char *
account_of(launcher *self, const char *given, GError **error)
{
    g_auto(GStrv) groups = g_strsplit(given != NULL ? given : self->conf->account, "-", -1);
    g_autofree char *account = g_strjoinv("", groups);

    if (strlen(account) == ACCOUNT_DIGITS && strspn(account, "0123456789") == ACCOUNT_DIGITS)
        return g_steal_pointer(&account);
    error_set(error, ERROR_PARAMETER_VALUE, "'%s' is no account: 12 digits", given);
    return NULL;
}

static char *
name_of(const bundle_ask *asked, gboolean of_file)
{
    g_autofree char *base = of_file ? g_path_get_basename(asked->source) : NULL;
    char *dot = base != NULL ? strrchr(base, '.') : NULL;

    if (asked->name != NULL)
        return g_strdup(asked->name);
    if (dot != NULL && dot != base)
        *dot = '\0';
    return g_strdup(base != NULL ? base : DEFAULT_NAME);
}

static gboolean
check_text(const char *text, const char *prefix, GError **error)
{
    return text == NULL || id_is(prefix, text) ||
           error_set(error, ERROR_PARAMETER_VALUE, "Invalid id: \"%s\" (expecting \"%s-...\")",
                     text, prefix);
}

static gboolean
check_request(const bundle_ask *asked, GError **error)
{
    static const char *const architectures[] = {"x86_64", "i386", "arm64", NULL};

    if (asked->architecture != NULL && !g_strv_contains(architectures, asked->architecture))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Invalid value '%s' for architecture: one of x86_64, i386, arm64",
                         asked->architecture);
    if (asked->level < 1 || asked->level > 9)
        return error_set(error, ERROR_PARAMETER_VALUE, "Invalid value %d for level: 1 to 9",
                         asked->level);
    if (!g_file_test(asked->folder, G_FILE_TEST_IS_DIR))
        return error_set(error, ERROR_PARAMETER_VALUE, "there is no folder %s: mkdir makes it",
                         asked->folder);
    if (access(asked->folder, W_OK | X_OK) != 0)
        return error_set(error, ERROR_HOST_PERMISSION, "nothing can be written in %s",
                         asked->folder);
    return check_text(asked->kernel, "aki", error) && check_text(asked->ramdisk, "ari", error);
}

/* ---- keys ---- */

static gboolean
load_owner(launcher *self, bundling *what, GError **error)
{
    const bundle_keys *given = &what->asked->keys;

    if ((given->certificate != NULL) != (given->key != NULL))
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "--cert and --key belong together: the certificate seals, the private key "
                         "signs");
    if (given->key == NULL) {
        what->owner = bundle_user_key(self, error);
        what->opener = what->owner != NULL ? bundle_user_key(self, error) : NULL;
        return what->opener != NULL;
    }
    what->owner = bundle_key_private(given->key, error);
    what->opener = what->owner != NULL ? bundle_key_certificate(given->certificate, error) : NULL;
    if (what->opener == NULL)
        return FALSE;
    return bundle_key_fits(what->owner, what->opener) ||
           error_set(error, ERROR_PARAMETER_COMBINATION,
                     "the private key %s is not that of the certificate %s", given->key,
                     given->certificate);
}

static gboolean
load_keys(launcher *self, bundling *what, GError **error)
{
    const char *cloud = what->asked->keys.cloud_certificate;

    if (!load_owner(self, what, error))
        return FALSE;
    what->cloud =
        cloud != NULL ? bundle_key_certificate(cloud, error) : bundle_cloud_key(self, error);
    return what->cloud != NULL;
}

/* ---- what is bundled ---- */

static void
set_text(char **place, const char *given, const char *otherwise)
{
    *place = g_strdup(given != NULL ? given : otherwise);
}

static gboolean
describe(launcher *self, bundling *what, GError **error)
{
    const bundle_ask *asked = what->asked;
    const instance *vm = what->vm;

    what->what = manifest_new();
    set_text(&what->what->architecture, asked->architecture,
             vm != NULL ? vm->architecture : "x86_64");
    set_text(&what->what->kernel, asked->kernel, vm != NULL ? vm->kernel : NULL);
    set_text(&what->what->ramdisk, asked->ramdisk, vm != NULL ? vm->ramdisk : NULL);
    what->what->name = name_of(asked, vm == NULL);
    what->what->user = account_of(self, asked->user, error);
    if (what->what->user == NULL || !bundle_name_check(what->what->name, error))
        return FALSE;
    return bundle_mapping_make(self, vm, asked->map, what->what, error) &&
           (vm == NULL || bundle_codes_make(self, vm, what->what, error)) &&
           (asked->replace || bundle_is_absent(asked->folder, what->what->name, error));
}

/* A file of that name comes before an instance of that id. */
static gboolean
find_source(launcher *self, bundling *what, GError **error)
{
    const char *source = what->asked->source;

    if (id_is("i", source) && !g_file_test(source, G_FILE_TEST_EXISTS)) {
        if (!reconcile(self, error))
            return FALSE;
        what->vm = scope_instance(self, source, error);
        return what->vm != NULL;
    }
    if (!reconcile_images(self, error))
        return FALSE;
    what->source = disk_source_probe(source, what->asked->format, error);
    return what->source != NULL &&
           (what->source->virtual_size <= MANIFEST_MOST_SIZE ||
            error_set(error, ERROR_PARAMETER_VALUE,
                      "a bundle's image has at most 10 GiB, and the disk in %s more", source));
}

/* A raw file is read as it is, even if its last sector isn't whole. */
static gboolean
is_plain(const disk_source *source)
{
    return g_str_equal(source->format, "raw") && source->member == NULL && source->offset == 0;
}

static gboolean
convert(launcher *self, bundling *what, GError **error)
{
    g_autofree char *options = disk_source_image_opts(what->source);
    const char *const argv[] = {"qemu-img", "convert",   "-q", "--image-opts", "-O", "raw",
                                options,    what->image, NULL};

    progress_phase(self->listener, "reading the disk");
    return process_run(argv, ERROR_HOST_DISK, NULL, error) ||
           error_prefix(error, "can't read %s", what->source->path);
}

static gboolean
find_image(launcher *self, bundling *what, GError **error)
{
    if (what->source != NULL && is_plain(what->source)) {
        what->image = g_strdup(what->source->path);
        return TRUE;
    }
    what->image = g_build_filename(what->work.folder, "image.raw", NULL);
    if (what->source != NULL)
        return convert(self, what, error);
    return bundle_source_image(self, &what->work, what->vm, what->image, error);
}

/* ---- the bundle ---- */

static gboolean
make(launcher *self, bundling *what, const char *scratch, GError **error)
{
    const bundle_request request = {.image = what->image,
                                    .folder = scratch,
                                    .owner = what->owner,
                                    .opener = what->opener,
                                    .cloud = what->cloud,
                                    .level = what->asked->level,
                                    .listener = self->listener};

    return folder_make(scratch, 0700, error) && bundle_make(&request, what->what, error);
}

/* In the folder where the bundle goes, as only there a file can change its name at once. */
static gboolean
make_beside(launcher *self, bundling *what, GError **error)
{
    g_autofree char *random = bundle_key_random(8, error);
    g_autofree char *folder = g_canonicalize_filename(what->asked->folder, NULL);
    const char *name = what->what->name;
    g_autofree char *scratch_name = g_strdup_printf(".%s.%s", name, random);
    g_autofree char *scratch = g_build_filename(folder, scratch_name, NULL);

    return random != NULL && find_image(self, what, error) &&
           bundle_work_note(&what->work, scratch, folder, name, what->asked->replace, error) &&
           make(self, what, scratch, error);
}

char *
launcher_bundle(launcher *self, const bundle_ask *asked, GError **error)
{
    g_auto(bundling) what = {.asked = asked};
    g_autofree char *name = NULL;
    gboolean done;

    if (!check_request(asked, error) || !find_source(self, &what, error) ||
        !describe(self, &what, error) || !load_keys(self, &what, error) ||
        !bundle_work_begin(self, &what.work, "bundle", error))
        return NULL;
    done = make_beside(self, &what, error);
    /* Which also moves it to its place. */
    if (!bundle_work_end(self, &what.work, done, error))
        return NULL;
    name = bundle_manifest_name(what.what->name);
    return g_build_filename(asked->folder, name, NULL);
}
