/* Addresses, lists of checksums, and what is kept of a file that is being fetched. */
#include "common/error.h"
#include "common/files.h"
#include "images/checksum.h"
#include "images/download_answer.h"
#include "images/fetch.h"
#include "images/fetch_state.h"
#include "images/url.h"
#include "tests/unit/suites.h"

#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* ---- addresses ---- */

static const struct {
    const char *url;
    gboolean good;
    const char *shown, *name;
} addresses[] = {
    {"http://a.b/c/d.img", TRUE, "http://a.b/c/d.img", "d.img"},
    {"https://me:word@a.b:8080/d.img?key=secret#x", TRUE, "https://a.b:8080/d.img", "d.img"},
    {"http://[::1]:80/d.img", TRUE, "http://[::1]:80/d.img", "d.img"},
    {"http://a.b", TRUE, "http://a.b", "image"},
    {"http://a.b/c/", TRUE, "http://a.b/c/", "image"},
    {"http://a.b/%2e%2e", TRUE, NULL, "image"},
    {"http://a.b/..%2f..%2fetc%2fpasswd", TRUE, NULL, "image"},
    {"http://a.b/a%20b.img", TRUE, NULL, "a b.img"},
    {"file:///etc/passwd", FALSE, "file:///etc/passwd", "passwd"},
    {"ftp://a.b/d.img", FALSE, "ftp://a.b/d.img", "d.img"},
    {"http:///d.img", FALSE, NULL, NULL},
    {"http:// me:word@a b:x/d?secret", FALSE, NULL, NULL},
};

START_TEST(addresses_are_taken_apart)
{
    const char *url = addresses[_i].url;
    g_autofree char *shown = url_shown(url);
    g_autofree char *name = url_file_name(url);

    ck_assert(url_is(url));
    ck_assert_int_eq(url_check(url, NULL), addresses[_i].good);
    if (addresses[_i].shown != NULL)
        ck_assert_str_eq(shown, addresses[_i].shown);
    if (addresses[_i].name != NULL)
        ck_assert_str_eq(name, addresses[_i].name);
    ck_assert_ptr_null(strstr(shown, "word"));
    ck_assert_ptr_null(strstr(shown, "secret"));
}
END_TEST

START_TEST(files_are_no_addresses)
{
    ck_assert(!url_is("disk.img"));
    ck_assert(!url_is("/a/http://b"));
    ck_assert(!url_is("c:disk.img"));
    ck_assert(url_is_secure("https://a"));
    ck_assert(!url_is_secure("http://a"));
}
END_TEST

START_TEST(control_characters_are_not_shown)
{
    g_autofree char *shown = url_shown("weird://a\033[2Jb\n/c");

    ck_assert_ptr_null(strpbrk(shown, "\033\n"));
}
END_TEST

/* ---- checksums ---- */

