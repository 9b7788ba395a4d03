#include "common/files.h"
#include "common/size.h"
#include "conf/settings.h"
#include "tests/unit/suites.h"

#include <string.h>

static char *folder;

static void
make_folder(void)
{
    folder = g_dir_make_tmp("amilaunch-settings-XXXXXX", NULL);
}

static void
remove_folder(void)
{
    ck_assert(folder_remove(folder, NULL));
    g_clear_pointer(&folder, g_free);
}

static settings *
load(const char *text, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "amilaunch.conf", NULL);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
    return settings_load(path, TRUE, error);
}

START_TEST(absent_settings_have_defaults)
{
    g_autofree char *absent = g_build_filename(folder, "absent.conf", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(settings) none = settings_load(absent, FALSE, &error);
    g_autoptr(settings) empty = load("", &error);

    ck_assert_ptr_nonnull(none);
    ck_assert_ptr_null(none->connect);
    ck_assert_str_eq(none->region, "us-east-1");
    ck_assert_str_eq(none->account, "123456789012");
    ck_assert_int_eq(none->accel, ACCEL_AUTO);
    ck_assert_uint_eq(none->memory_limit_mib, 0);
    ck_assert_uint_eq(none->cpu_limit, 0);
    ck_assert_uint_eq(none->stop_timeout, 240);
    ck_assert_uint_eq(none->reboot_timeout, 240);
    ck_assert_uint_eq(none->hibernate_timeout, 120);
    ck_assert_str_eq(settings_owner_alias(none, "137112412989"), "amazon");
    ck_assert_str_eq(settings_owner_alias(none, "679593333241"), "aws-marketplace");
    ck_assert_ptr_null(settings_owner_alias(none, "123456789012"));
    ck_assert_int_eq(none->store_disks, STORE_DISKS_ALL);
    ck_assert_int_eq(none->screens, SCREENS_AUTO);
    ck_assert_uint_eq(none->download_limit_mib, 256 << 10);
    ck_assert_uint_eq(none->download_timeout, 30);
    ck_assert_uint_eq(none->download_retries, 4);
    ck_assert_ptr_null(none->instance_types);
    ck_assert_ptr_nonnull(empty);
    ck_assert_str_eq(empty->region, "us-east-1");
    ck_assert_ptr_null(settings_load(absent, TRUE, &error));
    ck_assert(error_is(error, ERROR_CONFIG));
    ck_assert_ptr_nonnull(strstr(error->message, absent));
}
END_TEST

/* The first example of amilaunch.conf(5), without roff's backslashes. */
static char *
example_of_the_manual(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("AMILAUNCH_DATADIR"), "..", "docs", "amilaunch.conf.5", NULL);
    g_autofree char *page = NULL;
    g_auto(GStrv) parts = NULL;
    char *begin, *end;

    ck_assert_msg(g_file_get_contents(path, &page, NULL, NULL), "%s", path);
    begin = strstr(page, "\n.nf\n");
    ck_assert_ptr_nonnull(begin);
    begin += strlen("\n.nf\n");
    end = strstr(begin, ".fi");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    parts = g_strsplit(begin, "\\", -1);
    return g_strjoinv("", parts);
}

START_TEST(the_manual_tells_the_defaults)
{
    g_autofree char *example = example_of_the_manual();
    g_autoptr(settings) told = load(example, NULL);
    g_autoptr(settings) real = load("", NULL);
    static const char *const with_defaults[] = {
        "region =",         "account =",          "accel =",           "memory_limit =",
        "cpu_limit =",      "stop_timeout =",     "reboot_timeout =",  "hibernate_timeout =",
        "amazon =",         "store_disks =",      "aws_marketplace =", "screens =",
        "download_limit =", "download_timeout =", "download_retries ="};

    ck_assert_ptr_nonnull(told);
    for (guint i = 0; i < G_N_ELEMENTS(with_defaults); i++)
        ck_assert_msg(strstr(example, with_defaults[i]) != NULL, "%s", with_defaults[i]);
    ck_assert_str_eq(told->region, real->region);
    ck_assert_str_eq(told->account, real->account);
    ck_assert_int_eq(told->accel, real->accel);
    ck_assert_uint_eq(told->memory_limit_mib, real->memory_limit_mib);
    ck_assert_uint_eq(told->cpu_limit, real->cpu_limit);
    ck_assert_uint_eq(told->stop_timeout, real->stop_timeout);
    ck_assert_uint_eq(told->reboot_timeout, real->reboot_timeout);
    ck_assert_uint_eq(told->hibernate_timeout, real->hibernate_timeout);
    ck_assert_str_eq(told->amazon, real->amazon);
    ck_assert_str_eq(told->aws_marketplace, real->aws_marketplace);
    ck_assert_int_eq(told->store_disks, real->store_disks);
    ck_assert_int_eq(told->screens, real->screens);
    ck_assert_uint_eq(told->download_limit_mib, real->download_limit_mib);
    ck_assert_uint_eq(told->download_timeout, real->download_timeout);
    ck_assert_uint_eq(told->download_retries, real->download_retries);
}
END_TEST

