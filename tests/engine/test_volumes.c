/* Volumes in a life of their own: what is recorded, what is in the guest, what is left. */
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/home.h"
#include "images/secret.h"
#include "images/volume.h"
#include "launcher/secrets.h"
#include "store/operation.h"
#include "tests/engine/fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
expect_error(GError **error, error_code code, const char *part)
{
    ck_assert_ptr_nonnull(*error);
    ck_assert_msg(error_is(*error, code) && strstr((*error)->message, part) != NULL, "%s: %s",
                  error_code_text(*error), (*error)->message);
    g_clear_error(error);
}

/* Makes what is asked for; its id, for the caller to free. */
static char *
made(const volume_request *request)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(volume) what = launcher_volume_create(engine, request, &error);

    ck_assert_msg(what != NULL, "%s", error != NULL ? error->message : "");
    ck_assert_int_eq(what->state, VOLUME_AVAILABLE);
    return g_strdup(what->id);
}

static char *
made_empty(void)
{
    const volume_request request = {.size_gib = 2};

    return made(&request);
}

static volume *
record_of(const char *id)
{
    g_autoptr(GError) error = NULL;
    volume *what = volume_get(engine->db, id, &error);

    ck_assert_msg(what != NULL, "%s", error != NULL ? error->message : "");
    return what;
}

static gboolean
is_recorded(const char *id)
{
    g_autoptr(volume) what = volume_get(engine->db, id, NULL);

    return what != NULL;
}

static void
expect_state(const char *id, volume_state state, const char *instance_id)
{
    g_autoptr(volume) what = record_of(id);

    ck_assert_str_eq(volume_state_words[what->state], volume_state_words[state]);
    ck_assert_str_eq(what->instance != NULL ? what->instance : "",
                     instance_id != NULL ? instance_id : "");
    ck_assert_int_eq(what->operation, 0);
}

/* Whether the guest has the volume. */
static gboolean
has(const char *instance_id, const char *id)
{
    g_autofree char *alias = g_strdup_printf("ua-%s", id);

    return fake_has_disk(driver, instance_id, alias);
}

static void
plug(const char *instance_id, const char *id)
{
    g_autofree char *alias = g_strdup_printf("ua-%s", id);
    g_autofree char *path = home_volume_path(home, id);

    fake_plug(driver, instance_id, alias, path);
}

static gboolean
attached(const char *id, const char *instance_id, const char *device, GError **error)
{
    g_autoptr(volume) what = launcher_volume_attach(engine, id, instance_id, device, error);

    return what != NULL;
}

static gboolean
detached(const char *id, gboolean force, GError **error)
{
    g_autoptr(volume) what = launcher_volume_detach(engine, id, force, error);

    return what != NULL;
}

static gboolean
modified(const char *id, gint64 size_gib, const char *type, GError **error)
{
    g_autoptr(volume) what = launcher_volume_modify(engine, id, size_gib, type, error);

    return what != NULL;
}

static gboolean
deleted(const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};

    return launcher_volume_delete(engine, ids, error);
}

static gint64
gib_in_file(const char *id)
{
    guint64 size = 0;

    ck_assert(volume_file_size(home, id, &size, NULL));
    return (gint64)(size >> 30);
}

static gint64
gib_on_record(const char *id)
{
    g_autoptr(volume) what = record_of(id);

    return what->size_gib;
}

static char *
root_of(const char *instance_id)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, instance_id, NULL);

    ck_assert_uint_ge(volumes->len, 1);
    return g_strdup(((volume *)g_ptr_array_index(volumes, 0))->id);
}

static void
expect_no_operation(void)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);

    ck_assert_uint_eq(open->len, 0);
}

void
volume_act(const char *what, const char *id)
{
    g_autoptr(GPtrArray) volumes = volume_list(engine->db, NULL);
    const volume *last = volumes->len > 0 ? g_ptr_array_index(volumes, volumes->len - 1) : NULL;

    for (guint i = 0; i < volumes->len; i++) {
        const volume *other = g_ptr_array_index(volumes, i);
        if (g_strcmp0(other->device, "/dev/sda1") != 0)
            last = other;
    }
    if (g_str_equal(what, "attach"))
        attached(last->id, id, NULL, NULL);
    else if (g_str_equal(what, "detach"))
        detached(last->id, FALSE, NULL);
    else if (g_str_equal(what, "grow"))
        modified(last->id, 9, NULL, NULL);
}

