#include "images/menu_lst.h"
#include "tests/unit/suites.h"

#include <string.h>

static menu_lst *
parse(const char *text)
{
    return menu_lst_parse(text, strlen(text));
}

static const menu_entry *
entry_at(const menu_lst *menu, guint i)
{
    ck_assert_uint_lt(i, menu->entries->len);
    return menu->entries->pdata[i];
}

static const menu_entry *
boots(const menu_lst *menu)
{
    return menu_lst_choose(menu, NULL, NULL, NULL);
}

START_TEST(a_usual_file_is_read)
{
    g_autoptr(menu_lst) menu =
        parse("# comment with title in it\r\n"
              "default=1\r\nfallback 0\r\n\ttimeout\t= 3\r\nhiddenmenu\r\n\r\n"
              "title Amazon Linux (2.6)\r\n"
              "\troot\t(hd0,0)\r\n"
              "\tkernel /boot/vmlinuz-2.6 root=LABEL=/ console=hvc0 \r\n"
              "\tinitrd /boot/initrd-2.6\r\n"
              "title=Second\n"
              "root (hd0)\n"
              "kernel --no-mem-option --type=linux (hd0)/vmlinuz\n"
              "module /one  a b\nmodule /two\n");
    const menu_entry *entry;

    ck_assert_int_eq(menu->default_entry, 1);
    ck_assert(!menu->default_saved);
    ck_assert_uint_eq(menu->fallback_count, 1);
    ck_assert_int_eq(menu->fallbacks[0], 0);
    ck_assert_int_eq(menu->timeout, 3);
    ck_assert_uint_eq(menu->entries->len, 2);
    ck_assert_uint_eq(menu->unknown->len, 0);
    entry = entry_at(menu, 0);
    ck_assert_str_eq(entry->title, "Amazon Linux (2.6)");
    ck_assert_str_eq(entry->root, "(hd0,0)");
    ck_assert_str_eq(entry->kernel, "/boot/vmlinuz-2.6");
    ck_assert_str_eq(entry->arguments, "root=LABEL=/ console=hvc0");
    ck_assert_str_eq(entry->initrd, "/boot/initrd-2.6");
    entry = entry_at(menu, 1);
    ck_assert_str_eq(entry->title, "Second");
    ck_assert_str_eq(entry->kernel, "(hd0)/vmlinuz");
    ck_assert_str_eq(entry->arguments, "");
    ck_assert_ptr_null(entry->initrd);
    ck_assert_uint_eq(entry->modules->len, 2);
    ck_assert_str_eq(entry->modules->pdata[0], "/one  a b");
    ck_assert_ptr_eq(boots(menu), entry);
}
END_TEST

START_TEST(the_entry_that_boots_is_found)
{
    g_autoptr(menu_lst) fallback = parse("default 7\nfallback 1 0\ntitle a\nkernel /a\n"
                                         "title b\nkernel /b\n");
    g_autoptr(menu_lst) saved = parse("default saved\ntitle a\nkernel /a\ntitle b\nkernel /b\n");
    g_autoptr(menu_lst) no_kernel = parse("title a\nroot (hd0)\n");
    g_autoptr(menu_lst) nothing = parse("");
    g_autoptr(menu_lst) far = parse("default 99999999999999999999\ntitle a\nkernel /a\n");

    ck_assert_str_eq(boots(fallback)->kernel, "/b");
    ck_assert(saved->default_saved);
    ck_assert_str_eq(boots(saved)->kernel, "/a");
    ck_assert_ptr_null(boots(no_kernel)->kernel);
    ck_assert_ptr_null(boots(nothing));
    ck_assert_int_eq(nothing->timeout, -1);
    ck_assert_uint_eq(nothing->fallback_count, 0);
    ck_assert_str_eq(boots(far)->kernel, "/a");
}
END_TEST

START_TEST(lines_go_on_after_a_backslash)
{
    g_autoptr(menu_lst) menu =
        parse("title a\nkernel /k one \\\n two\\\r\nthree\n# no \\\ninitrd /i\\");

    ck_assert_str_eq(entry_at(menu, 0)->kernel, "/k");
    ck_assert_str_eq(entry_at(menu, 0)->arguments, "one   two three");
    ck_assert_str_eq(entry_at(menu, 0)->initrd, "/i\\");
}
END_TEST

START_TEST(unknown_commands_are_named_once)
{
    g_autoptr(menu_lst) menu = parse("frobnicate 1\ncolor a b\ntitle a\nfrobnicate 2\nkernel /k\n"
                                     "kernel /k2\nxyz\n\xff\xfe\n");

    ck_assert_uint_eq(menu->unknown->len, 3);
    ck_assert_str_eq(menu->unknown->pdata[0], "frobnicate");
    ck_assert_str_eq(menu->unknown->pdata[1], "xyz");
    ck_assert(g_utf8_validate(menu->unknown->pdata[2], -1, NULL));
    ck_assert_str_eq(entry_at(menu, 0)->kernel, "/k2");
}
END_TEST

START_TEST(hostile_files_are_bounded)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(menu_lst) menu = NULL;
    g_autoptr(menu_lst) zeros = menu_lst_parse("title a\0b\nkernel\0/k\n", 20);

    ck_assert_str_eq(entry_at(zeros, 0)->title, "a b");
    ck_assert_str_eq(entry_at(zeros, 0)->kernel, "/k");
    for (int i = 0; i < 1000; i++)
        g_string_append_printf(text, "title %d\nodd%d\nkernel /k%d\n", i, i, i);
    menu = menu_lst_parse(text->str, text->len);
    ck_assert_uint_eq(menu->entries->len, MENU_LST_ENTRIES_MAX);
    ck_assert_str_eq(entry_at(menu, MENU_LST_ENTRIES_MAX - 1)->kernel, "/k255");
    ck_assert_uint_eq(menu->unknown->len, MENU_LST_UNKNOWN_MAX);
}
END_TEST

