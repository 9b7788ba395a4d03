/* Hibernation: when a memory is good, when it isn't any more, and what of it is there after a death
 * at any point. */
#include "common/error.h"
#include "images/home.h"
#include "store/operation.h"
#include "tests/engine/fixture.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As a launch for hibernation would have made it. */
static char *
run_hibernatable(void)
{
    char *id = run_one();
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, id, NULL);
    volume *root = g_ptr_array_index(volumes, 0);

    vm->hibernation_configured = TRUE;
    ck_assert(instance_update(engine->db, vm, NULL));
    root->secret = g_strdup("11111111-2222-4333-8444-555555555555");
    ck_assert(volume_update(engine->db, root, NULL));
    return id;
}

static char *
hibernate_one(void)
{
    g_autoptr(GError) error = NULL;
    char *id = run_hibernatable();

    ck_assert_msg(told(launcher_hibernate, id, &error), "%s", error != NULL ? error->message : "");
    return id;
}

static gboolean
has_memory(const char *id)
{
    g_autofree char *path = home_memory_path(home, id);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
write_memory(const char *id, const char *content)
{
    g_autofree char *path = home_memory_path(home, id);

    ck_assert(g_file_set_contents(path, content, -1, NULL));
}

static int
hibernated(const char *id)
{
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    return vm->hibernated;
}

static guint
calls_of(const char *call)
{
    guint count = 0;

    for (const char *at = driver->calls->str; (at = strstr(at, call)) != NULL; at++)
        count++;
    return count;
}

static domain_status *
domain_of(const char *id)
{
    return g_hash_table_lookup(driver->domains, id);
}

/* Nothing is under way, and all is as a stopped instance has it. */
static void
expect_stopped(const char *id, int how)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);
    g_autofree char *scratch = home_store_disk_path(home, id, "ephemeral0");

    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert_int_eq(hibernated(id), how);
    ck_assert_int_eq(has_memory(id), how == HIBERNATED_MEMORY);
    ck_assert(!fake_runs(driver, id));
    ck_assert(!g_file_test(scratch, G_FILE_TEST_EXISTS));
    ck_assert_uint_eq(open->len, 0);
}

static void
expect_running(const char *id)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);

    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
    ck_assert_int_eq(hibernated(id), HIBERNATED_NO);
    ck_assert(!has_memory(id));
    ck_assert_int_eq(domain_of(id)->state, DOMAIN_ON);
    ck_assert_uint_eq(open->len, 0);
}

START_TEST(goes_on_where_it_was)
{
    g_autofree char *id = hibernate_one();
    g_autofree char *scratch = home_store_disk_path(home, id, "ephemeral0");
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    expect_stopped(id, HIBERNATED_MEMORY);
    expect_reason(id, "Client.UserInitiatedHibernate");
    ck_assert_str_eq(vm->saved_by, "a hypervisor in memory");
    ck_assert(told(start, id, NULL));
    expect_running(id);
    ck_assert_uint_eq(calls_of("restore"), 1);
    ck_assert_uint_eq(calls_of("start"), 1);
    ck_assert(g_file_test(scratch, G_FILE_TEST_EXISTS));
    /* Once more, and an ordinary stop after that. */
    ck_assert(told(launcher_hibernate, id, NULL));
    expect_stopped(id, HIBERNATED_MEMORY);
    ck_assert(told(start, id, NULL));
    ck_assert(told(launcher_stop, id, NULL));
    expect_stopped(id, HIBERNATED_NO);
}
END_TEST

