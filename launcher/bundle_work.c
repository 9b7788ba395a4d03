#include "launcher/bundle_work.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle_kept.h"
#include "images/home.h"
#include "launcher/recover.h"
#include "store/operation.h"

#include <string.h>

#define NOTE "elsewhere"

void
bundle_work_clear(bundle_work *self)
{
    g_clear_pointer(&self->folder, g_free);
    self->operation = 0;
}

gboolean
bundle_work_begin(launcher *self, bundle_work *work, const char *kind, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);

    work->operation = intent != NULL ? operation_begin(self->db, kind, error) : 0;
    if (work->operation == 0 || !transaction_commit(intent, error)) {
        work->operation = 0;
        return FALSE;
    }
    work->folder = home_bundle_scratch(self->home, work->operation);
    return folder_make(work->folder, 0700, error) || bundle_work_end(self, work, FALSE, NULL);
}

/* ---- what is outside of the folder ---- */

typedef struct {
    char *path;
    char *folder; /* NULL for a file */
    char *name;
    gboolean replace;
} elsewhere;

static void
elsewhere_clear(elsewhere *self)
{
    g_free(self->path);
    g_free(self->folder);
    g_free(self->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(elsewhere, elsewhere_clear)

/* One on each line; they may hold any bytes. */
gboolean
bundle_work_note(const bundle_work *work, const char *path, const char *folder, const char *name,
                 gboolean replace, GError **error)
{
    g_autofree char *file = g_build_filename(work->folder, NOTE, NULL);
    g_autofree char *one = g_strescape(path, NULL);
    g_autofree char *two = g_strescape(folder != NULL ? folder : "", NULL);
    g_autofree char *three = g_strescape(name != NULL ? name : "", NULL);
    g_autofree char *text =
        g_strdup_printf("%s\n%s\n%s\n%s\n", one, two, three, replace ? "replace" : "keep");
    g_autoptr(GError) problem = NULL;

    FAILPOINT_AROUND("write");
    if (!g_file_set_contents_full(file, text, -1,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0600, &problem))
        return error_set(error, ERROR_HOST_DISK, "%s", problem->message);
    return file_sync(work->folder, error);
}

/* FALSE if nothing was noted. */
static gboolean
read_note(const char *work_folder, elsewhere *noted)
{
    g_autofree char *file = g_build_filename(work_folder, NOTE, NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(file, &text, NULL, NULL))
        return FALSE;
    lines = g_strsplit(text, "\n", -1);
    if (g_strv_length(lines) < 4)
        return FALSE;
    noted->path = g_strcompress(lines[0]);
    noted->folder = *lines[1] != '\0' ? g_strcompress(lines[1]) : NULL;
    noted->name = g_strcompress(lines[2]);
    noted->replace = g_str_equal(lines[3], "replace");
    return TRUE;
}

/* What was cut off replaces nothing: somebody may have put it there since. */
static bundle_fate
settle_bundle(launcher *self, const elsewhere *noted, gboolean late, GError **error)
{
    bundle_fate fate =
        bundle_publish(noted->path, noted->folder, noted->name, noted->replace && !late, error);

    if (late && fate != BUNDLE_STUCK)
        progress_note(self->listener, "the bundle %s in %s was interrupted; %s", noted->name,
                      noted->folder, fate == BUNDLE_WHOLE ? "it is whole" : "undone");
    return fate;
}

static bundle_fate
settle_elsewhere(launcher *self, const char *work_folder, gboolean late, GError **error)
{
    g_auto(elsewhere) noted = {NULL, NULL, NULL, FALSE};

    if (!read_note(work_folder, &noted))
        return BUNDLE_WHOLE;
    if (noted.folder != NULL)
        return settle_bundle(self, &noted, late, error);
    return file_remove(noted.path, error) ? BUNDLE_WHOLE : BUNDLE_STUCK;
}

/* ---- on or back ---- */

/* What the operation had brought into place, but not yet recorded. */
static gboolean
end_operation(launcher *self, gint64 number, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);

    return result != NULL && bundle_kept_sweep(self->db, self->home, error) &&
           operation_end(self->db, number, error) && transaction_commit(result, error);
}

/* REFUSED says why there is no bundle in the end, if that is settled. */
static gboolean
settle(launcher *self, gint64 number, gboolean late, GError **refused, GError **error)
{
    g_autofree char *folder = home_bundle_scratch(self->home, number);
    g_autoptr(GError) problem = NULL;

    if (!bundle_source_release(self, number, error))
        return FALSE;
    if (settle_elsewhere(self, folder, late, &problem) == BUNDLE_STUCK) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (!folder_remove(folder, error) || !end_operation(self, number, error))
        return FALSE;
    if (problem != NULL)
        g_propagate_error(refused, g_steal_pointer(&problem));
    return TRUE;
}

gboolean
bundle_work_end(launcher *self, bundle_work *work, gboolean done, GError **error)
{
    gint64 number = work->operation;
    g_autoptr(GError) refused = NULL;

    bundle_work_clear(work);
    if (!settle(self, number, FALSE, &refused, done ? error : NULL)) {
        operation_abandon(self->db, number);
        return FALSE;
    }
    if (done && refused != NULL) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return FALSE;
    }
    return done;
}

gboolean
recover_bundle(launcher *self, const operation *cut, GError **error)
{
    return settle(self, cut->id, TRUE, NULL, error);
}