START_TEST(all_settings_are_read)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(settings) self = load("# comment with @include \"x\" and 99999999999\n"
                                    "connect = \"qemu:///system\";\n"
                                    "region = \"eu-west-1\";\n"
                                    "account = \"000000000001\";\n"
                                    "accel = \"tcg\";\n"
                                    "memory_limit = \"2G\";\n"
                                    "cpu_limit = 3;\n"
                                    "stop_timeout = 5; reboot_timeout = 86400;\n"
                                    "hibernate_timeout = 7;\n"
                                    "amazon = \"000000000002,000000000003\";\n"
                                    "aws_marketplace = \"000000000004\";\n"
                                    "store_disks = \"mapped\";\n"
                                    "screens = \"always\";\n"
                                    "download_limit = \"1T\"; download_timeout = 2;\n"
                                    "download_retries = 0;\n"
                                    "ovmf_code = \"code.fd\"; ovmf_vars = \"/vars.fd\";\n"
                                    "instance_types = \"mine.conf\";\n",
                                    &error);
    g_autofree char *types = g_build_filename(folder, "mine.conf", NULL);
    g_autofree char *code = g_build_filename(folder, "code.fd", NULL);

    ck_assert_msg(self != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_str_eq(self->connect, "qemu:///system");
    ck_assert_str_eq(self->region, "eu-west-1");
    ck_assert_str_eq(self->account, "000000000001");
    ck_assert_int_eq(self->accel, ACCEL_TCG);
    ck_assert_uint_eq(self->memory_limit_mib, 2048);
    ck_assert_uint_eq(self->cpu_limit, 3);
    ck_assert_uint_eq(self->stop_timeout, 5);
    ck_assert_uint_eq(self->reboot_timeout, 86400);
    ck_assert_uint_eq(self->hibernate_timeout, 7);
    ck_assert_str_eq(settings_owner_alias(self, "000000000003"), "amazon");
    ck_assert_str_eq(settings_owner_alias(self, "000000000004"), "aws-marketplace");
    ck_assert_ptr_null(settings_owner_alias(self, "137112412989"));
    ck_assert_int_eq(self->store_disks, STORE_DISKS_MAPPED);
    ck_assert_int_eq(self->screens, SCREENS_ALWAYS);
    ck_assert_uint_eq(self->download_limit_mib, 1 << 20);
    ck_assert_uint_eq(self->download_timeout, 2);
    ck_assert_uint_eq(self->download_retries, 0);
    ck_assert_str_eq(self->instance_types, types);
    ck_assert_str_eq(self->ovmf_code, code);
    ck_assert_str_eq(self->ovmf_vars, "/vars.fd");
}
END_TEST

START_TEST(absolute_paths_stay)
{
    g_autoptr(settings) self = load("instance_types = \"/etc/types.conf\";", NULL);

    ck_assert_str_eq(self->instance_types, "/etc/types.conf");
}
END_TEST

