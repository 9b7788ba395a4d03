/* The engine against a hypervisor in memory: what is recorded, what is left, who wins. */
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/home.h"
#include "launcher/launch.h"
#include "launcher/reconcile.h"
#include "launcher/records.h"
#include "store/operation.h"
#include "tests/engine/fixture.h"
#include "tests/scratch.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char *home;
launcher *engine;
fake *driver;

launcher *
open_engine(void)
{
    const launcher_options options = {.home = home};
    launcher *opened = launcher_open(&options, NULL);

    /* Not Check's assertions: die() calls this outside of a test. */
    g_assert_nonnull(opened);
    g_assert_nonnull(launcher_store(opened, NULL));
    opened->driver = &driver->base;
    opened->start_netd = NULL;
    return opened;
}

/* An image of 1 GiB that nobody looked into: importing a real one takes an appliance. */
static void
register_image(void)
{
    const snapshot disk = {.id = (char *)"snap-12345678",
                           .state = SNAPSHOT_COMPLETED,
                           .size_gib = 1,
                           .owner = (char *)"123456789012",
                           .region = (char *)"us-east-1"};
    const image ami = {.id = (char *)"ami-12345678",
                       .name = (char *)"sample",
                       .state = IMAGE_AVAILABLE,
                       .architecture = (char *)"x86_64",
                       .root_device = (char *)"/dev/sda1",
                       .content = (char *)"none",
                       .owner = (char *)"123456789012",
                       .region = (char *)"us-east-1"};
    const image_mapping mapping = {.image = (char *)"ami-12345678",
                                   .device = (char *)"/dev/sda1",
                                   .snapshot = (char *)"snap-12345678",
                                   .size_gib = 1,
                                   .volume_type = (char *)"gp2",
                                   .delete_on_termination = 1};
    g_autofree char *path = home_snapshot_path(home, disk.id);
    const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, "1G", NULL};

    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
    ck_assert(snapshot_insert(engine->db, &disk, NULL));
    ck_assert(image_insert(engine->db, &ami, NULL));
    ck_assert(image_mapping_insert(engine->db, &mapping, NULL));
}

void
set_up(void)
{
    g_autofree char *conf = NULL;

    home = g_dir_make_tmp("amilaunch-engine-XXXXXX", NULL);
    conf = g_build_filename(home, "amilaunch.conf", NULL);
    ck_assert(g_file_set_contents(conf, "accel = \"tcg\";\nstop_timeout = 1;\n", -1, NULL));
    driver = fake_new();
    engine = open_engine();
    register_image();
}

void
tear_down(void)
{
    launcher_free(engine);
    folder_remove(home, NULL);
    g_free(home);
}

static void
set_text(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

void
act_as(const char *account, const char *region)
{
    set_text(&engine->conf->account, account);
    set_text(&engine->conf->region, region);
}

guint
files_in(const char *part)
{
    g_autofree char *path = g_build_filename(home, part, NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(folder) != NULL)
        count++;
    return count;
}

static GPtrArray *
run_some(const char *type, guint count, GError **error)
{
    const run_request request = {.image = "ami-12345678", .type = type, .count = count};

    return launcher_run(engine, &request, error);
}

static gint64
size_of(const char *path)
{
    struct stat info;

    ck_assert_int_eq(stat(path, &info), 0);
    return info.st_size;
}

static const char *
id_at(const GPtrArray *views, guint i)
{
    return ((instance_view *)g_ptr_array_index(views, i))->vm->id;
}

char *
run_asked(const run_request *request)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) views = launcher_run(engine, request, &error);

    ck_assert_msg(views != NULL, "%s", error != NULL ? error->message : "");
    return g_strdup(id_at(views, 0));
}

char *
run_one(void)
{
    const run_request request = {.image = "ami-12345678", .type = "m3"};

    return run_asked(&request);
}

int
state_of(const char *id)
{
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    ck_assert_ptr_nonnull(vm);
    return vm->state;
}

void
expect_reason(const char *id, const char *code)
{
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    ck_assert_str_eq(vm->reason_code, code);
}

void
look(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) views = launcher_instances(engine, NULL, FALSE, &error);

    ck_assert_msg(views != NULL, "%s", error != NULL ? error->message : "");
}

