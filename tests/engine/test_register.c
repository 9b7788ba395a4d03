/* Registering images from snapshots, and the product codes that come with them. */
#include "common/error.h"
#include "launcher/deregister.h"
#include "launcher/image_life.h"
#include "launcher/image_register.h"
#include "store/operation.h"
#include "store/permission.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define SNAPSHOT "snap-12345678"
#define ROOT "/dev/sda1=" SNAPSHOT
#define OWNER "123456789012"

static const char *const root_only[] = {ROOT, NULL};
static const register_request plain = {.name = "made", .map = root_only, .no_inspect = TRUE};

static void
expect_code(GError **error, error_code code)
{
    ck_assert_ptr_nonnull(*error);
    ck_assert_msg(error_is(*error, code), "%s: %s", error_code_text(*error), (*error)->message);
    g_clear_error(error);
}

static char *
register_asked(const register_request *request)
{
    g_autoptr(GError) error = NULL;
    char *id = launcher_image_register(engine, request, &error);

    ck_assert_msg(id != NULL, "%s", error != NULL ? error->message : "");
    return id;
}

static void
expect_refused(const register_request *request, error_code code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) open = operation_list(engine->db, NULL);

    ck_assert_ptr_null(launcher_image_register(engine, request, &error));
    expect_code(&error, code);
    all = image_list(engine->db, "us-east-1", NULL);
    ck_assert_uint_eq(all->len, 1);
    ck_assert_uint_eq(open->len, 0);
    ck_assert_uint_eq(files_in("snapshots"), 1);
}

static image *
get(const char *id)
{
    return image_get(engine->db, id, "us-east-1", NULL);
}

/* What is known of the content of SNAPSHOT. */
static void
know(const char *facts)
{
    g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);

    g_free(disk->content);
    disk->content = g_strdup("raw:sha256:01");
    ck_assert(snapshot_update(engine->db, disk, NULL));
    ck_assert(content_facts_set(engine->db, disk->content, facts, NULL));
}

static void
know_a_paravirtual_windows(void)
{
    g_autoptr(image_facts) facts = image_facts_new();
    g_autofree char *text = NULL;

    facts->architecture = g_strdup("i386");
    facts->os_type = g_strdup("windows");
    g_ptr_array_add(facts->menu_lsts, loader_facts_new());
    ((loader_facts *)g_ptr_array_index(facts->menu_lsts, 0))->path = g_strdup("/menu.lst");
    text = image_facts_to_json(facts);
    know(text);
}

/* ---- what is made ---- */

START_TEST(an_image_of_a_snapshot_runs)
{
    g_autofree char *id = register_asked(&plain);
    g_autoptr(image) ami = get(id);
    const run_request request = {.image = id, .type = "m3"};
    g_autofree char *vm = run_asked(&request);
    const char *const ids[] = {SNAPSHOT, NULL};
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(ami->state, IMAGE_AVAILABLE);
    ck_assert_str_eq(ami->architecture, "x86_64");
    ck_assert_int_eq(ami->virtualization, VIRTUALIZATION_HVM);
    ck_assert_str_eq(ami->content, "snapshot:" SNAPSHOT);
    ck_assert_int_eq(state_of(vm), INSTANCE_RUNNING);
    ck_assert(!launcher_snapshot_delete(engine, ids, &error));
    expect_code(&error, ERROR_SNAPSHOT_IN_USE);
}
END_TEST

/* What isn't stated is as it is known to be, without another look. */
START_TEST(what_is_known_counts)
{
    const register_request request = {.name = "known", .map = root_only};
    const register_request stated = {
        .name = "stated", .map = root_only, .virtualization = "hvm", .architecture = "x86_64"};
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autoptr(image) found = NULL;
    g_autoptr(image) other = NULL;

    know_a_paravirtual_windows();
    first = register_asked(&request);
    found = get(first);
    ck_assert_str_eq(found->content, "raw:sha256:01");
    ck_assert_str_eq(found->architecture, "i386");
    ck_assert_str_eq(found->platform, "windows");
    ck_assert_int_eq(found->virtualization, VIRTUALIZATION_PARAVIRTUAL);
    second = register_asked(&stated);
    other = get(second);
    ck_assert_str_eq(other->architecture, "x86_64");
    ck_assert_int_eq(other->virtualization, VIRTUALIZATION_HVM);
}
END_TEST

