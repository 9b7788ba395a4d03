#include "launcher/console_text.h"
#include "launcher/diagnosis.h"
#include "tests/unit/golden.h"
#include "tests/unit/suites.h"

#include <string.h>

/* What guests wrote that were broken on purpose, and one that wasn't. */
static const struct {
    const char *file;
    boot_progress progress;
    const char *link;
    const char *line; /* its beginning */
} recordings[] = {
    {"console-no-signature.txt", BOOT_STOPPED, BOOT_LINK_FIRMWARE,
     "Boot failed: not a bootable disk"},
    {"console-no-boot-code.txt", BOOT_GOES_ON, BOOT_LINK_BOOT_CODE, "Booting from Hard Disk..."},
    {"console-no-efi-loader.txt", BOOT_STOPPED, BOOT_LINK_FIRMWARE,
     "BdsDxe: failed to load Boot0001"},
    {"console-no-core.txt", BOOT_STOPPED, BOOT_LINK_BOOT_CODE, "GRUB GRUB GRUB"},
    {"console-no-menu.txt", BOOT_STOPPED, BOOT_LINK_LOADER, "grub>"},
    {"console-no-kernel.txt", BOOT_WAITS, BOOT_LINK_KERNEL,
     "error: file `/boot/vmlinuz-6.1.0-56-cloud-amd64' not found."},
    {"console-no-ramdisk.txt", BOOT_WAITS, BOOT_LINK_RAMDISK,
     "error: file `/boot/initrd.img-6.1.0-56-cloud-amd64' not found."},
    {"console-no-root.txt", BOOT_STOPPED, BOOT_LINK_ROOT, "BusyBox v1.35.0"},
    {"console-no-root-panic.txt", BOOT_STOPPED, BOOT_LINK_ROOT,
     "[    3.847999] Kernel panic - not syncing: VFS: Unable to mount root fs"},
    {"console-no-init.txt", BOOT_STOPPED, BOOT_LINK_INIT,
     "switch_root: can't execute '/sbin/init': No such file or directory"},
    {"console-up.txt", BOOT_COMPLETE, NULL, "sample login:"},
};

START_TEST(recorded_consoles_are_understood)
{
    g_autofree char *text = golden_read(recordings[_i].file);
    g_autoptr(diagnosis) found = diagnosis_of(BOOT_BIOS, text, NULL);

    ck_assert_int_eq(found->progress, recordings[_i].progress);
    ck_assert_pstr_eq(found->link, recordings[_i].link);
    ck_assert_msg(g_str_has_prefix(found->line, recordings[_i].line), "%s", found->line);
    ck_assert_int_eq(found->what != NULL,
                     found->progress == BOOT_STOPPED || found->progress == BOOT_WAITS);
}
END_TEST

#define BIOS "SeaBIOS (version 1)\r\nBooting from Hard Disk...\r\n"
#define GRUB BIOS "GRUB loading...\r\n"
#define ENTRY GRUB "  Booting `Linux'\r\n"
#define LINUX ENTRY "[    0.000000] Linux version 3.2.0\r\n"

