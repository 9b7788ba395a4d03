#include "drivers/xen_appliance.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARED "/var/lib/amilaunch/appliance"
#define FORMAT 1
#define MOST_BYTES (1024 * 1024)  /* of a manifest */
#define MOST_OVERHEAD (16 * 1024) /* MiB */
#define NEXT_STEP "make it anew: amilaunch appliance build --force"

static void
file_free(xen_appliance_file *self)
{
    g_free(self->name);
    g_free(self);
}

static void
package_free(xen_appliance_package *self)
{
    g_free(self->name);
    g_free(self->version);
    g_free(self);
}

void
xen_appliance_free(xen_appliance *self)
{
    if (self == NULL)
        return;
    g_free(self->folder);
    g_free(self->xen);
    g_free(self->dom0_kernel);
    g_free(self->dom0_initrd);
    g_free(self->grub_hd0);
    g_free(self->grub_hd00);
    g_free(self->xen_cmdline);
    g_free(self->dom0_cmdline);
    g_free(self->inputs);
    g_free(self->built);
    g_ptr_array_unref(self->files);
    g_ptr_array_unref(self->packages);
    g_free(self);
}

/* ---- the manifest ---- */

static gboolean
read_file(xen_appliance *self, const json_t *entry)
{
    xen_appliance_file *file;
    const char *name = NULL;
    json_int_t bytes = -1;

    if (json_unpack((json_t *)entry, "{s:s, s:I}", "Name", &name, "Bytes", &bytes) != 0 ||
        bytes < 0 || *name == '\0' || strchr(name, '/') != NULL)
        return FALSE;
    file = g_new0(xen_appliance_file, 1);
    file->name = g_strdup(name);
    file->bytes = (guint64)bytes;
    self->bytes += file->bytes;
    g_ptr_array_add(self->files, file);
    return TRUE;
}

static gboolean
read_package(xen_appliance *self, const json_t *entry)
{
    xen_appliance_package *package;
    const char *name = NULL, *version = NULL;

    if (json_unpack((json_t *)entry, "{s:s, s:s}", "Name", &name, "Version", &version) != 0)
        return FALSE;
    package = g_new0(xen_appliance_package, 1);
    package->name = g_strdup(name);
    package->version = g_strdup(version);
    g_ptr_array_add(self->packages, package);
    return TRUE;
}

static gboolean
read_list(xen_appliance *self, const json_t *list,
          gboolean (*take)(xen_appliance *self, const json_t *entry))
{
    if (!json_is_array(list))
        return FALSE;
    for (gsize i = 0; i < json_array_size(list); i++)
        if (!take(self, json_array_get(list, i)))
            return FALSE;
    return TRUE;
}

/* Of a manifest that was read: FALSE if something isn't as it should be. */
static gboolean
take_manifest(xen_appliance *self, const json_t *root)
{
    const char *xen, *dom0, *inputs, *built;
    json_t *files, *packages;
    int format, overhead;

    if (json_unpack((json_t *)root, "{s:i, s:s, s:s, s:i, s:s, s:s, s:o, s:o}", "Format", &format,
                    "XenCommandLine", &xen, "Dom0CommandLine", &dom0, "OverheadMiB", &overhead,
                    "Inputs", &inputs, "Built", &built, "Files", &files, "Packages",
                    &packages) != 0)
        return FALSE;
    if (format != FORMAT || overhead < 0 || overhead > MOST_OVERHEAD)
        return FALSE;
    self->xen_cmdline = g_strdup(xen);
    self->dom0_cmdline = g_strdup(dom0);
    self->overhead_mib = (guint)overhead;
    self->inputs = g_strdup(inputs);
    self->built = g_strdup(built);
    return read_list(self, files, read_file) && read_list(self, packages, read_package);
}

static json_t *
load_manifest(const char *path)
{
    g_autofree char *text = NULL;
    struct stat about;
    gsize length;

    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > MOST_BYTES ||
        !g_file_get_contents(path, &text, &length, NULL))
        return NULL;
    return json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
}

/* ---- the files ---- */

