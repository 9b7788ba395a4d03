/* Snapshots and images of instances: what is left, also by a process that dies in the middle. */
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/home.h"
#include "images/snapshot_file.h"
#include "images/volume.h"
#include "launcher/claim_volumes.h"
#include "launcher/snapshot_take.h"
#include "store/operation.h"
#include "launcher/image_find.h"
#include "tests/engine/fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* An instance of two volumes, and its second one; HOME is as large as that. */
static char *vm;
static char *root;
static char *data;

static void
add_volume(void)
{
    const volume what = {.id = (char *)"vol-0123456789abcdef0",
                         .state = VOLUME_IN_USE,
                         .size_gib = 2,
                         .type = (char *)"gp2",
                         .zone = (char *)"us-east-1a",
                         .owner = (char *)"123456789012",
                         .instance = vm,
                         .device = (char *)"/dev/sdf"};
    g_autofree char *path = home_volume_path(home, what.id);
    const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, "2G", NULL};

    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
    ck_assert(volume_insert(engine->db, &what, NULL));
    fake_plug(driver, vm, "ua-vol-0123456789abcdef0", path);
    data = g_strdup(what.id);
}

static void
set_up_two(void)
{
    g_autoptr(GPtrArray) volumes = NULL;

    set_up();
    vm = run_one();
    volumes = volume_list_of_instance(engine->db, vm, NULL);
    root = g_strdup(((volume *)g_ptr_array_index(volumes, 0))->id);
    add_volume();
}

static void
tear_down_two(void)
{
    tear_down();
    g_free(vm);
    g_free(root);
    g_free(data);
}

/* ---- what is there ---- */

/* Takes a snapshot; its id, for the caller to free. */
static char *
take(const char *of)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(snapshot) made = launcher_snapshot_create(engine, of, "words", NULL, &error);

    ck_assert_msg(made != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_int_eq(made->state, SNAPSHOT_COMPLETED);
    return g_strdup(made->id);
}

static gboolean
drop(const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};

    return launcher_snapshot_delete(engine, ids, error);
}

static ino_t
inode_of(const char *path)
{
    struct stat info;

    ck_assert_msg(stat(path, &info) == 0, "%s is not there", path);
    return info.st_ino;
}

static ino_t
volume_inode(const char *id)
{
    g_autofree char *path = home_volume_path(home, id);

    return inode_of(path);
}

static ino_t
snapshot_inode(const char *id)
{
    g_autofree char *path = home_snapshot_path(home, id);

    return inode_of(path);
}

static gboolean
has_snapshot_file(const char *id)
{
    g_autofree char *path = home_snapshot_path(home, id);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static char *
file_in_guest(const char *volume_id)
{
    g_autofree char *alias = g_strdup_printf("ua-%s", volume_id);

    return hypervisor_disk_file(&driver->base, vm, alias, NULL);
}

static char *
backing_of(const char *volume_id)
{
    g_autoptr(volume) what = volume_get(engine->db, volume_id, NULL);

    return g_strdup(what->backing);
}

static void
expect_backing(const char *volume_id, const char *id)
{
    g_autofree char *backing = backing_of(volume_id);

    ck_assert_str_eq(backing, id);
}

/* What QEMU itself says that a file stands on. */
static void
expect_overlay_over(const char *volume_id, const char *id)
{
    g_autofree char *path = home_volume_path(home, volume_id);
    g_autofree char *wanted = g_strdup_printf("../snapshots/%s.qcow2", id);
    const char *const argv[] = {"qemu-img", "info", "--output=json", path, NULL};
    g_autofree char *output = NULL;

    ck_assert(process_run(argv, ERROR_HOST_DISK, &output, NULL));
    ck_assert_ptr_nonnull(strstr(output, wanted));
}

/* Nobody is at work, and the files are those of the records and no others. */
static void
expect_settled(guint volume_files, guint snapshot_files)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);
    g_autoptr(GPtrArray) volumes = volume_list(engine->db, NULL);
    g_autoptr(instance) now = instance_get(engine->db, vm, NULL);

    ck_assert_uint_eq(open->len, 0);
    ck_assert_int_eq(now->operation, 0);
    for (guint i = 0; i < volumes->len; i++)
        ck_assert_int_eq(((volume *)g_ptr_array_index(volumes, i))->operation, 0);
    ck_assert_uint_eq(files_in("volumes"), volume_files);
    ck_assert_uint_eq(files_in("snapshots"), snapshot_files);
}

