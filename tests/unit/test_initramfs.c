#include "images/initramfs.h"
#include "images/unpack.h"
#include "tests/unit/suites.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* Adds a file to an archive. */
static void
put_file(GByteArray *archive, const char *name, const char *content)
{
    static const guint8 zeros[4] = {0};
    g_autofree char *header =
        g_strdup_printf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, 0100644, 0,
                        0, 1, 0, (guint)strlen(content), 0, 0, 0, 0, (guint)strlen(name) + 1, 0);

    g_byte_array_append(archive, (const guint8 *)header, (guint)strlen(header));
    g_byte_array_append(archive, (const guint8 *)name, (guint)strlen(name) + 1);
    g_byte_array_append(archive, zeros, -archive->len % 4);
    g_byte_array_append(archive, (const guint8 *)content, (guint)strlen(content));
    g_byte_array_append(archive, zeros, -archive->len % 4);
}

/* *SECOND, if SECOND isn't NULL: where the second one begins. */
static GByteArray *
two_archives(gsize *second)
{
    static const guint8 zeros[512] = {0};
    GByteArray *archive = g_byte_array_new();

    put_file(archive, "kernel/x86/microcode", "abcde");
    put_file(archive, "TRAILER!!!", "");
    g_byte_array_append(archive, zeros, sizeof(zeros));
    if (second != NULL)
        *second = archive->len;
    put_file(archive, "init", "#!/bin/sh");
    put_file(archive, "lib/virtio_blk.ko", "");
    put_file(archive, "TRAILER!!!", "");
    return archive;
}

static void
add_name(const char *name, gpointer names)
{
    g_string_append_printf(names, "%s ", name);
}

#define ALL "kernel/x86/microcode init lib/virtio_blk.ko "

START_TEST(names_come_however_it_is_cut)
{
    g_autoptr(GByteArray) archive = two_archives(NULL);

    for (gsize piece = 1; piece < 300; piece += 37) {
        g_autoptr(GString) names = g_string_new(NULL);
        g_autoptr(initramfs_list) list = initramfs_list_new(add_name, names);
        for (gsize at = 0; at < archive->len; at += piece) {
            gsize length = MIN(piece, archive->len - at);
            ck_assert_uint_eq(initramfs_list_feed(list, archive->data + at, length), length);
        }
        ck_assert_str_eq(names->str, ALL);
        ck_assert(initramfs_list_whole(list));
    }
}
END_TEST

START_TEST(damage_ends_it)
{
    g_autoptr(GByteArray) archive = two_archives(NULL);
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(initramfs_list) list = initramfs_list_new(add_name, names);
    g_autoptr(initramfs_list) cut = initramfs_list_new(add_name, names);
    g_autoptr(initramfs_list) text = initramfs_list_new(add_name, names);

    memcpy(archive->data + 6 + 8 * 11, "ffffffff", 8); /* the first name's length */
    ck_assert_uint_lt(initramfs_list_feed(list, archive->data, archive->len), archive->len);
    ck_assert(!initramfs_list_whole(list));
    ck_assert_str_eq(names->str, "");
    initramfs_list_feed(cut, archive->data, 100);
    ck_assert(!initramfs_list_whole(cut));
    ck_assert_uint_eq(initramfs_list_feed(text, (const guint8 *)"\0\0abc", 5), 2);
    ck_assert(!initramfs_list_whole(text));
}
END_TEST

static char *
write_file(const guint8 *data, gsize length)
{
    char *path = NULL;
    int file = g_file_open_tmp("amilaunch-XXXXXX", &path, NULL);

    ck_assert_int_ge(file, 0);
    g_close(file, NULL);
    ck_assert(g_file_set_contents(path, (const char *)data, (gssize)length, NULL));
    return path;
}

START_TEST(what_is_compressed_is_unpacked)
{
    gsize plain = 0; /* the first archive, and the zeros after it */
    g_autoptr(GByteArray) archive = two_archives(&plain);
    g_autofree char *inner = write_file(archive->data + plain, archive->len - plain);
    const char *argv[] = {"gzip", "-c", inner, NULL};
    g_autoptr(GSubprocess) gzip = g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
    g_autoptr(GBytes) packed = NULL;
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    gsize length;

    ck_assert(g_subprocess_communicate(gzip, NULL, NULL, &packed, NULL, NULL));
    g_byte_array_append(all, archive->data, (guint)plain);
    length = g_bytes_get_size(packed);
    g_byte_array_append(all, g_bytes_get_data(packed, NULL), (guint)length);
    path = write_file(all->data, all->len);
    ck_assert_msg(initramfs_read(path, 1 << 20, add_name, names, &error), "%s",
                  error != NULL ? error->message : "");
    ck_assert_str_eq(names->str, ALL);
    /* It would be larger than it may be. */
    ck_assert(!initramfs_read(path, 100, add_name, names, &error));
    ck_assert(error_is(error, ERROR_HOST_INSPECTION));
    g_clear_error(&error);
    all->data[plain + 12] ^= 0xff;
    ck_assert(g_file_set_contents(path, (const char *)all->data, (gssize)plain + 14, NULL));
    ck_assert(!initramfs_read(path, 1 << 20, add_name, names, &error));
    g_unlink(path);
    g_unlink(inner);
}
END_TEST

static gboolean
take_none(const guint8 *data G_GNUC_UNUSED, gsize length G_GNUC_UNUSED,
          gpointer unused G_GNUC_UNUSED)
{
    return FALSE;
}

START_TEST(what_cant_be_unpacked_says_so)
{
    g_autofree char *path = write_file((const guint8 *)"\x1f\x8b nonsense", 11);
    g_autoptr(GError) error = NULL;

    ck_assert(!unpack_file(path, 0, "gzip", 100, take_none, NULL, &error));
    ck_assert(error_is(error, ERROR_HOST_INSPECTION));
    g_clear_error(&error);
    ck_assert(!unpack_file(path, 0, "rar", 100, take_none, NULL, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "rar"));
    g_clear_error(&error);
    g_unlink(path);
    ck_assert(!unpack_file(path, 0, "gzip", 100, take_none, NULL, &error));
}
END_TEST

Suite *
suite_initramfs(void)
{
    Suite *suite = suite_create("initramfs");
    TCase *tests = tcase_create("initramfs");

    tcase_add_test(tests, names_come_however_it_is_cut);
    tcase_add_test(tests, damage_ends_it);
    tcase_add_test(tests, what_is_compressed_is_unpacked);
    tcase_add_test(tests, what_cant_be_unpacked_says_so);
    suite_add_tcase(suite, tests);
    return suite;
}