START_TEST(what_it_takes)
{
    g_autofree char *id = run_one();
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, id, NULL);
    volume *root = g_ptr_array_index(volumes, 0);
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(!told(launcher_hibernate, id, &error));
    ck_assert(error_is(error, ERROR_HIBERNATION));
    ck_assert(g_str_has_prefix(error->message,
                               "The instance can't be hibernated because it was not configured at "
                               "launch for hibernation: i-"));
    g_clear_error(&error);
    vm->hibernation_configured = TRUE;
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(!told(launcher_hibernate, id, &error));
    ck_assert(error_is(error, ERROR_HIBERNATION));
    ck_assert_str_eq(error->message, "For hibernation, the root device volume must be encrypted.");
    g_clear_error(&error);
    root->secret = g_strdup("11111111-2222-4333-8444-555555555555");
    ck_assert(volume_update(engine->db, root, NULL));
    vm->root_device_type = ROOT_INSTANCE_STORE;
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(!told(launcher_hibernate, id, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    g_clear_error(&error);
    vm->root_device_type = ROOT_EBS;
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(!told(launcher_hibernate, id, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
}
END_TEST

START_TEST(a_save_that_fails_leaves_it_running)
{
    g_autofree char *id = run_hibernatable();
    g_autoptr(GError) error = NULL;

    driver->fails_at = "save";
    ck_assert(!told(launcher_hibernate, id, &error));
    ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
    expect_running(id);
    driver->fails_at = NULL;
    ck_assert(told(launcher_hibernate, id, NULL));
    expect_stopped(id, HIBERNATED_MEMORY);
}
END_TEST

START_TEST(a_save_that_dies_before_it_began)
{
    g_autofree char *id = run_hibernatable();

    die_at("save", "hibernate", id);
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPING);
    look();
    expect_running(id);
}
END_TEST

START_TEST(a_save_that_nobody_saw_the_end_of)
{
    g_autofree char *id = run_hibernatable();

    die_at("save", "hibernate", id);
    write_memory(id, "LibvirtQemudSave and so on");
    fake_guest_off(driver, id, OFF_SAVED);
    look();
    expect_stopped(id, HIBERNATED_MEMORY);
    expect_reason(id, "Client.UserInitiatedHibernate");
    ck_assert(told(start, id, NULL));
    expect_running(id);
}
END_TEST

START_TEST(a_save_that_the_host_cut_off)
{
    g_autofree char *id = run_hibernatable();

    die_at("save", "hibernate", id);
    write_memory(id, "LibvirtQemudPart and so on");
    fake_guest_off(driver, id, OFF_UNKNOWN);
    look();
    expect_stopped(id, HIBERNATED_NO);
}
END_TEST

START_TEST(a_memory_that_may_not_be_on_the_disk)
{
    g_autofree char *id = run_hibernatable();
    g_autoptr(instance) vm = NULL;

    die_at("save", "hibernate", id);
    write_memory(id, "LibvirtQemudSave and so on");
    fake_guest_off(driver, id, OFF_UNKNOWN);
    /* The host went down before the file was made durable. */
    vm = instance_get(engine->db, id, NULL);
    g_free(vm->host_boot);
    vm->host_boot = g_strdup("another boot");
    ck_assert(instance_update(engine->db, vm, NULL));
    look();
    expect_stopped(id, HIBERNATED_NO);
    expect_reason(id, "Server.InternalError");
}
END_TEST

START_TEST(a_memory_from_an_earlier_life)
{
    g_autofree char *id = run_hibernatable();

    die_at("save", "hibernate", id);
    write_memory(id, "LibvirtQemudSave and so on");
    /* Saved, then started by virsh, then powered off by its guest. */
    fake_guest_off(driver, id, OFF_SHUTDOWN);
    look();
    expect_stopped(id, HIBERNATED_NO);
}
END_TEST

START_TEST(a_restore_that_fails_keeps_the_memory)
{
    g_autofree char *id = hibernate_one();
    g_autofree char *way_out = g_strdup_printf("amilaunch start --cold %s", id);
    g_autoptr(GError) error = NULL;

    driver->fails_at = "restore";
    ck_assert(!told(start, id, &error));
    ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
    ck_assert_ptr_nonnull(strstr(error->message, way_out));
    expect_stopped(id, HIBERNATED_MEMORY);
    driver->fails_at = NULL;
    ck_assert(told(start, id, NULL));
    expect_running(id);
}
END_TEST

START_TEST(a_guest_that_will_not_go_on_keeps_the_memory)
{
    g_autofree char *id = hibernate_one();

    driver->fails_at = "resume";
    ck_assert(!told(start, id, NULL));
    expect_stopped(id, HIBERNATED_MEMORY);
    driver->fails_at = NULL;
    ck_assert(told(start, id, NULL));
    expect_running(id);
}
END_TEST

START_TEST(another_qemu_is_named)
{
    g_autofree char *id = hibernate_one();
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);
    g_autoptr(GError) error = NULL;

    g_free(vm->saved_by);
    vm->saved_by = g_strdup("QEMU 6.1.0");
    ck_assert(instance_update(engine->db, vm, NULL));
    driver->fails_at = "restore";
    ck_assert(!told(start, id, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "saved by QEMU 6.1.0"));
}
END_TEST

START_TEST(damaged_memories_are_not_restored)
{
    static const char *const wrong[] = {"LibvirtQemudSave, and memorz", "LibvirtQemudSave, and mem",
                                        "LibvirtQemudSave, and memory and more", ""};
    g_autofree char *id = hibernate_one();

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        write_memory(id, wrong[i]);
        ck_assert(!told(start, id, &error));
        ck_assert(error_is(error, ERROR_HOST_INCOMPLETE));
        expect_stopped(id, HIBERNATED_MEMORY);
    }
    ck_assert_uint_eq(calls_of("resume"), 0);
    ck_assert(told(start_cold, id, NULL));
    expect_running(id);
    ck_assert_uint_eq(calls_of("resume"), 0);
    ck_assert_uint_eq(calls_of("start"), 2);
}
END_TEST