static guint
snapshots_recorded(void)
{
    g_autoptr(GPtrArray) all = launcher_snapshots(engine, NULL, NULL);

    return all->len;
}

static void
expect_called(const char *what)
{
    ck_assert_msg(strstr(driver->calls->str, what) != NULL, "no '%s' in: %s", what,
                  driver->calls->str);
}

static void
expect_not_called(const char *what)
{
    ck_assert_msg(strstr(driver->calls->str, what) == NULL, "'%s' in: %s", what,
                  driver->calls->str);
}

static void
stop_it(void)
{
    ck_assert(told(launcher_stop, vm, NULL));
}

/* ---- snapshots ---- */

START_TEST(of_a_running_volume)
{
    ino_t before = volume_inode(root);
    g_autofree char *id = take(root);
    g_autofree char *file = file_in_guest(root);
    g_autofree char *wanted = home_volume_path_since(home, root, id);
    g_autoptr(snapshot) made = snapshot_get(engine->db, id, NULL);
    struct stat info;
    g_autofree char *path = home_snapshot_path(home, id);

    ck_assert_uint_eq(snapshot_inode(id), before);
    ck_assert_uint_ne(volume_inode(root), before);
    ck_assert_str_eq(file, wanted);
    ck_assert_uint_eq(inode_of(file), volume_inode(root));
    expect_overlay_over(root, id);
    expect_backing(root, id);
    ck_assert_str_eq(made->parent, "snap-12345678");
    ck_assert_str_eq(made->volume, root);
    ck_assert_str_eq(made->description, "words");
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0222, 0);
    /* Its guest knows it by another name. */
    expect_settled(3, 2);
}
END_TEST

START_TEST(of_a_stopped_volume)
{
    ino_t before = volume_inode(root);
    g_autofree char *id = NULL;

    stop_it();
    id = take(root);
    ck_assert_uint_eq(snapshot_inode(id), before);
    expect_not_called("switch");
    expect_overlay_over(root, id);
    expect_settled(2, 2);
    ck_assert(told(start, vm, NULL));
    ck_assert_int_eq(state_of(vm), INSTANCE_RUNNING);
}
END_TEST

START_TEST(several_in_a_row)
{
    g_autofree char *first = take(root);
    g_autofree char *second = take(root);
    g_autofree char *third = take(root);
    g_autoptr(snapshot) last = snapshot_get(engine->db, third, NULL);
    g_autoptr(snapshot) middle = snapshot_get(engine->db, second, NULL);

    ck_assert_str_eq(last->parent, second);
    ck_assert_str_eq(middle->parent, first);
    expect_overlay_over(root, third);
    expect_settled(3, 4);
    stop_it();
    expect_settled(2, 4);
    ck_assert(told(start, vm, NULL));
    ck_assert(told(launcher_terminate, vm, NULL));
    expect_settled(1, 4);
}
END_TEST

START_TEST(of_an_available_volume)
{
    g_autofree char *id = NULL;
    g_autoptr(volume) left = NULL;

    ck_assert(told(launcher_terminate, vm, NULL));
    left = volume_get(engine->db, data, NULL);
    ck_assert_int_eq(left->state, VOLUME_AVAILABLE);
    id = take(data);
    expect_backing(data, id);
    expect_overlay_over(data, id);
    expect_settled(1, 2);
}
END_TEST