static const struct {
    const char *text, *complaint;
} wrong[] = {
    {"\n\nregoin = \"us-east-1\";",
     ":3: there is no setting regoin here; there are connect, region, account, accel, "
     "memory_limit, cpu_limit, stop_timeout, reboot_timeout, hibernate_timeout, amazon, "
     "aws_marketplace, store_disks, screens, download_limit, download_timeout, download_retries, "
     "instance_types, kernel_images, prices, ovmf_code, ovmf_vars"},
    {"ovmf_code = \"/a\";", "ovmf_code and ovmf_vars go together: ovmf_vars is missing"},
    {"amazon = \"000000000002,\";", ":1: amazon can't be"},
    {"# one\nregion = 1;", ":2: region can't be 1; it is a name like \"us-east-1\": lower-case "
                           "letters, digits and dashes"},
    {"region = \"US\";", ":1: region can't be \"US\"; it is a name like"},
    {"region = \"\";", ":1: region can't be \"\"; it is a name like"},
    {"connect = \"\";", ":1: connect can't be \"\"; it is a libvirt URI in quotes"},
    {"connect = ( \"a\" );", ":1: connect can't be a list (...); it is"},
    {"connect = [ \"a\" ];", ":1: connect can't be an array [...]; it is"},
    {"account = 123456;", ":1: account can't be 123456; it is 12 digits in quotes"},
    {"account = 123456789012;",
     ":1: 123456789012 is too large for a number; up to 2147483647 is allowed"},
    {"account = \"12345678901x\";", ":1: account can't be \"12345678901x\"; it is"},
    {"account = \"1234567890123\";", ":1: account can't be"},
    {"/* a\nb */\naccel = \"kmv\";",
     ":3: accel can't be \"kmv\"; it is one of \"auto\", \"kvm\", \"tcg\""},
    {"store_disks = \"none\";",
     ":1: store_disks can't be \"none\"; it is one of \"all\", \"mapped\""},
    {"accel = true;", ":1: accel can't be true; it is one of"},
    {"memory_limit = \"lots\";", ":1: memory_limit can't be \"lots\"; it is a size in quotes"},
    {"memory_limit = 2048;", ":1: memory_limit can't be 2048; it is a size in quotes"},
    {"memory_limit = \"99999999999999999999G\";", ":1: memory_limit can't be"},
    {"cpu_limit = -1;", ":1: cpu_limit can't be -1; it is a whole number of vCPUs from 0 to 65536"},
    {"cpu_limit = 1.5;", ":1: cpu_limit can't be 1.5; it is"},
    {"cpu_limit = 1L;", ":1: cpu_limit can't be 1L; it is"},
    {"connect = \"x\ny\";\nb = 1;", ":3: there is no setting b here"},
    {"stop_timeout = 0;",
     ":1: stop_timeout can't be 0; it is a whole number of seconds from 1 to 86400"},
    {"stop_timeout = 86401;", ":1: stop_timeout can't be 86401; it is"},
    {"stop_timeout = 4294967536;", ":1: 4294967536 is too large for a number"},
    {"stop_timeout = 0x1000000F0;", ":1: 0x1000000F0 is too large for a number"},
    {"stop_timeout = 99999999999999999999999;", ":1: 99999999999999999999999 is too large"},
    {"stop_timeout = \"240\";", ":1: stop_timeout can't be \"240\"; it is"},
    {"stop_timeout = { a = 1; };", ":1: stop_timeout can't be a group {...}; it is"},
    {"reboot_timeout = 1;\nreboot_timeout = 2;",
     ":2: duplicate setting name; each is allowed once"},
    {"instance_types = \"\";", ":1: instance_types can't be \"\"; it is a file's name in quotes"},
    {"region = ;", ":1: syntax error; settings are written NAME = VALUE;"},
    {"\nregion = \"us-east-1;\n\n", ":2: this string does not end; it needs a \""},
    {"cpu_limit = 1;\n  @include \"/tmp\"\n", ":2: @include is not supported; say it in this file"},
    {"cpu_limit = 1;\n\n/* begin\n", ":3: this comment does not end; it needs a */"},
};

START_TEST(what_is_wrong_is_said_with_its_line)
{
    g_autofree char *path = g_build_filename(folder, "amilaunch.conf", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(load(wrong[_i].text, &error));
    ck_assert(error_is(error, ERROR_CONFIG));
    ck_assert_msg(g_str_has_prefix(error->message, path), "%s", error->message);
    ck_assert_msg(strstr(error->message, wrong[_i].complaint) != NULL, "%s\nis not about: %s",
                  error->message, wrong[_i].complaint);
}
END_TEST

START_TEST(what_is_no_text_file_is_refused)
{
    g_autofree char *path = g_build_filename(folder, "amilaunch.conf", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(g_file_set_contents(path, "cpu_limit = 1;\0region", 21, NULL));
    ck_assert_ptr_null(settings_load(path, TRUE, &error));
    ck_assert(error_is(error, ERROR_CONFIG));
    g_clear_error(&error);
    ck_assert_ptr_null(settings_load(folder, FALSE, &error));
    ck_assert(error_is(error, ERROR_CONFIG));
}
END_TEST

START_TEST(sizes_are_read)
{
    static const struct {
        const char *text;
        guint64 mib;
    } good[] = {{"2048", 2048}, {"512M", 512},
                {"2G", 2048},   {"1t", 1048576},
                {"0", 0},       {"8796093022207M", G_GUINT64_CONSTANT(8796093022207)}};
    static const char *const bad[] = {
        "",   "M",    "-1", " 1", "1 G",           "1.5G",     "1GB",
        "1K", "0x10", "+1", "G1", "8796093022208", "8388608T", "18446744073709551616"};
    guint64 mib;

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        ck_assert_msg(size_parse_mib(good[i].text, &mib), "%s", good[i].text);
        ck_assert_uint_eq(mib, good[i].mib);
    }
    mib = 7;
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        ck_assert_msg(!size_parse_mib(bad[i], &mib) && mib == 7, "'%s'", bad[i]);
}
END_TEST

Suite *
suite_settings(void)
{
    Suite *suite = suite_create("settings");
    TCase *tests = tcase_create("settings");

    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, absent_settings_have_defaults);
    tcase_add_test(tests, the_manual_tells_the_defaults);
    tcase_add_test(tests, all_settings_are_read);
    tcase_add_test(tests, absolute_paths_stay);
    tcase_add_loop_test(tests, what_is_wrong_is_said_with_its_line, 0, G_N_ELEMENTS(wrong));
    tcase_add_test(tests, what_is_no_text_file_is_refused);
    tcase_add_test(tests, sizes_are_read);
    suite_add_tcase(suite, tests);
    return suite;
}
