/* Instances whose root is on instance store. */
#include "common/error.h"
#include "common/process.h"
#include "images/home.h"
#include "store/operation.h"
#include "tests/engine/fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define AMI "ami-22222222"

static const run_request plain = {.image = AMI, .type = "m3"};

/* The content of all images of this file. */
static char content[] = "raw:sha256:00";

static void
insert_mapping(const image_mapping *entry)
{
    ck_assert(image_mapping_insert(engine->db, entry, NULL));
}

/* An image of 1 GiB, whose template is there. */
static void
register_store_image(void)
{
    const image ami = {.id = (char *)AMI,
                       .name = (char *)"store",
                       .state = IMAGE_AVAILABLE,
                       .architecture = (char *)"x86_64",
                       .root_device_type = ROOT_INSTANCE_STORE,
                       .root_device = (char *)"/dev/sda1",
                       .content = content,
                       .owner = (char *)"123456789012",
                       .region = (char *)"us-east-1"};
    const image_mapping root = {.image = (char *)AMI,
                                .device = (char *)"/dev/sda1",
                                .virtual_name = (char *)"ami",
                                .size_gib = 1};
    g_autofree char *path = home_template_path(home, content);
    const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, "1G", NULL};

    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
    ck_assert(image_insert(engine->db, &ami, NULL));
    insert_mapping(&root);
}

/* Two empty volumes of the image: one that stays when the instance ends, and one that goes. */
static void
map_volumes(void)
{
    const image_mapping stays = {.image = (char *)AMI,
                                 .position = 1,
                                 .device = (char *)"/dev/sdf",
                                 .size_gib = 1,
                                 .volume_type = (char *)"gp2"};
    image_mapping goes = stays;

    goes.position = 2;
    goes.device = (char *)"/dev/sdg";
    goes.delete_on_termination = 1;
    insert_mapping(&stays);
    insert_mapping(&goes);
}

static void
set_up_store(void)
{
    set_up();
    register_store_image();
}

static struct stat
stat_of(const char *path)
{
    struct stat info;

    ck_assert_msg(stat(path, &info) == 0, "%s is gone", path);
    return info;
}

/* The files of an instance's disks, made recognisable. */
typedef struct {
    char *id;
    char *root;
    char *scratch;
    ino_t root_inode;
} lodger;

