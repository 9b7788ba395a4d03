#include "net/framing.h"
#include "tests/unit/suites.h"

#include <string.h>

/* What was taken: how many frames, and their bytes added up. */
typedef struct {
    guint frames;
    gsize bytes;
    guint sum;
} taken;

static void
take(guint8 *bytes, gsize length, gpointer data)
{
    taken *so_far = data;

    ck_assert_uint_ge(length, FRAME_HEAD);
    ck_assert_uint_le(length, FRAME_MOST);
    so_far->frames++;
    so_far->bytes += length;
    for (gsize i = 0; i < length; i++)
        so_far->sum += bytes[i];
}

static void
add(GByteArray *stream, guint32 announced, gsize length)
{
    guint8 head[4];

    frame_put32(head, announced);
    g_byte_array_append(stream, head, 4);
    for (gsize i = 0; i < length; i++)
        g_byte_array_append(stream, (const guint8 *)"\1", 1);
}

static taken
feed(GByteArray *stream, gsize piece, gboolean *fine)
{
    framing self = {0};
    taken so_far = {0};

    *fine = TRUE;
    for (gsize at = 0; at < stream->len && *fine; at += piece)
        *fine = framing_feed(&self, stream->data + at, MIN(piece, stream->len - at), take, &so_far);
    return so_far;
}

START_TEST(where_the_stream_is_cut_does_not_matter)
{
    static const gsize lengths[] = {14, 0, 60, 13, 1514, 1515, 65535, FRAMING_MOST, 1, 42};
    g_autoptr(GByteArray) stream = g_byte_array_new();
    gboolean fine;

    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++)
        add(stream, (guint32)lengths[i], lengths[i]);
    for (gsize piece = 1; piece < stream->len * 2; piece += 1 + piece / 3) {
        taken got = feed(stream, piece, &fine);
        ck_assert(fine);
        ck_assert_uint_eq(got.frames, 4);
        ck_assert_uint_eq(got.bytes, 14 + 60 + 1514 + 42);
        ck_assert_uint_eq(got.sum, got.bytes);
    }
}
END_TEST

START_TEST(a_length_that_qemu_would_not_send_ends_it)
{
    static const guint32 announced[] = {FRAMING_MOST + 1, 0x80000000u, 0xffffffffu};

    for (gsize i = 0; i < G_N_ELEMENTS(announced); i++)
        for (gsize piece = 1; piece < 100; piece += 7) {
            g_autoptr(GByteArray) stream = g_byte_array_new();
            gboolean fine;
            add(stream, 20, 20);
            add(stream, announced[i], 100);
            ck_assert_uint_eq(feed(stream, piece, &fine).frames, 1);
            ck_assert(!fine);
        }
}
END_TEST

START_TEST(half_a_frame_is_none)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    gboolean fine;

    add(stream, 100, 99);
    ck_assert_uint_eq(feed(stream, 1000, &fine).frames, 0);
    ck_assert(fine);
}
END_TEST

Suite *
suite_framing(void)
{
    Suite *suite = suite_create("framing");
    TCase *all = tcase_create("framing");

    suite_add_tcase(suite, all);
    tcase_add_test(all, where_the_stream_is_cut_does_not_matter);
    tcase_add_test(all, a_length_that_qemu_would_not_send_ends_it);
    tcase_add_test(all, half_a_frame_is_none);
    return suite;
}
