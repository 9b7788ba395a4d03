#include "images/elf_notes.h"
#include "images/kernel_image.h"
#include "images/packing.h"
#include "tests/unit/phony.h"
#include "tests/unit/suites.h"

/* A bzImage of one sector of setup, whose payload of PAYLOAD bytes begins at 1024 + OFFSET. */
static void
put_bzimage(guint8 *file, guint protocol, guint32 offset, guint32 payload)
{
    file[0x1f1] = 1;
    memcpy(file + 0x202, "HdrS", 4);
    put_le(file + 0x206, protocol, 2);
    put_le(file + 0x20e, 0x100, 2);
    memcpy(file + 0x300, "6.1.0-x (a@b) #1", 17);
    file[0x234] = 1;
    put_le(file + 0x236, 1, 2);
    put_le(file + 0x248, offset, 4);
    put_le(file + 0x24c, payload, 4);
}

START_TEST(a_setup_header_is_read)
{
    guint8 file[2048] = {0};
    g_auto(kernel_image) image = {0};

    put_bzimage(file, 0x20f, 16, 32);
    memcpy(file + 1040,
           "\xfd"
           "7zXZ",
           6);
    ck_assert(kernel_image_parse(file, sizeof(file), sizeof(file), &image));
    ck_assert(image.bzimage && image.relocatable && image.payload_known);
    ck_assert_str_eq(image.version, "6.1.0-x");
    ck_assert_uint_eq(image.bits, 64);
    ck_assert_uint_eq(image.payload, 1040);
    ck_assert_uint_eq(image.payload_length, 32);
    ck_assert_str_eq(packing_of(file + image.payload, 32), "xz");
}
END_TEST

START_TEST(headers_that_lie_lead_nowhere)
{
    static const guint32 lies[][2] = {
        {0xffffffff, 1}, {16, 0xffffffff}, {16, 1009}, {0, 5}, {1024, 0}};
    guint8 file[2048] = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_auto(kernel_image) image = {0};
        put_bzimage(file, 0x20f, lies[i][0], lies[i][1]);
        put_le(file + 0x20e, 0xfff0, 2);
        ck_assert(kernel_image_parse(file, sizeof(file), sizeof(file), &image));
        ck_assert(!image.payload_known);
        ck_assert_uint_eq(image.payload, 1024);
        ck_assert_ptr_null(image.version);
    }
}
END_TEST

START_TEST(old_headers_say_less)
{
    guint8 file[2048] = {0};
    g_auto(kernel_image) image = {0};

    put_bzimage(file, 0x204, 16, 32);
    memcpy(file + 1200, "\x1f\x8b\x08", 4);
    ck_assert(kernel_image_parse(file, sizeof(file), sizeof(file), &image));
    ck_assert(image.bzimage && !image.relocatable && !image.payload_known);
    ck_assert_uint_eq(image.bits, 0);
    ck_assert_uint_eq(kernel_image_find_gzip(file + image.payload, 1024), 176);
    ck_assert_uint_eq(kernel_image_find_gzip(file, 1000), 1000);
}
END_TEST

START_TEST(what_is_no_kernel_is_refused)
{
    static const char text[1024] = "#!/bin/sh\n";
    guint8 ancient[1024] = {0};
    kernel_image image;

    put_bzimage(ancient, 0x1ff, 16, 32);
    ck_assert(!kernel_image_parse((const guint8 *)text, sizeof(text), sizeof(text), &image));
    ck_assert(!kernel_image_parse(ancient, sizeof(ancient), sizeof(ancient), &image));
    ck_assert(!kernel_image_parse(ancient, 0x240, 0x240, &image));
    ck_assert(!kernel_image_parse(ancient, 0, 0, &image));
    ck_assert(kernel_image_parse((const guint8 *)"\x1f\x8b\x08", 3, 3, &image));
    ck_assert(!image.bzimage && image.payload_known && image.payload == 0);
}
END_TEST

static gsize
put_note(guint8 *at, const char *name, guint32 type, guint32 size)
{
    gsize name_size = strlen(name) + 1;

    put_le(at, name_size, 4);
    put_le(at + 4, size, 4);
    put_le(at + 8, type, 4);
    memcpy(at + 12, name, name_size);
    return 12 + ((name_size + 3) & ~3ul) + ((size + 3) & ~3ul);
}