void
expect_nothing_left(void)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);

    ck_assert_uint_eq(files_in("volumes"), 0);
    ck_assert_uint_eq(files_in("instances"), 0);
    ck_assert_uint_eq(g_hash_table_size(driver->domains), 0);
    ck_assert_uint_eq(open->len, 0);
}

gboolean
told(verb act, const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(GPtrArray) changes = act(engine, ids, FALSE, error);

    return changes != NULL;
}

GPtrArray *
start(launcher *self, const char *const *ids, gboolean cold, GError **error)
{
    return launcher_start(self, ids, cold, error);
}

GPtrArray *
start_cold(launcher *self, const char *const *ids, gboolean unused G_GNUC_UNUSED, GError **error)
{
    return launcher_start(self, ids, TRUE, error);
}

START_TEST(life_of_an_instance)
{
    g_autofree char *id = run_one();
    g_autofree char *scratch = home_store_disk_path(home, id, "ephemeral0");

    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
    ck_assert(fake_runs(driver, id));
    ck_assert_uint_eq(files_in("volumes"), 1);
    ck_assert(g_file_test(scratch, G_FILE_TEST_EXISTS));

    ck_assert(told(launcher_reboot, id, NULL));
    ck_assert(g_file_test(scratch, G_FILE_TEST_EXISTS));

    ck_assert(told(launcher_stop, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    expect_reason(id, "Client.UserInitiatedShutdown");
    ck_assert(fake_has(driver, id));
    ck_assert(!g_file_test(scratch, G_FILE_TEST_EXISTS));
    ck_assert_uint_eq(files_in("volumes"), 1);

    /* Whatever is in its place, a start gives a blank disk. */
    ck_assert(g_file_set_contents(scratch, "old", 3, NULL));
    ck_assert(told(start, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
    ck_assert_int_eq(size_of(scratch), G_GINT64_CONSTANT(4000000000));

    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
    expect_nothing_left();
    /* Once more succeeds. */
    ck_assert(told(launcher_terminate, id, NULL));
}
END_TEST

START_TEST(several_at_once_share_a_reservation)
{
    g_autoptr(GPtrArray) views = run_some("m3.large", 3, NULL);
    const instance *first = ((instance_view *)g_ptr_array_index(views, 0))->vm;
    const instance *last = ((instance_view *)g_ptr_array_index(views, 2))->vm;

    ck_assert_uint_eq(views->len, 3);
    ck_assert_str_eq(first->reservation, last->reservation);
    ck_assert_int_eq(last->launch_index, 2);
    ck_assert_uint_eq(files_in("volumes"), 3);
}
END_TEST

START_TEST(launches_that_fail_leave_nothing)
{
    static const char *const places[] = {"define", "start"};
    g_autoptr(GPtrArray) rows = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(GError) error = NULL;
        driver->fails_at = places[i];
        ck_assert_ptr_null(run_some("m3", 2, &error));
        ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
        driver->fails_at = NULL;
        expect_nothing_left();
    }
    rows = instance_list(engine->db, NULL);
    ck_assert_uint_eq(rows->len, 0);
}
END_TEST

START_TEST(what_cannot_be_ended_now_is_ended_later)
{
    g_autofree char *id = run_one();
    g_autoptr(GError) error = NULL;

    driver->fails_at = "destroy";
    ck_assert(!told(launcher_terminate, id, &error));
    ck_assert_int_eq(state_of(id), INSTANCE_SHUTTING_DOWN);
    driver->fails_at = NULL;
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
    expect_nothing_left();
}
END_TEST

static const struct {
    const char *name;
    verb act;
} verbs[] = {{"start", start},
             {"start cold", start_cold},
             {"stop", launcher_stop},
             {"hibernate", launcher_hibernate},
             {"terminate", launcher_terminate}};

void
die_at(const char *call, const char *what, const char *id)
{
    gboolean on = id != NULL && fake_runs(driver, id);
    const char *argv[] = {"/proc/self/exe",  home, call, what, id != NULL ? id : "",
                          on ? "on" : "off", NULL};
    int status = 0;

    ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                           &status, NULL));
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 9, "it did not die at %s", call);
}

