#include "drivers/guest_events.h"
#include "tests/unit/suites.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define WHEN "\"timestamp\": {\"seconds\": 1795263534, \"microseconds\": 289340}, "
#define HELLO                                                                                      \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "             \
    "\"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n{\"return\": {}}\r\n"
#define PLAIN(name) "{" WHEN "\"event\": \"" name "\"}\r\n"
#define SHUTDOWN(guest, reason)                                                                    \
    "{" WHEN "\"event\": \"SHUTDOWN\", \"data\": {\"guest\": " guest ", \"reason\": \"" reason     \
    "\"}}\r\n"
#define BY_GUEST SHUTDOWN("true", "guest-shutdown")
#define BY_LIBVIRT SHUTDOWN("false", "host-signal")

static const struct {
    const char *text;
    guest_end end;
} cases[] = {
    {"", GUEST_SILENT},
    {HELLO PLAIN("RESUME"), GUEST_SILENT},
    {HELLO PLAIN("RESUME") PLAIN("POWERDOWN") BY_GUEST PLAIN("STOP") BY_LIBVIRT, GUEST_POWERED_OFF},
    {HELLO PLAIN("RESUME") PLAIN("SUSPEND_DISK") BY_GUEST PLAIN("STOP") BY_LIBVIRT,
     GUEST_HIBERNATED},
    {HELLO PLAIN("RESUME") BY_LIBVIRT, GUEST_CUT_OFF},
    {HELLO PLAIN("GUEST_PANICKED") BY_GUEST, GUEST_PANICKED},
    {HELLO SHUTDOWN("true", "guest-panic") BY_LIBVIRT, GUEST_PANICKED},
    /* A reboot by libvirt, and what came after it. */
    {HELLO BY_GUEST PLAIN("RESET") PLAIN("RESUME"), GUEST_SILENT},
    {HELLO BY_GUEST PLAIN("RESET") PLAIN("RESUME") BY_LIBVIRT, GUEST_CUT_OFF},
    /* A hibernation that the guest took back. */
    {HELLO PLAIN("SUSPEND_DISK") PLAIN("RESET") BY_GUEST, GUEST_POWERED_OFF},
    {HELLO PLAIN("GUEST_PANICKED") PLAIN("RESET") BY_GUEST, GUEST_POWERED_OFF},
    /* No object, no event; names in other places; a line that was cut. */
    {"SHUTDOWN\n\"SHUTDOWN\"\n[]\nnull\n{}\n{\"event\": 1}\n{\"event\": {\"event\": \"SHUTDOWN\"}}",
     GUEST_SILENT},
    {"{\"event\": \"BLOCK\", \"data\": {\"event\": \"SHUTDOWN\", \"guest\": true}}\n",
     GUEST_SILENT},
    {"{\"event\": \"X\", \"data\": \"\\\"event\\\": \\\"SHUTDOWN\\\"\"}\n", GUEST_SILENT},
    {"{\"event\": \"X\", \"event\": \"SHUTDOWN\", \"data\": {\"guest\": true}}\n", GUEST_SILENT},
    {"{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"rea", GUEST_SILENT},
    {"{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": \"true\"}}\n", GUEST_CUT_OFF},
    {"{\"event\": \"SHUTDOWN\", \"data\": [true]}\n", GUEST_CUT_OFF},
};

START_TEST(the_last_end_is_told)
{
    ck_assert_int_eq(guest_events_parse(cases[_i].text), cases[_i].end);
}
END_TEST

START_TEST(the_file_is_read)
{
    g_autofree char *folder = g_dir_make_tmp("events.XXXXXX", NULL);
    g_autofree char *events = g_build_filename(folder, "events", NULL);
    g_autofree char *path = g_strconcat(events, ".out", NULL);
    g_autoptr(GString) text = g_string_new(HELLO);

    ck_assert_int_eq(guest_events_read(NULL), GUEST_SILENT);
    ck_assert_int_eq(guest_events_read(events), GUEST_SILENT);
    /* More than anybody reads, of which only the end matters. */
    for (int i = 0; i < 5000; i++)
        g_string_append(text, PLAIN("RTC_CHANGE"));
    g_string_append(text, PLAIN("SUSPEND_DISK") BY_GUEST);
    ck_assert(g_file_set_contents(path, text->str, -1, NULL));
    ck_assert_int_eq(guest_events_read(events), GUEST_HIBERNATED);
    g_unlink(path);
    g_rmdir(folder);
}
END_TEST

Suite *
suite_guest_events(void)
{
    Suite *suite = suite_create("guest_events");
    TCase *tests = tcase_create("guest_events");

    tcase_add_loop_test(tests, the_last_end_is_told, 0, G_N_ELEMENTS(cases));
    tcase_add_test(tests, the_file_is_read);
    suite_add_tcase(suite, tests);
    return suite;
}
