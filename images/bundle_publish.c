/* Putting a bundle in its place, all of it or nothing. Its files are linked there, so that whoever
 * goes on after a cut can tell what is ours from what somebody else has put there; what it replaces
 * waits aside until the manifest, the last of all, has its name. */
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE "replaced"

typedef struct {
    const char *scratch;
    const char *folder;
    char *first;        /* the names of its first part ... */
    char *whole;        /* ... and of its manifest */
    char *aside;        /* what it replaces */
    const char *name;   /* the first part of all of them */
    GPtrArray *files;   /* in SCRATCH, the manifest first */
    GPtrArray *renamed; /* by this process, where a file can't have two names */
} publishing;

static void
publishing_clear(publishing *self)
{
    g_free(self->first);
    g_free(self->whole);
    g_free(self->aside);
    g_clear_pointer(&self->files, g_ptr_array_unref);
    g_clear_pointer(&self->renamed, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(publishing, publishing_clear)

/* ---- its files ---- */

/* "NAME.part.00" and the like, and the manifest. */
static gboolean
is_of(const char *file, const char *name)
{
    g_autofree char *whole = bundle_manifest_name(name);
    g_autofree char *stem = g_strconcat(name, ".part.", NULL);
    const char *digits = g_str_has_prefix(file, stem) ? file + strlen(stem) : "";

    return g_str_equal(file, whole) ||
           (*digits != '\0' && strspn(digits, "0123456789") == strlen(digits));
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order, the manifest first. NULL on failure; a folder that isn't there has none. */
static GPtrArray *
files_of(const char *folder, const char *name, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) problem = NULL;
    g_autoptr(GDir) open = g_dir_open(folder, 0, &problem);
    const char *file;

    if (open == NULL && !g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        error_set(error, ERROR_HOST_PERMISSION, "can't look into %s: %s", folder, problem->message);
        return NULL;
    }
    while (open != NULL && (file = g_dir_read_name(open)) != NULL)
        if (is_of(file, name))
            g_ptr_array_add(found, g_strdup(file));
    g_ptr_array_sort(found, compare_names);
    return g_steal_pointer(&found);
}

static gboolean
has(GPtrArray *files, const char *file)
{
    return g_ptr_array_find_with_equal_func(files, file, g_str_equal, NULL);
}

static gboolean
refuse(const char *folder, const char *file, GError **error)
{
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "%s has %s already: --force replaces it, --prefix chooses another name",
                     folder, file);
}

gboolean
bundle_is_absent(const char *folder, const char *name, GError **error)
{
    g_autoptr(GPtrArray) there = files_of(folder, name, error);

    if (there == NULL)
        return FALSE;
    return there->len == 0 || refuse(folder, g_ptr_array_index(there, 0), error);
}

/* ---- what is there already ---- */

static gboolean
is_linked(const publishing *self, const char *file)
{
    g_autofree char *ours = g_build_filename(self->scratch, file, NULL);
    g_autofree char *there = g_build_filename(self->folder, file, NULL);

    return file_is_same(ours, there);
}

/* Where files can't be linked, those before the first that is left have gone to their place. */
static gboolean
is_moved(const publishing *self, const char *file)
{
    guint parts = has(self->files, self->whole);
    const char *left =
        self->files->len > parts ? g_ptr_array_index(self->files, parts) : "\xff"; /* all gone */

    return !has(self->files, self->first) && !g_str_equal(file, self->whole) &&
           strcmp(file, left) < 0;
}

/* What is in FOLDER under our names, and not ours. NULL on failure. */
static GPtrArray *
find_others(const publishing *self, GError **error)
{
    GPtrArray *others = files_of(self->folder, self->name, error);

    for (guint i = others != NULL ? others->len : 0; i > 0; i--) {
        const char *file = g_ptr_array_index(others, i - 1);
        if (is_linked(self, file) || is_moved(self, file))
            g_ptr_array_remove_index(others, i - 1);
    }
    return others;
}

/* ---- there ---- */

static gboolean
rename_new(const char *old, const char *new)
{
    FAILPOINT_AROUND("rename");
    if (renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_NOREPLACE) == 0)
        return TRUE;
    if (errno != EINVAL)
        return FALSE;
    /* Not every file system can refuse to replace. */
    errno = EEXIST;
    return !g_file_test(new, G_FILE_TEST_EXISTS) && rename(old, new) == 0;
}

static gboolean
link_new(const char *old, const char *new)
{
    FAILPOINT_AROUND("link");
    return link(old, new) == 0;
}

static gboolean
put(publishing *self, const char *file, GError **error)
{
    g_autofree char *old = g_build_filename(self->scratch, file, NULL);
    g_autofree char *new = g_build_filename(self->folder, file, NULL);

    if (is_linked(self, file) || link_new(old, new))
        return TRUE;
    if (errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EMLINK) {
        if (rename_new(old, new)) {
            g_ptr_array_add(self->renamed, g_strdup(file));
            return TRUE;
        }
    }
    return errno == EEXIST ? refuse(self->folder, file, error)
                           : error_set_errno(error, errno, "can't make %s", new);
}