static int
die(char **args)
{
    const char *ami = g_str_has_prefix(args[4], "ami-") ? args[4] : "ami-12345678";
    const run_request request = {.image = ami, .type = "m3", .count = 2};
    const char *const ids[] = {args[4], NULL};

    home = args[1];
    driver = fake_new();
    engine = open_engine();
    if (g_str_has_prefix(args[4], "i-")) {
        domain_status *status = g_new0(domain_status, 1);
        status->state = g_str_equal(args[5], "on") ? DOMAIN_ON : DOMAIN_OFF;
        g_hash_table_insert(driver->domains, g_strdup(args[4]), status);
    }
    driver->dies_at = args[2];
    if (g_str_equal(args[3], "run"))
        launcher_run(engine, &request, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (g_str_equal(args[3], verbs[i].name))
            verbs[i].act(engine, ids, FALSE, NULL);
    volume_act(args[3], args[4]);
    return 0;
}

START_TEST(a_launch_that_dies_is_undone_by_the_next_command)
{
    static const char *const places[] = {"define", "start"};
    g_autoptr(GPtrArray) rows = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        die_at(places[i], "run", NULL);
        ck_assert_uint_ge(files_in("volumes"), 1);
        look();
        expect_nothing_left();
    }
    rows = instance_list(engine->db, NULL);
    ck_assert_uint_eq(rows->len, 4);
    for (guint i = 0; i < rows->len; i++) {
        const instance *vm = g_ptr_array_index(rows, i);
        ck_assert_int_eq(vm->state, INSTANCE_TERMINATED);
        ck_assert_str_eq(vm->reason_code, "Server.InternalError");
    }
}
END_TEST

START_TEST(a_domain_that_comes_too_late_goes)
{
    g_autofree char *id = NULL;
    g_autoptr(GPtrArray) rows = NULL;

    die_at("start", "run", NULL);
    look();
    rows = instance_list(engine->db, NULL);
    id = g_strdup(((instance *)g_ptr_array_index(rows, 0))->id);
    /* libvirt had the dead command's request still in its queue. */
    g_hash_table_insert(driver->domains, g_strdup(id), g_new0(domain_status, 1));
    look();
    expect_nothing_left();
}
END_TEST

START_TEST(a_start_that_dies_goes_back)
{
    g_autofree char *id = run_one();

    ck_assert(told(launcher_stop, id, NULL));
    die_at("start", "start", id);
    ck_assert_int_eq(state_of(id), INSTANCE_PENDING);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert_uint_eq(files_in("volumes"), 1);
}
END_TEST

START_TEST(a_stop_that_dies_goes_on)
{
    g_autofree char *id = run_one();

    die_at("wait", "stop", id);
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPING);
    /* The guest still runs, and is given its time. */
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPING);
    g_usleep(2200 * 1000);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert(!fake_runs(driver, id));
    expect_reason(id, "Client.UserInitiatedShutdown");
}
END_TEST

START_TEST(a_termination_that_dies_goes_on)
{
    g_autofree char *id = run_one();

    die_at("undefine", "terminate", id);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
    expect_nothing_left();
}
END_TEST

START_TEST(a_start_that_fails_leaves_it_stopped)
{
    g_autofree char *id = run_one();
    g_autoptr(GError) error = NULL;

    ck_assert(told(launcher_stop, id, NULL));
    driver->fails_at = "start";
    ck_assert(!told(start, id, &error));
    ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
    driver->fails_at = NULL;
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert(fake_has(driver, id));
    ck_assert_uint_eq(files_in("volumes"), 1);
    ck_assert(told(start, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

START_TEST(guests_that_power_off_are_seen)
{
    g_autofree char *id = run_one();
    g_autofree char *crashed = run_one();

    fake_guest_off(driver, id, OFF_SHUTDOWN);
    fake_guest_off(driver, crashed, OFF_CRASHED);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    expect_reason(id, "Client.InstanceInitiatedShutdown");
    ck_assert_int_eq(state_of(crashed), INSTANCE_STOPPED);
    expect_reason(crashed, "Server.InternalError");
    ck_assert_uint_eq(files_in("volumes"), 2);
}
END_TEST

START_TEST(poweroff_terminates_where_asked)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .shutdown = "terminate"};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);
    const char *id = id_at(views, 0);

    fake_guest_off(driver, id, OFF_SHUTDOWN);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
    expect_reason(id, "Client.InstanceInitiatedShutdown");
    expect_nothing_left();
}
END_TEST