static const struct {
    boot_kind kind;
    const char *text;
    boot_progress progress;
    const char *link;
} texts[] = {
    {BOOT_BIOS, "", BOOT_UNKNOWN, NULL},
    {BOOT_BIOS, "\r\n\n hello\n", BOOT_UNKNOWN, NULL},
    {BOOT_BIOS, "SeaBIOS (version 1)\r\n", BOOT_GOES_ON, BOOT_LINK_FIRMWARE},
    {BOOT_BIOS, BIOS, BOOT_GOES_ON, BOOT_LINK_BOOT_CODE},
    {BOOT_BIOS, BIOS "Missing operating system.", BOOT_STOPPED, BOOT_LINK_ACTIVE},
    {BOOT_BIOS, BIOS "GRUB Hard Disk Error", BOOT_STOPPED, BOOT_LINK_BOOT_CODE},
    {BOOT_BIOS, GRUB, BOOT_GOES_ON, BOOT_LINK_LOADER},
    {BOOT_BIOS, GRUB "error: no such partition.\r\nEntering rescue mode...\r\ngrub rescue> ",
     BOOT_STOPPED, BOOT_LINK_LOADER},
    {BOOT_BIOS,
     GRUB "error: ../grub-core/fs/fshelp.c:257:file `/boot/grub/i386-pc/normal.mod' "
          "not found.\r\ngrub rescue> ",
     BOOT_STOPPED, BOOT_LINK_LOADER},
    {BOOT_BIOS, ENTRY, BOOT_GOES_ON, BOOT_LINK_KERNEL},
    {BOOT_BIOS, ENTRY "Loading initial ramdisk ...", BOOT_GOES_ON, BOOT_LINK_RAMDISK},
    /* What a search says before the entry is chosen doesn't matter. */
    {BOOT_BIOS, GRUB "error: no such device: 1234.\r\n  Booting `Linux'\r\n", BOOT_GOES_ON,
     BOOT_LINK_KERNEL},
    /* GRUB goes on with the next entry; or says that there is none. */
    {BOOT_BIOS,
     ENTRY "error: file `/vmlinuz' not found.\r\nPress any key to continue...\r\nFalling back to "
           "`other'\r\n  Booting `other'\r\n",
     BOOT_GOES_ON, BOOT_LINK_KERNEL},
    {BOOT_BIOS,
     ENTRY "error: file `/vmlinuz' not found.\r\nPress any key to continue...\r\nFailed to boot "
           "both default and fallback entries.\r\nPress any key to continue...",
     BOOT_STOPPED, BOOT_LINK_KERNEL},
    /* GRUB Legacy names no file. */
    {BOOT_BIOS, ENTRY "kernel /vmlinuz\r\n\r\nError 15: File not found\r\nPress any key",
     BOOT_WAITS, BOOT_LINK_KERNEL},
    {BOOT_BIOS, ENTRY "initrd /initrd\r\n\r\nError 15: File not found\r\n", BOOT_WAITS,
     BOOT_LINK_RAMDISK},
    {BOOT_BIOS, GRUB "Error 17", BOOT_WAITS, BOOT_LINK_LOADER},
    {BOOT_BIOS, BIOS "EXTLINUX 6.04\r\nCould not find kernel image: linux\r\nboot: ", BOOT_WAITS,
     BOOT_LINK_KERNEL},
    {BOOT_BIOS, ENTRY "XZ-compressed data is corrupt\r\n\r\n -- System halted", BOOT_STOPPED,
     BOOT_LINK_KERNEL},
    {BOOT_BIOS, LINUX "[    1.0] Kernel panic - not syncing: Fatal exception\r\n", BOOT_STOPPED,
     BOOT_LINK_KERNEL},
    {BOOT_BIOS,
     LINUX "[    1.0] VFS: Cannot open root device \"sda1\"\r\n[    1.1] Kernel panic - not "
           "syncing: VFS: Unable to mount root fs\r\n",
     BOOT_STOPPED, BOOT_LINK_ROOT},
    {BOOT_BIOS,
     LINUX "[    1.0] Initramfs unpacking failed: junk\r\n[    1.1] Kernel panic - not syncing: "
           "VFS: Unable to mount root fs\r\n",
     BOOT_STOPPED, BOOT_LINK_RAMDISK},
    {BOOT_BIOS, LINUX "[    1.1] Kernel panic - not syncing: No working init found.\r\n",
     BOOT_STOPPED, BOOT_LINK_INIT},
    {BOOT_BIOS,
     LINUX "Gave up waiting for root file system device.\r\nALERT!  UUID=1 does not exist.\r\n"
           "(initramfs) ",
     BOOT_STOPPED, BOOT_LINK_ROOT},
    {BOOT_BIOS,
     LINUX "Welcome to Fedora 36 dracut (Initramfs)!\r\n[DEPEND] Dependency failed for "
           "/sysroot.\r\nEntering emergency mode. Exit the shell to continue.\r\n",
     BOOT_STOPPED, BOOT_LINK_ROOT},
    {BOOT_BIOS, LINUX "Welcome to \033[1mDebian\033[0m!\r\n", BOOT_GOES_ON, BOOT_LINK_SYSTEM},
    {BOOT_BIOS,
     LINUX "Welcome to Debian!\r\n[ TIME ] Timed out waiting for device /dev/xvdb.\r\n"
           "[  OK  ] Started something.\r\nYou are in emergency mode.\r\n",
     BOOT_STOPPED, BOOT_LINK_SYSTEM},
    /* Not GRUB, whatever it is. */
    {BOOT_BIOS, LINUX "Welcome to Debian!\r\nerror: no such thing\r\nError 15: whatever\r\n",
     BOOT_GOES_ON, BOOT_LINK_SYSTEM},
    {BOOT_BIOS, LINUX "host login: ", BOOT_COMPLETE, NULL},
    /* Only the last boot counts, and within it what came last. */
    {BOOT_BIOS, LINUX "host login: \r\n" GRUB, BOOT_GOES_ON, BOOT_LINK_LOADER},
    {BOOT_BIOS, LINUX "[ 1.1] Kernel panic - not syncing: x\r\n" BIOS, BOOT_GOES_ON,
     BOOT_LINK_BOOT_CODE},
    {BOOT_BIOS, LINUX "host login: \r\n[ 99.0] Kernel panic - not syncing: x\r\n", BOOT_STOPPED,
     BOOT_LINK_KERNEL},
    {BOOT_UEFI,
     "BdsDxe: failed to load Boot0001 \"UEFI Misc Device\": Not Found\r\nBdsDxe: No "
     "bootable option or device was found.\r\n",
     BOOT_STOPPED, BOOT_LINK_FIRMWARE},
    {BOOT_UEFI,
     "BdsDxe: failed to load Boot0001 \"disk\": Not Found\r\nBdsDxe: loading Boot0002 \"debian\" "
     "from Pci\r\nBdsDxe: starting Boot0002 \"debian\" from Pci\r\n",
     BOOT_GOES_ON, BOOT_LINK_LOADER},
    {BOOT_UEFI, "BdsDxe: starting Boot0001 \"UEFI Misc Device\" from Pci\r\n", BOOT_GOES_ON,
     BOOT_LINK_LOADER},
    {BOOT_UEFI,
     "BdsDxe: starting Boot0002 \"EFI Internal Shell\" from Fv\r\nUEFI Interactive Shell "
     "v2.2\r\nShell> ",
     BOOT_STOPPED, BOOT_LINK_FIRMWARE},
    {BOOT_XEN, "amilaunch: PV-GRUB found no menu.lst in (hd0)/boot/grub\r\n", BOOT_STOPPED,
     BOOT_LINK_LOADER},
    {BOOT_XEN, "  Booting `Linux'\r\nerror: not xen image.\r\nPress any key to continue...",
     BOOT_WAITS, BOOT_LINK_KERNEL},
    {BOOT_DIRECT, "SeaBIOS (version 1)\r\nBooting from ROM..\r\n", BOOT_GOES_ON, BOOT_LINK_KERNEL},
    {BOOT_GRUB, "SeaBIOS (version 1)\r\nBooting from ROM..\r\n", BOOT_GOES_ON, BOOT_LINK_LOADER},
};