/* ---- create, delete ---- */

START_TEST(volumes_are_made_and_deleted)
{
    const volume_request of_snapshot = {.snapshot = "snap-12345678", .type = "gp3"};
    g_autofree char *id = made(&of_snapshot);
    g_autofree char *empty = made_empty();
    g_autoptr(volume) what = record_of(id);

    ck_assert_int_eq(what->size_gib, 1);
    ck_assert_str_eq(what->type, "gp3");
    ck_assert_str_eq(what->zone, "us-east-1a");
    ck_assert_str_eq(what->backing, "snap-12345678");
    ck_assert_ptr_null(what->secret);
    ck_assert_int_eq(gib_in_file(empty), 2);
    ck_assert(deleted(id, NULL));
    ck_assert(deleted(empty, NULL));
    ck_assert_uint_eq(files_in("volumes"), 0);
    ck_assert(!is_recorded(id));
    expect_no_operation();
}
END_TEST

static void
add_snapshot(const char *id, snapshot_state state, const char *secret)
{
    const snapshot disk = {.id = (char *)id,
                           .state = state,
                           .size_gib = 2,
                           .owner = (char *)"123456789012",
                           .region = (char *)"us-east-1",
                           .secret = (char *)secret};
    g_autofree char *path = home_snapshot_path(home, id);

    ck_assert(g_file_set_contents(path, "what volumes stand on", -1, NULL));
    ck_assert(snapshot_insert(engine->db, &disk, NULL));
}

START_TEST(volumes_that_cannot_be)
{
    static const struct {
        volume_request request;
        error_code code;
        const char *part;
    } wrong[] = {
        {{0}, ERROR_PARAMETER_MISSING, "size"},
        {{.size_gib = -1}, ERROR_PARAMETER_VALUE, "size"},
        {{.size_gib = 65537}, ERROR_PARAMETER_VALUE, "65536"},
        {{.size_gib = 1, .type = "gp9"}, ERROR_PARAMETER_VALUE, "gp9"},
        {{.snapshot = "vol-12345678"}, ERROR_SNAPSHOT_MALFORMED, "vol-12345678"},
        {{.snapshot = "snap-87654321"}, ERROR_SNAPSHOT_NOT_FOUND, "snap-87654321"},
        {{.snapshot = "snap-00000001"}, ERROR_VOLUME_STATE, "pending"},
        {{.snapshot = "snap-00000002"}, ERROR_SNAPSHOT_NOT_FOUND, "snap-00000002"},
        {{.size_gib = 1, .snapshot = "snap-00000003"},
         ERROR_PARAMETER_VALUE,
         "Volume of size 1GB is smaller than snapshot 'snap-00000003', expect size >= 2GB"},
    };

    add_snapshot("snap-00000001", SNAPSHOT_PENDING, NULL);
    add_snapshot("snap-00000002", SNAPSHOT_DELETED, NULL);
    add_snapshot("snap-00000003", SNAPSHOT_COMPLETED, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(launcher_volume_create(engine, &wrong[i].request, &error));
        expect_error(&error, wrong[i].code, wrong[i].part);
    }
    ck_assert_uint_eq(files_in("volumes"), 0);
    expect_no_operation();
}
END_TEST

START_TEST(a_volume_that_cannot_be_made_leaves_nothing)
{
    const volume_request request = {.size_gib = 1, .encrypted = TRUE};
    g_autofree char *folder = g_build_filename(home, "volumes", NULL);
    g_autofree char *away = g_build_filename(home, "away", NULL);
    g_autoptr(GPtrArray) rows = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(rename(folder, away), 0);
    ck_assert_ptr_null(launcher_volume_create(engine, &request, &error));
    ck_assert(error_is(error, ERROR_HOST_DISK));
    rows = volume_list(engine->db, NULL);
    ck_assert_uint_eq(rows->len, 0);
    ck_assert_uint_eq(files_in("secrets"), 0);
    ck_assert_int_eq(rename(away, folder), 0);
    expect_no_operation();
}
END_TEST