START_TEST(a_guess_does_not_terminate)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .shutdown = "terminate"};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);
    const char *id = id_at(views, 0);

    fake_guest_off(driver, id, OFF_UNKNOWN);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert_uint_eq(files_in("volumes"), 1);
}
END_TEST

START_TEST(guests_started_behind_our_back_are_seen)
{
    g_autofree char *id = run_one();

    ck_assert(told(launcher_stop, id, NULL));
    ((domain_status *)g_hash_table_lookup(driver->domains, id))->state = DOMAIN_ON;
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

START_TEST(a_stop_that_dies_before_the_button_presses_it_later)
{
    g_autofree char *id = run_one();

    die_at("press", "stop", id);
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPING);
    ck_assert(fake_runs(driver, id));
    look();
    ck_assert(!fake_runs(driver, id));
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert_ptr_null(strstr(driver->calls->str, "destroy"));
}
END_TEST

START_TEST(an_old_look_does_not_stop_the_next_life)
{
    g_autofree char *id = run_one();
    g_autoptr(instance) seen = NULL;

    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(told(start, id, NULL));
    seen = instance_get(engine->db, id, NULL);
    seen->state = INSTANCE_RUNNING;
    seen->starts--;
    ck_assert(reconcile_stopped(engine, seen, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

START_TEST(one_that_is_stuck_does_not_block_the_others)
{
    g_autofree char *stuck = run_one();
    g_autofree char *other = run_one();

    driver->fails_at = "destroy";
    ck_assert(!told(launcher_terminate, stuck, NULL));
    look();
    ck_assert_int_eq(state_of(other), INSTANCE_RUNNING);
    ck_assert(told(launcher_stop, other, NULL));
    driver->fails_at = NULL;
    look();
    ck_assert_int_eq(state_of(stuck), INSTANCE_TERMINATED);
}
END_TEST

START_TEST(guests_that_ignore_the_button_lose_power)
{
    g_autofree char *id = run_one();

    driver->ignores_power = TRUE;
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_STOPPED);
    ck_assert_ptr_nonnull(strstr(driver->calls->str, "destroy"));
}
END_TEST

START_TEST(guests_that_do_not_reboot_are_reset)
{
    g_autofree char *id = run_one();

    driver->hangs_on_reboot = TRUE;
    ck_assert(told(launcher_reboot, id, NULL));
    ck_assert_ptr_nonnull(strstr(driver->calls->str, "reset"));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

START_TEST(lists_with_a_wrong_id_do_nothing)
{
    g_autofree char *id = run_one();
    const char *const missing[] = {id, "i-0123456789abcdef0", "i-12345678", NULL};
    const char *const malformed[] = {id, "instance", NULL};
    const char *const twice[] = {id, id, NULL};
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_terminate(engine, missing, FALSE, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_NOT_FOUND));
    ck_assert_str_eq(error->message,
                     "The instance IDs 'i-0123456789abcdef0, i-12345678' do not exist");
    g_clear_error(&error);
    ck_assert_ptr_null(launcher_terminate(engine, malformed, FALSE, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_MALFORMED));
    g_clear_error(&error);
    ck_assert_ptr_null(launcher_terminate(engine, twice, FALSE, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

START_TEST(an_instance_at_work_is_left_alone)
{
    g_autofree char *id = run_one();
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);
    g_autoptr(GError) error = NULL;
    int ready[2];
    pid_t child;
    char byte;

    ck_assert_int_eq(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        store *other = store_open(home, NULL);
        vm->operation = operation_begin(other, "start", NULL);
        vm->state = INSTANCE_PENDING;
        instance_update(other, vm, NULL);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    ck_assert(!told(launcher_stop, id, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_PENDING);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    /* Its start had got as far as a running guest. */
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

START_TEST(states_that_forbid_it)
{
    g_autofree char *id = run_one();
    static const verb acts[] = {start, launcher_stop, launcher_reboot};

    ck_assert(told(launcher_terminate, id, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(acts); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert(!told(acts[i], id, &error));
        ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    }
}
END_TEST

START_TEST(requests_that_cannot_be)
{
    static const struct {
        run_request request;
        error_code code;
    } wrong[] = {
        {{.image = "ami-87654321", .type = "m3"}, ERROR_AMI_NOT_FOUND},
        {{.image = "image", .type = "m3"}, ERROR_AMI_MALFORMED},
        {{.image = "ami-12345678", .type = "m9.large"}, ERROR_PARAMETER_VALUE},
        {{.image = "ami-12345678", .type = "m3", .shutdown = "sleep"}, ERROR_PARAMETER_VALUE},
        {{.image = "ami-12345678", .type = "m3", .count = 1000}, ERROR_PARAMETER_VALUE},
        {{.image = "ami-12345678", .type = "x1e.32xlarge"}, ERROR_CAPACITY},
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(launcher_run(engine, &wrong[i].request, &error));
        ck_assert_msg(error_is(error, wrong[i].code), "case %u: %s", i, error->message);
        expect_nothing_left();
    }
}
END_TEST

START_TEST(dry_runs_do_nothing)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .dry_run = TRUE};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);

    ck_assert_uint_eq(views->len, 0);
    expect_nothing_left();
}
END_TEST

START_TEST(memory_limits_are_kept_over_a_stop)
{
    const run_request request = {
        .image = "ami-12345678", .type = "x1e.32xlarge", .memory_limit_mib = 256};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);
    const char *id = id_at(views, 0);

    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(told(start, id, NULL));
    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
}
END_TEST

/* "DEVICE=ID" of the disks that an instance has, in the order in which its guest finds them. */
static void
expect_disks(const char *id, const char *expected)
{
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, id, NULL);
    g_autoptr(launch) what = launch_of_instance(engine, vm, volumes, NULL);
    g_autoptr(GString) found = g_string_new(NULL);

    for (guint i = 0; i < what->plan->disks->len; i++) {
        const boot_disk *disk = g_ptr_array_index(what->plan->disks, i);
        g_string_append_printf(found, "%s%s=%s", i > 0 ? " " : "", disk->device, disk->origin);
    }
    ck_assert_str_eq(found->str, expected);
}

START_TEST(mappings_become_volumes_and_disks)
{
    const char *const map[] = {"/dev/sda1=:3:false:gp3", "/dev/sdf=snap-12345678::true",
                               "/dev/sdc=:2", "/dev/sdd=ephemeral0", NULL};
    const run_request request = {.image = "ami-12345678", .type = "m3", .map = map};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);
    const instance_view *view = g_ptr_array_index(views, 0);
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, view->vm->id, NULL);
    g_autoptr(GPtrArray) disks = store_disk_list(engine->db, view->vm->id, NULL);
    const volume *root = g_ptr_array_index(volumes, 0);
    const volume *empty = g_ptr_array_index(volumes, 1);
    const volume *copy = g_ptr_array_index(volumes, 2);
    const store_disk *scratch = g_ptr_array_index(disks, 0);

    ck_assert_uint_eq(volumes->len, 3);
    ck_assert_int_eq(root->size_gib, 3);
    ck_assert_str_eq(root->type, "gp3");
    ck_assert(!root->delete_on_termination);
    ck_assert_str_eq(root->backing, "snap-12345678");
    ck_assert_int_eq(empty->size_gib, 2);
    ck_assert_str_eq(empty->type, "gp2");
    ck_assert_ptr_null(empty->backing);
    ck_assert(!empty->delete_on_termination);
    ck_assert_int_eq(copy->size_gib, 1);
    ck_assert_str_eq(copy->snapshot, "snap-12345678");
    ck_assert(copy->delete_on_termination);
    ck_assert_uint_eq(disks->len, 1);
    ck_assert_str_eq(scratch->device, "/dev/sdd");
    ck_assert(scratch->mapped);
    expect_disks(view->vm->id, "/dev/sda1=snap-12345678 /dev/sdc=empty /dev/sdd=ephemeral0 "
                               "/dev/sdf=snap-12345678");
    ck_assert(told(launcher_terminate, view->vm->id, NULL));
    ck_assert_uint_eq(files_in("volumes"), 2);
}
END_TEST

/* Runs an m3.medium with one entry, and stops and starts it; its id, for the caller to free. */
static char *
restart_with(const char *entry)
{
    const char *const map[] = {entry, NULL};
    const run_request request = {.image = "ami-12345678", .type = "m3", .map = map};
    g_autoptr(GPtrArray) views = launcher_run(engine, &request, NULL);
    const char *id = id_at(views, 0);

    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(told(start, id, NULL));
    return g_strdup(id);
}

static void
change_type(const char *id, const char *type)
{
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    g_free(vm->type);
    vm->type = g_strdup(type);
    ck_assert(instance_update(engine->db, vm, NULL));
}

START_TEST(a_start_keeps_to_the_mapping_of_the_launch)
{
    g_autofree char *mapped = restart_with("/dev/sdg=ephemeral1");
    g_autofree char *without = restart_with("/dev/sdb=none");
    g_autofree char *simple = restart_with("/dev/sdb=:1");

    expect_disks(mapped, "/dev/sda1=snap-12345678");
    expect_disks(without, "/dev/sda1=snap-12345678");
    expect_disks(simple, "/dev/sda1=snap-12345678 /dev/sdb=empty /dev/sdc=ephemeral0");
    /* What the smaller type didn't have is not forgotten. */
    change_type(mapped, "m3.xlarge");
    expect_disks(mapped, "/dev/sda1=snap-12345678 /dev/sdg=ephemeral1");
    change_type(without, "m3.xlarge");
    expect_disks(without, "/dev/sda1=snap-12345678");
    change_type(simple, "t2.micro");
    expect_disks(simple, "/dev/sda1=snap-12345678 /dev/sdb=empty");
}
END_TEST

START_TEST(mappings_that_cannot_be_leave_nothing)
{
    static const struct {
        const char *entry;
        error_code code;
    } wrong[] = {{"/dev/sdb", ERROR_PARAMETER_VALUE},
                 {"/dev/sdc=snap-87654321", ERROR_SNAPSHOT_NOT_FOUND},
                 {"/dev/sda1=none", ERROR_BLOCK_DEVICE_MAPPING},
                 {"/dev/sdc1=:1", ERROR_BLOCK_DEVICE_MAPPING}};

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const char *const map[] = {wrong[i].entry, NULL};
        const run_request request = {.image = "ami-12345678", .type = "m3", .map = map};
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(launcher_run(engine, &request, &error));
        ck_assert_msg(error_is(error, wrong[i].code), "%s", error->message);
    }
    expect_nothing_left();
}
END_TEST

