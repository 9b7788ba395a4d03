/* Copies of images and snapshots: other ids for the same bytes. */
#include "common/error.h"
#include "common/files.h"
#include "launcher/copying.h"
#include "common/process.h"
#include "images/home.h"
#include "launcher/image_find.h"
#include "launcher/scope.h"
#include "store/operation.h"
#include "store/permission.h"
#include "store/product_code.h"
#include "store/tag.h"
#include "tests/engine/fixture.h"

#include <string.h>
#include <sys/stat.h>

#define OWNER "123456789012"
#define FRIEND "222222222222"
#define STRANGER "333333333333"
#define AMI "ami-12345678"
#define SNAPSHOT "snap-12345678"
#define HERE "us-east-1"
#define THERE "eu-west-1"

static const copy_request to_there = {.to = THERE};

static char *
copied(const copy_request *asked)
{
    g_autoptr(GError) error = NULL;
    char *id = launcher_image_copy(engine, AMI, asked, &error);

    ck_assert_msg(id != NULL, "%s", error != NULL ? error->message : "");
    return id;
}

static char *
copied_snapshot(const char *id, const copy_request *asked)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(snapshot) made = launcher_snapshot_copy(engine, id, asked, &error);

    ck_assert_msg(made != NULL, "%s", error != NULL ? error->message : "");
    return g_strdup(made->id);
}

static void
expect_refused(const copy_request *asked, error_code code)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_image_copy(engine, AMI, asked, &error));
    ck_assert_msg(error_is(error, code), "%s: %s", error_code_text(error), error->message);
}

static void
expect_snapshot_refused(const copy_request *asked, error_code code)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_snapshot_copy(engine, SNAPSHOT, asked, &error));
    ck_assert_msg(error_is(error, code), "%s: %s", error_code_text(error), error->message);
}

/* Nobody is at work, and there are as many images and snapshots as that, and files of these. */
static void
expect_settled(guint images_left, guint snapshots_left)
{
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);
    g_autoptr(GPtrArray) here = image_list(engine->db, HERE, NULL);
    g_autoptr(GPtrArray) there = image_list(engine->db, THERE, NULL);
    g_autoptr(GPtrArray) all = snapshot_list_every(engine->db, NULL);

    ck_assert_uint_eq(open->len, 0);
    ck_assert_uint_eq(here->len + there->len, images_left);
    ck_assert_uint_eq(all->len, snapshots_left);
    ck_assert_uint_eq(files_in("snapshots"), snapshots_left);
}

static char *
snapshot_of(const char *ami)
{
    g_autoptr(GPtrArray) entries = image_mapping_list(engine->db, ami, NULL);

    ck_assert_uint_eq(entries->len, 1);
    return g_strdup(((image_mapping *)g_ptr_array_index(entries, 0))->snapshot);
}

static gboolean
same_file(const char *one, const char *other)
{
    g_autofree char *first = home_snapshot_path(home, one);
    g_autofree char *second = home_snapshot_path(home, other);

    return file_is_same(first, second);
}

static void
forget_image(void)
{
    ck_assert(image_delete(engine->db, AMI, NULL));
}

static void
drop(const char *id)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(GError) error = NULL;

    ck_assert_msg(launcher_snapshot_delete(engine, ids, &error), "%s",
                  error != NULL ? error->message : "");
}

/* ---- what a copy is ---- */

START_TEST(a_copy_is_another_of_the_same)
{
    g_autofree char *id = copied(&to_there);
    g_autofree char *disk_id = snapshot_of(id);
    g_autoptr(image) ami = image_get(engine->db, id, THERE, NULL);
    g_autoptr(snapshot) disk = snapshot_get(engine->db, disk_id, NULL);

    ck_assert_str_ne(id, AMI);
    ck_assert_str_ne(disk_id, SNAPSHOT);
    ck_assert_str_eq(ami->name, "sample");
    ck_assert_int_eq(ami->state, IMAGE_AVAILABLE);
    ck_assert_str_eq(ami->source_image, AMI);
    ck_assert_str_eq(ami->source_region, HERE);
    ck_assert_str_eq(ami->content, "none");
    ck_assert_str_eq(ami->root_device, "/dev/sda1");
    ck_assert_str_eq(ami->description, "[Copied " AMI " from " HERE "]");
    ck_assert_int_eq(disk->state, SNAPSHOT_COMPLETED);
    ck_assert_str_eq(disk->source, SNAPSHOT);
    ck_assert_str_eq(disk->source_region, HERE);
    ck_assert_str_eq(disk->region, THERE);
    ck_assert_str_eq(disk->owner, OWNER);
    ck_assert_int_eq(disk->size_gib, 1);
    ck_assert(same_file(disk_id, SNAPSHOT));
    expect_settled(2, 2);
    act_as(OWNER, THERE);
    {
        const run_request run = {.image = id, .type = "m3"};
        g_autofree char *vm = run_asked(&run);
        ck_assert(told(launcher_terminate, vm, NULL));
    }
}
END_TEST

