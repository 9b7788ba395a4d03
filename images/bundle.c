#include "images/bundle.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/bundle_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

#define MOST_NAME 80 /* it is also the name of the tar's member */

gboolean
bundle_name_check(const char *name, GError **error)
{
    gsize length = g_utf8_validate(name, -1, NULL) ? strlen(name) : 0;

    for (const char *at = name; length > 0 && *at != '\0'; at = g_utf8_next_char(at))
        if (*at == '/' || g_unichar_iscntrl(g_utf8_get_char(at)))
            length = 0;
    if (length > 0 && length <= MOST_NAME && *name != '.')
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "'%s' can't be the first part of a bundle's files: 1 to %d bytes, without '/' "
                     "and without '.' in front",
                     name, MOST_NAME);
}

char *
bundle_manifest_name(const char *name)
{
    return g_strconcat(name, ".manifest.xml", NULL);
}

/* ---- making one ---- */

static gboolean
seal_keys(const bundle_request *request, manifest *what, const char *key, const char *iv,
          GError **error)
{
    what->ec2_key = bundle_key_seal(request->cloud, key, error);
    what->user_key = what->ec2_key != NULL ? bundle_key_seal(request->opener, key, error) : NULL;
    what->ec2_iv = what->user_key != NULL ? bundle_key_seal(request->cloud, iv, error) : NULL;
    what->user_iv = what->ec2_iv != NULL ? bundle_key_seal(request->opener, iv, error) : NULL;
    return what->user_iv != NULL;
}

static gboolean
write_text(const char *path, const char *text, GError **error)
{
    FAILPOINT_AROUND("write");
    FILE *file = fopen(path, "wxe");
    gboolean written;

    if (file == NULL)
        return error_set_errno(error, errno, "can't make %s", path);
    written = fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (fclose(file) == 0 && written)
        return TRUE;
    return error_set_errno(error, errno, "can't write %s", path);
}

/* Its name stands for a whole bundle, so it gets it when it is whole itself. */
static gboolean
write_manifest(const char *folder, const manifest *what, GError **error)
{
    g_autofree char *name = bundle_manifest_name(what->name);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *unfinished = g_strconcat(path, ".new", NULL);
    g_autofree char *text = manifest_document(what);

    if (!write_text(unfinished, text, error))
        return FALSE;
    FAILPOINT_AROUND("rename");
    if (rename(unfinished, path) != 0)
        return error_set_errno(error, errno, "can't make %s", path);
    return file_sync(folder, error);
}

gboolean
bundle_make(const bundle_request *request, manifest *what, GError **error)
{
    g_autofree char *key = bundle_key_random(BUNDLE_KEY_BYTES, error);
    g_autofree char *iv = key != NULL ? bundle_key_random(BUNDLE_KEY_BYTES, error) : NULL;
    const bundle_write_request parts = {.image = request->image,
                                        .folder = request->folder,
                                        .name = what->name,
                                        .key = key,
                                        .iv = iv,
                                        .level = request->level,
                                        .listener = request->listener};

    if (iv == NULL || !seal_keys(request, what, key, iv, error) ||
        !bundle_write_parts(&parts, what, error))
        return FALSE;
    what->bundler = g_strdup("amilaunch");
    what->bundler_version = g_strdup(PACKAGE_VERSION);
    what->bundler_release = g_strdup("1");
    manifest_seal(what);
    what->signature = bundle_key_sign(request->owner, what->signed_text, error);
    return what->signature != NULL && write_manifest(request->folder, what, error);
}

/* ---- opening one ---- */

gboolean
bundle_check_signature(const manifest *what, const GPtrArray *signers, gboolean unsigned_too,
                       GError **error)
{
    if (what->signature == NULL)
        return unsigned_too ||
               error_set(error, ERROR_MANIFEST,
                         "the manifest isn't signed: nobody can tell whether it was changed; "
                         "--unsigned takes it all the same");
    for (guint i = 0; i < signers->len; i++)
        if (bundle_key_signed(g_ptr_array_index(signers, i), what->signed_text, what->signature))
            return TRUE;
    return error_set(error, ERROR_MANIFEST,
                     "the manifest's signature is wrong: it was changed, or somebody else signed "
                     "it, whose certificate --cert names");
}

gboolean
bundle_open(const manifest *what, const GPtrArray *keys, char **key, char **iv, GError **error)
{
    for (guint i = 0; i < keys->len; i++) {
        const bundle_key *mine = g_ptr_array_index(keys, i);
        g_autofree char *as_user = bundle_key_open(mine, what->user_key);
        g_autofree char *as_cloud = bundle_key_open(mine, what->ec2_key);
        if (as_user == NULL && as_cloud == NULL)
            continue;
        *iv = bundle_key_open(mine, as_user != NULL ? what->user_iv : what->ec2_iv);
        if (*iv == NULL)
            continue;
        *key = g_strdup(as_user != NULL ? as_user : as_cloud);
        return TRUE;
    }
    return error_set(
        error, ERROR_AUTH_FAILURE,
        "no key here opens this bundle, which says that it is account %s's: --key names "
        "the private key whose certificate it was bundled for",
        what->user);
}