/* A row of an operation that was cut off, with its file and its passphrase. */
static char *
cut_off(const char *kind, volume_state state)
{
    g_autoptr(transaction) intent = transaction_begin(engine->db, NULL);
    volume what = {.id = (char *)"vol-12345678",
                   .state = (int)state,
                   .size_gib = 1,
                   .type = (char *)"gp2",
                   .zone = (char *)"us-east-1a",
                   .owner = (char *)"123456789012",
                   .secret = (char *)"11111111-2222-3333-4444-555555555555"};

    what.operation = operation_begin(engine->db, kind, NULL);
    ck_assert(volume_insert(engine->db, &what, NULL));
    ck_assert(transaction_commit(intent, NULL));
    ck_assert(volume_file_make(home, &what, NULL));
    operation_abandon(engine->db, what.operation);
    return g_strdup(what.id);
}

START_TEST(a_creation_or_deletion_that_dies_leaves_nothing)
{
    static const char *const kinds[] = {"volume-create", "volume-delete"};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *id = cut_off(kinds[i], i == 0 ? VOLUME_CREATING : VOLUME_DELETING);
        ck_assert_uint_eq(files_in("secrets"), 1);
        /* Cut off once more, after the file was gone. */
        if (i == 1)
            ck_assert(volume_file_remove(home, id, NULL));
        look();
        ck_assert(!is_recorded(id));
        ck_assert_uint_eq(files_in("volumes"), 0);
        ck_assert_uint_eq(files_in("secrets"), 0);
        expect_no_operation();
    }
}
END_TEST

START_TEST(volumes_in_use_are_not_deleted)
{
    g_autofree char *id = run_one();
    g_autofree char *root = root_of(id);
    g_autofree char *part = g_strdup_printf("Volume %s is currently attached to %s", root, id);
    g_autofree char *free_one = made_empty();
    const char *const both[] = {free_one, root, NULL};
    g_autoptr(GError) error = NULL;

    ck_assert(!deleted(root, &error));
    expect_error(&error, ERROR_VOLUME_IN_USE, part);
    ck_assert(!launcher_volume_delete(engine, both, &error));
    expect_error(&error, ERROR_VOLUME_IN_USE, part);
    expect_state(free_one, VOLUME_AVAILABLE, NULL);
    ck_assert(!deleted("vol-87654321", &error));
    expect_error(&error, ERROR_VOLUME_NOT_FOUND, "vol-87654321");
    ck_assert(!deleted("volume", &error));
    expect_error(&error, ERROR_VOLUME_MALFORMED, "vol-...");
}
END_TEST

START_TEST(a_file_that_is_gone_is_shown)
{
    g_autofree char *id = made_empty();
    g_autofree char *vm = run_one();
    const char *const ids[] = {id, NULL};
    g_autoptr(GPtrArray) listed = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(volume_file_remove(home, id, NULL));
    listed = launcher_volumes(engine, ids, NULL);
    ck_assert_int_eq(((volume *)g_ptr_array_index(listed, 0))->state, VOLUME_ERROR);
    ck_assert(!attached(id, vm, NULL, &error));
    expect_error(&error, ERROR_VOLUME_STATE, "error");
    ck_assert(deleted(id, NULL));
}
END_TEST

/* ---- encryption ---- */

START_TEST(passphrases_live_as_long_as_what_they_encrypt)
{
    const volume_request encrypted = {.size_gib = 1, .encrypted = TRUE};
    g_autofree char *id = made(&encrypted);
    g_autoptr(volume) what = record_of(id);
    g_autofree char *path = home_secret_path(home, what->secret);
    g_autofree char *text = NULL;
    gsize length;
    struct stat info;

    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0600);
    ck_assert(g_file_get_contents(path, &text, &length, NULL));
    ck_assert_uint_eq(length, 44);
    /* A snapshot of it, which another volume is made of, has the same. */
    add_snapshot("snap-00000003", SNAPSHOT_COMPLETED, what->secret);
    ck_assert(deleted(id, NULL));
    ck_assert(g_file_test(path, G_FILE_TEST_EXISTS));
    {
        const volume_request of_snapshot = {.snapshot = "snap-00000003"};
        g_autofree char *second = made(&of_snapshot);
        g_autoptr(volume) other = record_of(second);
        ck_assert_str_eq(other->secret, what->secret);
        ck_assert(deleted(second, NULL));
    }
    ck_assert(g_file_test(path, G_FILE_TEST_EXISTS));
    ck_assert(snapshot_delete(engine->db, "snap-00000003", NULL));
    ck_assert(secret_drop_if_unused(engine, what->secret, NULL));
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
    ck_assert_uint_eq(files_in("secrets"), 0);
}
END_TEST