START_TEST(a_cold_start_that_cannot_be_keeps_the_memory)
{
    g_autofree char *id = hibernate_one();
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, id, NULL);
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);
    g_autofree char *type = g_steal_pointer(&vm->type);

    vm->type = g_strdup("gone.large");
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(!told(start_cold, id, NULL));
    expect_stopped(id, HIBERNATED_MEMORY);
}
END_TEST

START_TEST(a_resume_that_dies_before_the_guest_is_there)
{
    g_autofree char *id = hibernate_one();

    die_at("restore", "start", id);
    ck_assert_int_eq(state_of(id), INSTANCE_PENDING);
    look();
    expect_stopped(id, HIBERNATED_MEMORY);
    ck_assert(told(start, id, NULL));
    expect_running(id);
}
END_TEST

START_TEST(a_resume_that_dies_before_the_guest_runs)
{
    g_autofree char *id = hibernate_one();

    die_at("restore", "start", id);
    fake_guest_paused(driver, id, PAUSED_UNKNOWN);
    look();
    expect_running(id);
}
END_TEST

START_TEST(a_resume_that_dies_in_a_damaged_memory)
{
    g_autofree char *id = hibernate_one();

    die_at("restore", "start", id);
    fake_guest_paused(driver, id, PAUSED_UNKNOWN);
    write_memory(id, "LibvirtQemudSave, and memorz");
    look();
    expect_stopped(id, HIBERNATED_MEMORY);
    ck_assert_uint_eq(calls_of("resume"), 0);
}
END_TEST

START_TEST(a_memory_is_good_for_one_resume)
{
    g_autofree char *id = hibernate_one();

    die_at("resume", "start", id);
    /* The guest may have run, and changed its disks, before it went off. */
    ck_assert(has_memory(id));
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert_int_eq(hibernated(id), HIBERNATED_NO);
    ck_assert(told(start, id, NULL));
    expect_running(id);
    ck_assert_uint_eq(calls_of("restore"), 0);
}
END_TEST

START_TEST(a_resume_that_dies_at_its_end)
{
    g_autofree char *id = hibernate_one();

    die_at("resume", "start", id);
    fake_guest_paused(driver, id, PAUSED_UNKNOWN);
    look();
    expect_running(id);
}
END_TEST

START_TEST(a_cold_start_that_dies_has_no_memory)
{
    g_autofree char *id = hibernate_one();

    die_at("start", "start cold", id);
    look();
    expect_stopped(id, HIBERNATED_NO);
}
END_TEST

START_TEST(a_guest_started_by_others_has_no_memory)
{
    g_autofree char *id = hibernate_one();

    domain_of(id)->state = DOMAIN_ON;
    look();
    expect_running(id);
}
END_TEST

START_TEST(terminating_takes_the_memory_away)
{
    g_autofree char *id = hibernate_one();
    g_autofree char *folder = home_instance_folder(home, id);

    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
}
END_TEST

START_TEST(paused_guests_go_on_when_started)
{
    g_autofree char *id = run_one();

    fake_guest_paused(driver, id, PAUSED_BY_USER);
    ck_assert(told(start, id, NULL));
    expect_running(id);
    ck_assert_uint_eq(calls_of("resume"), 1);
    ck_assert(told(start, id, NULL));
    ck_assert_uint_eq(calls_of("resume"), 1);
}
END_TEST