static gboolean
put_all(publishing *self, GError **error)
{
    for (guint i = 0; i < self->files->len; i++) {
        const char *file = g_ptr_array_index(self->files, i);
        if (!g_str_equal(file, self->whole) && !put(self, file, error))
            return FALSE;
    }
    return file_sync(self->folder, error) && put(self, self->whole, error) &&
           file_sync(self->folder, error);
}

/* First the manifest: without it the rest is nothing to anybody. */
static gboolean
put_aside(const publishing *self, const GPtrArray *others, GError **error)
{
    if (!folder_make(self->aside, 0700, error))
        return FALSE;
    for (guint i = 0; i < others->len; i++) {
        const char *file = g_ptr_array_index(others, i);
        g_autofree char *old = g_build_filename(self->folder, file, NULL);
        g_autofree char *new = g_build_filename(self->aside, file, NULL);
        if (!rename_new(old, new) && errno != ENOENT)
            return error_set_errno(error, errno, "can't replace %s", old);
    }
    return file_sync(self->aside, error) && file_sync(self->folder, error);
}

static gboolean
publish(publishing *self, gboolean replace, GError **error)
{
    g_autoptr(GPtrArray) others = NULL;

    if (is_linked(self, self->whole))
        return TRUE;
    others = find_others(self, error);
    if (others == NULL)
        return FALSE;
    if (others->len > 0 && !replace)
        return refuse(self->folder, g_ptr_array_index(others, 0), error);
    return (others->len == 0 || put_aside(self, others, error)) && put_all(self, error);
}

/* ---- and back ---- */

/* A bundle that somebody else has put there meanwhile stays as it is, and alone. */
static gboolean
put_back(const publishing *self, GError **error)
{
    g_autoptr(GPtrArray) old = files_of(self->aside, self->name, error);
    g_autofree char *whole = g_build_filename(self->folder, self->whole, NULL);

    if (old == NULL)
        return FALSE;
    if (has(old, self->whole) && g_file_test(whole, G_FILE_TEST_EXISTS))
        return TRUE;
    for (guint i = old->len; i > 0; i--) {
        const char *file = g_ptr_array_index(old, i - 1);
        g_autofree char *from = g_build_filename(self->aside, file, NULL);
        g_autofree char *to = g_build_filename(self->folder, file, NULL);
        if (!rename_new(from, to) && errno != EEXIST)
            return error_set_errno(error, errno, "can't put %s back", to);
    }
    return old->len == 0 || file_sync(self->folder, error);
}

/* What was moved, and not linked, before a cut stays: it can't be told from others' parts, and
 * without a manifest it is nothing to anybody. */
static gboolean
take_back(const publishing *self, GError **error)
{
    for (guint i = 0; i < self->files->len; i++) {
        const char *file = g_ptr_array_index(self->files, i);
        g_autofree char *there = g_build_filename(self->folder, file, NULL);
        if (is_linked(self, file) && !file_remove(there, error))
            return FALSE;
    }
    for (guint i = 0; i < self->renamed->len; i++) {
        g_autofree char *there =
            g_build_filename(self->folder, g_ptr_array_index(self->renamed, i), NULL);
        if (!file_remove(there, error))
            return FALSE;
    }
    return put_back(self, error);
}

/* ---- all ---- */

/* Once its manifest has gone, a scratch folder is only to be removed: so it goes first. */
static gboolean
clear_scratch(const publishing *self, GError **error)
{
    g_autofree char *whole = g_build_filename(self->scratch, self->whole, NULL);

    return (!has(self->files, self->whole) || file_remove(whole, error)) &&
           folder_remove(self->scratch, error);
}

/* It was never whole, or is already in its place. */
static bundle_fate
settle_rest(const publishing *self, GError **error)
{
    gboolean there = FALSE;

    for (guint i = 0; i < self->files->len; i++)
        there = there || is_linked(self, g_ptr_array_index(self->files, i));
    if (!clear_scratch(self, error))
        return BUNDLE_STUCK;
    if (there)
        return BUNDLE_WHOLE;
    error_set(error, ERROR_HOST_DISK, "the bundle %s is not whole: somebody has removed %s",
              self->name, self->scratch);
    return BUNDLE_UNDONE;
}

bundle_fate
bundle_publish(const char *scratch, const char *folder, const char *name, gboolean replace,
               GError **error)
{
    g_auto(publishing) self = {.scratch = scratch,
                               .folder = folder,
                               .name = name,
                               .first = g_strconcat(name, ".part.00", NULL),
                               .whole = bundle_manifest_name(name),
                               .aside = g_build_filename(scratch, ASIDE, NULL),
                               .files = files_of(scratch, name, error),
                               .renamed = g_ptr_array_new_with_free_func(g_free)};
    g_autoptr(GError) problem = NULL;

    if (self.files == NULL)
        return BUNDLE_STUCK;
    if (!has(self.files, self.whole))
        return settle_rest(&self, error);
    if (publish(&self, replace, &problem))
        return clear_scratch(&self, error) ? BUNDLE_WHOLE : BUNDLE_STUCK;
    if (!take_back(&self, NULL) || !clear_scratch(&self, NULL)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return BUNDLE_STUCK;
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return BUNDLE_UNDONE;
}
