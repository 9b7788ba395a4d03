#include "images/picture.h"
#include "common/error.h"
#include "tests/unit/suites.h"

#include <string.h>

#define PNG_BEGIN "\x89PNG\r\n\x1a\n"

static GBytes *
convert(const char *data, gsize length, GError **error)
{
    g_autoptr(GBytes) picture = g_bytes_new(data, length);

    return picture_to_png(picture, error);
}

START_TEST(a_pixmap_becomes_a_png)
{
    static const char pixmap[] = "P6\n2 1\n255\n\xff\x00\x00\x00\xff\x00";
    g_autoptr(GBytes) png = convert(pixmap, sizeof pixmap - 1, NULL);
    gsize length;
    const guint8 *data = g_bytes_get_data(png, &length);
    static const guint8 head[] = {0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 2, 0, 0, 0, 1, 8, 2};

    ck_assert_uint_ge(length, 8 + sizeof head);
    ck_assert_mem_eq(data, PNG_BEGIN, 8);
    ck_assert_mem_eq(data + 8, head, sizeof head);
    ck_assert_mem_eq(data + length - 8, "IEND", 4);
}
END_TEST

START_TEST(a_png_stays_one)
{
    g_autoptr(GBytes) png = convert(PNG_BEGIN "rest", 12, NULL);

    ck_assert_uint_eq(g_bytes_get_size(png), 12);
}
END_TEST

static const char *const others[] = {
    "",
    "P6",
    "P6\n1 1\n255\n",
    "P6\n1 1\n255\nabcd",
    "P6\n0 1\n255\n",
    "P6\n16385 1\n255\nabc",
    "P6\n99999 99999\n255\nabc",
    "P6\n1 1\n65535\nabcdef",
    "P5\n1 1\n255\na",
    "P6\n1 -1\n255\nabc",
};

START_TEST(nothing_else_does)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(convert(others[_i], strlen(others[_i]), &error));
    ck_assert(error_is(error, ERROR_HOST_QEMU));
}
END_TEST

Suite *
suite_picture(void)
{
    Suite *suite = suite_create("picture");
    TCase *tests = tcase_create("picture");

    tcase_add_test(tests, a_pixmap_becomes_a_png);
    tcase_add_test(tests, a_png_stays_one);
    tcase_add_loop_test(tests, nothing_else_does, 0, G_N_ELEMENTS(others));
    suite_add_tcase(suite, tests);
    return suite;
}