START_TEST(a_switch_that_fails_is_undone)
{
    ino_t before = volume_inode(root);
    g_autoptr(GError) error = NULL;

    driver->fails_at = "switch";
    ck_assert_ptr_null(launcher_snapshot_create(engine, root, NULL, NULL, &error));
    ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
    ck_assert_uint_eq(volume_inode(root), before);
    expect_backing(root, "snap-12345678");
    ck_assert_uint_eq(snapshots_recorded(), 1);
    expect_settled(2, 1);
}
END_TEST

START_TEST(a_switch_whose_answer_is_lost_was_done)
{
    g_autofree char *id = NULL;

    driver->fails_after = "switch";
    id = take(root);
    expect_backing(root, id);
    expect_settled(3, 2);
}
END_TEST

START_TEST(a_guest_that_was_led_elsewhere)
{
    g_autoptr(GError) error = NULL;

    fake_plug(driver, vm, "ua-vol-0123456789abcdef0", "/somewhere/else.qcow2");
    ck_assert_ptr_null(launcher_snapshot_create(engine, data, NULL, NULL, &error));
    ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
    ck_assert_uint_eq(snapshots_recorded(), 1);
    expect_settled(2, 1);
}
END_TEST

START_TEST(what_cannot_be)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(instance) row = instance_get(engine->db, vm, NULL);

    ck_assert_ptr_null(launcher_snapshot_create(engine, "volume", NULL, NULL, &error));
    ck_assert(error_is(error, ERROR_VOLUME_MALFORMED));
    g_clear_error(&error);
    ck_assert_ptr_null(launcher_snapshot_create(engine, "vol-12345678", NULL, NULL, &error));
    ck_assert(error_is(error, ERROR_VOLUME_NOT_FOUND));
    g_clear_error(&error);
    driver->ignores_power = TRUE;
    row->state = INSTANCE_STOPPING;
    row->stop_pressed = TRUE;
    row->stop_deadline = G_MAXINT64 / 2000;
    ck_assert(instance_update(engine->db, row, NULL));
    ck_assert_ptr_null(launcher_snapshot_create(engine, root, NULL, NULL, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    expect_settled(2, 1);
}
END_TEST

/* ---- delete ---- */

START_TEST(delete_in_the_middle)
{
    g_autofree char *first = take(data);
    g_autofree char *second = take(data);
    g_autofree char *third = take(data);
    g_autoptr(GError) error = NULL;

    ck_assert(drop(second, NULL));
    ck_assert(has_snapshot_file(second));
    ck_assert_uint_eq(snapshots_recorded(), 3);
    ck_assert(!drop(second, &error));
    ck_assert(error_is(error, ERROR_SNAPSHOT_NOT_FOUND));
    ck_assert(drop(first, NULL));
    ck_assert(drop(third, NULL));
    expect_settled(3, 4);
    /* The last thing that stood on them goes, all three go. */
    {
        g_autoptr(volume) what = volume_get(engine->db, data, NULL);
        what->delete_on_termination = TRUE;
        ck_assert(volume_update(engine->db, what, NULL));
    }
    ck_assert(told(launcher_terminate, vm, NULL));
    expect_settled(0, 1);
}
END_TEST

START_TEST(a_volume_takes_what_only_it_stood_on)
{
    g_autofree char *id = take(data);
    const char *const ids[] = {data, NULL};

    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert(drop(id, NULL));
    expect_settled(1, 2);
    ck_assert(launcher_volume_delete(engine, ids, NULL));
    expect_settled(0, 1);
}
END_TEST

START_TEST(what_an_image_names_stays)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!drop("snap-12345678", &error));
    ck_assert(error_is(error, ERROR_SNAPSHOT_IN_USE));
    ck_assert_str_eq(error->message,
                     "The snapshot snap-12345678 is currently in use by ami-12345678");
    ck_assert(has_snapshot_file("snap-12345678"));
}
END_TEST