START_TEST(permissions_stay_and_tags_come_if_asked)
{
    const char *const more[] = {"Of=here", NULL};
    const copy_request with_tags = {.to = THERE, .name = "tagged", .copy_tags = TRUE, .tags = more};
    g_autofree char *plain = NULL;
    g_autofree char *tagged = NULL;
    g_autoptr(GPtrArray) none = NULL;
    g_autoptr(GPtrArray) one = NULL;
    g_autoptr(GPtrArray) accounts = NULL;
    g_autoptr(image) ami = image_get(engine->db, AMI, HERE, NULL);

    ami->public = TRUE;
    ami->protected = TRUE;
    ami->deprecated = 1;
    ck_assert(image_update(engine->db, ami, NULL));
    ck_assert(permission_add(engine->db, AMI, FRIEND, NULL));
    ck_assert(tag_set(engine->db, AMI, "Name", "x", NULL));
    plain = copied(&to_there);
    tagged = copied(&with_tags);
    none = tag_list(engine->db, plain, NULL);
    one = tag_list(engine->db, tagged, NULL);
    accounts = permission_list(engine->db, tagged, NULL);
    ck_assert_uint_eq(none->len, 0);
    ck_assert_uint_eq(one->len, 2);
    ck_assert_uint_eq(accounts->len, 0);
    g_clear_pointer(&ami, image_free);
    ami = image_get(engine->db, tagged, THERE, NULL);
    ck_assert_int_eq(ami->public, 0);
    ck_assert_int_eq(ami->protected, 0);
    ck_assert_int_eq(ami->deprecated, 0);
}
END_TEST

START_TEST(names)
{
    const copy_request within = {0};
    const copy_request taken = {.name = "sample"};
    const copy_request malformed = {.name = "?"};
    const copy_request words = {.to = THERE, .name = "other", .description = "words"};
    g_autofree char *second = copied(&within);
    g_autofree char *third = copied(&within);
    g_autofree char *there = copied(&words);
    g_autoptr(image) a = image_get(engine->db, second, HERE, NULL);
    g_autoptr(image) b = image_get(engine->db, third, HERE, NULL);
    g_autoptr(image) c = image_get(engine->db, there, THERE, NULL);

    ck_assert_str_eq(a->name, "sample-2");
    ck_assert_str_eq(b->name, "sample-3");
    ck_assert_str_eq(c->name, "other");
    ck_assert_str_eq(c->description, "words");
    expect_refused(&taken, ERROR_AMI_NAME_DUPLICATE);
    expect_refused(&malformed, ERROR_AMI_NAME_MALFORMED);
    expect_settled(4, 4);
}
END_TEST

/* EC2's way: asked in the region that it is to be copied to. */
START_TEST(from_where_one_is_not)
{
    const copy_request from_here = {.from = HERE};
    g_autofree char *id = NULL;
    g_autoptr(image) ami = NULL;

    act_as(OWNER, THERE);
    expect_refused(&to_there, ERROR_AMI_NOT_FOUND);
    id = copied(&from_here);
    ami = image_get(engine->db, id, THERE, NULL);
    ck_assert_ptr_nonnull(ami);
    g_free(copied_snapshot(SNAPSHOT, &from_here));
    expect_settled(2, 3);
}
END_TEST