static void
lodger_clear(lodger *self)
{
    g_free(self->id);
    g_free(self->root);
    g_free(self->scratch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lodger, lodger_clear)

static lodger
run_lodger(void)
{
    lodger self = {.id = run_asked(&plain)};

    self.root = home_store_disk_path(home, self.id, STORE_ROOT);
    self.scratch = home_store_disk_path(home, self.id, "ephemeral0");
    self.root_inode = stat_of(self.root).st_ino;
    ck_assert(g_file_set_contents(self.scratch, "data", 4, NULL));
    return self;
}

/* Both disks are the same files with the same bytes. */
static void
expect_disks_kept(const lodger *self)
{
    ck_assert_uint_eq(stat_of(self->root).st_ino, self->root_inode);
    ck_assert_int_eq(stat_of(self->scratch).st_size, 4);
}

static void
expect_refused(verb act, const char *id, const char *done)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *words = g_strdup_printf(
        "The instance '%s' does not have an 'ebs' root device type and cannot be %s.", id, done);

    ck_assert(!told(act, id, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    ck_assert_str_eq(error->message, words);
}

static GPtrArray *
stop_by_force(launcher *self, const char *const *ids, gboolean force G_GNUC_UNUSED, GError **error)
{
    return launcher_stop(self, ids, TRUE, error);
}

START_TEST(life_of_a_root_on_instance_store)
{
    g_auto(lodger) mine = run_lodger();
    g_autofree char *template = home_template_path("../..", content);
    const char *const argv[] = {"qemu-img", "info", "-U", mine.root, NULL};
    g_autofree char *info = NULL;

    ck_assert_int_eq(state_of(mine.id), INSTANCE_RUNNING);
    ck_assert_uint_eq(files_in("volumes"), 0);
    ck_assert(process_run(argv, ERROR_HOST_DISK, &info, NULL));
    ck_assert_ptr_nonnull(strstr(info, template));

    ck_assert(told(launcher_reboot, mine.id, NULL));
    expect_disks_kept(&mine);
    expect_refused(launcher_stop, mine.id, "stopped");
    expect_refused(stop_by_force, mine.id, "stopped");
    expect_refused(start, mine.id, "started");
    ck_assert_int_eq(state_of(mine.id), INSTANCE_RUNNING);
    expect_disks_kept(&mine);

    ck_assert(told(launcher_terminate, mine.id, NULL));
    expect_nothing_left();
    ck_assert_uint_eq(files_in("templates"), 1);
}
END_TEST

START_TEST(it_is_described_without_a_volume)
{
    g_auto(lodger) mine = run_lodger();
    const char *const ids[] = {mine.id, NULL};
    g_autoptr(GPtrArray) views = launcher_instances(engine, ids, FALSE, NULL);
    const instance_view *view = g_ptr_array_index(views, 0);
    const store_disk *root = g_ptr_array_index(view->store_disks, 0);

    ck_assert_int_eq(view->vm->root_device_type, ROOT_INSTANCE_STORE);
    ck_assert_int_eq(view->vm->shutdown_behavior, ON_SHUTDOWN_TERMINATE);
    ck_assert_uint_eq(view->volumes->len, 0);
    ck_assert_uint_eq(view->store_disks->len, 2);
    ck_assert_str_eq(root->virtual_name, STORE_ROOT);
    ck_assert_str_eq(root->device, "/dev/sda1");
    ck_assert_int_eq(root->size, 1 << 30);
}
END_TEST

START_TEST(its_plan_has_the_root_first)
{
    g_autoptr(boot_plan) plan = launcher_plan(engine, &plain, NULL);
    const boot_disk *root = g_ptr_array_index(plan->disks, 0);

    ck_assert_uint_eq(plan->disks->len, 2);
    ck_assert_str_eq(root->device, "/dev/sda1");
    ck_assert_str_eq(root->origin, "ami");
    /* Its file system has to survive a crash of QEMU. */
    ck_assert(!root->store);
}
END_TEST

static void
expect_volume_left(void)
{
    g_autoptr(GPtrArray) volumes = volume_list(engine->db, NULL);
    const volume *what = g_ptr_array_index(volumes, 0);

    ck_assert_uint_eq(volumes->len, 1);
    ck_assert_int_eq(what->state, VOLUME_AVAILABLE);
    ck_assert_int_eq(what->delete_on_termination, 0);
    ck_assert_uint_eq(files_in("volumes"), 1);
}

START_TEST(it_ends_with_its_guest)
{
    g_autofree char *id = NULL;

    map_volumes();
    id = run_asked(&plain);
    ck_assert_uint_eq(files_in("volumes"), 2);
    fake_guest_off(driver, id, OFF_SHUTDOWN);
    look();
    ck_assert_int_eq(state_of(id), INSTANCE_TERMINATED);
    expect_reason(id, "Client.InstanceInitiatedShutdown");
    ck_assert_uint_eq(files_in("instances"), 0);
    ck_assert(!fake_has(driver, id));
    expect_volume_left();
}
END_TEST

START_TEST(a_terminated_one_leaves_its_volumes)
{
    g_autofree char *id = NULL;

    map_volumes();
    id = run_asked(&plain);
    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert_uint_eq(files_in("instances"), 0);
    expect_volume_left();
}
END_TEST

/* It is off, but not by its own poweroff. */
static void
expect_goes_on(const lodger *mine)
{
    look();
    ck_assert_int_eq(state_of(mine->id), INSTANCE_STOPPED);
    expect_disks_kept(mine);
    expect_refused(launcher_stop, mine->id, "stopped");
    ck_assert(told(start, mine->id, NULL));
    ck_assert_int_eq(state_of(mine->id), INSTANCE_RUNNING);
    ck_assert(fake_runs(driver, mine->id));
    expect_disks_kept(mine);
}

START_TEST(nothing_is_removed_on_a_guess)
{
    static const off_reason reasons[] = {OFF_UNKNOWN, OFF_CRASHED, OFF_DESTROYED,
                                         OFF_FAILED,  OFF_SAVED,   OFF_MOVED};
    g_auto(lodger) mine = run_lodger();

    for (guint i = 0; i < G_N_ELEMENTS(reasons); i++) {
        fake_guest_off(driver, mine.id, reasons[i]);
        expect_goes_on(&mine);
    }
    g_hash_table_remove(driver->domains, mine.id);
    expect_goes_on(&mine);
    fake_guest_off(driver, mine.id, OFF_CRASHED);
    look();
    ck_assert(told(launcher_terminate, mine.id, NULL));
    expect_nothing_left();
}
END_TEST

START_TEST(a_restart_of_the_host_keeps_it)
{
    g_auto(lodger) mine = run_lodger();
    g_autoptr(instance) vm = instance_get(engine->db, mine.id, NULL);

    g_free(vm->host_boot);
    vm->host_boot = g_strdup("yesterday's");
    ck_assert(instance_update(engine->db, vm, NULL));
    /* Even what libvirt says of a guest then is about another life of the host. */
    fake_guest_off(driver, mine.id, OFF_SHUTDOWN);
    expect_goes_on(&mine);
}
END_TEST

START_TEST(a_start_that_does_not_come_off_keeps_it)
{
    g_auto(lodger) mine = run_lodger();
    g_autoptr(GError) error = NULL;

    fake_guest_off(driver, mine.id, OFF_CRASHED);
    look();
    driver->fails_at = "start";
    ck_assert(!told(start, mine.id, &error));
    driver->fails_at = NULL;
    expect_disks_kept(&mine);
    die_at("start", "start", mine.id);
    expect_disks_kept(&mine);
    expect_goes_on(&mine);
}
END_TEST

START_TEST(a_root_that_is_gone_is_named)
{
    g_auto(lodger) mine = run_lodger();
    g_autoptr(GError) error = NULL;

    fake_guest_off(driver, mine.id, OFF_CRASHED);
    look();
    ck_assert_int_eq(remove(mine.root), 0);
    ck_assert(!told(start, mine.id, &error));
    ck_assert(error_is(error, ERROR_HOST_DISK));
    ck_assert_ptr_nonnull(strstr(error->message, mine.root));
    ck_assert_int_eq(state_of(mine.id), INSTANCE_STOPPED);
    expect_reason(mine.id, "Server.InternalError");
    ck_assert(told(launcher_terminate, mine.id, NULL));
    expect_nothing_left();
}
END_TEST

START_TEST(a_launch_that_dies_leaves_no_root)
{
    static const char *const places[] = {"define", "start"};

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        die_at(places[i], "run", AMI);
        ck_assert_uint_ge(files_in("instances"), 1);
        look();
        expect_nothing_left();
        ck_assert_uint_eq(files_in("templates"), 1);
    }
}
END_TEST

START_TEST(launches_that_cannot_be)
{
    static const struct {
        run_request request;
        error_code code;
    } wrong[] = {
        {{.image = AMI, .type = "t2.nano"}, ERROR_PARAMETER_COMBINATION},
        {{.image = AMI, .type = "m3", .shutdown = "stop"}, ERROR_PARAMETER_COMBINATION},
        {{.image = AMI, .type = "m3", .shutdown = "terminate"}, ERROR_PARAMETER_COMBINATION},
        {{.image = AMI, .type = "m3", .hibernation = TRUE}, ERROR_HIBERNATION},
        {{.image = AMI, .type = "m3", .protect_stop = TRUE}, ERROR_PARAMETER_COMBINATION},
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(launcher_run(engine, &wrong[i].request, &error));
        ck_assert_msg(error_is(error, wrong[i].code), "case %u: %s", i, error->message);
        expect_nothing_left();
    }
}
END_TEST

START_TEST(what_it_is_stays_for_life)
{
    static const modify_request larger = {.type = "m3.large",
                                          .ebs_optimized = UNCHANGED,
                                          .imds_tags = UNCHANGED,
                                          .termination_protection = UNCHANGED,
                                          .stop_protection = UNCHANGED};
    g_auto(lodger) mine = run_lodger();
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_modify(engine, mine.id, &larger, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    /* Nor is one that was found off a stopped one. */
    fake_guest_off(driver, mine.id, OFF_CRASHED);
    g_clear_error(&error);
    ck_assert_ptr_null(launcher_modify(engine, mine.id, &larger, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    ck_assert_int_eq(state_of(mine.id), INSTANCE_STOPPED);
}
END_TEST

TCase *
store_root_tests(void)
{
    TCase *tests = tcase_create("store root");

    tcase_add_checked_fixture(tests, set_up_store, tear_down);
    tcase_add_test(tests, life_of_a_root_on_instance_store);
    tcase_add_test(tests, it_is_described_without_a_volume);
    tcase_add_test(tests, its_plan_has_the_root_first);
    tcase_add_test(tests, it_ends_with_its_guest);
    tcase_add_test(tests, a_terminated_one_leaves_its_volumes);
    tcase_add_test(tests, nothing_is_removed_on_a_guess);
    tcase_add_test(tests, a_restart_of_the_host_keeps_it);
    tcase_add_test(tests, a_start_that_does_not_come_off_keeps_it);
    tcase_add_test(tests, a_root_that_is_gone_is_named);
    tcase_add_test(tests, a_launch_that_dies_leaves_no_root);
    tcase_add_test(tests, launches_that_cannot_be);
    tcase_add_test(tests, what_it_is_stays_for_life);
    return tests;
}