START_TEST(nothing_stands_on_it)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    const char *both[] = {NULL, NULL, NULL};
    const char *const ids[] = {data, NULL};

    stop_it();
    first = take(data);
    second = take(data);
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert(launcher_volume_delete(engine, ids, NULL));
    both[0] = first;
    both[1] = second;
    ck_assert(launcher_snapshot_delete(engine, both, NULL));
    expect_settled(0, 1);
    ck_assert_ptr_null(snapshot_get(engine->db, first, NULL));
}
END_TEST

/* Its record stays for the volume that says that it was made of it, and nothing else. */
START_TEST(a_volume_names_what_it_no_longer_stands_on)
{
    g_autofree char *id = take(data);
    g_autofree char *next = NULL;
    g_autofree char *secret = home_secret_path(home, "some-secret");
    g_autoptr(volume) other = volume_get(engine->db, root, NULL);
    g_autoptr(snapshot) row = snapshot_get(engine->db, id, NULL);

    ck_assert(g_file_set_contents(secret, "x", -1, NULL));
    row->secret = g_strdup("some-secret");
    ck_assert(snapshot_update(engine->db, row, NULL));
    g_free(other->snapshot);
    other->snapshot = g_strdup(id);
    ck_assert(volume_update(engine->db, other, NULL));
    {
        g_autoptr(volume) what = volume_get(engine->db, data, NULL);
        g_clear_pointer(&what->backing, g_free);
        ck_assert(volume_update(engine->db, what, NULL));
    }
    ck_assert(drop(id, NULL));
    ck_assert(!has_snapshot_file(id));
    ck_assert(!g_file_test(secret, G_FILE_TEST_EXISTS));
    {
        g_autoptr(snapshot) kept = snapshot_get(engine->db, id, NULL);
        ck_assert_ptr_nonnull(kept);
        ck_assert_int_eq(kept->state, SNAPSHOT_DELETED);
    }
    /* The root goes with its instance. */
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert_ptr_null(snapshot_get(engine->db, id, NULL));
}
END_TEST

