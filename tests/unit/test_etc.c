#include "images/etc.h"
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

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *name = os_release_name(texts[i][0], strlen(texts[i][0]));
        ck_assert_pstr_eq(name, texts[i][1]);
    }
}
END_TEST

Suite *
suite_etc(void)
{
    Suite *suite = suite_create("etc");
    TCase *tests = tcase_create("etc");

    tcase_add_test(tests, fstab_entries_are_read);
    tcase_add_test(tests, names_of_systems_are_unquoted);
    suite_add_tcase(suite, tests);
    return suite;
}
