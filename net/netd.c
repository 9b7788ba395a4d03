/* amilaunch-netd: the network of one HOME's instances. Started by amilaunch, not by people; see
 * launcher/network.h for how the two agree. */
#include "common/error.h"
#include "net/confine.h"
#include "net/control.h"
#include "net/network.h"
#include "net/standing.h"

#include "config.h"
#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINGER_S 10

static struct {
    char *home;
    char *config;
    char *user;
    gboolean foreground;
    gboolean version;
} options;

static GOptionEntry entries[] = {
    {"home", 0, 0, G_OPTION_ARG_FILENAME, &options.home, "whose network it is", "DIR"},
    {"config", 0, 0, G_OPTION_ARG_FILENAME, &options.config, "as of amilaunch", "FILE"},
    {"user", 0, 0, G_OPTION_ARG_STRING, &options.user, "as whom guests run", "UID:GID"},
    {"foreground", 0, 0, G_OPTION_ARG_NONE, &options.foreground, "talk to the terminal", NULL},
    {"version", 0, 0, G_OPTION_ARG_NONE, &options.version, "show the version and leave", NULL},
    {NULL},
};

typedef struct {
    GMainLoop *loop;
    launcher *engine;
    imds *metadata;
    network *net;
    control *door;
    guint linger; /* source: nothing was left when it was set */
} netd;

static gboolean open_door(netd *self, GError **error);

static gboolean
end(gpointer data)
{
    g_main_loop_quit(((netd *)data)->loop);
    return G_SOURCE_CONTINUE;
}

/* Who has recorded a port after the last look finds no door, and starts another of us. */
static gboolean
end_if_idle(gpointer data)
{
    netd *self = data;
    g_autoptr(GError) error = NULL;
    gboolean known;

    self->linger = 0;
    g_clear_pointer(&self->door, control_free);
    known = network_look(self->net, FALSE, &error);
    if (!known)
        g_warning("the records can't be read: %s", error->message);
    g_clear_error(&error);
    if ((known && network_is_idle(self->net)) || !open_door(self, &error)) {
        if (error != NULL)
            g_warning("%s", error->message);
        end(self);
    }
    return G_SOURCE_REMOVE;
}

static void
linger_if_idle(gpointer data)
{
    netd *self = data;
    g_autofree char *lock = network_lock(options.home);

    if (!standing_holds(lock)) {
        /* Its records go on telling what was, as the database is still open. */
        g_message("HOME has gone");
        end(self);
    } else if (!network_is_idle(self->net))
        g_clear_handle_id(&self->linger, g_source_remove);
    else if (self->linger == 0)
        self->linger = g_timeout_add_seconds(LINGER_S, end_if_idle, self);
}

static void
look(gpointer data)
{
    netd *self = data;
    g_autoptr(GError) error = NULL;

    if (!network_look(self->net, TRUE, &error))
        g_warning("the records can't be read: %s", error->message);
    linger_if_idle(self);
}

static gboolean
open_door(netd *self, GError **error)
{
    g_autofree char *path = network_control(options.home);

    self->door = control_new(path, look, self, error);
    return self->door != NULL;
}

/* As who started us: the database is opened, and what only HOME's owner may read is read. */
static gboolean
open_home(netd *self, GError **error)
{
    const launcher_options finding = {.home = options.home, .config = options.config};
    g_autoptr(GPtrArray) ports = NULL;

    self->engine = launcher_open(&finding, error);
    if (self->engine == NULL)
        return FALSE;
    ports = launcher_network_ports(self->engine, error);
    self->metadata = ports != NULL ? imds_new(self->engine, error) : NULL;
    return self->metadata != NULL && launcher_only_read(self->engine, error);
}

static gboolean
take_place(guint32 uid, guint32 gid, GError **error)
{
    g_autofree char *folder = network_folder(options.home);
    g_autofree char *log = g_build_filename(folder, "netd.log", NULL);

    if (!options.foreground) {
        setsid();
        if (!standing_redirect(log, uid, gid, error))
            return FALSE;
    }
    standing_settle();
    return TRUE;
}

static gboolean
serve(netd *self, GError **error)
{
    self->loop = g_main_loop_new(NULL, FALSE);
    self->net =
        network_new(options.home, self->engine, self->metadata, linger_if_idle, self, error);
    if (self->net == NULL || !open_door(self, error) || !network_look(self->net, TRUE, error))
        return FALSE;
    linger_if_idle(self);
    g_unix_signal_add(SIGTERM, end, self);
    g_unix_signal_add(SIGINT, end, self);
    g_main_loop_run(self->loop);
    return TRUE;
}

static void
clear(netd *self)
{
    g_clear_handle_id(&self->linger, g_source_remove);
    control_free(self->door);
    network_free(self->net);
    imds_free(self->metadata);
    launcher_free(self->engine);
    g_clear_pointer(&self->loop, g_main_loop_unref);
}

/* *TAKEN: another serves this HOME already, which is fine. */
static gboolean
run(guint32 uid, guint32 gid, gboolean *taken, GError **error)
{
    g_autofree char *lock = network_lock(options.home);
    netd self = {NULL};
    gboolean done;

    done = take_place(uid, gid, error) && open_home(&self, error) &&
           (options.user == NULL || standing_become(uid, gid, error)) && confine(error) &&
           standing_lock(lock, taken, error) && serve(&self, error);
    clear(&self);
    return done;
}

static gboolean
parse(int argc, char **argv, guint32 *uid, guint32 *gid, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_summary(context,
                                 "The network of a HOME's instances; amilaunch starts it.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return FALSE;
    if (options.version)
        return TRUE;
    if (argc > 1 || options.home == NULL || !g_path_is_absolute(options.home))
        return error_set(error, ERROR_USAGE, "--home with an absolute path is needed, and no more");
    *uid = geteuid();
    *gid = getegid();
    if (options.user != NULL && !standing_parse_user(options.user, uid, gid))
        return error_set(error, ERROR_USAGE, "--user needs UID:GID, neither of them 0");
    return TRUE;
}

static int
fail(const GError *error)
{
    fprintf(stderr, "amilaunch-netd: %s: %s\n", error_code_text(error), error->message);
    return error_exit_status(error);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint32 uid = 0, gid = 0;
    gboolean taken = FALSE;

    setlocale(LC_ALL, "");
    umask(077);
    if (!parse(argc, argv, &uid, &gid, &error))
        return fail(error);
    if (options.version) {
        puts("amilaunch-netd " PACKAGE_VERSION);
        return 0;
    }
    standing_log();
    if (chdir("/") != 0 || !run(uid, gid, &taken, &error))
        return taken ? 0 : fail(error);
    return 0;
}