START_TEST(nothing_of_the_type_comes_where_the_image_says_none)
{
    const char *const map[] = {ROOT, "/dev/sdb=none", NULL};
    const register_request request = {.name = "none", .map = map, .no_inspect = TRUE};
    g_autofree char *bare = register_asked(&request);
    g_autofree char *usual = register_asked(&plain);
    const run_request first = {.image = bare, .type = "m1.small"};
    const run_request second = {.image = usual, .type = "m1.small"};
    g_autofree char *without = run_asked(&first);
    g_autofree char *with = run_asked(&second);
    g_autoptr(GPtrArray) none = store_disk_list(engine->db, without, NULL);
    g_autoptr(GPtrArray) some = store_disk_list(engine->db, with, NULL);

    ck_assert_uint_eq(none->len, 0);
    ck_assert_uint_gt(some->len, 0);
}
END_TEST

START_TEST(an_arm_image_is_for_the_catalogue)
{
    const register_request request = {.name = "arm",
                                      .map = root_only,
                                      .architecture = "arm64",
                                      .boot_mode = "uefi",
                                      .no_inspect = TRUE};
    g_autofree char *id = register_asked(&request);
    const run_request run = {.image = id, .type = "m3"};
    g_autoptr(image) ami = get(id);
    g_autoptr(GError) error = NULL;

    ck_assert_str_eq(ami->boot_mode, "uefi");
    ck_assert_ptr_null(launcher_run(engine, &run, &error));
    expect_code(&error, ERROR_PARAMETER_VALUE);
}
END_TEST

/* ---- product codes ---- */

static void
expect_codes(const char *resource, guint count)
{
    g_autoptr(GPtrArray) codes = product_code_list(engine->db, resource, NULL);

    ck_assert_msg(codes->len == count, "%s has %u", resource, codes->len);
}

static const volume *
first_volume(GPtrArray *volumes)
{
    return g_ptr_array_index(volumes, 0);
}

START_TEST(product_codes_go_along)
{
    const char *const codes[] = {"one", "two:devpay", NULL};
    const register_request request = {
        .name = "sold", .map = root_only, .product_codes = codes, .no_inspect = TRUE};
    g_autofree char *id = register_asked(&request);
    const run_request run = {.image = id, .type = "m3"};
    g_autofree char *vm = run_asked(&run);
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, vm, NULL);
    const image_create_request create = {.instance = vm, .name = "created", .no_reboot = TRUE};
    g_autofree char *created = NULL;
    g_autoptr(snapshot) taken = NULL;
    g_autoptr(volume) copy = NULL;
    g_autofree char *again = NULL;
    g_autofree char *root = NULL;

    expect_codes(id, 2);
    expect_codes(SNAPSHOT, 0);
    expect_codes(vm, 2);
    expect_codes(first_volume(volumes)->id, 2);
    taken = launcher_snapshot_create(engine, first_volume(volumes)->id, NULL, NULL, NULL);
    expect_codes(taken->id, 2);
    copy = launcher_volume_create(engine, &(volume_request){.snapshot = taken->id}, NULL);
    expect_codes(copy->id, 2);
    created = launcher_image_create(engine, &create, NULL);
    expect_codes(created, 2);
    root = g_strdup_printf("/dev/sda1=%s", taken->id);
    again = register_asked(&(register_request){.name = "again",
                                               .map = (const char *const[]){root, NULL},
                                               .product_codes = (const char *const[]){"one", NULL},
                                               .no_inspect = TRUE});
    expect_codes(again, 2);
}
END_TEST

/* ---- what can't be ---- */

