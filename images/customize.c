#include "images/customize.h"
#include "common/error.h"
#include "common/process.h"
#include "images/room.h"

#include <string.h>
#include <unistd.h>

#define PROGRAM "virt-customize"
#define LINES_MOST 12 /* of what was said, that an error repeats */
#define LINE_MOST 300 /* bytes of each */
#define PHASE_MOST 60 /* characters, so that it fits on a line */

static const struct {
    customize_verb verb;
    const char *ours;   /* the option of `image customize` */
    const char *theirs; /* virt-customize's */
    gboolean in_image;  /* the argument begins with an absolute path in the image */
} verbs[] = {
    {CUSTOMIZE_RUN, "--run", "--run", FALSE},
    {CUSTOMIZE_COMMAND, "--command", "--run-command", FALSE},
    {CUSTOMIZE_COPY_IN, "--copy-in", "--copy-in", FALSE},
    {CUSTOMIZE_INSTALL, "--install", "--install", FALSE},
    {CUSTOMIZE_UPDATE, "--update", "--update", FALSE},
    {CUSTOMIZE_DELETE, "--delete", "--delete", TRUE},
    {CUSTOMIZE_MKDIR, "--mkdir", "--mkdir", TRUE},
    {CUSTOMIZE_WRITE, "--write", "--write", TRUE},
    {CUSTOMIZE_TRUNCATE, "--truncate", "--truncate", TRUE},
    {CUSTOMIZE_CHMOD, "--chmod", "--chmod", FALSE},
    {CUSTOMIZE_LOCK, "--lock", "--run-command", FALSE},
    {CUSTOMIZE_HOSTNAME, "--hostname", "--hostname", FALSE},
};

/* virt-customize leaves a random seed in each image that it makes, which all its instances would
 * share. They make one of their own without it.
 * Source: guestfs-tools' mlcustomize/random_seed.ml. */
static const char *const seeds[] = {
    "/var/lib/systemd/random-seed",
    "/var/lib/urandom/random-seed",
    "/var/lib/random-seed",
    "/var/lib/misc/random-seed",
    "/etc/random-seed",
};

customize_step *
customize_step_new(customize_verb verb, const char *argument)
{
    customize_step *self = g_new0(customize_step, 1);

    self->verb = verb;
    self->argument = g_strdup(argument);
    return self;
}

void
customize_step_free(customize_step *self)
{
    if (self == NULL)
        return;
    g_free(self->argument);
    g_free(self);
}

/* ---- what is asked ---- */

static gboolean
refuse(const customize_step *step, const char *why, GError **error)
{
    return error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for %s: %s", step->argument,
                     verbs[step->verb].ours, why);
}

static gboolean
has_only(const char *text, const char *others)
{
    gsize length = 0;

    for (; text[length] != '\0'; length++)
        if (!g_ascii_isalnum(text[length]) && strchr(others, text[length]) == NULL)
            return FALSE;
    return length > 0;
}

static gboolean
check_copy(const customize_step *step, GError **error)
{
    const char *colon = strrchr(step->argument, ':');
    g_autofree char *file =
        colon != NULL ? g_strndup(step->argument, colon - step->argument) : NULL;

    if (colon == NULL || colon == step->argument || colon[1] != '/')
        return refuse(step, "FILE:FOLDER, such as motd:/etc", error);
    if (strchr(file, ':') != NULL)
        return refuse(step, "a file with a colon in its name can't be copied; rename it", error);
    return access(file, R_OK) == 0 || refuse(step, "there is no such file to read", error);
}

static gboolean
check_packages(const customize_step *step, GError **error)
{
    g_auto(GStrv) names = g_strsplit(step->argument, ",", -1);

    for (gsize i = 0; names[i] != NULL; i++)
        if (*names[i] == '-' || !has_only(names[i], "+-._:=~@/"))
            return refuse(step, "names of packages, with commas between them", error);
    return TRUE;
}

static gboolean
check_mode(const customize_step *step, GError **error)
{
    gsize digits = strspn(step->argument, "01234567");

    return (digits >= 3 && digits <= 5 && step->argument[digits] == ':' &&
            step->argument[digits + 1] == '/') ||
           refuse(step, "MODE:FILE, such as 0644:/etc/motd", error);
}