/* ---- by the guest ---- */

static void
qemu_says(const char *id, const char *text)
{
    g_autofree char *base = home_events(home, id);
    g_autofree char *path = g_strdup_printf("%s.out", base);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n{\"return\": {}}\n"
#define POWEROFF                                                                                   \
    "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"SHUTDOWN\", \"data\": "   \
    "{\"guest\": true, \"reason\": \"guest-shutdown\"}}\n"
#define SUSPEND                                                                                    \
    "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 1}, \"event\": \"SUSPEND_DISK\"}\n"

static void
hibernates(const char *id)
{
    qemu_says(id, GREETING SUSPEND POWEROFF);
}

static void
powers_off(const char *id)
{
    qemu_says(id, GREETING POWEROFF);
}

static GPtrArray *
hibernate_by_guest(launcher *self, const char *const *ids, gboolean force G_GNUC_UNUSED,
                   GError **error)
{
    return launcher_hibernate(self, ids, TRUE, error);
}

START_TEST(a_guest_that_is_asked_to)
{
    g_autofree char *id = run_hibernatable();

    driver->on_sleep = hibernates;
    ck_assert(told(hibernate_by_guest, id, NULL));
    expect_stopped(id, HIBERNATED_GUEST);
    expect_reason(id, "Client.UserInitiatedHibernate");
    ck_assert(told(start, id, NULL));
    expect_running(id);
    ck_assert_uint_eq(calls_of("restore"), 0);
}
END_TEST

START_TEST(a_guest_that_powers_off_instead)
{
    g_autofree char *id = run_hibernatable();

    driver->on_sleep = powers_off;
    ck_assert(told(hibernate_by_guest, id, NULL));
    expect_stopped(id, HIBERNATED_NO);
    expect_reason(id, "Client.UserInitiatedShutdown");
}
END_TEST

START_TEST(a_guest_that_does_not_hear_is_shut_down)
{
    g_autofree char *id = run_hibernatable();

    engine->conf->hibernate_timeout = 1;
    ck_assert(told(hibernate_by_guest, id, NULL));
    expect_stopped(id, HIBERNATED_NO);
    expect_reason(id, "Client.UserInitiatedShutdown");
    ck_assert_uint_eq(calls_of("press"), 1);
}
END_TEST

START_TEST(a_guest_that_was_asked_by_one_who_died)
{
    g_autofree char *id = run_hibernatable();
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    vm->state = INSTANCE_STOPPING;
    vm->reason_code = g_strdup("Client.UserInitiatedHibernate");
    vm->stop_deadline = g_get_real_time() / G_USEC_PER_SEC + 100;
    ck_assert(instance_update(engine->db, vm, NULL));
    look();
    ck_assert_uint_eq(calls_of("sleep"), 1);
    look();
    ck_assert_uint_eq(calls_of("sleep"), 1);
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPING);
    hibernates(id);
    fake_guest_off(driver, id, OFF_UNKNOWN);
    look();
    expect_stopped(id, HIBERNATED_GUEST);
    expect_reason(id, "Client.UserInitiatedHibernate");
}
END_TEST

START_TEST(a_guest_whose_time_is_over_is_shut_down)
{
    g_autofree char *id = run_hibernatable();
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    vm->state = INSTANCE_STOPPING;
    vm->reason_code = g_strdup("Client.UserInitiatedHibernate");
    vm->stop_deadline = 1;
    vm->stop_pressed = TRUE;
    ck_assert(instance_update(engine->db, vm, NULL));
    look();
    ck_assert_uint_eq(calls_of("press"), 1);
    look();
    expect_stopped(id, HIBERNATED_NO);
    expect_reason(id, "Client.UserInitiatedShutdown");
}
END_TEST

static const struct {
    const char *says; /* NULL: no events are known */
    off_reason reason;
    gboolean hibernated, ends;
    const char *code;
} endings[] = {
    {GREETING SUSPEND POWEROFF, OFF_SHUTDOWN, TRUE, FALSE, "Client.InstanceInitiatedShutdown"},
    {GREETING SUSPEND POWEROFF, OFF_UNKNOWN, TRUE, FALSE, "Client.InstanceInitiatedShutdown"},
    {GREETING POWEROFF, OFF_SHUTDOWN, FALSE, TRUE, "Client.InstanceInitiatedShutdown"},
    {GREETING POWEROFF, OFF_UNKNOWN, FALSE, TRUE, "Client.InstanceInitiatedShutdown"},
    {GREETING POWEROFF, OFF_CRASHED, FALSE, TRUE, "Client.InstanceInitiatedShutdown"},
    {GREETING, OFF_UNKNOWN, FALSE, FALSE, "Server.InternalError"},
    /* QEMU was sent a signal: libvirt takes that for the guest's own poweroff. */
    {GREETING "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": false, \"reason\": "
              "\"host-signal\"}}\n",
     OFF_SHUTDOWN, FALSE, FALSE, "Server.InternalError"},
    {GREETING, OFF_CRASHED, FALSE, FALSE, "Server.InternalError"},
    {GREETING "{\"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"poweroff\"}}\n" POWEROFF,
     OFF_SHUTDOWN, FALSE, FALSE, "Server.InternalError"},
    {NULL, OFF_UNKNOWN, FALSE, FALSE, "Client.InstanceInitiatedShutdown"},
    {NULL, OFF_SHUTDOWN, FALSE, TRUE, "Client.InstanceInitiatedShutdown"},
};

START_TEST(guests_that_end_by_themselves)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .shutdown = "terminate"};

    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);
        const char *id = ((instance_view *)g_ptr_array_index(views, 0))->vm->id;
        if (endings[i].says != NULL)
            qemu_says(id, endings[i].says);
        fake_guest_off(driver, id, endings[i].reason);
        look();
        ck_assert_msg(state_of(id) == (endings[i].ends ? INSTANCE_TERMINATED : INSTANCE_STOPPED),
                      "ending %u", i);
        ck_assert_msg((hibernated(id) == HIBERNATED_GUEST) == endings[i].hibernated, "ending %u",
                      i);
        expect_reason(id, endings[i].code);
    }
}
END_TEST