static const struct {
    const char *text, *found; /* of disk.img; NULL: none */
} lists[] = {
    {A "  disk.img\n", A},
    {B "  other.img\n" A " *disk.img\r\n", A},
    {"# words\n" A "  ./images/disk.img\n", A},
    {"SHA256 (disk.img) = " A "\n", A},
    {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSHA256 (disk.img) = " A "\n", A},
    /* As Fedora writes it; as Rocky does. */
    {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# other.img: 5081\nSHA256 (other.img) "
     "= " B "\n# disk.img: 508100608 bytes\nSHA256 (disk.img) = " A
     "\n-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n",
     A},
    {"# disk.img: 653000704 bytes\nSHA256 (disk.img) = " A "\n", A},
    /* As Debian does: one digest of each file, SHA-512. */
    {A A "  disk.json\n" B B "  disk.img\n" A B "  disk.tar.xz\n", B B},
    {A "  disk.img\n" A B "  disk.img\n", A B},
    {A "\n", A},
    {"\n " A B " \n", A B},
    {A "  disk.img\n" A "  disk.img\n", A},
    {A "  disk.img\n" B "  disk.img\n", NULL},
    {A "  xdisk.img\n", NULL},
    {A "  disk.img.sig\n", NULL},
    {"SHA256 (other.img) = " A "\n", NULL},
    {"SHA256 (disk.img) = " A "aa\n", NULL},
    {"0123456789abcdef0123456789abcdef  disk.img\n", NULL},
    {"MD5 (disk.img) = 0123456789abcdef0123456789abcdef\n", NULL},
    {"disk.img\n", NULL},
    {"", NULL},
};

START_TEST(lists_are_read)
{
    g_autoptr(GError) error = NULL;
    checksum sum;
    gboolean found = checksum_find(lists[_i].text, "SUMS", "disk.img", &sum, &error);

    ck_assert_int_eq(found, lists[_i].found != NULL);
    if (found)
        ck_assert_str_eq(sum.hex, lists[_i].found);
    else
        ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

static const struct {
    const char *text, *hex;
} sums[] = {
    {A, A},
    {"sha256:" A, A},
    {"SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", A},
    {"sha512:" A B, A B},
    {A B, A B},
    {"sha512:" A, NULL},
    {"sha256:" A B, NULL},
    {"md5:0123456789abcdef0123456789abcdef", NULL},
    {"sha256:", NULL},
    {":" A, NULL},
    {A "g", NULL},
    {"", NULL},
};

START_TEST(checksums_are_read)
{
    checksum sum;
    gboolean read = checksum_parse(sums[_i].text, &sum, NULL);

    ck_assert_int_eq(read, sums[_i].hex != NULL);
    if (read)
        ck_assert_str_eq(sum.hex, sums[_i].hex);
}
END_TEST

/* ---- what is kept ---- */

#define URL "http://me:word@a.b/disk.img"

static char *home;
static char *path;

static void
set_up(void)
{
    g_autofree char *folder = NULL;

    home = g_dir_make_tmp("amilaunch-download-XXXXXX", NULL);
    folder = fetch_folder(home);
    ck_assert(folder_make(folder, 0700, NULL));
    path = fetch_path(home, URL);
}

static void
tear_down(void)
{
    folder_remove(home, NULL);
    g_free(home);
    g_free(path);
}

static void
keep(const char *etag)
{
    const download_head head = {.total = 7, .etag = (char *)etag};
    fetch_state state = {.total = -1};

    ck_assert(g_file_set_contents(path, "bytes", -1, NULL));
    fetch_state_set(&state, URL, &head);
    ck_assert(fetch_state_save(&state, path, NULL));
    fetch_state_clear(&state);
}

START_TEST(a_state_comes_back)
{
    fetch_state state = {.total = -1};
    g_autofree char *file = g_strconcat(path, ".state", NULL);
    g_autofree char *text = NULL;

    keep("\"one\\ntwo\"");
    ck_assert(fetch_state_load(&state, path, URL));
    ck_assert_str_eq(state.etag, "\"one\\ntwo\"");
    ck_assert_int_eq(state.total, 7);
    ck_assert(!fetch_state_load(&state, path, "http://a.b/disk.img"));
    ck_assert_int_eq(state.total, -1);
    ck_assert(g_file_get_contents(file, &text, NULL, NULL));
    ck_assert_ptr_null(strstr(text, "word"));
}
END_TEST

START_TEST(a_nameless_file_is_not_gone_on_with)
{
    fetch_state state = {.total = -1};

    keep(NULL);
    ck_assert(!fetch_state_load(&state, path, URL));
}
END_TEST

START_TEST(what_nobody_goes_on_with_goes)
{
    const struct utimbuf old = {0, 0};
    guint64 bytes;

    keep("\"1\"");
    fetch_clean(home);
    ck_assert_uint_eq(fetch_unfinished(home, &bytes), 1);
    ck_assert_int_eq(utime(path, &old), 0);
    fetch_clean(home);
    ck_assert_uint_eq(fetch_unfinished(home, &bytes), 0);
    ck_assert_uint_eq(bytes, 0);
}
END_TEST

/* ---- what a server says ---- */

static void
hear(download_answer *said, const char *line)
{
    download_answer_line(said, line, strlen(line));
}

START_TEST(each_answer_begins_anew)
{
    download_answer said = {NULL};

    hear(&said, "HTTP/1.1 302 Found\r\n");
    hear(&said, "LOCATION: \t/there \r\n");
    hear(&said, "ETag: W/\"weak\"\r\n");
    ck_assert_str_eq(said.location, "/there");
    ck_assert(!download_answer_is_strong(&said));
    hear(&said, "HTTP/2 200 \r\n");
    ck_assert_ptr_null(said.location);
    ck_assert(!download_answer_is_strong(&said));
    hear(&said, "etag:\"strong\"");
    ck_assert(download_answer_is_strong(&said));
    download_answer_clear(&said);
}
END_TEST

static const struct {
    const char *range;
    gboolean good;
    guint64 first;
    gint64 total;
} ranges[] = {
    {"bytes 5-9/10", TRUE, 5, 10},
    {"bytes 5-9/*", TRUE, 5, -1},
    {"bytes 0-0/1", TRUE, 0, 1},
    {"bytes 5-9/9", FALSE, 0, 0},
    {"bytes 9-5/10", FALSE, 0, 0},
    {"bytes -5-9/10", FALSE, 0, 0},
    {"bytes 5-9/10x", FALSE, 0, 0},
    {"bytes 5-9", FALSE, 0, 0},
    {"bytes */10", FALSE, 0, 0},
    {"lines 5-9/10", FALSE, 0, 0},
    {"bytes 9223372036854775808-9223372036854775809/*", FALSE, 0, 0},
    {"bytes 99999999999999999999-99999999999999999999/*", FALSE, 0, 0},
};

START_TEST(ranges_are_read)
{
    download_answer said = {NULL};
    g_autofree char *line = g_strdup_printf("Content-Range: %s\r\n", ranges[_i].range);
    guint64 first = 0;
    gint64 total = 0;

    hear(&said, line);
    ck_assert_int_eq(download_answer_range(&said, &first, &total), ranges[_i].good);
    ck_assert_uint_eq(first, ranges[_i].first);
    ck_assert_int_eq(total, ranges[_i].total);
    download_answer_clear(&said);
}
END_TEST

Suite *
suite_download(void)
{
    Suite *suite = suite_create("download");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, addresses_are_taken_apart, 0, G_N_ELEMENTS(addresses));
    tcase_add_test(tests, files_are_no_addresses);
    tcase_add_test(tests, control_characters_are_not_shown);
    tcase_add_loop_test(tests, lists_are_read, 0, G_N_ELEMENTS(lists));
    tcase_add_loop_test(tests, checksums_are_read, 0, G_N_ELEMENTS(sums));
    tcase_add_test(tests, each_answer_begins_anew);
    tcase_add_loop_test(tests, ranges_are_read, 0, G_N_ELEMENTS(ranges));
    tcase_add_test(tests, a_state_comes_back);
    tcase_add_test(tests, a_nameless_file_is_not_gone_on_with);
    tcase_add_test(tests, what_nobody_goes_on_with_goes);
    suite_add_tcase(suite, tests);
    return suite;
}