static gboolean
check_step(const customize_step *step, GError **error)
{
    if (verbs[step->verb].in_image && *step->argument != '/')
        return refuse(step, "a path in the image, from its root", error);
    switch (step->verb) {
    case CUSTOMIZE_RUN:
        return g_file_test(step->argument, G_FILE_TEST_IS_REGULAR) ||
               refuse(step, "there is no such script", error);
    case CUSTOMIZE_COPY_IN:
        return check_copy(step, error);
    case CUSTOMIZE_INSTALL:
        return check_packages(step, error);
    case CUSTOMIZE_DELETE:
        return step->argument[strspn(step->argument, "/.*")] != '\0' ||
               refuse(step, "that is all there is", error);
    case CUSTOMIZE_WRITE:
        return strchr(step->argument, ':') != NULL || refuse(step, "FILE:CONTENT", error);
    case CUSTOMIZE_CHMOD:
        return check_mode(step, error);
    case CUSTOMIZE_LOCK:
        return (*step->argument != '-' && has_only(step->argument, "_.-")) ||
               refuse(step, "a user's name", error);
    case CUSTOMIZE_HOSTNAME:
        return (*step->argument != '-' && has_only(step->argument, ".-")) ||
               refuse(step, "a host's name", error);
    default:
        return TRUE;
    }
}

gboolean
customize_check(const GPtrArray *steps, GError **error)
{
    if (steps->len == 0)
        return error_set(error, ERROR_PARAMETER_MISSING,
                         "Nothing is to be changed: --run SCRIPT, --copy-in FILE:FOLDER, --install "
                         "PACKAGE or another says what");
    for (guint i = 0; i < steps->len; i++)
        if (!check_step(g_ptr_array_index(steps, i), error))
            return FALSE;
    return TRUE;
}

gboolean
customize_needs_packages(const GPtrArray *steps)
{
    for (guint i = 0; i < steps->len; i++) {
        const customize_step *step = g_ptr_array_index(steps, i);
        if (step->verb == CUSTOMIZE_INSTALL || step->verb == CUSTOMIZE_UPDATE)
            return TRUE;
    }
    return FALSE;
}

/* ---- the program ---- */

static void
add(GPtrArray *argv, const char *text)
{
    g_ptr_array_add(argv, g_strdup(text));
}

static void
add_variable(GPtrArray *argv, const char *name, const char *value)
{
    g_ptr_array_add(argv, g_strdup_printf("%s=%s", name, value));
}

/* The appliance is made once, and kept where libguestfs would keep it without a TMPDIR of ours. */
static const char *
cache_folder(void)
{
    const char *folder = g_getenv("LIBGUESTFS_CACHEDIR");

    if (folder == NULL)
        folder = g_getenv("TMPDIR");
    return folder != NULL ? folder : "/var/tmp";
}

static void
add_environment(GPtrArray *argv, const appliance_place *place)
{
    add(argv, "env");
    add_variable(argv, "LIBGUESTFS_CACHEDIR", cache_folder());
    add_variable(argv, "LIBGUESTFS_TMPDIR", place->scratch);
    add_variable(argv, "TMPDIR", place->scratch);
    add_variable(argv, "LIBGUESTFS_BACKEND", "direct");
    add_variable(argv, "LIBGUESTFS_BACKEND_SETTINGS", place->force_tcg ? "force_tcg" : "");
}

/* "ls", or "./-ls": what begins with a dash would be an option. */
static char *
host_path(const char *path)
{
    return g_canonicalize_filename(path, NULL);
}

/* virt-customize's own way needs an /etc/shadow, and leaves what is in /etc/passwd. */
static char *
locking(const char *user)
{
    g_auto(GStrv) parts = g_strsplit(user, ".", -1);
    g_autofree char *escaped = g_strjoinv("[.]", parts);

    return g_strdup_printf(
        "grep -q '^%s:' /etc/passwd || { echo 'there is no user %s' >&2; exit 1; }; "
        "[ ! -e /etc/shadow ] || sed -i 's/^%s:[^:]*:/%s:!*:/' /etc/shadow && "
        "sed -i '/^%s:x:/!s/^%s:[^:]*:/%s:!*:/' /etc/passwd",
        escaped, user, escaped, user, escaped, escaped, user);
}

static char *
argument_of(const customize_step *step)
{
    const char *colon;
    g_autofree char *file = NULL;
    g_autofree char *path = NULL;

    switch (step->verb) {
    case CUSTOMIZE_RUN:
        return host_path(step->argument);
    case CUSTOMIZE_COPY_IN:
        colon = strrchr(step->argument, ':');
        file = g_strndup(step->argument, (gsize)(colon - step->argument));
        path = host_path(file);
        return g_strconcat(path, colon, NULL);
    case CUSTOMIZE_LOCK:
        return locking(step->argument);
    default:
        return g_strdup(step->argument);
    }
}