START_TEST(several_disks_of_one_snapshot)
{
    const image_mapping more[] = {{.image = (char *)AMI,
                                   .position = 1,
                                   .device = (char *)"/dev/sdf",
                                   .snapshot = (char *)SNAPSHOT,
                                   .size_gib = 2,
                                   .volume_type = (char *)"gp3"},
                                  {.image = (char *)AMI,
                                   .position = 2,
                                   .device = (char *)"/dev/sdb",
                                   .virtual_name = (char *)"ephemeral0"},
                                  {.image = (char *)AMI,
                                   .position = 3,
                                   .device = (char *)"/dev/sdg",
                                   .size_gib = 4,
                                   .volume_type = (char *)"gp2",
                                   .encrypted = 1}};
    g_autofree char *id = NULL;
    g_autoptr(GPtrArray) entries = NULL;
    const image_mapping *root, *second;

    for (gsize i = 0; i < G_N_ELEMENTS(more); i++)
        ck_assert(image_mapping_insert(engine->db, &more[i], NULL));
    id = copied(&to_there);
    entries = image_mapping_list(engine->db, id, NULL);
    ck_assert_uint_eq(entries->len, 4);
    root = g_ptr_array_index(entries, 0);
    second = g_ptr_array_index(entries, 1);
    ck_assert_str_eq(root->snapshot, second->snapshot);
    ck_assert_int_eq(second->size_gib, 2);
    ck_assert_str_eq(((image_mapping *)g_ptr_array_index(entries, 2))->virtual_name, "ephemeral0");
    ck_assert_int_eq(((image_mapping *)g_ptr_array_index(entries, 3))->encrypted, 1);
    expect_settled(2, 2);
}
END_TEST

START_TEST(instance_store_images_share_their_template)
{
    g_autoptr(image) ami = image_get(engine->db, AMI, HERE, NULL);
    g_autofree char *template = home_template_path(home, ami->content);
    g_autofree char *id = NULL;
    const image_mapping root = {.image = (char *)AMI,
                                .device = (char *)"/dev/sda1",
                                .virtual_name = (char *)"ami",
                                .size_gib = 1};
    g_autoptr(image) copy = NULL;

    forget_image();
    ami->root_device_type = ROOT_INSTANCE_STORE;
    ck_assert(image_insert(engine->db, ami, NULL));
    ck_assert(image_mapping_insert(engine->db, &root, NULL));
    ck_assert(g_file_set_contents(template, "template", -1, NULL));
    id = copied(&to_there);
    copy = image_get(engine->db, id, THERE, NULL);
    ck_assert_int_eq(copy->root_device_type, ROOT_INSTANCE_STORE);
    ck_assert_str_eq(copy->content, ami->content);
    expect_settled(2, 1);
    ck_assert_uint_eq(files_in("templates"), 1);
}
END_TEST

/* ---- either without the other ---- */

static void
write_bytes(const char *path, const char *command)
{
    const char *const argv[] = {"qemu-io", "-f", "qcow2", "-c", command, path, NULL};

    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
}

/* That a snapshot reads as the bytes 'PATTERN' where write_bytes() wrote them. */
static void
expect_bytes(const char *id, const char *command)
{
    g_autofree char *path = home_snapshot_path(home, id);
    const char *const argv[] = {"qemu-io", "-r", "-f", "qcow2", "-c", command, path, NULL};
    g_autofree char *output = NULL;

    ck_assert(process_run(argv, ERROR_HOST_DISK, &output, NULL));
    ck_assert_msg(strstr(output, "verification failed") == NULL, "%s", output);
}

static void
write_snapshot(void)
{
    g_autofree char *path = home_snapshot_path(home, SNAPSHOT);

    write_bytes(path, "write -P 0x41 1M 64k");
}

/* A snapshot of a volume of SNAPSHOT that has bytes of its own. */
static char *
child_snapshot(void)
{
    const volume_request request = {.snapshot = SNAPSHOT};
    g_autoptr(volume) what = launcher_volume_create(engine, &request, NULL);
    const char *const ids[] = {what->id, NULL};
    g_autofree char *path = home_volume_path(home, what->id);
    g_autoptr(snapshot) made = NULL;

    write_bytes(path, "write -P 0x42 2M 64k");
    made = launcher_snapshot_create(engine, what->id, NULL, NULL, NULL);
    ck_assert(launcher_volume_delete(engine, ids, NULL));
    return g_strdup(made->id);
}

START_TEST(the_source_can_go)
{
    g_autofree char *child = NULL;
    g_autofree char *copy = NULL;

    write_snapshot();
    child = child_snapshot();
    copy = copied_snapshot(child, &to_there);
    drop(child);
    forget_image();
    drop(SNAPSHOT);
    /* What both stood on stays for the one that is left. */
    expect_settled(0, 2);
    expect_bytes(copy, "read -P 0x41 1M 64k");
    expect_bytes(copy, "read -P 0x42 2M 64k");
    act_as(OWNER, THERE);
    drop(copy);
    expect_settled(0, 0);
}
END_TEST