START_TEST(texts_are_understood)
{
    g_autoptr(diagnosis) found = diagnosis_of(texts[_i].kind, texts[_i].text, NULL);

    ck_assert_int_eq(found->progress, texts[_i].progress);
    ck_assert_pstr_eq(found->link, texts[_i].link);
}
END_TEST

START_TEST(a_silent_guest_is_judged_by_its_appliance)
{
    static const char log[] = "(XEN) Panic on CPU 0:\n";
    g_autoptr(diagnosis) silent = diagnosis_of(BOOT_XEN, "", log);
    g_autoptr(diagnosis) speaks = diagnosis_of(BOOT_XEN, "Linux version 3\n", log);

    ck_assert_int_eq(silent->progress, BOOT_STOPPED);
    ck_assert_str_eq(silent->link, BOOT_LINK_PARAVIRTUAL);
    ck_assert_str_eq(silent->line, "(XEN) Panic on CPU 0:");
    ck_assert_str_eq(speaks->link, BOOT_LINK_KERNEL);
}
END_TEST

START_TEST(lines_are_what_a_screen_would_show)
{
    static const char text[] = "\033c\033[?7l\033[2J one\ttwo \r\n\r\ngrub\033[09;04H\033[09;05H> "
                               "\033[01;01Hthree\033[0;30;47m\aend\033[";
    static const char *const expected[] = {"one two", "grub>", "threeend"};
    g_autoptr(GString) line = g_string_new(NULL);
    const char *at = text;

    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++) {
        ck_assert(console_line_next(&at, line));
        ck_assert_str_eq(line->str, expected[i]);
    }
    ck_assert(!console_line_next(&at, line));
}
END_TEST

