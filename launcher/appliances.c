#include "launcher/appliances.h"
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "conf/data_path.h"
#include "images/home.h"
#include "launcher/internal.h"
#include "launcher/launch.h"
#include "launcher/reconcile.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define INPUTS "inputs "
#define PHASE "phase "

/* What the builder says while it works. */
typedef struct {
    progress *listener;
    char *inputs; /* NULL until it is said */
    char *last;   /* that isn't one of its own words: why it failed */
} hearing;

static void
hear(const char *text, gpointer data)
{
    hearing *self = data;

    if (g_str_has_prefix(text, PHASE)) {
        progress_phase(self->listener, text + strlen(PHASE));
        return;
    }
    if (g_str_has_prefix(text, INPUTS)) {
        g_free(self->inputs);
        self->inputs = g_strdup(text + strlen(INPUTS));
        return;
    }
    g_free(self->last);
    self->last = g_strdup(text);
}

/* Runs the builder. FOLDER NULL: only asks it for the digest of what it would take. */
static gboolean
run_builder(launcher *self, const char *folder, hearing *heard, GError **error)
{
    g_autofree char *program = program_path("make-appliance");
    g_autofree char *agent = program_path("dom0-agent");
    g_autofree char *menu = program_path("pv-grub.cfg");
    const char *argv[] = {program,  "--agent", agent,
                          "--menu", menu,      folder != NULL ? "--to" : "--inputs",
                          folder,   NULL};
    g_autoptr(GError) problem = NULL;

    heard->listener = self->listener;
    if (process_run_telling(argv, ERROR_HOST_INCOMPLETE, hear, NULL, heard, &problem))
        return TRUE;
    return error_set(error, ERROR_HOST_INCOMPLETE, "the Xen appliance can't be made: %s",
                     heard->last != NULL ? heard->last : problem->message);
}

/* 1: SELF was made from what there is now, 0: from something else, -1: nobody knows. */
static int
is_current(launcher *self, const xen_appliance *appliance)
{
    hearing heard = {0};
    int current = -1;

    progress_phase(self->listener, "looking for newer packages");
    if (run_builder(self, NULL, &heard, NULL) && heard.inputs != NULL)
        current = g_str_equal(heard.inputs, appliance->inputs);
    g_free(heard.inputs);
    g_free(heard.last);
    return current;
}

xen_appliance *
launcher_appliance_show(launcher *self, int *current, GError **error)
{
    g_autofree char *folder = xen_appliance_find(self->home);
    g_autofree char *own = xen_appliance_own(self->home);
    xen_appliance *found = xen_appliance_read(folder != NULL ? folder : own, error);

    if (found != NULL)
        *current = is_current(self, found);
    return found;
}

/* TRUE if there is nothing to be made. */
static gboolean
is_up_to_date(launcher *self)
{
    int current = 0;
    g_autoptr(xen_appliance) found = launcher_appliance_show(self, &current, NULL);

    return found != NULL && current == 1;
}

gboolean
launcher_appliance_build(launcher *self, gboolean force, gboolean *made, GError **error)
{
    g_autofree char *folder = xen_appliance_own(self->home);
    g_autoptr(xen_appliance) result = NULL;
    hearing heard = {0};
    gboolean good;

    *made = FALSE;
    if (!force && is_up_to_date(self))
        return TRUE;
    if (!home_make(self->home, error))
        return FALSE;
    good = run_builder(self, folder, &heard, error);
    g_free(heard.inputs);
    g_free(heard.last);
    if (!good)
        return FALSE;
    *made = TRUE;
    result = xen_appliance_read(folder, error);
    return result != NULL;
}

/* ---- removing ---- */

static gboolean
runs_by(launcher *self, const instance *vm, const char *folder, gboolean *does, GError **error)
{
    g_autoptr(GPtrArray) volumes = NULL;
    g_autoptr(launch) what = NULL;

    *does = FALSE;
    if (vm->state == INSTANCE_STOPPED || vm->state == INSTANCE_TERMINATED)
        return TRUE;
    volumes = volume_list_of_instance(self->db, vm->id, error);
    what = volumes != NULL ? launch_of_instance(self, vm, volumes, error) : NULL;
    if (what == NULL)
        return FALSE;
    *does = g_strcmp0(what->plan->appliance, folder) == 0;
    return TRUE;
}

static gboolean
check_unused(launcher *self, const char *folder, GError **error)
{
    g_autoptr(GPtrArray) all = NULL;

    if (launcher_store(self, error) == NULL || !reconcile(self, error))
        return FALSE;
    all = instance_list(self->db, error);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const instance *vm = g_ptr_array_index(all, i);
        gboolean does;
        if (!runs_by(self, vm, folder, &does, error))
            return FALSE;
        if (does)
            return error_set(error, ERROR_INSTANCE_STATE,
                             "The instance '%s' runs by the Xen appliance: stop or terminate it "
                             "first.",
                             vm->id);
    }
    return all != NULL;
}

/* The builder holds the lock while it works. */
static gboolean
builder_is_at_work(const char *folder)
{
    g_autofree char *path = g_strdup_printf("%s.lock", folder);
    int lock = open(path, O_RDONLY | O_CLOEXEC);
    gboolean free = lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0;

    if (lock >= 0)
        close(lock);
    return !free;
}

gboolean
launcher_appliance_rm(launcher *self, GError **error)
{
    g_autofree char *folder = xen_appliance_own(self->home);
    g_autofree char *lock = g_strdup_printf("%s.lock", folder);

    if (!g_file_test(folder, G_FILE_TEST_EXISTS))
        return error_set(error, ERROR_HOST_INCOMPLETE, "there is no Xen appliance in %s", folder);
    if (builder_is_at_work(folder))
        return error_set(error, ERROR_INSTANCE_STATE,
                         "another command is making the Xen appliance in %s: try again when it has",
                         folder);
    return check_unused(self, folder, error) && folder_remove(folder, error) &&
           file_remove(lock, error);
}

/* ---- what was left over ---- */

GPtrArray *
appliance_leftovers(const char *home)
{
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = xen_appliance_own(home);
    g_autoptr(GDir) names = g_dir_open(home, 0, NULL);
    gboolean whole = g_file_test(folder, G_FILE_TEST_EXISTS);

    if (names == NULL || builder_is_at_work(folder))
        return found;
    for (const char *name; (name = g_dir_read_name(names)) != NULL;)
        /* The last one is all there is if its place is empty: the next build puts it back. */
        if (g_str_has_prefix(name, "appliance.new.") ||
            (whole && g_str_has_prefix(name, "appliance.old.")))
            g_ptr_array_add(found, g_build_filename(home, name, NULL));
    return found;
}
