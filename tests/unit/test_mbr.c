#include "images/mbr.h"
#include "tests/unit/phony.h"
#include "tests/unit/suites.h"

#include <string.h>

static boot_code
code_of(const guint8 *sector)
{
    mbr record;

    ck_assert(mbr_parse(sector, 512, &record));
    return record.code;
}

START_TEST(entries_are_read)
{
    guint8 sector[512] = {0};
    mbr record;

    put_mbr_entry(sector, 1, 0x00, 0x82, 2048, 100);
    put_mbr_entry(sector, 3, 0x80, 0x83, 4096, 0xffffffff);
    put_mbr_entry(sector, 4, 0x80, 0x05, 0xffffffff, 1);
    ck_assert(mbr_parse(sector, sizeof(sector), &record));
    ck_assert(record.signature);
    ck_assert(record.table);
    ck_assert_int_eq(record.active, 3);
    ck_assert_int_eq(record.entries[0].type, 0x82);
    ck_assert_uint_eq(record.entries[0].start, 2048 * 512);
    ck_assert_uint_eq(record.entries[0].size, 100 * 512);
    ck_assert_int_eq(record.entries[1].type, 0);
    ck_assert_uint_eq(record.entries[2].size, G_GUINT64_CONSTANT(0xffffffff) * 512);
    ck_assert(mbr_entry_is_extended(&record.entries[3]));
    ck_assert(!mbr_entry_is_extended(&record.entries[2]));
}
END_TEST

START_TEST(what_is_no_table_has_no_entries)
{
    guint8 sector[512] = {0};
    mbr record;

    ck_assert(!mbr_parse(sector, 511, &record));
    ck_assert(mbr_parse(sector, 512, &record));
    ck_assert(!record.signature);
    put_mbr_entry(sector, 1, 0x80, 0x83, 2048, 100);
    sector[510] = 0;
    ck_assert(mbr_parse(sector, 512, &record));
    ck_assert(!record.signature && !record.table);
    ck_assert_int_eq(record.active, 0);
    /* A FAT boot sector: signature, and text where the entries would be. */
    sector[510] = 0x55;
    memcpy(sector + 462, "Remove disks", 12);
    ck_assert(mbr_parse(sector, 512, &record));
    ck_assert(record.signature && !record.table);
    ck_assert_int_eq(record.entries[0].type, 0);
}
END_TEST

START_TEST(boot_code_is_told_apart)
{
    guint8 sector[512] = {0};

    put_mbr_entry(sector, 1, 0x80, 0x83, 2048, 100);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_NONE);
    ck_assert_ptr_null(boot_code_owner(BOOT_CODE_NONE));
    memcpy(sector, "\xeb\x63\x90", 3);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_UNKNOWN);
    memcpy(sector + 0x180, "GRUB \0Geom\0Hard Disk", 20);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_GRUB2);
    memcpy(sector, "\xeb\x48\x90", 3);
    memcpy(sector + 0x3e, "\3\2", 2);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_GRUB_LEGACY);
    ck_assert_str_eq(boot_code_owner(BOOT_CODE_GRUB_LEGACY), "GRUB Legacy");
    memset(sector, 0, 440);
    memcpy(sector + 0x140, "Multiple active partitions.\r\n", 29);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_SYSLINUX);
    memset(sector, 0, 440);
    memcpy(sector,
           "\xeb\x58\x90"
           "EXTLINUX",
           11);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_SYSLINUX);
    memset(sector, 0, 440);
    memcpy(sector, "\xfa\xeb\x21\x01\xb4\x01LILO", 10);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_LILO);
    memset(sector, 0, 440);
    memcpy(sector + 0x163, "Invalid partition table\0Error loading operating system", 54);
    ck_assert_int_eq(code_of(sector), BOOT_CODE_WINDOWS);
}
END_TEST

START_TEST(grub_may_go_on_in_a_file)
{
    guint8 disk[8 * 512] = {0};
    mbr record = {0};

    record.code = BOOT_CODE_GRUB2;
    disk[0x5c] = 1;
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_NONE);
    disk[0x5e] = 1;
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_UNKNOWN);
    record.code = BOOT_CODE_GRUB_LEGACY;
    disk[0x44] = 1;
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_NONE);
    disk[0x44] = 2;
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_UNKNOWN);
    ck_assert_int_eq(mbr_code_after(&record, disk, 100), BOOT_CODE_NONE);
}
END_TEST

START_TEST(code_after_sector_0_is_told_apart)
{
    guint8 disk[8 * 512] = {0};
    mbr record;

    put_mbr_entry(disk, 1, 0x80, 0x83, 7, 100);
    memset(disk + 7 * 512, 0xff, 512); /* in the partition: not looked at */
    ck_assert(mbr_parse(disk, sizeof(disk), &record));
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_NONE);
    ck_assert_int_eq(mbr_code_after(&record, disk, 512), BOOT_CODE_NONE);
    memcpy(disk + 512, "\x52\x56", 2);
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_UNKNOWN);
    memcpy(disk + 700, "loading\0.\0\r\n\0Geom\0Read\0 Error", 29);
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_GRUB2);
    memcpy(disk + 700, "Loading stage1.5", 16);
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_GRUB_LEGACY);
    memcpy(disk + 512, "EFI PART", 8);
    ck_assert_int_eq(mbr_code_after(&record, disk, sizeof(disk)), BOOT_CODE_NONE);
}
END_TEST

Suite *
suite_mbr(void)
{
    Suite *suite = suite_create("mbr");
    TCase *tests = tcase_create("mbr");

    tcase_add_test(tests, entries_are_read);
    tcase_add_test(tests, what_is_no_table_has_no_entries);
    tcase_add_test(tests, boot_code_is_told_apart);
    tcase_add_test(tests, grub_may_go_on_in_a_file);
    tcase_add_test(tests, code_after_sector_0_is_told_apart);
    suite_add_tcase(suite, tests);
    return suite;
}
