#include "images/tar.h"
#include "tests/unit/suites.h"

#include <string.h>
#include <unistd.h>

#define SIZE 10000

/* A file of its own for each test. */
static int fd = -1;

static void
set_up(void)
{
    g_autofree char *path = NULL;

    fd = g_file_open_tmp("amilaunch-XXXXXX", &path, NULL);
    ck_assert_int_ge(fd, 0);
    unlink(path);
}

static void
tear_down(void)
{
    close(fd);
}

static guint8
byte_at(guint64 at)
{
    return (guint8)(at % 251 + 1);
}

/* The archive of an image of SIZE bytes with those of SEGMENTS. */
static GByteArray *
archive(guint64 size, const GArray *segments)
{
    GByteArray *all = tar_header("image", size, 0, segments);
    guint64 header = all->len;
    guint64 stored = 0;
    gsize end;

    for (guint i = 0; i < segments->len; i++) {
        const tar_segment *segment = &g_array_index(segments, tar_segment, i);
        for (guint64 at = 0; at < segment->size; at++) {
            guint8 byte = byte_at(segment->start + at);
            g_byte_array_append(all, &byte, 1);
        }
        stored += segment->size;
    }
    end = tar_trailer(header, stored);
    g_byte_array_set_size(all, (guint)(header + stored + end));
    memset(all->data + header + stored, 0, end);
    return all;
}

static GArray *
one_segment(guint64 start, guint64 size)
{
    const tar_segment segment = {start, size};
    GArray *all = g_array_new(FALSE, FALSE, sizeof segment);

    g_array_append_val(all, segment);
    return all;
}

static GByteArray *
plain(void)
{
    g_autoptr(GArray) segments = one_segment(0, SIZE);

    return archive(SIZE, segments);
}

/* In pieces of STEP bytes. */
static gboolean
extract(const GByteArray *tar, guint64 expected, gsize step, GError **error)
{
    g_autoptr(tar_reader) reader = tar_reader_new(fd, expected);

    for (gsize at = 0; at < tar->len; at += step)
        if (!tar_reader_take(reader, tar->data + at, MIN(step, tar->len - at), error))
            return FALSE;
    return tar_reader_finish(reader, error);
}

static void
expect_refused(const GByteArray *tar)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!extract(tar, SIZE, 4096, &error));
    ck_assert(error_is(error, ERROR_MANIFEST));
    /* Never more than the image. */
    ck_assert_int_le(lseek(fd, 0, SEEK_END), SIZE);
}

static void
expect_byte(guint64 at, guint8 expected)
{
    guint8 byte = 0;

    ck_assert_int_eq(pread(fd, &byte, 1, (off_t)at), 1);
    ck_assert_uint_eq(byte, expected);
}

static void
sum_up(GByteArray *tar)
{
    guint sum = 0;

    memset(tar->data + 148, ' ', 8);
    for (guint i = 0; i < TAR_BLOCK; i++)
        sum += tar->data[i];
    g_snprintf((char *)tar->data + 148, 7, "%06o", sum);
}

START_TEST(a_plain_file)
{
    static const gsize steps[] = {1, 7, 511, 512, 513, 100000};

    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(GByteArray) tar = plain();
        g_autoptr(GError) error = NULL;
        ck_assert_uint_eq(tar->len % 10240, 0);
        ck_assert(ftruncate(fd, 0) == 0);
        ck_assert_msg(extract(tar, SIZE, steps[i], &error), "%s", error ? error->message : "");
        ck_assert_int_eq(lseek(fd, 0, SEEK_END), SIZE);
        for (guint64 at = 0; at < SIZE; at++)
            expect_byte(at, byte_at(at));
    }
}
END_TEST

/* More segments than fit in the header, and than in one block after it. */
START_TEST(a_sparse_file)
{
    g_autoptr(GArray) segments = g_array_new(FALSE, FALSE, sizeof(tar_segment));
    guint64 size = 60 * 8192 + 100;
    g_autoptr(GByteArray) tar = NULL;
    g_autoptr(GError) error = NULL;
    tar_segment segment = {0, 700};

    for (guint i = 0; i < 60; i++, segment.start += 8192)
        g_array_append_val(segments, segment);
    segment = (tar_segment){size, 0};
    g_array_append_val(segments, segment);
    tar = archive(size, segments);
    ck_assert_uint_lt(tar->len, 60 * 800 + 5 * 512 + 10240);
    ck_assert_msg(extract(tar, size, 1000, &error), "%s", error ? error->message : "");
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), (off_t)size);
    for (guint64 at = 0; at < 60 * 8192; at += 100)
        expect_byte(at, at % 8192 < 700 ? byte_at(at) : 0);
}
END_TEST