START_TEST(encrypted_volumes_over_plain_snapshots)
{
    const volume_request request = {.snapshot = "snap-12345678", .size_gib = 3, .encrypted = TRUE};
    g_autofree char *id = made(&request);
    g_autofree char *path = home_volume_path(home, id);
    const char *const argv[] = {"qemu-img", "info", "--output=json", path, NULL};
    g_autofree char *info = NULL;

    ck_assert(process_run(argv, ERROR_HOST_QEMU, &info, NULL));
    ck_assert_ptr_nonnull(strstr(info, "\"encrypted\": true"));
    ck_assert_ptr_nonnull(strstr(info, "../snapshots/snap-12345678.qcow2"));
    ck_assert_int_eq(gib_in_file(id), 3);
    ck_assert(modified(id, 5, NULL, NULL));
    ck_assert_int_eq(gib_in_file(id), 5);
}
END_TEST

START_TEST(half_a_passphrase_is_never_used)
{
    const char *uuid = "11111111-2222-3333-4444-555555555555";
    g_autofree char *path = home_secret_path(home, uuid);
    g_autofree char *half = g_strconcat(path, ".new", NULL);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    ck_assert(g_file_set_contents(half, "abc", 3, NULL));
    ck_assert(secret_make(home, uuid, NULL));
    ck_assert(g_file_get_contents(path, &first, NULL, NULL));
    ck_assert_uint_eq(strlen(first), 44);
    ck_assert(secret_make(home, uuid, NULL));
    ck_assert(g_file_get_contents(path, &second, NULL, NULL));
    ck_assert_str_eq(first, second);
    ck_assert(secret_remove(home, uuid, NULL));
    ck_assert_uint_eq(files_in("secrets"), 0);
}
END_TEST

/* ---- attach, detach ---- */

START_TEST(attached_to_a_running_guest)
{
    g_autofree char *vm = run_one();
    g_autofree char *other = run_one();
    g_autofree char *id = made_empty();
    g_autoptr(volume) what = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(attached(id, vm, "/dev/sdf", NULL));
    expect_state(id, VOLUME_IN_USE, vm);
    what = record_of(id);
    ck_assert_str_eq(what->device, "/dev/sdf");
    ck_assert_int_gt(what->attached, 0);
    ck_assert_int_eq(what->delete_on_termination, 0);
    ck_assert(has(vm, id));

    ck_assert(!attached(id, other, NULL, &error));
    expect_error(&error, ERROR_VOLUME_IN_USE, "already attached");
    /* It is there after a stop and a start. */
    ck_assert(told(launcher_stop, vm, NULL));
    ck_assert(told(start, vm, NULL));
    ck_assert(has(vm, id));
    /* It outlives its instance, for the next one. */
    ck_assert(told(launcher_terminate, vm, NULL));
    expect_state(id, VOLUME_AVAILABLE, NULL);
    ck_assert(attached(id, other, NULL, NULL));
    ck_assert(has(other, id));
    ck_assert(detached(id, FALSE, NULL));
    ck_assert(!has(other, id));
    expect_state(id, VOLUME_AVAILABLE, NULL);
    ck_assert(deleted(id, NULL));
}
END_TEST

START_TEST(attached_to_a_stopped_instance)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();
    g_autofree char *root = root_of(vm);
    g_autoptr(GError) error = NULL;

    ck_assert(told(launcher_stop, vm, NULL));
    ck_assert(attached(id, vm, NULL, NULL));
    expect_state(id, VOLUME_IN_USE, vm);
    ck_assert_ptr_null(strstr(driver->calls->str, "attach"));
    /* The root comes off and goes on again. */
    ck_assert(detached(root, FALSE, NULL));
    expect_state(root, VOLUME_AVAILABLE, NULL);
    ck_assert(!told(start, vm, &error));
    expect_error(&error, ERROR_INSTANCE_STATE, "/dev/sda1");
    ck_assert_int_eq(state_of(vm), INSTANCE_STOPPED);
    ck_assert(attached(root, vm, "/dev/sda1", NULL));
    ck_assert(told(start, vm, NULL));
    ck_assert(has(vm, id) && has(vm, root));
    ck_assert(!detached(root, FALSE, &error));
    expect_error(&error, ERROR_NOT_PERMITTED, "Unable to detach root volume");
}
END_TEST