START_TEST(the_copy_can_go)
{
    g_autofree char *child = NULL;
    g_autofree char *copy = NULL;

    write_snapshot();
    child = child_snapshot();
    copy = copied_snapshot(child, &(const copy_request){0});
    drop(copy);
    expect_settled(1, 2);
    expect_bytes(child, "read -P 0x41 1M 64k");
    expect_bytes(child, "read -P 0x42 2M 64k");
    drop(child);
    expect_settled(1, 1);
}
END_TEST

START_TEST(passphrases_go_with_the_last)
{
    const volume_request request = {.size_gib = 1, .encrypted = TRUE};
    g_autoptr(volume) what = launcher_volume_create(engine, &request, NULL);
    const char *const ids[] = {what->id, NULL};
    g_autoptr(snapshot) made = launcher_snapshot_create(engine, what->id, NULL, NULL, NULL);
    g_autofree char *copy = copied_snapshot(made->id, &to_there);
    g_autoptr(snapshot) row = snapshot_get(engine->db, copy, NULL);

    ck_assert_str_eq(row->secret, what->secret);
    ck_assert(launcher_volume_delete(engine, ids, NULL));
    drop(made->id);
    ck_assert_uint_eq(files_in("secrets"), 1);
    act_as(OWNER, THERE);
    {
        const volume_request of_copy = {.snapshot = copy};
        g_autoptr(volume) other = launcher_volume_create(engine, &of_copy, NULL);
        const char *const others[] = {other->id, NULL};
        ck_assert_str_eq(other->secret, what->secret);
        ck_assert(launcher_volume_delete(engine, others, NULL));
    }
    drop(copy);
    ck_assert_uint_eq(files_in("secrets"), 0);
    expect_settled(1, 1);
}
END_TEST

/* ---- what can't be ---- */

START_TEST(who_may_copy)
{
    act_as(STRANGER, HERE);
    expect_refused(&to_there, ERROR_AMI_NOT_FOUND);
    expect_snapshot_refused(&to_there, ERROR_SNAPSHOT_NOT_FOUND);
    ck_assert(permission_add(engine->db, AMI, FRIEND, NULL));
    act_as(FRIEND, HERE);
    expect_snapshot_refused(&to_there, ERROR_SNAPSHOT_NOT_FOUND);
    {
        g_autofree char *id = copied(&to_there);
        g_autoptr(image) ami = image_get(engine->db, id, THERE, NULL);
        g_autofree char *disk = snapshot_of(id);
        ck_assert_str_eq(ami->owner, FRIEND);
        act_as(FRIEND, THERE);
        snapshot_free(scope_own_snapshot(engine, disk, NULL));
        act_as(OWNER, THERE);
        ck_assert_ptr_null(scope_image(engine, id, NULL));
    }
    expect_settled(2, 2);
}
END_TEST

START_TEST(what_is_sold_stays_with_its_owner)
{
    const product_code code = {
        .resource = (char *)AMI, .code = (char *)"abc123", .kind = (char *)"marketplace"};
    g_autofree char *id = NULL;
    g_autoptr(GPtrArray) codes = NULL;

    ck_assert(product_code_insert(engine->db, &code, NULL));
    ck_assert(permission_add(engine->db, AMI, FRIEND, NULL));
    act_as(FRIEND, HERE);
    expect_refused(&to_there, ERROR_REQUEST);
    act_as(OWNER, HERE);
    id = copied(&to_there);
    codes = product_code_list(engine->db, id, NULL);
    ck_assert_uint_eq(codes->len, 1);
}
END_TEST

START_TEST(images_that_are_not_available)
{
    static const int states[] = {IMAGE_PENDING, IMAGE_FAILED, IMAGE_DISABLED};
    g_autoptr(image) ami = image_get(engine->db, AMI, HERE, NULL);

    ami->state = states[_i];
    ami->public = TRUE;
    ck_assert(image_update(engine->db, ami, NULL));
    expect_refused(&to_there, ERROR_AMI_UNAVAILABLE);
    act_as(FRIEND, HERE);
    expect_refused(&to_there, ERROR_AMI_NOT_FOUND);
    expect_settled(1, 1);
}
END_TEST

