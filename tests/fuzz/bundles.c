/* What others publish: manifests, bundles, lists of digests, addresses; and keys in PEM. */
#include "images/bundle_key.h"
#include "images/bundle_part.h"
#include "images/bundle_pem.h"
#include "images/bundle_read.h"
#include "images/checksum.h"
#include "images/download_answer.h"
#include "images/url.h"
#include "tests/fuzz/targets.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY "000102030405060708090a0b0c0d0e0f"

static void
check_manifest(const manifest *what)
{
    must_be_text(what->name);
    MUST(what->size > 0 && what->size <= MANIFEST_MOST_SIZE);
    MUST(what->parts->len > 0 && what->parts->len <= MANIFEST_MOST_PARTS);
    for (guint i = 0; i < what->parts->len; i++) {
        const manifest_part *part = what->parts->pdata[i];
        MUST(strlen(part->digest) == 40);
        MUST(*part->filename != '\0' && strchr(part->filename, '/') == NULL);
        MUST(!g_str_equal(part->filename, ".") && !g_str_equal(part->filename, ".."));
    }
}

void
fuzz_manifest(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autoptr(GError) error = NULL;
    g_autoptr(manifest) what = NULL;

    memcpy(text, data, length);
    what = manifest_parse(text, length, &error);
    MUST((what != NULL) == (error == NULL));
    if (what != NULL)
        check_manifest(what);
    else
        must_be_text(error->message);
}

static void
unbundle(int folder, const manifest *what, const char *image)
{
    g_autoptr(GError) error = NULL;
    const bundle_read_request request = {what, folder, KEY, KEY, NULL};
    struct stat status;
    gboolean done =
        bundle_check_parts(what, folder, &error) && bundle_read_image(&request, image, &error);

    MUST(done == (error == NULL));
    MUST(done == (stat(image, &status) == 0));
    g_unlink(image);
}

/* The bytes, encrypted, are the only part of a bundle, whose image is of a size that they say. */
void
fuzz_bundle(const guint8 *data, gsize length)
{
    g_autofree char *folder = g_build_filename(fuzz_folder(), "b-XXXXXX", NULL);
    g_autofree char *image = g_strconcat(folder, ".image", NULL);
    g_autoptr(manifest) what = manifest_new();
    g_autoptr(part_writer) writer = NULL;
    int fd;

    if (length < 2 || g_mkdtemp(folder) == NULL)
        return;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_free(image);
    image = g_strconcat(folder, ".image", NULL);
    what->name = g_strdup("x");
    what->size = (guint64)(data[0] << 8 | data[1]);
    writer = part_writer_new(folder, "x", KEY, KEY, NULL);
    MUST(writer != NULL && part_writer_take(writer, data + 2, length - 2, NULL) &&
         part_writer_finish(writer, what, NULL));
    unbundle(fd, what, image);
    for (guint i = 0; i < what->parts->len; i++)
        unlinkat(fd, ((manifest_part *)what->parts->pdata[i])->filename, 0);
    close(fd);
    g_rmdir(folder);
}

/* Text, a zero byte, and a file's name. */
void
fuzz_checksum(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    gsize used = MIN(strlen(text) + 1, length);
    g_autofree char *name = g_strndup((const char *)data + used, length - used);
    g_autoptr(GError) error = NULL;
    checksum sum;

    checksum_parse(text, &sum, NULL);
    if (checksum_find(text, "SHA256SUMS", name, &sum, &error))
        MUST(strlen(sum.hex) == (sum.kind == DIGEST_SHA512 ? 128 : 64) &&
             strspn(sum.hex, "0123456789abcdef") == strlen(sum.hex));
    else
        MUST(error != NULL);
}

/* The head of an answer, line by line. */
void
fuzz_download(const guint8 *data, gsize length)
{
    download_answer said = {NULL};
    guint64 first = 0;
    gint64 total = 0;

    for (gsize at = 0; at < length;) {
        const guint8 *newline = memchr(data + at, '\n', length - at);
        gsize line = newline != NULL ? (gsize)(newline - data) - at + 1 : length - at;
        download_answer_line(&said, (const char *)data + at, line);
        at += line;
    }
    if (download_answer_range(&said, &first, &total))
        MUST(first <= G_MAXINT64 && (total == -1 || (guint64)total > first));
    MUST(!download_answer_is_strong(&said) || said.etag != NULL);
    download_answer_clear(&said);
}

/* An address, a zero byte, and where its server redirects to. */
void
fuzz_url(const guint8 *data, gsize length)
{
    g_autofree char *url = g_strndup((const char *)data, length);
    gsize used = MIN(strlen(url) + 1, length);
    g_autofree char *location = g_strndup((const char *)data + used, length - used);
    g_autofree char *shown = NULL;
    g_autofree char *name = NULL;
    g_autofree char *to = NULL;

    if (!url_is(url) || !url_check(url, NULL))
        return;
    shown = url_shown(url);
    name = url_file_name(url);
    to = url_resolve(url, location);
    for (const char *at = shown; *at != '\0'; at++)
        MUST(!g_ascii_iscntrl(*at));
    MUST(*name != '\0' && strchr(name, '/') == NULL);
    if (to != NULL && url_check(to, NULL))
        url_is_secure(to);
}

void
fuzz_pem(const guint8 *data, gsize length)
{
    int file = fuzz_file(data, length);
    g_autofree char *path = fuzz_path(file);

    EVP_PKEY_free(pem_read_private(path, NULL));
    EVP_PKEY_free(pem_read_certificate(path, NULL));
    close(file);
}
