#include "images/gpt.h"
#include "tests/unit/phony.h"
#include "tests/unit/suites.h"

static guint8 disk[GPT_HEAD_SIZE];

static void
setup(void)
{
    memset(disk, 0, sizeof(disk));
    put_gpt(disk);
}

static void
assert_refused(gsize length, const char *why)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(gpt_parse(disk, length, &error));
    ck_assert(error_is(error, ERROR_DISK_FORMAT));
    ck_assert_msg(strstr(error->message, why) != NULL, "%s", error->message);
}

START_TEST(checksums_are_those_of_sfdisk)
{
    ck_assert_uint_eq(disk[512 + 16], 0xd7);
    ck_assert_uint_eq(disk[512 + 19], 0x13);
    ck_assert_uint_eq(disk[512 + 88], 0xc2);
    ck_assert_uint_eq(disk[512 + 91], 0xad);
}
END_TEST

START_TEST(partitions_are_read)
{
    g_autoptr(gpt) table = gpt_parse(disk, sizeof(disk), NULL);
    const gpt_entry *entry;

    ck_assert_ptr_nonnull(table);
    ck_assert_uint_eq(table->disk_size, 8 << 20);
    ck_assert_uint_eq(table->entries->len, 2);
    entry = &g_array_index(table->entries, gpt_entry, 0);
    ck_assert_int_eq(entry->number, 1);
    ck_assert_uint_eq(entry->start, 34 * 512);
    ck_assert_uint_eq(entry->size, 2014 * 512);
    ck_assert(entry->bios_boot && !entry->esp);
    entry = &g_array_index(table->entries, gpt_entry, 1);
    ck_assert_int_eq(entry->number, 2);
    ck_assert_uint_eq(entry->start, 1 << 20);
    ck_assert_uint_eq(entry->size, 2 << 20);
    ck_assert(entry->esp && !entry->bios_boot);
    ck_assert_str_eq(entry->type, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    ck_assert_str_eq(entry->name, "EFI sys \xc3\xbc");
}
END_TEST

START_TEST(a_name_that_is_no_utf16_is_left_out)
{
    g_autoptr(gpt) table = NULL;

    disk[1024 + 57] = 0xdc; /* a low surrogate by itself */
    put_gpt_checksums(disk);
    table = gpt_parse(disk, sizeof(disk), NULL);
    ck_assert_str_eq(g_array_index(table->entries, gpt_entry, 0).name, "");
}
END_TEST

START_TEST(damage_is_refused)
{
    assert_refused(0, "no GPT header");
    assert_refused(600, "no GPT header");
    assert_refused(1024, "do not lie at the disk's beginning");
    assert_refused(sizeof(disk) - 1, "do not lie at the disk's beginning");
    disk[1024 + 100] ^= 1;
    assert_refused(sizeof(disk), "entries have a wrong checksum");
    disk[512 + 60] ^= 1;
    assert_refused(sizeof(disk), "header has a wrong checksum");
    disk[512 + 13] = 0xff;
    assert_refused(sizeof(disk), "says it has 65372 bytes");
    disk[512] = 'e';
    assert_refused(sizeof(disk), "no GPT header");
}
END_TEST

START_TEST(numbers_with_right_checksums_are_not_trusted)
{
    put_le(disk + 1024 + 40, 33, 8);
    put_gpt_checksums(disk);
    assert_refused(sizeof(disk), "partition 1 begins at sector 34 and ends at 33");
    put_le(disk + 1024 + 40, G_MAXUINT64, 8);
    put_gpt_checksums(disk);
    assert_refused(sizeof(disk), "partition 1 begins at");
    put_le(disk + 512 + 32, G_MAXUINT64, 8);
    put_gpt_checksums(disk);
    assert_refused(sizeof(disk), "backup lies beyond any disk");
}
END_TEST

START_TEST(entries_that_lie_elsewhere_are_refused)
{
    static const struct {
        int at, size;
        guint64 value;
    } fields[] = {{72, 8, 3}, {72, 8, G_MAXUINT64}, {80, 4, G_MAXUINT32},
                  {84, 4, 0}, {84, 4, 127},         {84, 4, G_MAXUINT32}};

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
        setup();
        put_le(disk + 512 + fields[i].at, fields[i].value, fields[i].size);
        put_gpt_checksums(disk);
        assert_refused(sizeof(disk), "do not lie at the disk's beginning");
    }
}
END_TEST

START_TEST(the_kind_of_table_is_told)
{
    g_autoptr(gpt) table = gpt_parse(disk, sizeof(disk), NULL);
    guint8 sector[512] = {0};
    mbr record;

    mbr_parse(disk, 512, &record);
    ck_assert_int_eq(partition_scheme_found(&record, table), PARTITIONS_GPT);
    ck_assert_int_eq(partition_scheme_found(&record, NULL), PARTITIONS_MBR);
    put_mbr_entry(disk, 2, 0x80, 0x83, 2048, 4096);
    mbr_parse(disk, 512, &record);
    ck_assert_int_eq(partition_scheme_found(&record, table), PARTITIONS_HYBRID);
    mbr_parse(sector, 512, &record);
    ck_assert_int_eq(partition_scheme_found(&record, table), PARTITIONS_NONE);
    put_mbr_entry(sector, 1, 0, 0x83, 2048, 4096);
    mbr_parse(sector, 512, &record);
    ck_assert_int_eq(partition_scheme_found(&record, table), PARTITIONS_MBR);
}
END_TEST

Suite *
suite_gpt(void)
{
    Suite *suite = suite_create("gpt");
    TCase *tests = tcase_create("gpt");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, checksums_are_those_of_sfdisk);
    tcase_add_test(tests, partitions_are_read);
    tcase_add_test(tests, a_name_that_is_no_utf16_is_left_out);
    tcase_add_test(tests, damage_is_refused);
    tcase_add_test(tests, numbers_with_right_checksums_are_not_trusted);
    tcase_add_test(tests, entries_that_lie_elsewhere_are_refused);
    tcase_add_test(tests, the_kind_of_table_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