START_TEST(requests_that_cannot_be)
{
    static const char *const unknown[] = {"/dev/sda1=snap-87654321", NULL};
    static const char *const too_small[] = {ROOT, "/dev/sdf=" SNAPSHOT ":0", NULL};
    static const char *const no_root[] = {"/dev/sdf=" SNAPSHOT, NULL};
    static const char *const codes[] = {"a code", NULL};
    static const char *const twice[] = {"one", "one:devpay", NULL};
    static const char *const tags[] = {"aws:mine=1", NULL};
    static const struct {
        register_request request;
        error_code code;
    } wrong[] = {
        {{.map = root_only}, ERROR_PARAMETER_MISSING},
        {{.name = "no", .map = root_only}, ERROR_AMI_NAME_MALFORMED},
        {{.name = "sample", .map = root_only}, ERROR_AMI_NAME_DUPLICATE},
        {{.name = "made", .map = unknown}, ERROR_SNAPSHOT_NOT_FOUND},
        {{.name = "made", .map = too_small}, ERROR_PARAMETER_VALUE},
        {{.name = "made", .map = no_root}, ERROR_BLOCK_DEVICE_MAPPING},
        {{.name = "made"}, ERROR_BLOCK_DEVICE_MAPPING},
        {{.name = "made", .map = root_only, .architecture = "vax"}, ERROR_PARAMETER_VALUE},
        {{.name = "made", .map = root_only, .virtualization = "xen"}, ERROR_PARAMETER_VALUE},
        {{.name = "made", .map = root_only, .boot_mode = "bios"}, ERROR_PARAMETER_VALUE},
        {{.name = "made", .map = root_only, .kernel = "aki-1"}, ERROR_AMI_MALFORMED},
        {{.name = "made", .map = root_only, .virtualization = "hvm", .kernel = "aki-12345678"},
         ERROR_PARAMETER_COMBINATION},
        {{.name = "made", .map = root_only, .ramdisk = "ari-12345678"},
         ERROR_PARAMETER_COMBINATION},
        {{.name = "made", .map = root_only, .virtualization = "paravirtual", .boot_mode = "uefi"},
         ERROR_PARAMETER_COMBINATION},
        {{.name = "made", .map = root_only, .architecture = "arm64", .boot_mode = "legacy-bios"},
         ERROR_PARAMETER_COMBINATION},
        {{.name = "made",
          .map = root_only,
          .architecture = "arm64",
          .virtualization = "paravirtual"},
         ERROR_PARAMETER_COMBINATION},
        {{.name = "made", .map = root_only, .product_codes = codes}, ERROR_PARAMETER_VALUE},
        {{.name = "made", .map = root_only, .product_codes = twice}, ERROR_PARAMETER_VALUE},
        {{.name = "made", .map = root_only, .tags = tags}, ERROR_PARAMETER_VALUE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        register_request request = wrong[i].request;
        request.no_inspect = TRUE;
        expect_refused(&request, wrong[i].code);
    }
}
END_TEST

START_TEST(snapshots_that_are_not_ones_own)
{
    g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);

    ck_assert(permission_add(engine->db, SNAPSHOT, "222222222222", NULL));
    act_as("222222222222", "us-east-1");
    expect_refused(&plain, ERROR_AUTH_FAILURE);
    act_as("333333333333", "us-east-1");
    expect_refused(&plain, ERROR_SNAPSHOT_NOT_FOUND);
    act_as(OWNER, "us-east-1");
    disk->state = SNAPSHOT_PENDING;
    ck_assert(snapshot_update(engine->db, disk, NULL));
    expect_refused(&plain, ERROR_VOLUME_STATE);
    disk->state = SNAPSHOT_RECOVERABLE;
    ck_assert(snapshot_update(engine->db, disk, NULL));
    expect_refused(&plain, ERROR_SNAPSHOT_NOT_FOUND);
}
END_TEST

/* An operation of a process that died while it looked inside. */
START_TEST(one_that_was_cut_off_is_undone)
{
    g_autofree char *id = register_asked(&plain);
    g_autofree char *scratch = g_strdup_printf("%s/snapshots/%s.qcow2.inspection", home, id);
    g_autofree char *inside = g_build_filename(scratch, "file", NULL);
    g_autoptr(transaction) change = transaction_begin(engine->db, NULL);
    g_autoptr(image) ami = get(id);

    ami->state = IMAGE_PENDING;
    ami->operation = operation_begin(engine->db, "register", NULL);
    ck_assert(image_update(engine->db, ami, NULL));
    ck_assert(transaction_commit(change, NULL));
    ck_assert_int_eq(g_mkdir_with_parents(scratch, 0700), 0);
    ck_assert(g_file_set_contents(inside, "data", 4, NULL));
    ck_assert_ptr_null(launcher_image_disable(engine, id, NULL));
    operation_abandon(engine->db, ami->operation);
    look();
    ck_assert_ptr_null(get(id));
    ck_assert_uint_eq(files_in("snapshots"), 1);
    g_free(register_asked(&plain));
}
END_TEST

TCase *
register_tests(void)
{
    TCase *tests = tcase_create("register");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_image_of_a_snapshot_runs);
    tcase_add_test(tests, what_is_known_counts);
    tcase_add_test(tests, nothing_of_the_type_comes_where_the_image_says_none);
    tcase_add_test(tests, an_arm_image_is_for_the_catalogue);
    tcase_add_test(tests, product_codes_go_along);
    tcase_add_test(tests, requests_that_cannot_be);
    tcase_add_test(tests, snapshots_that_are_not_ones_own);
    tcase_add_test(tests, one_that_was_cut_off_is_undone);
    return tests;
}