static gboolean
is_told(const GPtrArray *sentences, const char *text)
{
    for (guint i = 0; i < sentences->len; i++)
        if (strstr(g_ptr_array_index(sentences, i), text) != NULL)
            return TRUE;
    return FALSE;
}

START_TEST(what_does_not_match_is_told_and_left_alone)
{
    g_autofree char *id = run_one();
    g_autofree char *stray = g_build_filename(home, "volumes", "vol-12345678.qcow2", NULL);
    g_autofree char *missing = home_snapshot_path(home, "snap-12345678");
    g_autoptr(GPtrArray) right = records_compare(engine, NULL);
    g_autoptr(GPtrArray) wrong = NULL;

    ck_assert_uint_eq(right->len, 0);
    ck_assert(g_file_set_contents(stray, "data", 4, NULL));
    ck_assert(file_remove(missing, NULL));
    g_hash_table_insert(driver->domains, g_strdup("i-87654321"), g_new0(domain_status, 1));
    driver->home = "/somebody/else";
    wrong = records_compare(engine, NULL);
    ck_assert_uint_eq(wrong->len, 2);
    g_clear_pointer(&wrong, g_ptr_array_unref);
    driver->home = home;
    wrong = records_compare(engine, NULL);
    ck_assert_uint_eq(wrong->len, 3);
    ck_assert(is_told(wrong, "vol-12345678.qcow2 belongs to nothing"));
    ck_assert(is_told(wrong, "snap-12345678.qcow2 is gone"));
    ck_assert(is_told(wrong, "libvirt has the guest i-87654321"));
    look();
    ck_assert(g_file_test(stray, G_FILE_TEST_EXISTS));
    ck_assert(fake_has(driver, "i-87654321"));
}
END_TEST

