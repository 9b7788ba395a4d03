/* Making an image file of a bundle. */
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle_read.h"
#include "launcher/bundle_opened.h"
#include "launcher/bundle_work.h"
#include "launcher/reconcile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MANIFEST_SUFFIX ".manifest.xml"

void
bundle_opened_clear(bundle_opened *self)
{
    if (self->folder_fd >= 0)
        close(self->folder_fd);
    manifest_free(self->what);
    g_free(self->key);
    g_free(self->iv);
}

gboolean
bundle_opened_read(launcher *self, bundle_opened *opened, const char *path, const bundle_keys *keys,
                   gboolean unsigned_too, GError **error)
{
    g_autoptr(GPtrArray) signers = NULL;
    g_autoptr(GPtrArray) openers = NULL;

    opened->what = bundle_manifest_read(path, &opened->folder_fd, error);
    if (opened->what == NULL)
        return FALSE;
    signers = bundle_signers(self, keys, error);
    openers = signers != NULL ? bundle_openers(self, opened->what, keys, error) : NULL;
    return openers != NULL &&
           bundle_open(opened->what, openers, &opened->key, &opened->iv, error) &&
           bundle_check_signature(opened->what, signers, unsigned_too, error) &&
           bundle_check_parts(opened->what, opened->folder_fd, error);
}

/* "image.manifest.xml" gives "image.raw". */
static char *
output_of(const unbundle_ask *asked)
{
    g_autofree char *base = g_path_get_basename(asked->path);

    if (asked->output != NULL)
        return g_canonicalize_filename(asked->output, NULL);
    if (g_str_has_suffix(base, MANIFEST_SUFFIX))
        base[strlen(base) - strlen(MANIFEST_SUFFIX)] = '\0';
    else if (g_str_has_suffix(base, ".xml"))
        base[strlen(base) - strlen(".xml")] = '\0';
    return g_strdup_printf("%s.raw", base);
}

static gboolean
check_output(const unbundle_ask *asked, const char *output, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(output);

    if (g_file_test(output, G_FILE_TEST_IS_DIR))
        return error_set(error, ERROR_PARAMETER_VALUE, "%s is a folder", output);
    if (!asked->replace &&
        (g_file_test(output, G_FILE_TEST_EXISTS) || g_file_test(output, G_FILE_TEST_IS_SYMLINK)))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "%s is there already: --force replaces it, --out chooses another", output);
    return g_file_test(folder, G_FILE_TEST_IS_DIR) ||
           error_set(error, ERROR_PARAMETER_VALUE, "there is no folder %s: mkdir makes it", folder);
}

static gboolean
put_in_place(const char *made, const char *output, gboolean replace, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(output);

    FAILPOINT_AROUND("rename");
    if (renameat2(AT_FDCWD, made, AT_FDCWD, output, replace ? 0 : RENAME_NOREPLACE) != 0 &&
        (replace || errno != EINVAL || rename(made, output) != 0))
        return error_set_errno(error, errno, "can't make %s", output);
    return file_sync(folder, error);
}

static gboolean
write_image(launcher *self, const bundle_opened *opened, const bundle_work *work,
            const char *output, gboolean replace, GError **error)
{
    const bundle_read_request request = {.what = opened->what,
                                         .folder_fd = opened->folder_fd,
                                         .key = opened->key,
                                         .iv = opened->iv,
                                         .listener = self->listener};
    g_autofree char *whole = g_canonicalize_filename(output, NULL);
    g_autofree char *folder = g_path_get_dirname(whole);
    g_autofree char *base = g_path_get_basename(whole);
    g_autofree char *random = bundle_key_random(8, error);
    g_autofree char *unfinished = g_strdup_printf("%s/.%s.%s", folder, base, random);

    return random != NULL && bundle_work_note(work, unfinished, NULL, NULL, replace, error) &&
           bundle_read_image(&request, unfinished, error) &&
           put_in_place(unfinished, whole, replace, error);
}

char *
launcher_unbundle(launcher *self, const unbundle_ask *asked, GError **error)
{
    g_auto(bundle_opened) opened = {.folder_fd = -1};
    g_auto(bundle_work) work = {0};
    g_autofree char *output = output_of(asked);
    gboolean done;

    if (!check_output(asked, output, error) || !reconcile_images(self, error) ||
        !bundle_opened_read(self, &opened, asked->path, &asked->keys, asked->unsigned_too, error) ||
        !bundle_work_begin(self, &work, "unbundle", error))
        return NULL;
    done = write_image(self, &opened, &work, output, asked->replace, error);
    return bundle_work_end(self, &work, done, error) ? g_steal_pointer(&output) : NULL;
}
