/* The first launch of a bundle's image. */
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/process.h"
#include "images/boot_files.h"
#include "images/bundle_kept.h"
#include "images/home.h"
#include "images/inspect.h"
#include "images/template.h"
#include "launcher/bundle_work.h"
#include "launcher/launch.h"
#include "launcher/scope.h"

#include <sys/stat.h>

typedef struct {
    launcher *engine;
    const image *ami;
    bundle_work work;
    char *template; /* where it is to be */
    char *made;     /* the file that becomes it; NULL: it is there */
    gboolean known; /* what is in it, from a time when it was there */
    image_facts *facts;
} unpacking;

static void
unpacking_clear(unpacking *self)
{
    bundle_work_clear(&self->work);
    g_free(self->template);
    g_free(self->made);
    image_facts_free(self->facts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(unpacking, unpacking_clear)

static gboolean
make_template(unpacking *self, GError **error)
{
    const launcher *engine = self->engine;
    g_autofree char *raw = g_build_filename(self->work.folder, "image.raw", NULL);
    g_autofree char *made = g_build_filename(self->work.folder, "template.qcow2", NULL);
    const char *const argv[] = {"qemu-img", "convert", "-q", "-f", "raw",
                                "-O",       "qcow2",   raw,  made, NULL};

    if (g_file_test(self->template, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!bundle_kept_image(engine->home, self->ami->content, raw, engine->listener, error))
        return error_prefix(error, "%s can't be unbundled", self->ami->id);
    progress_phase(engine->listener, "writing the template");
    if (!process_run(argv, ERROR_HOST_DISK, NULL, error) || !file_sync(made, error) ||
        !file_remove(raw, error))
        return FALSE;
    FAILPOINT_AROUND("chmod");
    if (chmod(made, 0400) != 0)
        return error_set(error, ERROR_HOST_PERMISSION, "can't protect %s", made);
    self->made = g_steal_pointer(&made);
    return TRUE;
}

static char *
scratch_folder(const unpacking *self)
{
    return g_build_filename(self->work.folder, "inspection", NULL);
}

static gboolean
look_inside(unpacking *self, GError **error)
{
    g_autofree char *scratch = scratch_folder(self);
    host_facts host;

    if (self->known)
        return TRUE;
    if (!host_look(self->engine, &host, error) || !folder_make(scratch, 0700, error))
        return FALSE;
    self->facts = image_inspect(self->made != NULL ? self->made : self->template, scratch,
                                !host.kvm, self->engine->listener, error);
    if (self->facts == NULL)
        return FALSE;
    g_free(self->facts->format);
    self->facts->format = g_strdup("raw");
    return TRUE;
}

static gboolean
record_facts(const unpacking *self, const char *text, GError **error)
{
    g_autofree char *scratch = scratch_folder(self);
    const char *content = self->ami->content;

    return boot_files_keep(self->engine->home, content, scratch, self->facts, error) &&
           content_facts_set(self->engine->db, content, text, error);
}

/* It may have been deregistered meanwhile: then nobody would ever remove the template. */
static gboolean
record(unpacking *self, GError **error)
{
    launcher *engine = self->engine;
    const char *content = self->ami->content;
    g_autofree char *text = self->known ? NULL : image_facts_to_json(self->facts);
    g_autoptr(transaction) result = transaction_begin(engine->db, error);
    g_autoptr(image) still =
        result != NULL ? image_get(engine->db, self->ami->id, self->ami->region, error) : NULL;

    return still != NULL && (text == NULL || record_facts(self, text, error)) &&
           (self->made == NULL || template_adopt(engine->home, content, self->made, error)) &&
           transaction_commit(result, error);
}

gboolean
bundle_unpack(launcher *self, image_view *view, GError **error)
{
    g_auto(unpacking) what = {.engine = self, .ami = view->ami, .known = view->facts != NULL};
    gboolean done;

    if (!bundle_is_content(view->ami->content))
        return TRUE;
    what.template = home_template_path(self->home, view->ami->content);
    if (view->facts != NULL && g_file_test(what.template, G_FILE_TEST_EXISTS))
        return TRUE;
    if (!bundle_work_begin(self, &what.work, "bundle-unpack", error))
        return FALSE;
    done = make_template(&what, error) && look_inside(&what, error) && record(&what, error);
    if (!bundle_work_end(self, &what.work, done, error))
        return FALSE;
    if (view->facts == NULL)
        view->facts = g_steal_pointer(&what.facts);
    return TRUE;
}

gboolean
bundle_unpack_image(launcher *self, const char *id, GError **error)
{
    g_autoptr(image_view) view =
        scope_check_image_id(id, error) ? launcher_image_show(self, id, error) : NULL;

    return view != NULL && bundle_unpack(self, view, error);
}