START_TEST(attachments_that_cannot_be)
{
    g_autofree char *vm = run_one();
    g_autofree char *gone = run_one();
    g_autofree char *id = made_empty();
    g_autofree char *elsewhere = made_empty();
    g_autoptr(volume) moved = record_of(elsewhere);
    g_autoptr(GError) error = NULL;

    ck_assert(!attached(id, vm, "/dev/sda1", &error));
    expect_error(&error, ERROR_PARAMETER_VALUE, "already in use");
    ck_assert(!attached(id, vm, "/dev/sdb", &error));
    expect_error(&error, ERROR_PARAMETER_VALUE, "already in use");
    ck_assert(!attached(id, vm, "sixth", &error));
    expect_error(&error, ERROR_PARAMETER_VALUE, "not a valid EBS device name");
    ck_assert(!attached(id, "i-87654321", NULL, &error));
    expect_error(&error, ERROR_INSTANCE_NOT_FOUND, "i-87654321");
    ck_assert(!attached(id, "instance", NULL, &error));
    expect_error(&error, ERROR_INSTANCE_MALFORMED, "instance");
    ck_assert(told(launcher_terminate, gone, NULL));
    ck_assert(!attached(id, gone, NULL, &error));
    expect_error(&error, ERROR_INSTANCE_STATE, "terminated");
    g_free(moved->zone);
    moved->zone = g_strdup("us-east-1b");
    ck_assert(volume_update(engine->db, moved, NULL));
    ck_assert(!attached(elsewhere, vm, NULL, &error));
    expect_error(&error, ERROR_VOLUME_ZONE, "availability zone");
    ck_assert(!detached(id, FALSE, &error));
    expect_error(&error, ERROR_VOLUME_STATE, "'available' state");
    expect_state(id, VOLUME_AVAILABLE, NULL);
    expect_no_operation();
}
END_TEST

START_TEST(hibernated_instances_keep_their_disks)
{
    g_autofree char *vm_id = run_one();
    g_autofree char *id = made_empty();
    g_autofree char *other = made_empty();
    g_autoptr(instance) vm = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(attached(id, vm_id, NULL, NULL));
    ck_assert(told(launcher_stop, vm_id, NULL));
    vm = instance_get(engine->db, vm_id, NULL);
    vm->hibernated = HIBERNATED_MEMORY;
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(!attached(other, vm_id, NULL, &error));
    expect_error(&error, ERROR_INSTANCE_STATE, "hibernated");
    ck_assert(!detached(id, FALSE, &error));
    expect_error(&error, ERROR_INSTANCE_STATE, "hibernated");
    ck_assert(!modified(id, 4, NULL, &error));
    expect_error(&error, ERROR_INSTANCE_STATE, "hibernated");
    ck_assert(modified(id, 0, "gp3", NULL));
}
END_TEST

START_TEST(no_more_than_the_type_has_room_for)
{
    g_autofree char *vm = run_one();
    g_autoptr(GError) error = NULL;
    guint count = 0;

    while (count < 50) {
        g_autofree char *id = made_empty();
        count++;
        if (!attached(id, vm, NULL, &error))
            break;
    }
    expect_error(&error, ERROR_ATTACHMENT_LIMIT, "m3.medium");
    ck_assert_uint_gt(count, 20);
}
END_TEST

START_TEST(guests_whose_disks_stay_as_they_are)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();
    g_autofree char *more = made_empty();
    g_autoptr(GError) error = NULL;

    driver->no_plugging = TRUE;
    ck_assert(!attached(id, vm, NULL, &error));
    expect_error(&error, ERROR_UNSUPPORTED, "no place for disks");
    expect_state(id, VOLUME_AVAILABLE, NULL);
    expect_no_operation();
    /* While it is stopped they can change. */
    ck_assert(told(launcher_stop, vm, NULL));
    ck_assert(attached(id, vm, NULL, NULL));
    ck_assert(attached(more, vm, NULL, NULL));
    ck_assert(told(start, vm, NULL));
    ck_assert(!detached(id, TRUE, &error));
    expect_error(&error, ERROR_UNSUPPORTED, "no place for disks");
    expect_state(id, VOLUME_IN_USE, vm);
    ck_assert_ptr_null(strstr(driver->calls->str, "detach"));
    ck_assert(told(launcher_stop, vm, NULL));
    ck_assert(detached(id, FALSE, NULL));
    expect_state(more, VOLUME_IN_USE, vm);
}
END_TEST