/* Of ENTRIES all but the one that DATA points to. */
static gboolean
all_but(const menu_entry *entry, gpointer data)
{
    return entry->number != *(const int *)data;
}

START_TEST(the_way_to_an_entry_is_told)
{
#define AB "title a\nkernel /a\ntitle b\nkernel /b\ntitle c\nchainloader +1\ntitle d\nroot (hd0)\n"
    static const struct {
        const char *text;
        int missing; /* the entry whose files aren't there */
        const char *title, *way;
    } cases[] = {
        {"default 1\n" AB, -1, "b", "default 1"},
        {AB, -1, "a", "default 0, as none is given"},
        {"default x\n" AB, -1, "a", "default 0, as none is given"},
        {"default 0x2\n" AB, -1, "c", "default 2"},
        {"default=saved\n" AB, -1, "a", "default 0, as none is known to be saved"},
        {"default 7\nfallback 9 2\n" AB, -1, "c", "fallback 2 (default 7 isn't there)"},
        {"default 7\n" AB, -1, "a", "entry 0 (default 7 isn't there)"},
        {"default 3\nfallback 1\n" AB, -1, "b", "fallback 1 (default 3 has no kernel)"},
        {"fallback 1\n" AB, 0, "b", "fallback 1 (not all files of default 0 are there)"},
        {"fallback 1 2\ndefault 3\n" AB, 1, "c", "fallback 2 (default 3 has no kernel)"},
        {AB, 0, "a", "not all files of default 0 are there, and no fallback is"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(menu_lst) menu = parse(cases[i].text);
        g_autofree char *way = NULL;
        int missing = cases[i].missing;
        const menu_entry *entry = menu_lst_choose(menu, all_but, &missing, &way);
        ck_assert_str_eq(entry->title, cases[i].title);
        ck_assert_str_eq(way, cases[i].way);
    }
}
END_TEST

START_TEST(what_boots_otherwise_is_kept)
{
    g_autoptr(menu_lst) menu =
        parse("timeout 0\nconfigfile (hd0,1)/grub/menu.lst\npassword --md5 x\n"
              "title a\nuuid 1-2\nlock\nkernel /k\nuppermem 1\nsavedefault\n"
              "title b\nrootnoverify (hd0,0)\nmakeactive\nchainloader +1\nboot\n"
              "title c\nconfigfile /x\n");

    ck_assert_str_eq(menu->configfile, "(hd0,1)/grub/menu.lst");
    ck_assert_uint_eq(menu->unknown->len, 0);
    ck_assert_str_eq(entry_at(menu, 0)->uuid, "1-2");
    ck_assert_str_eq(entry_at(menu, 1)->root, "(hd0,0)");
    ck_assert_str_eq(entry_at(menu, 1)->chain, "chainloader +1");
    ck_assert_str_eq(entry_at(menu, 2)->chain, "configfile /x");
}
END_TEST

START_TEST(paths_name_their_partition)
{
    static const struct {
        const char *text, *path;
        guint partition;
    } cases[] = {
        {"/vmlinuz", "/vmlinuz", 9},
        {"(hd0)/k", "/k", 0},
        {"(hd0,0)/k", "/k", 1},
        {"(hd0,11)/../k", "/../k", 12},
        {"(hd1,0)/k", NULL, 9},
        {"(hd0,)/k", NULL, 9},
        {"(hd0,99999999999)/k", NULL, 9},
        {"(hd0,0,a)/k", NULL, 9},
        {"(nd)/k", NULL, 9},
        {"(hd0", NULL, 9},
        {"", "", 9},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint partition = 9;
        const char *path = menu_lst_path(cases[i].text, &partition);
        ck_assert_pstr_eq(path, cases[i].path);
        ck_assert_uint_eq(partition, cases[i].partition);
    }
}
END_TEST

START_TEST(a_mebibyte_is_read_to_its_end)
{
    static const char *const lines[] = {"kernel /k a\n", "\\\n",    "#\n", "x",
                                        "title t\n",     "odd y\n", "}\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(GString) text = g_string_new("title a\n");
        g_autoptr(menu_lst) menu = NULL;
        while (text->len < MENU_LST_SIZE_MAX)
            g_string_append(text, lines[i]);
        memcpy(text->str + MENU_LST_SIZE_MAX - 8, "\nroot /r", 8);
        menu = menu_lst_parse(text->str, text->len);
        ck_assert_str_eq(entry_at(menu, 0)->title, "a");
        ck_assert(g_str_equal(lines[i], "title t\n") || g_str_equal(entry_at(menu, 0)->root, "/r"));
    }
}
END_TEST

Suite *
suite_menu_lst(void)
{
    Suite *suite = suite_create("menu_lst");
    TCase *tests = tcase_create("menu_lst");

    tcase_add_test(tests, a_usual_file_is_read);
    tcase_add_test(tests, the_entry_that_boots_is_found);
    tcase_add_test(tests, lines_go_on_after_a_backslash);
    tcase_add_test(tests, unknown_commands_are_named_once);
    tcase_add_test(tests, hostile_files_are_bounded);
    tcase_add_test(tests, the_way_to_an_entry_is_told);
    tcase_add_test(tests, what_boots_otherwise_is_kept);
    tcase_add_test(tests, paths_name_their_partition);
    tcase_add_test(tests, a_mebibyte_is_read_to_its_end);
    suite_add_tcase(suite, tests);
    return suite;
}