START_TEST(ids_that_cannot_be)
{
    g_autoptr(GError) error = NULL;
    const char *const twice[] = {"snap-12345678", "snap-12345678", NULL};

    ck_assert(!drop("snapshot", &error));
    ck_assert(error_is(error, ERROR_SNAPSHOT_MALFORMED));
    g_clear_error(&error);
    ck_assert(!drop("snap-87654321", &error));
    ck_assert(error_is(error, ERROR_SNAPSHOT_NOT_FOUND));
    g_clear_error(&error);
    ck_assert_ptr_null(launcher_snapshots(engine, twice, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

/* ---- images ---- */

static char *
make_image(gboolean no_reboot, GError **error)
{
    const image_create_request request = {
        .instance = vm, .name = "copy", .description = "words", .no_reboot = no_reboot};

    return launcher_image_create(engine, &request, error);
}

static void
expect_image(const char *id)
{
    g_autoptr(image_view) view = launcher_image_show(engine, id, NULL);
    const image_mapping *first = g_ptr_array_index(view->mapping, 0);
    const image_mapping *second = g_ptr_array_index(view->mapping, 1);

    ck_assert_int_eq(view->ami->state, IMAGE_AVAILABLE);
    ck_assert_str_eq(view->ami->name, "copy");
    ck_assert_str_eq(view->ami->source, vm);
    ck_assert_str_eq(view->ami->content, "none");
    ck_assert_uint_eq(view->mapping->len, 2);
    ck_assert_str_eq(first->device, "/dev/sda1");
    ck_assert_int_eq(first->delete_on_termination, 1);
    ck_assert_str_eq(second->device, "/dev/sdf");
    ck_assert_int_eq(second->size_gib, 2);
    ck_assert_int_eq(second->delete_on_termination, 0);
    expect_backing(root, first->snapshot);
    expect_backing(data, second->snapshot);
    expect_overlay_over(root, first->snapshot);
    expect_overlay_over(data, second->snapshot);
}

START_TEST(image_of_a_stopped_instance)
{
    g_autofree char *id = NULL;

    stop_it();
    id = make_image(FALSE, NULL);
    expect_image(id);
    expect_not_called("reboot");
    expect_settled(2, 3);
}
END_TEST

START_TEST(image_of_a_running_instance)
{
    g_autofree char *calls = g_strdup_printf("reboot %s; pause %s; ", vm, vm);
    g_autofree char *id = make_image(FALSE, NULL);

    expect_image(id);
    expect_called(calls);
    expect_called("switch");
    expect_called("resume");
    expect_settled(4, 3);
    {
        const run_request request = {.image = id, .type = "m3"};
        g_autofree char *other = run_asked(&request);
        ck_assert_int_eq(state_of(other), INSTANCE_RUNNING);
    }
}
END_TEST

START_TEST(image_without_a_reboot)
{
    g_autofree char *id = make_image(TRUE, NULL);

    expect_image(id);
    expect_not_called("reboot");
    expect_not_called("pause");
    expect_settled(4, 3);
}
END_TEST

START_TEST(images_that_fail_leave_nothing)
{
    static const char *const places[] = {"reboot", "pause", "switch"};

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) images = NULL;
        const domain_status *status;
        driver->fails_at = places[i];
        ck_assert_ptr_null(make_image(FALSE, &error));
        ck_assert(error_is(error, ERROR_HOST_LIBVIRT));
        driver->fails_at = NULL;
        images = launcher_image_find(engine, &(image_find_request){0}, NULL);
        ck_assert_uint_eq(images->len, 1);
        ck_assert_uint_eq(snapshots_recorded(), 1);
        expect_settled(2, 1);
        status = g_hash_table_lookup(driver->domains, vm);
        ck_assert_int_eq(status->state, DOMAIN_ON);
    }
}
END_TEST

START_TEST(a_guest_that_hangs_is_reset_for_its_image)
{
    g_autofree char *id = NULL;
    g_autofree char *calls = g_strdup_printf("reset %s; pause %s; ", vm, vm);

    driver->hangs_on_reboot = TRUE;
    id = make_image(FALSE, NULL);
    expect_image(id);
    expect_called(calls);
}
END_TEST

START_TEST(images_that_cannot_be)
{
    g_autoptr(GError) error = NULL;
    const image_create_request bad = {.instance = vm, .name = "a;b"};
    const image_create_request taken = {.instance = vm, .name = "sample", .no_reboot = TRUE};
    g_autoptr(instance) row = NULL;

    ck_assert_ptr_null(launcher_image_create(engine, &bad, &error));
    ck_assert(error_is(error, ERROR_AMI_NAME_MALFORMED));
    g_clear_error(&error);
    ck_assert_ptr_null(launcher_image_create(engine, &taken, &error));
    ck_assert(error_is(error, ERROR_AMI_NAME_DUPLICATE));
    g_clear_error(&error);
    row = instance_get(engine->db, vm, NULL);
    row->root_device_type = ROOT_INSTANCE_STORE;
    ck_assert(instance_update(engine->db, row, NULL));
    ck_assert_ptr_null(make_image(TRUE, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    expect_settled(2, 1);
    expect_not_called("switch");
}
END_TEST

START_TEST(a_usual_name_and_one_more)
{
    const image_create_request request = {.instance = vm, .no_reboot = TRUE};
    g_autofree char *first = launcher_image_create(engine, &request, NULL);
    g_autofree char *second = launcher_image_create(engine, &request, NULL);
    g_autoptr(image_view) view = launcher_image_show(engine, first, NULL);

    ck_assert_ptr_nonnull(second);
    ck_assert(g_str_has_prefix(view->ami->name, vm));
}
END_TEST

/* ---- death ---- */

/* WHAT: "snapshot ID", "image" or "image-no-reboot"; CALL and TURN as in the hypervisor in memory,
 * or "step" and how many of the steps with files are done before. */
static void
die_in(const char *what, const char *id, const char *call, guint turn, gboolean on)
{
    g_autofree char *count = g_strdup_printf("%u", turn);
    const char *argv[] = {"/proc/self/exe", home, what, id, call, count, on ? "on" : "off", NULL};
    int status = 0;

    ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                           &status, NULL));
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 9, "it did not die at %s %u", call,
                  turn);
}