static GPtrArray *
program(const char *path, const GPtrArray *steps, gboolean network, const appliance_place *place)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    add_environment(argv, place);
    add(argv, PROGRAM);
    add(argv, "--format");
    add(argv, "qcow2");
    add(argv, "-a");
    add(argv, path);
    add(argv, network ? "--network" : "--no-network");
    add(argv, "--no-logfile");
    for (guint i = 0; i < steps->len; i++) {
        const customize_step *step = g_ptr_array_index(steps, i);
        add(argv, verbs[step->verb].theirs);
        if (step->argument != NULL)
            g_ptr_array_add(argv, argument_of(step));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++) {
        add(argv, "--delete");
        add(argv, seeds[i]);
    }
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* ---- what it says ---- */

/* Programs in the image speak through it, and are nobody's friends. */
typedef struct {
    const appliance_place *place;
    GQueue lines;  /* char*, the last ones */
    gboolean full; /* the host's disk: it was ended */
} talk;

static char *
clean(const char *text)
{
    GString *kept = g_string_new(NULL);

    for (const char *at = text; *at != '\0' && kept->len < LINE_MOST; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        g_string_append_unichar(kept, g_unichar_iscntrl(letter) ? ' ' : letter);
    }
    return g_strchomp(g_string_free(kept, FALSE));
}

/* "[  12.3] Installing packages: x" is a phase. */
static char *
phase_of(const char *line)
{
    const char *end = *line == '[' ? strchr(line, ']') : NULL;
    char *phase;

    if (end == NULL || strspn(line + 1, " .0123456789") != (gsize)(end - line - 1) || end[1] != ' ')
        return NULL;
    phase = g_utf8_substring(end + 2, 0, MIN(g_utf8_strlen(end + 2, -1), PHASE_MOST));
    *phase = g_ascii_tolower(*phase);
    return phase;
}

/* It ends well all the same. */
static gboolean
tells_of_hostname(const char *line)
{
    return g_str_has_prefix(line, PROGRAM ": warning: hostname could not be set");
}

/* What is said to those who use virt-customize itself. */
static gboolean
is_noise(const char *line)
{
    return strstr(line, "If reporting bugs") != NULL || strstr(line, "-v -x [...]") != NULL ||
           strstr(line, "random seed") != NULL;
}

static void
hear(const char *text, gpointer data)
{
    talk *self = data;
    char *line = clean(text);
    g_autofree char *phase = phase_of(line);

    if (phase != NULL)
        progress_phase(self->place->listener, phase);
    if (tells_of_hostname(line))
        progress_note(self->place->listener,
                      "the host's name isn't set: " PROGRAM " doesn't know where this system has "
                      "it; --write FILE:NAME sets it, if you do");
    if (*line == '\0' || phase != NULL || is_noise(line)) {
        g_free(line);
        return;
    }
    g_queue_push_tail(&self->lines, line);
    if (self->lines.length > LINES_MOST)
        g_free(g_queue_pop_head(&self->lines));
}

/* On a full disk it would wait for room without end. */
static gboolean
watch_room(gpointer data, GError **error)
{
    talk *self = data;

    self->full = !room_check(self->place->scratch, ROOM_RESERVE, error);
    return !self->full;
}

static gboolean
fail(talk *self, const GPtrArray *steps, GError **error)
{
    g_autoptr(GString) said = g_string_new(NULL);

    for (GList *at = self->lines.head; at != NULL; at = at->next)
        g_string_append_printf(said, "\n    %s", (char *)at->data);
    return error_set(error, ERROR_CUSTOMIZATION,
                     "the image can't be changed so; last was said:%s%s",
                     said->len > 0 ? said->str : " nothing",
                     customize_needs_packages(steps)
                         ? "\n  (packages come from the image's own sources, which have to be "
                           "reachable from this machine)"
                         : "");
}

static gboolean
take_steps(const char *const *argv, const GPtrArray *steps, talk *heard, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (process_run_telling(argv, ERROR_CUSTOMIZATION, hear, watch_room, heard, &problem))
        return TRUE;
    if (!heard->full)
        return fail(heard, steps, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

gboolean
customize_disk(const char *path, const GPtrArray *steps, gboolean network,
               const appliance_place *place, GError **error)
{
    g_autoptr(GPtrArray) argv = program(path, steps, network, place);
    g_autofree char *found = process_find(PROGRAM);
    talk heard = {.place = place, .lines = G_QUEUE_INIT};
    gboolean done;

    if (found == NULL)
        return error_set(error, ERROR_HOST_INSPECTION,
                         PROGRAM " is not in PATH: apt install guestfs-tools");
    if (!room_check(place->scratch, ROOM_TO_CHANGE, error))
        return FALSE;
    progress_phase(place->listener, "starting the appliance");
    done = take_steps((const char *const *)argv->pdata, steps, &heard, error);
    g_queue_clear_full(&heard.lines, g_free);
    return done;
}
