#include "images/appliance.h"
#include "common/error.h"
#include "common/guard.h"
#include "images/room.h"

#include <guestfs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For what libguestfs is asked once. All of a sound look takes up to 3 minutes where the appliance
 * is emulated on a busy machine, in a hundred calls. */
#define CALL_MOST_MIN 15

struct appliance {
    guestfs_h *g;
    guard *busy; /* NULL: it may be, for ever */
    char *said;  /* see appliance_error() */
};

guestfs_h *
appliance_handle(appliance *self)
{
    return self->g;
}

const char *
appliance_error(appliance *self)
{
    const char *text = guestfs_last_error(self->g);

    g_free(self->said);
    self->said = text == NULL ? g_strdup("it said nothing") : g_strndup(text, strcspn(text, "\n"));
    return self->said;
}

char *
appliance_take(char *text)
{
    char *taken = NULL;

    if (text != NULL && *text != '\0' && strcmp(text, "unknown") != 0)
        taken = g_utf8_make_valid(text, -1);
    free(text);
    return taken;
}

void
appliance_free_strings(char **strings)
{
    /* libguestfs allocates with malloc(), not with GLib. */
    for (int i = 0; strings != NULL && strings[i] != NULL; i++)
        free(strings[i]);
    free(strings);
}

char *
appliance_read(appliance *self, const char *path, gsize most, gsize *length)
{
    size_t found = 0;
    char *text;

    if (guestfs_is_file_opts(self->g, path, GUESTFS_IS_FILE_OPTS_FOLLOWSYMLINKS, 1, -1) != 1)
        return NULL;
    text = guestfs_pread(self->g, path, (int)most, 0, &found);
    *length = found;
    return text;
}

char *
appliance_version(appliance *self, const char *root)
{
    int major = guestfs_inspect_get_major_version(self->g, root);
    int minor = guestfs_inspect_get_minor_version(self->g, root);

    if (major < 0 || (major == 0 && minor <= 0))
        return NULL;
    return g_strdup_printf("%d.%d", major, MAX(minor, 0));
}

/* ---- start and stop ---- */

/* Why it may have failed to start, and what to do. The caller frees it. */
static char *
advice(void)
{
    g_autoptr(GDir) boot = g_dir_open("/boot", 0, NULL);
    g_autofree char *locked = NULL;
    const char *name;

    while (boot != NULL && (name = g_dir_read_name(boot)) != NULL) {
        g_autofree char *path = g_build_filename("/boot", name, NULL);
        if (!g_str_has_prefix(name, "vmlinuz-"))
            continue;
        if (access(path, R_OK) == 0)
            return g_strdup("libguestfs-test-tool shows more");
        g_free(locked);
        locked = g_steal_pointer(&path);
    }
    if (locked == NULL)
        return g_strdup("it needs a Linux kernel in /boot and its modules: install a kernel "
                        "package, linux-image-amd64 on Debian");
    return g_strdup_printf("it needs a kernel that you can read, and you can't read %s: "
                           "sudo chmod 0644 %s",
                           locked, locked);
}

static void
on_progress(guestfs_h *g G_GNUC_UNUSED, void *listener, uint64_t event G_GNUC_UNUSED,
            int handle G_GNUC_UNUSED, int flags G_GNUC_UNUSED, const char *text G_GNUC_UNUSED,
            size_t length G_GNUC_UNUSED, const uint64_t *numbers, size_t count)
{
    /* procedure, serial number, position, total */
    if (count >= 4 && numbers[3] > 0)
        progress_at(listener, "starting the inspection appliance",
                    (double)numbers[2] / (double)numbers[3]);
}

/* Something is asked: what was asked before has come to its end. */
static void
on_call(guestfs_h *g G_GNUC_UNUSED, void *opaque, uint64_t event G_GNUC_UNUSED,
        int handle G_GNUC_UNUSED, int flags G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
        size_t length G_GNUC_UNUSED, const uint64_t *numbers G_GNUC_UNUSED,
        size_t count G_GNUC_UNUSED)
{
    guard_told(opaque);
}