static void
child_guest(const char *name)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, name, NULL);
    domain_status *status = g_new0(domain_status, 1);

    status->state = DOMAIN_ON;
    g_hash_table_insert(driver->domains, g_strdup(name), status);
    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        g_autofree char *alias = g_strdup_printf("ua-%s", what->id);
        g_autofree char *path = home_volume_path(home, what->id);
        fake_plug(driver, name, alias, path);
    }
}

typedef struct {
    snapshot_set set;
    guint left;
} cut;

static gboolean
intend(launcher *self, volume_claim *claim, gpointer data_of, GError **error)
{
    return snapshots_intend(self, &((cut *)data_of)->set, claim, NULL, error);
}

static void
step(cut *at)
{
    if (at->left-- == 0)
        _exit(9);
}

/* The steps as snapshot_file.h tells them, until it is time to die. */
static void
die_at_step(const char *id, guint steps)
{
    const char *const ids[] = {id, NULL};
    cut at = {.left = steps};
    volume_claim *claim = claim_volumes(engine, ids, NULL, "snapshot", intend, &at, NULL);
    const volume *what = g_ptr_array_index(claim->volumes, 0);
    const snapshot *made = g_ptr_array_index(at.set.made, 0);

    step(&at);
    snapshot_file_overlay(home, what, made, NULL);
    step(&at);
    snapshot_file_link(home, what, made, NULL);
    step(&at);
    snapshot_file_change_over(home, what, made, NULL);
    step(&at);
    volume_file_unlink_extras(home, what->id, NULL);
    step(&at);
}

int
snapshot_die(char **args)
{
    image_create_request request = {.instance = args[3], .name = "copy"};
    g_autoptr(volume) what = NULL;

    home = args[1];
    driver = fake_new();
    engine = open_engine();
    if (g_str_equal(args[4], "step"))
        die_at_step(args[3], (guint)atoi(args[5]));
    what = volume_get(engine->db, args[3], NULL);
    if (g_str_equal(args[6], "on"))
        child_guest(what != NULL ? what->instance : args[3]);
    if (g_str_has_prefix(args[4], "after-"))
        driver->dies_after = args[4] + strlen("after-");
    else
        driver->dies_at = args[4];
    driver->dies_at_turn = (guint)atoi(args[5]);
    request.no_reboot = g_str_equal(args[2], "image-no-reboot");
    if (g_str_equal(args[2], "snapshot"))
        launcher_snapshot_create(engine, args[3], NULL, NULL, NULL);
    else
        launcher_image_create(engine, &request, NULL);
    return 0;
}

static char *
pending_of(const char *volume_id)
{
    g_autoptr(GPtrArray) all = snapshot_list(engine->db, "us-east-1", NULL);

    for (guint i = 0; i < all->len; i++) {
        const snapshot *one = g_ptr_array_index(all, i);
        if (one->state == SNAPSHOT_PENDING && g_strcmp0(one->volume, volume_id) == 0)
            return g_strdup(one->id);
    }
    ck_abort_msg("no snapshot is pending of %s", volume_id);
    return NULL;
}

/* What the process that died had told its own hypervisor, this one has done, too. */
static char *
switched(const char *volume_id)
{
    char *id = pending_of(volume_id);
    g_autofree char *alias = g_strdup_printf("ua-%s", volume_id);
    g_autofree char *path = home_volume_path_since(home, volume_id, id);

    fake_plug(driver, vm, alias, path);
    return id;
}