/* Says which of the files isn't there as the manifest has it; NULL if all are. */
static const char *
wrong_file(const xen_appliance *self)
{
    for (guint i = 0; i < self->files->len; i++) {
        const xen_appliance_file *file = g_ptr_array_index(self->files, i);
        g_autofree char *path = g_build_filename(self->folder, file->name, NULL);
        struct stat about;
        if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) ||
            (guint64)about.st_size != file->bytes || access(path, R_OK) != 0)
            return file->name;
    }
    return NULL;
}

static gboolean
has_file(const xen_appliance *self, const char *name)
{
    for (guint i = 0; i < self->files->len; i++)
        if (g_str_equal(((xen_appliance_file *)g_ptr_array_index(self->files, i))->name, name))
            return TRUE;
    return FALSE;
}

/* Gives the files that are started their paths; FALSE if the manifest lacks one. */
static gboolean
name_files(xen_appliance *self)
{
    const struct {
        const char *name;
        char **path;
    } wanted[] = {
        {"xen", &self->xen},
        {"dom0-kernel", &self->dom0_kernel},
        {"dom0-initrd", &self->dom0_initrd},
        {"grub-hd0", &self->grub_hd0},
        {"grub-hd00", &self->grub_hd00},
    };

    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (!has_file(self, wanted[i].name))
            return FALSE;
        *wanted[i].path = g_build_filename(self->folder, wanted[i].name, NULL);
    }
    return TRUE;
}

xen_appliance *
xen_appliance_read(const char *folder, GError **error)
{
    g_autoptr(xen_appliance) self = g_new0(xen_appliance, 1);
    g_autofree char *path = g_build_filename(folder, "manifest.json", NULL);
    json_t *root;
    gboolean good;
    const char *wrong;

    self->folder = g_strdup(folder);
    self->files = g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
    self->packages = g_ptr_array_new_with_free_func((GDestroyNotify)package_free);
    if (access(path, F_OK) != 0) {
        error_set(error, ERROR_HOST_INCOMPLETE,
                  "there is no Xen appliance in %s; make one: amilaunch appliance build", folder);
        return NULL;
    }
    root = load_manifest(path);
    good = root != NULL && take_manifest(self, root) && name_files(self);
    json_decref(root);
    if (!good) {
        error_set(error, ERROR_HOST_INCOMPLETE,
                  "%s is not the manifest of a Xen appliance that this version knows; " NEXT_STEP,
                  path);
        return NULL;
    }
    wrong = wrong_file(self);
    if (wrong != NULL) {
        error_set(error, ERROR_HOST_INCOMPLETE,
                  "the Xen appliance's file %s in %s is missing or cut off; " NEXT_STEP, wrong,
                  folder);
        return NULL;
    }
    return g_steal_pointer(&self);
}

/* ---- where it is ---- */

char *
xen_appliance_own(const char *home)
{
    return g_build_filename(home, "appliance", NULL);
}

char *
xen_appliance_shared(void)
{
    const char *chosen = g_getenv("AMILAUNCH_APPLIANCE");

    return g_strdup(chosen != NULL && *chosen != '\0' ? chosen : SHARED);
}

/* Nobody but root and this user can put something else in its place: a guest's memory and disks
 * are in its hands. */
static gboolean
is_trusted(const char *folder)
{
    struct stat about;

    return stat(folder, &about) == 0 && S_ISDIR(about.st_mode) &&
           (about.st_uid == 0 || about.st_uid == geteuid()) &&
           (about.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static gboolean
is_sound(const char *folder)
{
    g_autoptr(xen_appliance) self = NULL;

    if (!is_trusted(folder))
        return FALSE;
    self = xen_appliance_read(folder, NULL);
    return self != NULL;
}

char *
xen_appliance_find(const char *home)
{
    g_autofree char *own = xen_appliance_own(home);
    g_autofree char *shared = xen_appliance_shared();

    if (is_sound(own))
        return g_steal_pointer(&own);
    if (is_sound(shared))
        return g_steal_pointer(&shared);
    return NULL;
}