START_TEST(an_attachment_that_fails_goes_back)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();
    g_autoptr(GError) error = NULL;

    driver->fails_at = "attach";
    ck_assert(!attached(id, vm, NULL, &error));
    expect_error(&error, ERROR_HOST_LIBVIRT, "attach fails");
    driver->fails_at = NULL;
    expect_state(id, VOLUME_AVAILABLE, NULL);
    expect_no_operation();
    ck_assert(attached(id, vm, NULL, NULL));
}
END_TEST

START_TEST(an_attachment_that_dies)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();

    /* Before the guest had it. */
    die_at("attach", "attach", vm);
    look();
    expect_state(id, VOLUME_AVAILABLE, NULL);
    /* After. */
    die_at("attach", "attach", vm);
    plug(vm, id);
    look();
    expect_state(id, VOLUME_IN_USE, vm);
    ck_assert(detached(id, FALSE, NULL));
    /* The guest crashed meanwhile. */
    die_at("attach", "attach", vm);
    fake_guest_off(driver, vm, OFF_CRASHED);
    look();
    expect_state(id, VOLUME_AVAILABLE, NULL);
    look();
    ck_assert_int_eq(state_of(vm), INSTANCE_STOPPED);
    expect_no_operation();
}
END_TEST

START_TEST(a_detachment_that_dies)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();

    ck_assert(attached(id, vm, NULL, NULL));
    die_at("detach", "detach", vm);
    look();
    expect_state(id, VOLUME_IN_USE, vm);
    ck_assert(has(vm, id));
    die_at("detach", "detach", vm);
    {
        g_autofree char *key = g_strdup_printf("%s ua-%s", vm, id);
        g_hash_table_remove(driver->disks, key);
    }
    look();
    expect_state(id, VOLUME_AVAILABLE, NULL);
    ck_assert(volume_file_exists(home, id));
    expect_no_operation();
}
END_TEST

START_TEST(guests_that_do_not_let_go)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();
    g_autofree char *extra = home_volume_path_since(home, id, "snap-12345678");
    g_autofree char *path = home_volume_path(home, id);
    g_autoptr(GError) error = NULL;

    ck_assert(attached(id, vm, NULL, NULL));
    ck_assert_int_eq(link(path, extra), 0);
    driver->clings_to_disks = TRUE;
    ck_assert(!detached(id, FALSE, &error));
    expect_error(&error, ERROR_HOST_TIMEOUT, "--force");
    expect_state(id, VOLUME_IN_USE, vm);
    ck_assert(g_file_test(extra, G_FILE_TEST_EXISTS));
    expect_no_operation();
    ck_assert(detached(id, TRUE, NULL));
    expect_state(id, VOLUME_AVAILABLE, NULL);
    ck_assert(!g_file_test(extra, G_FILE_TEST_EXISTS));
    ck_assert(g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(what_is_at_work_is_left_alone)
{
    g_autofree char *vm_id = run_one();
    g_autofree char *id = made_empty();
    g_autoptr(instance) vm = instance_get(engine->db, vm_id, NULL);
    g_autoptr(transaction) intent = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert(attached(id, vm_id, NULL, NULL));
    intent = transaction_begin(engine->db, NULL);
    vm->operation = operation_begin(engine->db, "stop", NULL);
    ck_assert(instance_update(engine->db, vm, NULL));
    ck_assert(transaction_commit(intent, NULL));
    ck_assert(!detached(id, FALSE, &error));
    expect_error(&error, ERROR_INSTANCE_STATE, "another command");
    ck_assert(!modified(id, 5, NULL, &error));
    expect_error(&error, ERROR_INSTANCE_STATE, "another command");
    ck_assert(has(vm_id, id));
}
END_TEST

START_TEST(a_stop_unlinks_the_other_names)
{
    g_autofree char *vm = run_one();
    g_autofree char *root = root_of(vm);
    g_autofree char *path = home_volume_path(home, root);
    g_autofree char *extra = home_volume_path_since(home, root, "snap-12345678");

    ck_assert_int_eq(link(path, extra), 0);
    ck_assert(told(launcher_stop, vm, NULL));
    ck_assert(!g_file_test(extra, G_FILE_TEST_EXISTS));
    ck_assert_int_eq(link(path, extra), 0);
    ck_assert(told(launcher_terminate, vm, NULL));
    expect_nothing_left();
}
END_TEST

/* ---- modify ---- */

START_TEST(volumes_grow)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();
    g_autoptr(GError) error = NULL;

    ck_assert(modified(id, 3, "io1", NULL));
    ck_assert_int_eq(gib_in_file(id), 3);
    ck_assert_ptr_null(strstr(driver->calls->str, "resize"));
    ck_assert(attached(id, vm, NULL, NULL));
    ck_assert(modified(id, 4, NULL, NULL));
    ck_assert_ptr_nonnull(strstr(driver->calls->str, "resize"));
    ck_assert_int_eq(gib_in_file(id), 4);
    ck_assert_int_eq(gib_on_record(id), 4);
    ck_assert(!modified(id, 2, NULL, &error));
    expect_error(&error, ERROR_PARAMETER_VALUE, "New size cannot be smaller than existing size");
    ck_assert(!modified(id, 0, NULL, &error));
    expect_error(&error, ERROR_PARAMETER_MISSING, "size");
    driver->fails_at = "resize";
    ck_assert(!modified(id, 5, "gp3", &error));
    expect_error(&error, ERROR_HOST_LIBVIRT, "resize fails");
    driver->fails_at = NULL;
    expect_state(id, VOLUME_IN_USE, vm);
    ck_assert_int_eq(gib_on_record(id), 4);
    expect_no_operation();
}
END_TEST