static TCase *
all_tests(void)
{
    TCase *tests = tcase_create("engine");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, life_of_an_instance);
    tcase_add_test(tests, several_at_once_share_a_reservation);
    tcase_add_test(tests, launches_that_fail_leave_nothing);
    tcase_add_test(tests, what_cannot_be_ended_now_is_ended_later);
    tcase_add_test(tests, a_launch_that_dies_is_undone_by_the_next_command);
    tcase_add_test(tests, a_domain_that_comes_too_late_goes);
    tcase_add_test(tests, a_start_that_dies_goes_back);
    tcase_add_test(tests, a_stop_that_dies_goes_on);
    tcase_add_test(tests, a_termination_that_dies_goes_on);
    tcase_add_test(tests, a_start_that_fails_leaves_it_stopped);
    tcase_add_test(tests, guests_that_power_off_are_seen);
    tcase_add_test(tests, poweroff_terminates_where_asked);
    tcase_add_test(tests, a_guess_does_not_terminate);
    tcase_add_test(tests, guests_started_behind_our_back_are_seen);
    tcase_add_test(tests, a_stop_that_dies_before_the_button_presses_it_later);
    tcase_add_test(tests, an_old_look_does_not_stop_the_next_life);
    tcase_add_test(tests, one_that_is_stuck_does_not_block_the_others);
    tcase_add_test(tests, guests_that_ignore_the_button_lose_power);
    tcase_add_test(tests, guests_that_do_not_reboot_are_reset);
    tcase_add_test(tests, lists_with_a_wrong_id_do_nothing);
    tcase_add_test(tests, an_instance_at_work_is_left_alone);
    tcase_add_test(tests, states_that_forbid_it);
    tcase_add_test(tests, requests_that_cannot_be);
    tcase_add_test(tests, dry_runs_do_nothing);
    tcase_add_test(tests, what_does_not_match_is_told_and_left_alone);
    tcase_add_test(tests, memory_limits_are_kept_over_a_stop);
    tcase_add_test(tests, mappings_become_volumes_and_disks);
    tcase_add_test(tests, a_start_keeps_to_the_mapping_of_the_launch);
    tcase_add_test(tests, mappings_that_cannot_be_leave_nothing);
    return tests;
}