START_TEST(nothing_but_a_hole)
{
    g_autoptr(GArray) segments = one_segment(SIZE, 0);
    g_autoptr(GByteArray) tar = archive(SIZE, segments);

    ck_assert(extract(tar, SIZE, 512, NULL));
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), SIZE);
}
END_TEST

START_TEST(more_than_eight_gib)
{
    guint64 size = G_GUINT64_CONSTANT(9) << 30;
    g_autoptr(GArray) segments = one_segment(size, 0);
    g_autoptr(GByteArray) tar = archive(size, segments);

    ck_assert(extract(tar, size, 512, NULL));
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), (off_t)size);
}
END_TEST

START_TEST(another_size)
{
    g_autoptr(GArray) segments = one_segment(0, SIZE + 1);
    g_autoptr(GByteArray) tar = archive(SIZE + 1, segments);

    expect_refused(tar);
}
END_TEST

START_TEST(two_members)
{
    g_autoptr(GByteArray) tar = plain();
    g_autoptr(GByteArray) other = plain();

    g_byte_array_set_size(tar, 512 + (SIZE + 511) / 512 * 512);
    g_byte_array_append(tar, other->data, other->len);
    expect_refused(tar);
}
END_TEST

START_TEST(cut_off)
{
    for (guint length = 0; length < 512 + SIZE; length += 300) {
        g_autoptr(GByteArray) tar = plain();
        g_byte_array_set_size(tar, length);
        expect_refused(tar);
    }
}
END_TEST

START_TEST(zeros_without_an_end)
{
    g_autoptr(GByteArray) tar = plain();
    guint length = tar->len;

    g_byte_array_set_size(tar, length + 2 * 1024 * 1024);
    memset(tar->data + length, 0, 2 * 1024 * 1024);
    expect_refused(tar);
}
END_TEST

static const char *const names[] = {"/etc/passwd", "../image", "a/../../b", "", ".."};

START_TEST(names_that_lead_away)
{
    g_autoptr(GByteArray) tar = plain();

    memset(tar->data, 0, 100);
    memcpy(tar->data, names[_i], strlen(names[_i]));
    sum_up(tar);
    expect_refused(tar);
}
END_TEST

START_TEST(kinds_that_are_no_file)
{
    static const char kinds[] = "1234567xgLKVDM\x01";
    g_autoptr(GByteArray) tar = plain();

    tar->data[156] = (guint8)kinds[_i];
    sum_up(tar);
    expect_refused(tar);
}
END_TEST

START_TEST(every_byte_of_the_header)
{
    g_autoptr(GArray) segments = one_segment(512, 100);
    const tar_segment last = {SIZE, 0};
    g_autoptr(GByteArray) tar = NULL;

    g_array_append_val(segments, last);
    tar = archive(SIZE, segments);
    for (guint i = 0; i < TAR_BLOCK; i++) {
        guint8 was = tar->data[i];
        for (guint value = 0; value < 256; value += 15) {
            tar->data[i] = (guint8)value;
            /* The checksum is the first hurdle; behind it nothing may be believed, either. */
            if (i < 148 || i >= 156)
                sum_up(tar);
            ck_assert(ftruncate(fd, 0) == 0);
            extract(tar, SIZE, 512, NULL);
            ck_assert_int_le(lseek(fd, 0, SEEK_END), SIZE);
        }
        tar->data[i] = was;
        sum_up(tar);
    }
}
END_TEST

Suite *
suite_tar(void)
{
    Suite *suite = suite_create("tar");
    TCase *cases = tcase_create("tar");

    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_plain_file);
    tcase_add_test(cases, a_sparse_file);
    tcase_add_test(cases, nothing_but_a_hole);
    tcase_add_test(cases, more_than_eight_gib);
    tcase_add_test(cases, another_size);
    tcase_add_test(cases, two_members);
    tcase_add_test(cases, cut_off);
    tcase_add_test(cases, zeros_without_an_end);
    tcase_add_loop_test(cases, names_that_lead_away, 0, G_N_ELEMENTS(names));
    tcase_add_loop_test(cases, kinds_that_are_no_file, 0, 15);
    tcase_add_test(cases, every_byte_of_the_header);
    suite_add_tcase(suite, cases);
    return suite;
}