/* An ELF of 64 bits with one program header, of notes, which begin at 120. */
static void
put_elf64(guint8 *file, gsize notes)
{
    memcpy(file,
           "\x7f"
           "ELF\2\1\1",
           7);
    put_le(file + 18, 62, 2);
    put_le(file + 32, 64, 8);
    put_le(file + 54, 56, 2);
    put_le(file + 56, 1, 2);
    put_le(file + 64, 4, 4);
    put_le(file + 72, 120, 8);
    put_le(file + 96, notes, 8);
}

START_TEST(xens_notes_are_read)
{
    guint8 file[512] = {0};
    gsize size = 0;
    elf_notes notes;

    size += put_note(file + 120 + size, "GNU", 18, 4);
    size += put_note(file + 120 + size, "Xen", 5, 8);
    size += put_note(file + 120 + size, "Xen", 2, 8);
    put_elf64(file, size);
    ck_assert(elf_notes_read(file, sizeof(file), &notes));
    ck_assert_uint_eq(notes.bits, 64);
    ck_assert(notes.pv && !notes.pvh && !notes.guest);
    size += put_note(file + 120 + size, "Xen", 18, 4);
    put_elf64(file, size);
    ck_assert(elf_notes_read(file, sizeof(file), &notes));
    ck_assert(notes.pv && notes.pvh);
    /* Cut off within the second of Xen's: it isn't known to have no entry. */
    ck_assert(!elf_notes_read(file, 120 + 20 + 24 + 8, &notes));
    ck_assert(notes.bits == 0 && !notes.pv && !notes.pvh);
}
END_TEST

START_TEST(an_old_xen_kernel_is_known_by_its_section)
{
    static const char names[] = "\0__xen_guest";
    guint8 file[256] = {0};
    elf_notes notes;

    memcpy(file,
           "\x7f"
           "ELF\1\1\1",
           7);
    put_le(file + 18, 3, 2);
    put_le(file + 32, 64, 4);
    put_le(file + 46, 40, 2);
    put_le(file + 48, 1, 2);
    put_le(file + 64 + 16, 128, 4);
    put_le(file + 64 + 20, sizeof(names), 4);
    memcpy(file + 128, names, sizeof(names));
    ck_assert(elf_notes_read(file, sizeof(file), &notes));
    ck_assert_uint_eq(notes.bits, 32);
    ck_assert(notes.guest && notes.pv);
    put_le(file + 64 + 16, 0xffffffff, 4);
    ck_assert(!elf_notes_read(file, sizeof(file), &notes));
    put_le(file + 32, 0xffffff, 4);
    ck_assert(!elf_notes_read(file, sizeof(file), &notes));
}
END_TEST

START_TEST(elfs_that_lie_are_refused)
{
    guint8 file[512] = {0};
    elf_notes notes;

    put_elf64(file, 0xffffffffff);
    put_le(file + 120, 0xffffffff, 4);
    ck_assert(!elf_notes_read(file, sizeof(file), &notes));
    put_le(file + 72, 0xffffffffffffff00, 8);
    ck_assert(!elf_notes_read(file, sizeof(file), &notes));
    put_le(file + 32, 0xfffffffffffffff0, 8);
    ck_assert(!elf_notes_read(file, sizeof(file), &notes));
    put_le(file + 18, 183, 2); /* ARM's */
    ck_assert(!elf_notes_read(file, sizeof(file), &notes));
    ck_assert(!elf_notes_read(file, 30, &notes));
    ck_assert_uint_eq(notes.bits, 0);
}
END_TEST

Suite *
suite_kernel_image(void)
{
    Suite *suite = suite_create("kernel_image");
    TCase *tests = tcase_create("kernel_image");

    tcase_add_test(tests, a_setup_header_is_read);
    tcase_add_test(tests, headers_that_lie_lead_nowhere);
    tcase_add_test(tests, old_headers_say_less);
    tcase_add_test(tests, what_is_no_kernel_is_refused);
    tcase_add_test(tests, xens_notes_are_read);
    tcase_add_test(tests, an_old_xen_kernel_is_known_by_its_section);
    tcase_add_test(tests, elfs_that_lie_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