int
main(int argc, char **argv)
{
    Suite *suite = suite_create("engine");
    SRunner *runner = srunner_create(suite);
    int failed;

    /* Against tests that hang, not against hosts that are busy. */
    g_setenv("CK_DEFAULT_TIMEOUT", "600", FALSE);
    if (argc == 6)
        return die(argv);
    if (argc == 7)
        return snapshot_die(argv);
    if (argc == 3)
        return customize_die(argv);
    scratch_begin();
    suite_add_tcase(suite, all_tests());
    suite_add_tcase(suite, bundle_tests());
    suite_add_tcase(suite, coming_up_tests());
    suite_add_tcase(suite, console_follow_tests());
    suite_add_tcase(suite, console_run_tests());
    suite_add_tcase(suite, copying_tests());
    suite_add_tcase(suite, customize_tests());
    suite_add_tcase(suite, filtering_tests());
    suite_add_tcase(suite, gc_tests());
    suite_add_tcase(suite, hibernate_tests());
    suite_add_tcase(suite, image_find_tests());
    suite_add_tcase(suite, image_life_tests());
    suite_add_tcase(suite, imds_port_tests());
    suite_add_tcase(suite, imds_tests());
    suite_add_tcase(suite, json_tests());
    suite_add_tcase(suite, key_tests());
    suite_add_tcase(suite, metadata_tests());
    suite_add_tcase(suite, modify_tests());
    suite_add_tcase(suite, network_tests());
    suite_add_tcase(suite, overtaken_tests());
    suite_add_tcase(suite, paravirtual_tests());
    suite_add_tcase(suite, register_tests());
    suite_add_tcase(suite, scope_tests());
    suite_add_tcase(suite, screenshot_tests());
    suite_add_tcase(suite, seed_tests());
    suite_add_tcase(suite, sharing_tests());
    suite_add_tcase(suite, snapshot_tests());
    suite_add_tcase(suite, tag_tests());
    suite_add_tcase(suite, volume_tests());
    suite_add_tcase(suite, ssh_tests());
    suite_add_tcase(suite, store_root_tests());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    scratch_end();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