/* Before the guest has changed over everything goes back. */
START_TEST(dies_before_the_switch)
{
    static const struct {
        const char *call;
        guint turn;
    } places[] = {{"disk-file", 1}, {"switch", 1}};

    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        ino_t before = volume_inode(root);
        die_in("snapshot", root, places[i].call, places[i].turn, TRUE);
        look();
        ck_assert_uint_eq(volume_inode(root), before);
        expect_backing(root, "snap-12345678");
        ck_assert_uint_eq(snapshots_recorded(), 1);
        expect_settled(2, 1);
    }
}
END_TEST

START_TEST(dies_after_the_switch)
{
    static const char *const calls[] = {"after-switch", "disk-file"};
    static const guint turns[] = {1, 2};

    for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
        g_autofree char *id = NULL;
        g_autofree char *overlay = NULL;
        ino_t before = volume_inode(data);
        die_in("snapshot", data, calls[i], turns[i], TRUE);
        id = switched(data);
        overlay = home_volume_path_since(home, data, id);
        look();
        ck_assert_uint_eq(snapshot_inode(id), before);
        ck_assert_uint_eq(volume_inode(data), inode_of(overlay));
        expect_backing(data, id);
        expect_overlay_over(data, id);
        expect_settled(3, 2 + i);
    }
}
END_TEST

/* The hypervisor had it in its queue, and does it while the next command looks. */
START_TEST(a_switch_that_comes_late)
{
    g_autofree char *id = NULL;
    g_autofree char *overlay = NULL;
    ino_t before = volume_inode(root);

    die_in("snapshot", root, "switch", 1, TRUE);
    id = pending_of(root);
    overlay = home_volume_path_since(home, root, id);
    driver->late_path = g_strdup(overlay);
    look();
    ck_assert_uint_eq(snapshot_inode(id), before);
    ck_assert_uint_eq(volume_inode(root), inode_of(overlay));
    expect_backing(root, id);
    expect_settled(3, 2);
}
END_TEST

/* A guest that has gone off meanwhile took no data with it. */
START_TEST(dies_and_so_does_the_guest)
{
    g_autofree char *id = NULL;
    ino_t before = volume_inode(root);

    die_in("snapshot", root, "after-switch", 1, TRUE);
    id = pending_of(root);
    fake_guest_off(driver, vm, OFF_CRASHED);
    look();
    ck_assert_uint_eq(snapshot_inode(id), before);
    expect_backing(root, id);
    expect_overlay_over(root, id);
    look();
    ck_assert_int_eq(state_of(vm), INSTANCE_STOPPED);
    expect_settled(2, 2);
}
END_TEST

START_TEST(dies_at_each_step_with_files)
{
    guint made = 0;

    stop_it();
    for (guint steps = 0; steps <= 4; steps++) {
        g_autofree char *before = backing_of(root);
        g_autofree char *after = NULL;
        ino_t file = volume_inode(root);
        die_in("snapshot", root, "step", steps, FALSE);
        look();
        after = backing_of(root);
        if (steps < 2) {
            ck_assert_str_eq(after, before);
            ck_assert_uint_eq(volume_inode(root), file);
        } else {
            made++;
            ck_assert_str_ne(after, before);
            ck_assert_uint_eq(snapshot_inode(after), file);
            expect_overlay_over(root, after);
        }
        expect_settled(2, 1 + made);
        ck_assert_uint_eq(snapshots_recorded(), 1 + made);
    }
}
END_TEST

