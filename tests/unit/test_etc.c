#include "images/etc.h"
#include "images/linux_system.h"
#include "tests/unit/suites.h"

#include <string.h>

START_TEST(fstab_entries_are_read)
{
    g_autoptr(image_facts) facts = image_facts_new();
    static const char text[] =
        "# /etc/fstab\n\nLABEL=/ / ext4 defaults 1 1\r\n"
        "\t/dev/sda3\tnone\tswap\tsw\nincomplete /x\n #c /c c\n/dev/\xff /f f";
    const fstab_entry *entry;

    fstab_read(text, strlen(text), facts->fstab);
    ck_assert_uint_eq(facts->fstab->len, 3);
    entry = facts->fstab->pdata[0];
    ck_assert_str_eq(entry->device, "LABEL=/");
    ck_assert_str_eq(entry->mount_point, "/");
    ck_assert_str_eq(entry->type, "ext4");
    entry = facts->fstab->pdata[1];
    ck_assert_str_eq(entry->device, "/dev/sda3");
    ck_assert_str_eq(entry->type, "swap");
    entry = facts->fstab->pdata[2];
    ck_assert_str_eq(entry->device, "/dev/\xef\xbf\xbd");
    for (int i = 0; i < FSTAB_MAX; i++)
        fstab_read(text, strlen(text), facts->fstab);
    ck_assert_uint_eq(facts->fstab->len, FSTAB_MAX);
}
END_TEST

/* Of each text what READ makes of it. */
static void
check_texts(char *(*read)(const char *, gsize), const char *const (*texts)[2], gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *name = read(texts[i][0], strlen(texts[i][0]));
        ck_assert_pstr_eq(name, texts[i][1]);
    }
}

START_TEST(names_of_systems_are_unquoted)
{
    static const char *const texts[][2] = {
        {"ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
         "Debian GNU/Linux 12 (bookworm)"},
        {"PRETTY_NAME=Plain", "Plain"},
        {"PRETTY_NAME='a b'\nPRETTY_NAME=c\n", "a b"},
        {"PRETTY_NAME=\n", NULL},
        {"PRETTY_NAME=\"open\n", NULL},
        {"NAME=x\n", NULL},
        {"", NULL},
    };

    check_texts(os_release_name, texts, G_N_ELEMENTS(texts));
}
END_TEST

START_TEST(distributions_have_libguestfs_names)
{
    static const char *const texts[][2] = {
        {"NAME=x\nID=debian\n", "debian"}, {"ID=\"amzn\"", "amzn"}, {"ID=alpine\n", "alpinelinux"},
        {"ID=arch\n", "archlinux"},        {"ID=\n", NULL},         {"NAME=x\n", NULL},
        {"VERSION_ID=1\n", NULL},
    };

    check_texts(linux_distribution, texts, G_N_ELEMENTS(texts));
}
END_TEST

START_TEST(debians_version_is_its_point_release)
{
    static const struct {
        const char *release;
        const char *point;
        const char *version;
    } systems[] = {
        {"ID=debian\nVERSION_ID=\"12\"\n", "12.5\n", "12.5"},
        {"ID=debian\nVERSION_ID=\"12\"\n", NULL, "12"},
        {"ID=debian\nVERSION_ID=\"12\"\n", "\n12.5", "12"},
        {"ID=debian\n", "trixie/sid\n", NULL},
        {"ID=ubuntu\nVERSION_ID=\"22.04\"\n", "bookworm/sid\n", "22.04"},
        {"ID=ubuntu\nVERSION_ID=\"22.04\"\n", "11.0\n", "22.04"},
        {"ID=amzn\nVERSION_ID=2023\n", NULL, "2023"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(systems); i++) {
        const char *release = systems[i].release, *point = systems[i].point;
        g_autofree char *version =
            linux_version(release, strlen(release), point, point != NULL ? strlen(point) : 0);
        ck_assert_pstr_eq(version, systems[i].version);
    }
}
END_TEST

START_TEST(hostnames_are_one_word_of_one_line)
{
    static const char *const texts[][2] = {
        {"web-1\n", "web-1"}, {" web-1 \r\nother\n", "web-1"}, {"\nother\n", NULL},
        {"", NULL},           {"\xff\n", "\xef\xbf\xbd"},
    };

    check_texts(linux_hostname, texts, G_N_ELEMENTS(texts));
}
END_TEST

START_TEST(programs_tell_the_architecture)
{
    static const struct {
        guint8 head[LINUX_PROGRAM_HEAD];
        const char *name;
    } programs[] = {
        {{127, 'E', 'L', 'F', 2, 1, 1, 0, [18] = 62}, "x86_64"},
        {{127, 'E', 'L', 'F', 2, 1, 1, 3, [18] = 62}, "x86_64"},
        {{127, 'E', 'L', 'F', 1, 1, 1, 0, [18] = 3}, "i386"},
        {{127, 'E', 'L', 'F', 2, 1, 1, 0, [18] = 183}, "arm64"},
        {{127, 'E', 'L', 'F', 1, 1, 1, 0, [18] = 62}, NULL},    /* x32 */
        {{127, 'E', 'L', 'F', 2, 1, 1, 9, [18] = 62}, NULL},    /* FreeBSD */
        {{127, 'E', 'L', 'F', 2, 1, 1, 0, [18] = 62, 1}, NULL}, /* 0x13e */
        {{'#', '!', '/', 'x', 2, 1, 1, 0, [18] = 62}, NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++)
        ck_assert_pstr_eq(linux_architecture(programs[i].head, LINUX_PROGRAM_HEAD),
                          programs[i].name);
    ck_assert_ptr_null(linux_architecture(programs[0].head, LINUX_PROGRAM_HEAD - 1));
}
END_TEST

Suite *
suite_etc(void)
{
    Suite *suite = suite_create("etc");
    TCase *tests = tcase_create("etc");

    tcase_add_test(tests, fstab_entries_are_read);
    tcase_add_test(tests, names_of_systems_are_unquoted);
    tcase_add_test(tests, distributions_have_libguestfs_names);
    tcase_add_test(tests, debians_version_is_its_point_release);
    tcase_add_test(tests, hostnames_are_one_word_of_one_line);
    tcase_add_test(tests, programs_tell_the_architecture);
    suite_add_tcase(suite, tests);
    return suite;
}