START_TEST(requests_that_cannot_be)
{
    const copy_request no_region = {.to = "Mars!"};
    const copy_request empty = {.from = ""};
    g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);

    expect_refused(&no_region, ERROR_PARAMETER_VALUE);
    expect_refused(&empty, ERROR_PARAMETER_VALUE);
    expect_snapshot_refused(&no_region, ERROR_PARAMETER_VALUE);
    ck_assert_ptr_null(launcher_image_copy(engine, SNAPSHOT, &to_there, NULL));
    disk->state = SNAPSHOT_PENDING;
    ck_assert(snapshot_update(engine->db, disk, NULL));
    expect_snapshot_refused(&to_there, ERROR_VOLUME_STATE);
    expect_settled(1, 1);
}
END_TEST

START_TEST(what_fails_leaves_nothing)
{
    g_autofree char *path = home_snapshot_path(home, SNAPSHOT);
    g_autofree char *aside = g_strconcat(home, "/aside.qcow2", NULL);

    ck_assert(file_link(path, aside, NULL));
    ck_assert(file_remove(path, NULL));
    expect_refused(&to_there, ERROR_HOST_DISK);
    ck_assert(file_link(aside, path, NULL));
    expect_settled(1, 1);
    /* A file that stands on another than its record says is not to be had twice. */
    {
        g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);
        const snapshot below = {.id = (char *)"snap-87654321",
                                .state = SNAPSHOT_COMPLETED,
                                .size_gib = 1,
                                .owner = (char *)OWNER,
                                .region = (char *)HERE};
        ck_assert(snapshot_insert(engine->db, &below, NULL));
        disk->parent = g_strdup(below.id);
        ck_assert(snapshot_update(engine->db, disk, NULL));
    }
    expect_refused(&to_there, ERROR_HOST_INCOMPLETE);
    ck_assert_uint_eq(files_in("snapshots"), 1);
}
END_TEST

/* What a command leaves that dies between the link and the result. */
static void
leave_half_a_copy(void)
{
    g_autoptr(transaction) intent = transaction_begin(engine->db, NULL);
    gint64 number = operation_begin(engine->db, "copy", NULL);
    g_autoptr(image) ami = image_get(engine->db, AMI, HERE, NULL);
    g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);
    g_autofree char *from = home_snapshot_path(home, SNAPSHOT);
    g_autofree char *to = home_snapshot_path(home, "snap-87654321");
    const image_mapping root = {.image = (char *)"ami-87654321",
                                .device = (char *)"/dev/sda1",
                                .snapshot = (char *)"snap-87654321",
                                .size_gib = 1};

    g_free(ami->id);
    ami->id = g_strdup("ami-87654321");
    g_free(ami->region);
    ami->region = g_strdup(THERE);
    ami->state = IMAGE_PENDING;
    ami->operation = number;
    g_free(disk->id);
    disk->id = g_strdup("snap-87654321");
    disk->state = SNAPSHOT_PENDING;
    disk->operation = number;
    ck_assert(snapshot_insert(engine->db, disk, NULL));
    ck_assert(image_insert(engine->db, ami, NULL));
    ck_assert(image_mapping_insert(engine->db, &root, NULL));
    ck_assert(transaction_commit(intent, NULL));
    ck_assert(file_link(from, to, NULL));
    operation_abandon(engine->db, number);
}

START_TEST(what_was_cut_off_is_undone)
{
    leave_half_a_copy();
    g_ptr_array_unref(launcher_image_find(engine, &(image_find_request){0}, NULL));
    expect_settled(1, 1);
    leave_half_a_copy();
    look();
    expect_settled(1, 1);
}
END_TEST

TCase *
copying_tests(void)
{
    TCase *tests = tcase_create("copying");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_copy_is_another_of_the_same);
    tcase_add_test(tests, permissions_stay_and_tags_come_if_asked);
    tcase_add_test(tests, names);
    tcase_add_test(tests, from_where_one_is_not);
    tcase_add_test(tests, several_disks_of_one_snapshot);
    tcase_add_test(tests, instance_store_images_share_their_template);
    tcase_add_test(tests, the_source_can_go);
    tcase_add_test(tests, the_copy_can_go);
    tcase_add_test(tests, passphrases_go_with_the_last);
    tcase_add_test(tests, who_may_copy);
    tcase_add_test(tests, what_is_sold_stays_with_its_owner);
    tcase_add_loop_test(tests, images_that_are_not_available, 0, 3);
    tcase_add_test(tests, requests_that_cannot_be);
    tcase_add_test(tests, what_fails_leaves_nothing);
    tcase_add_test(tests, what_was_cut_off_is_undone);
    return tests;
}