START_TEST(an_image_that_dies_before_the_switch)
{
    static const char *const calls[] = {"disk-file", "reboot", "pause", "after-pause", "switch"};

    for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
        g_autoptr(GPtrArray) images = NULL;
        domain_status *status = g_hash_table_lookup(driver->domains, vm);
        die_in("image", vm, calls[i], 1, TRUE);
        if (i >= 3) {
            status->state = DOMAIN_PAUSED;
            status->pause = PAUSED_BY_USER;
        }
        images = launcher_image_find(engine, &(image_find_request){0}, NULL);
        ck_assert_uint_eq(images->len, 1);
        ck_assert_int_eq(status->state, DOMAIN_ON);
        look();
        ck_assert_uint_eq(snapshots_recorded(), 1);
        expect_settled(2, 1);
    }
}
END_TEST

START_TEST(an_image_that_dies_after_the_switch)
{
    domain_status *status = g_hash_table_lookup(driver->domains, vm);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autoptr(GPtrArray) entries = NULL;

    die_in("image", vm, "after-switch", 1, TRUE);
    status->state = DOMAIN_PAUSED;
    status->pause = PAUSED_BY_USER;
    first = switched(root);
    second = switched(data);
    look();
    ck_assert_int_eq(status->state, DOMAIN_ON);
    entries = image_mapping_list_of_snapshot(engine->db, first, NULL);
    ck_assert_uint_eq(entries->len, 1);
    expect_image(((image_mapping *)g_ptr_array_index(entries, 0))->image);
    expect_settled(4, 3);
}
END_TEST

/* Who paused the guest wants it to stay so. */
START_TEST(a_guest_that_its_user_paused_stays_so)
{
    domain_status *status = g_hash_table_lookup(driver->domains, vm);

    die_in("image-no-reboot", vm, "switch", 1, TRUE);
    status->state = DOMAIN_PAUSED;
    status->pause = PAUSED_BY_USER;
    look();
    expect_settled(2, 1);
    ck_assert_int_eq(status->state, DOMAIN_PAUSED);
}
END_TEST

TCase *
snapshot_tests(void)
{
    TCase *tests = tcase_create("snapshots");

    tcase_add_checked_fixture(tests, set_up_two, tear_down_two);
    tcase_add_test(tests, of_a_running_volume);
    tcase_add_test(tests, of_a_stopped_volume);
    tcase_add_test(tests, several_in_a_row);
    tcase_add_test(tests, of_an_available_volume);
    tcase_add_test(tests, a_switch_that_fails_is_undone);
    tcase_add_test(tests, a_switch_whose_answer_is_lost_was_done);
    tcase_add_test(tests, a_guest_that_was_led_elsewhere);
    tcase_add_test(tests, what_cannot_be);
    tcase_add_test(tests, delete_in_the_middle);
    tcase_add_test(tests, a_volume_takes_what_only_it_stood_on);
    tcase_add_test(tests, what_an_image_names_stays);
    tcase_add_test(tests, nothing_stands_on_it);
    tcase_add_test(tests, a_volume_names_what_it_no_longer_stands_on);
    tcase_add_test(tests, ids_that_cannot_be);
    tcase_add_test(tests, image_of_a_stopped_instance);
    tcase_add_test(tests, image_of_a_running_instance);
    tcase_add_test(tests, image_without_a_reboot);
    tcase_add_test(tests, images_that_fail_leave_nothing);
    tcase_add_test(tests, a_guest_that_hangs_is_reset_for_its_image);
    tcase_add_test(tests, images_that_cannot_be);
    tcase_add_test(tests, a_usual_name_and_one_more);
    tcase_add_test(tests, dies_before_the_switch);
    tcase_add_test(tests, dies_after_the_switch);
    tcase_add_test(tests, a_switch_that_comes_late);
    tcase_add_test(tests, dies_and_so_does_the_guest);
    tcase_add_test(tests, dies_at_each_step_with_files);
    tcase_add_test(tests, an_image_that_dies_before_the_switch);
    tcase_add_test(tests, an_image_that_dies_after_the_switch);
    tcase_add_test(tests, a_guest_that_its_user_paused_stays_so);
    return tests;
}
