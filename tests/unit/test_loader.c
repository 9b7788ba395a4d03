#include "images/loader.h"
#include "tests/unit/suites.h"

#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(loader_facts, loader_facts_free)

static loader_facts *
facts_of(loader_kind kind, const char *text, const char *saved)
{
    return loader_facts_read(kind, "/place", 3, text, strlen(text), saved);
}

START_TEST(facts_are_those_of_the_entry_that_boots)
{
    static const char cfg[] = "menuentry a {\nlinux /a\n}\n"
                              "menuentry b {\nlinux /b x y\ninitrd /i1 /i2\n}\n"
                              "set default=\"${saved_entry}\"\n";
    g_autoptr(loader_facts) menu =
        facts_of(LOADER_MENU_LST, "title t\nkernel /k a\ninitrd /i\n", NULL);
    g_autoptr(loader_facts) grub = facts_of(LOADER_GRUB_CFG, cfg, "b");
    g_autoptr(loader_facts) none = facts_of(LOADER_GRUB_CFG, "blscfg\n", NULL);
    g_autoptr(loader_facts) empty = facts_of(LOADER_MENU_LST, "", NULL);
    g_autoptr(loader_facts) other = facts_of(LOADER_EXTLINUX, "default linux\n", NULL);

    ck_assert_str_eq(menu->path, "/place");
    ck_assert_uint_eq(menu->partition, 3);
    ck_assert_str_eq(menu->kind, "menu.lst");
    ck_assert_str_eq(menu->title, "t");
    ck_assert_str_eq(menu->kernel, "/k");
    ck_assert_str_eq(menu->arguments, "a");
    ck_assert_str_eq(menu->initrd, "/i");
    ck_assert_str_eq(grub->kind, "grub.cfg");
    ck_assert_str_eq(grub->title, "b");
    ck_assert_str_eq(grub->initrd, "/i1 /i2");
    ck_assert_ptr_null(none->title);
    ck_assert_ptr_null(none->kernel);
    ck_assert_ptr_null(empty->kernel);
    ck_assert_str_eq(other->kind, "extlinux");
    loader_facts_free(NULL);
}
END_TEST

START_TEST(saved_entries_are_read)
{
    static const char *const texts[][2] = {
        {"# GRUB Environment Block\nsaved_entry=Debian 12\nx=y\n####", "Debian 12"},
        {"saved_entry=\n###", NULL},
        {"prev_saved_entry=1\n", NULL},
        {"", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *saved = loader_saved_entry(texts[i][0], strlen(texts[i][0]));
        ck_assert_pstr_eq(saved, texts[i][1]);
    }
}
END_TEST

START_TEST(the_boot_code_chooses)
{
    loader_facts menu = {0}, grub = {0}, extlinux = {0};
    loader_facts *const all[LOADER_KINDS] = {&menu, &grub, &extlinux};
    loader_facts *const one[LOADER_KINDS] = {NULL, NULL, &extlinux};
    loader_facts *const none[LOADER_KINDS] = {NULL};

    ck_assert_ptr_eq(loader_choose(all, "GRUB 2", PARTITIONS_MBR), &grub);
    ck_assert_ptr_eq(loader_choose(all, "GRUB Legacy", PARTITIONS_MBR), &menu);
    ck_assert_ptr_eq(loader_choose(all, "syslinux", PARTITIONS_MBR), &extlinux);
    ck_assert_ptr_eq(loader_choose(all, NULL, PARTITIONS_NONE), &menu);
    ck_assert_ptr_eq(loader_choose(all, NULL, PARTITIONS_GPT), &grub);
    ck_assert_ptr_eq(loader_choose(one, "GRUB 2", PARTITIONS_MBR), &extlinux);
    ck_assert_ptr_null(loader_choose(none, "GRUB 2", PARTITIONS_MBR));
}
END_TEST

START_TEST(pv_grubs_places_come_in_its_order)
{
    gsize count;
    const loader_place *places = loader_places(&count);

    ck_assert_uint_gt(count, 2);
    ck_assert_str_eq(places[0].path, "/boot/grub/menu.lst");
    ck_assert_str_eq(places[1].path, "/grub/menu.lst");
    for (gsize i = 0; i < count; i++)
        ck_assert_int_eq(places[i].pv_grub, i < 2);
}
END_TEST

Suite *
suite_loader(void)
{
    Suite *suite = suite_create("loader");
    TCase *tests = tcase_create("loader");

    tcase_add_test(tests, facts_are_those_of_the_entry_that_boots);
    tcase_add_test(tests, saved_entries_are_read);
    tcase_add_test(tests, the_boot_code_chooses);
    tcase_add_test(tests, pv_grubs_places_come_in_its_order);
    suite_add_tcase(suite, tests);
    return suite;
}