/* libguestfs waits for its appliance's answer without end (lib/conn-socket.c), but for its start no
 * longer than 20 minutes. */
static void
watch(appliance *self)
{
    int pid = guestfs_get_pid(self->g);

    if (pid > 0)
        self->busy = guard_new(pid, CALL_MOST_MIN * 60 * 1000);
    if (self->busy != NULL)
        guestfs_set_event_callback(self->g, on_call, GUESTFS_EVENT_ENTER, 0, self->busy);
}

static gboolean
configure(guestfs_h *g, const char *const *disks, const appliance_place *place)
{
    if (guestfs_set_tmpdir(g, place->scratch) != 0 || guestfs_set_backend(g, "direct") != 0 ||
        (place->force_tcg && guestfs_set_backend_setting(g, "force_tcg", "1") != 0) ||
        guestfs_set_network(g, 0) != 0 || guestfs_set_smp(g, 1) != 0)
        return FALSE;
    for (gsize i = 0; disks[i] != NULL; i++)
        if (guestfs_add_drive_opts(g, disks[i], GUESTFS_ADD_DRIVE_OPTS_READONLY, 1,
                                   GUESTFS_ADD_DRIVE_OPTS_FORMAT, "qcow2", -1) != 0)
            return FALSE;
    return TRUE;
}

static gboolean
start(appliance *self, const char *const *disks, const appliance_place *place, GError **error)
{
    g_autofree char *next = NULL;
    int callback;

    guestfs_set_error_handler(self->g, NULL, NULL);
    progress_phase(place->listener, "starting the inspection appliance");
    callback = guestfs_set_event_callback(self->g, on_progress, GUESTFS_EVENT_PROGRESS, 0,
                                          place->listener);
    if (!configure(self->g, disks, place))
        return error_set(error, ERROR_HOST_INSPECTION, "can't look into %s: %s", disks[0],
                         appliance_error(self));
    if (guestfs_launch(self->g) != 0) {
        next = advice();
        return error_set(error, ERROR_HOST_INSPECTION,
                         "the inspection appliance did not start: %s (%s)", appliance_error(self),
                         next);
    }
    if (callback >= 0)
        guestfs_delete_event_callback(self->g, callback);
    watch(self);
    return TRUE;
}

appliance *
appliance_start(const char *const *disks, const appliance_place *place, GError **error)
{
    g_autoptr(appliance) self = g_new0(appliance, 1);

    if (!room_check(place->scratch, ROOM_TO_LOOK, error))
        return NULL;
    self->g = guestfs_create();
    if (self->g == NULL) {
        error_set(error, ERROR_HOST_INSPECTION, "libguestfs cannot be used");
        return NULL;
    }
    return start(self, disks, place, error) ? g_steal_pointer(&self) : NULL;
}

/* Of one that is dead already libguestfs has nothing to say when it is shut down. */
gboolean
appliance_stop(appliance *self, GError **error)
{
    gboolean ready = guestfs_is_ready(self->g) == 1;

    if (ready && guestfs_shutdown(self->g) == 0)
        return TRUE;
    if (guard_has_killed(self->busy))
        return error_set(error, ERROR_HOST_INSPECTION,
                         "the inspection appliance was busy with one thing for %d minutes, and was "
                         "ended: a file system on the disk is damaged, or made to do that. Repair "
                         "it in a virtual machine of its own; where this machine was overloaded, "
                         "try again",
                         CALL_MOST_MIN);
    if (ready)
        return error_set(error, ERROR_HOST_INSPECTION, "the inspection appliance died: %s",
                         appliance_error(self));
    return error_set(error, ERROR_HOST_INSPECTION,
                     "the inspection appliance died while it looked into the disk, killed or by a "
                     "damaged file system: try again");
}

void
appliance_free(appliance *self)
{
    if (self == NULL)
        return;
    if (self->g != NULL)
        guestfs_close(self->g);
    guard_free(self->busy);
    g_free(self->said);
    g_free(self);
}