TCase *
hibernate_tests(void)
{
    TCase *tests = tcase_create("hibernate");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, goes_on_where_it_was);
    tcase_add_test(tests, what_it_takes);
    tcase_add_test(tests, a_save_that_fails_leaves_it_running);
    tcase_add_test(tests, a_save_that_dies_before_it_began);
    tcase_add_test(tests, a_save_that_nobody_saw_the_end_of);
    tcase_add_test(tests, a_save_that_the_host_cut_off);
    tcase_add_test(tests, a_memory_that_may_not_be_on_the_disk);
    tcase_add_test(tests, a_memory_from_an_earlier_life);
    tcase_add_test(tests, a_restore_that_fails_keeps_the_memory);
    tcase_add_test(tests, a_guest_that_will_not_go_on_keeps_the_memory);
    tcase_add_test(tests, another_qemu_is_named);
    tcase_add_test(tests, damaged_memories_are_not_restored);
    tcase_add_test(tests, a_cold_start_that_cannot_be_keeps_the_memory);
    tcase_add_test(tests, a_resume_that_dies_before_the_guest_is_there);
    tcase_add_test(tests, a_resume_that_dies_before_the_guest_runs);
    tcase_add_test(tests, a_resume_that_dies_in_a_damaged_memory);
    tcase_add_test(tests, a_memory_is_good_for_one_resume);
    tcase_add_test(tests, a_resume_that_dies_at_its_end);
    tcase_add_test(tests, a_cold_start_that_dies_has_no_memory);
    tcase_add_test(tests, a_guest_started_by_others_has_no_memory);
    tcase_add_test(tests, terminating_takes_the_memory_away);
    tcase_add_test(tests, paused_guests_go_on_when_started);
    tcase_add_test(tests, a_guest_that_is_asked_to);
    tcase_add_test(tests, a_guest_that_powers_off_instead);
    tcase_add_test(tests, a_guest_that_does_not_hear_is_shut_down);
    tcase_add_test(tests, a_guest_that_was_asked_by_one_who_died);
    tcase_add_test(tests, a_guest_whose_time_is_over_is_shut_down);
    tcase_add_test(tests, guests_that_end_by_themselves);
    return tests;
}