/* However long a text and its lines are, and whatever is in them. */
START_TEST(only_the_end_counts)
{
    g_autoptr(GString) text = g_string_new("host login: \n");
    g_autoptr(diagnosis) found = NULL;

    while (text->len < 4 * DIAGNOSIS_LIMIT)
        g_string_append(text, "error: file `\x80\xff file `");
    found = diagnosis_of(BOOT_BIOS, text->str, NULL);
    ck_assert_int_eq(found->progress, BOOT_UNKNOWN);
    g_string_append(text, "\nerror: \xff\n");
    diagnosis_free(g_steal_pointer(&found));
    found = diagnosis_of(BOOT_BIOS, text->str, NULL);
    ck_assert_int_eq(found->progress, BOOT_GOES_ON);
    ck_assert(g_utf8_validate(found->line, -1, NULL));
}
END_TEST

START_TEST(the_plan_may_have_foreseen_it)
{
    g_autoptr(boot_plan) plan = boot_plan_new();
    g_autoptr(diagnosis) found = diagnosis_of(BOOT_BIOS, GRUB "grub> ", NULL);
    g_autoptr(diagnosis) up = diagnosis_of(BOOT_BIOS, "host login: ", NULL);

    boot_plan_warn(plan, "doubtful", "doubtful", NULL);
    boot_plan_warn_fatal(plan, BOOT_LINK_KERNEL, "kernel", "kernel", NULL);
    ck_assert_ptr_null(diagnosis_foreseen(found, plan));
    boot_plan_warn_fatal(plan, BOOT_LINK_LOADER, "menu", "menu", NULL);
    ck_assert_str_eq(diagnosis_foreseen(found, plan)->name, "menu");
    ck_assert_ptr_null(diagnosis_foreseen(up, plan));
}
END_TEST

START_TEST(a_slow_guest_is_not_given_up)
{
    diagnosis seen = {.progress = BOOT_UNKNOWN};

    ck_assert(!diagnosis_is_final(&seen, TRUE, 1000));
    seen.progress = BOOT_GOES_ON;
    ck_assert(!diagnosis_is_final(&seen, FALSE, 1000));
    ck_assert(!diagnosis_is_final(&seen, TRUE, 5));
    ck_assert(diagnosis_is_final(&seen, TRUE, 10));
    seen.progress = BOOT_WAITS;
    ck_assert(!diagnosis_is_final(&seen, FALSE, 10));
    ck_assert(diagnosis_is_final(&seen, FALSE, 20));
    ck_assert(diagnosis_is_final(&seen, TRUE, 0));
    seen.progress = BOOT_STOPPED;
    ck_assert(diagnosis_is_final(&seen, FALSE, 0));
    seen.progress = BOOT_COMPLETE;
    ck_assert(!diagnosis_is_final(&seen, TRUE, 1000));
}
END_TEST

Suite *
suite_diagnosis(void)
{
    Suite *suite = suite_create("diagnosis");
    TCase *tests = tcase_create("diagnosis");

    tcase_add_loop_test(tests, recorded_consoles_are_understood, 0, G_N_ELEMENTS(recordings));
    tcase_add_loop_test(tests, texts_are_understood, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tests, a_silent_guest_is_judged_by_its_appliance);
    tcase_add_test(tests, lines_are_what_a_screen_would_show);
    tcase_add_test(tests, only_the_end_counts);
    tcase_add_test(tests, a_slow_guest_is_not_given_up);
    tcase_add_test(tests, the_plan_may_have_foreseen_it);
    suite_add_tcase(suite, tests);
    return suite;
}