START_TEST(growth_that_dies_is_seen_in_the_file)
{
    g_autofree char *vm = run_one();
    g_autofree char *id = made_empty();
    g_autoptr(volume) what = NULL;

    ck_assert(attached(id, vm, NULL, NULL));
    die_at("resize", "grow", vm);
    look();
    ck_assert_int_eq(gib_on_record(id), 2);
    die_at("resize", "grow", vm);
    what = record_of(id);
    ck_assert(volume_file_grow(home, what, 9, NULL));
    look();
    ck_assert_int_eq(gib_on_record(id), 9);
    expect_state(id, VOLUME_IN_USE, vm);
    expect_no_operation();
}
END_TEST

TCase *
volume_tests(void)
{
    TCase *tests = tcase_create("volumes");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, volumes_are_made_and_deleted);
    tcase_add_test(tests, volumes_that_cannot_be);
    tcase_add_test(tests, a_volume_that_cannot_be_made_leaves_nothing);
    tcase_add_test(tests, a_creation_or_deletion_that_dies_leaves_nothing);
    tcase_add_test(tests, volumes_in_use_are_not_deleted);
    tcase_add_test(tests, a_file_that_is_gone_is_shown);
    tcase_add_test(tests, passphrases_live_as_long_as_what_they_encrypt);
    tcase_add_test(tests, encrypted_volumes_over_plain_snapshots);
    tcase_add_test(tests, half_a_passphrase_is_never_used);
    tcase_add_test(tests, attached_to_a_running_guest);
    tcase_add_test(tests, attached_to_a_stopped_instance);
    tcase_add_test(tests, attachments_that_cannot_be);
    tcase_add_test(tests, hibernated_instances_keep_their_disks);
    tcase_add_test(tests, no_more_than_the_type_has_room_for);
    tcase_add_test(tests, guests_whose_disks_stay_as_they_are);
    tcase_add_test(tests, an_attachment_that_fails_goes_back);
    tcase_add_test(tests, an_attachment_that_dies);
    tcase_add_test(tests, a_detachment_that_dies);
    tcase_add_test(tests, guests_that_do_not_let_go);
    tcase_add_test(tests, what_is_at_work_is_left_alone);
    tcase_add_test(tests, a_stop_unlinks_the_other_names);
    tcase_add_test(tests, volumes_grow);
    tcase_add_test(tests, growth_that_dies_is_seen_in_the_file);
    return tests;
}
