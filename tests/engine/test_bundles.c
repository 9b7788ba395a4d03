/* Bundles: what they leave, whoever is cut off, and what becomes of those that are registered. */
#include "common/error.h"
#include "common/files.h"
#include "images/bundle_kept.h"
#include "images/home.h"
#include "launcher/bundle_work.h"
#include "launcher/deregister.h"
#include "launcher/sharing.h"
#include "store/operation.h"
#include "store/product_code.h"
#include "store/usage.h"
#include "tests/engine/fixture.h"

#include <string.h>
#include <sys/stat.h>

#define IMAGE_BYTES 100000

static char *folder; /* of bundles */
static char *disk;   /* to be bundled */
static char *manifest_path;

static void
set_up_bundles(void)
{
    g_autofree guint8 *bytes = g_malloc(IMAGE_BYTES);

    set_up();
    folder = g_dir_make_tmp("amilaunch-bundles-XXXXXX", NULL);
    disk = g_build_filename(folder, "disk", NULL);
    manifest_path = g_build_filename(folder, "b.manifest.xml", NULL);
    for (guint i = 0; i < IMAGE_BYTES; i++)
        bytes[i] = (guint8)(i * i >> 7);
    ck_assert(g_file_set_contents(disk, (const char *)bytes, IMAGE_BYTES, NULL));
}

static void
tear_down_bundles(void)
{
    folder_remove(folder, NULL);
    g_free(folder);
    g_free(disk);
    g_free(manifest_path);
    tear_down();
}

static guint
files_of_folder(void)
{
    g_autoptr(GDir) open = g_dir_open(folder, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(open) != NULL)
        count++;
    return count;
}

/* Nothing but the disk in the folder, nothing but keys and COUNT bundles in HOME, nobody at work.
 */
static void
expect_left(guint files, guint bundles)
{
    g_autoptr(GPtrArray) all = operation_list(engine->db, NULL);
    g_autofree char *keys = g_build_filename(home, "bundles", "keys", NULL);

    ck_assert_uint_eq(all->len, 0);
    ck_assert_uint_eq(files_of_folder(), files);
    ck_assert_uint_eq(files_in("bundles") - g_file_test(keys, G_FILE_TEST_EXISTS), bundles);
}

static char *
bundle_of(const char *source, GError **error)
{
    const bundle_ask ask = {.source = source,
                            .folder = folder,
                            .name = "b",
                            .format = g_str_equal(source, disk) ? "raw" : NULL,
                            .level = 1};

    return launcher_bundle(engine, &ask, error);
}

static void
bundle(const char *source)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = bundle_of(source, &error);

    ck_assert_msg(path != NULL, "%s", error != NULL ? error->message : "");
}

static void
expect_refused(const char *source, error_code code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = bundle_of(source, &error);

    ck_assert_ptr_null(path);
    ck_assert_msg(error_is(error, code), "%s", error->message);
}

static char *
register_as(const char *name, GError **error)
{
    const bundle_register_ask ask = {.path = manifest_path, .name = name};

    return launcher_bundle_register(engine, &ask, error);
}

/* Its facts are known, so that no appliance is needed. */
static char *
registered(const char *name)
{
    g_autoptr(GError) error = NULL;
    char *id = register_as(name, &error);
    g_autoptr(image) ami = NULL;
    g_autoptr(image_facts) facts = image_facts_new();
    g_autofree char *text = image_facts_to_json(facts);

    ck_assert_msg(id != NULL, "%s", error != NULL ? error->message : "");
    ami = image_get(engine->db, id, "us-east-1", NULL);
    ck_assert(bundle_is_content(ami->content));
    ck_assert_str_eq(ami->location, "b.manifest.xml");
    ck_assert(content_facts_set(engine->db, ami->content, text, NULL));
    return id;
}

static void
deregister(const char *id)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(GPtrArray) fates = launcher_image_deregister(engine, ids, FALSE, NULL);

    ck_assert_ptr_nonnull(fates);
}

static char *
unbundled(void)
{
    g_autofree char *output = g_build_filename(folder, "out", NULL);
    const unbundle_ask ask = {.path = manifest_path, .output = output, .replace = TRUE};
    g_autoptr(GError) error = NULL;
    char *path = launcher_unbundle(engine, &ask, &error);

    ck_assert_msg(path != NULL, "%s", error != NULL ? error->message : "");
    return path;
}

static void
expect_same_bytes(const char *one, const char *other)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    gsize length = 0, also = 0;

    ck_assert(g_file_get_contents(one, &first, &length, NULL));
    ck_assert(g_file_get_contents(other, &second, &also, NULL));
    ck_assert_uint_eq(length, also);
    ck_assert_int_eq(memcmp(first, second, length), 0);
}

START_TEST(there_and_back)
{
    g_autofree char *back = NULL;

    bundle(disk);
    expect_left(3, 0);
    back = unbundled();
    expect_same_bytes(disk, back);
    expect_left(4, 0);
    expect_refused(disk, ERROR_PARAMETER_VALUE);
}
END_TEST

START_TEST(life_of_a_registered_bundle)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autofree char *vm = NULL;
    run_request request = {.type = "m3"};

    bundle(disk);
    first = registered("first");
    second = registered("second");
    expect_left(3, 1);
    ck_assert_uint_eq(files_in("templates"), 0);
    request.image = first;
    vm = run_asked(&request);
    ck_assert_uint_eq(files_in("templates"), 1);
    expect_left(3, 1);

    deregister(first);
    expect_left(3, 1);
    deregister(second);
    expect_left(3, 0);
    ck_assert_uint_eq(files_in("templates"), 1);
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert_uint_eq(files_in("templates"), 0);
    expect_nothing_left();
}
END_TEST

START_TEST(a_name_that_is_taken)
{
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    g_autoptr(GError) error = NULL;

    bundle(disk);
    first = registered("first");
    second = register_as("first", &error);
    ck_assert_ptr_null(second);
    ck_assert(error_is(error, ERROR_AMI_NAME_DUPLICATE));
    expect_left(3, 1);
}
END_TEST

/* ---- another account ---- */

#define OTHER "210987654321"

static void
expect_not_theirs(gboolean unsigned_too)
{
    g_autofree char *output = g_build_filename(folder, "out", NULL);
    const bundle_register_ask ask = {.path = manifest_path, .unsigned_too = unsigned_too};
    const unbundle_ask opening = {
        .path = manifest_path, .output = output, .unsigned_too = unsigned_too};
    g_autoptr(GError) one = NULL;
    g_autoptr(GError) two = NULL;

    ck_assert_ptr_null(launcher_bundle_register(engine, &ask, &one));
    ck_assert_msg(error_is(one, ERROR_AUTH_FAILURE), "%s", one->message);
    ck_assert_ptr_null(launcher_unbundle(engine, &opening, &two));
    ck_assert_msg(error_is(two, ERROR_AUTH_FAILURE), "%s", two->message);
}

/* Without its signature, and as if it were the other account's. */
static void
edit_manifest(void)
{
    g_autofree char *text = NULL;
    g_autoptr(GString) edited = NULL;
    const char *begin, *end;

    ck_assert(g_file_get_contents(manifest_path, &text, NULL, NULL));
    begin = strstr(text, "<signature>");
    end = strstr(text, "</manifest>");
    edited = g_string_new_len(text, begin - text);
    g_string_append(edited, end);
    ck_assert_uint_eq(g_string_replace(edited, "<user>123456789012", "<user>" OTHER, 1), 1);
    ck_assert(g_file_set_contents(manifest_path, edited->str, -1, NULL));
}

START_TEST(a_bundle_of_another_account)
{
    g_autofree char *key = home_bundle_key_path(home, "123456789012");
    const bundle_register_ask with_key = {.path = manifest_path, .name = "theirs", .keys.key = key};
    g_autofree char *id = NULL;

    bundle(disk);
    ck_assert(g_file_test(key, G_FILE_TEST_EXISTS));
    act_as(OTHER, "us-east-1");
    expect_not_theirs(FALSE);
    expect_left(3, 0);
    id = launcher_bundle_register(engine, &with_key, NULL);
    ck_assert_ptr_nonnull(id);
    edit_manifest();
    expect_not_theirs(TRUE);
    expect_left(3, 1);
}
END_TEST

START_TEST(a_bundle_for_another_account)
{
    const bundle_ask ask = {
        .source = disk, .folder = folder, .name = "b", .user = OTHER, .format = "raw", .level = 1};
    g_autofree char *certificate = home_bundle_key_path(home, "123456789012");
    const bundle_register_ask asked = {.path = manifest_path, .keys.certificate = certificate};
    g_autofree char *path = launcher_bundle(engine, &ask, NULL);
    g_autofree char *id = NULL;

    ck_assert_ptr_nonnull(path);
    act_as(OTHER, "us-east-1");
    id = launcher_bundle_register(engine, &asked, NULL);
    ck_assert_ptr_nonnull(id);
}
END_TEST

/* ---- instances ---- */

static guint
snapshots(void)
{
    g_autoptr(GPtrArray) all = snapshot_list(engine->db, "us-east-1", NULL);

    return all->len;
}

static void
expect_idle(const char *id, instance_state state)
{
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    ck_assert_int_eq(vm->operation, 0);
    ck_assert_int_eq(vm->state, state);
}

START_TEST(a_root_on_ebs)
{
    g_autofree char *vm = run_one();
    g_autofree char *back = NULL;
    struct stat info;
    guint before = snapshots();

    bundle(vm);
    ck_assert_uint_eq(snapshots(), before);
    expect_idle(vm, INSTANCE_RUNNING);
    back = unbundled();
    ck_assert_int_eq(stat(back, &info), 0);
    ck_assert_int_eq(info.st_size, 1 << 30);
    expect_left(4, 0);
}
END_TEST

static void
give_code(const char *resource, const char *code)
{
    const product_code row = {(char *)resource, (char *)code, (char *)"marketplace"};

    ck_assert(product_code_insert(engine->db, &row, NULL));
}

/* What a seller asks for isn't lost on the way through a bundle. */
START_TEST(product_codes_stay)
{
    const char *const everybody[] = {"all", NULL};
    const share_request request = {.add = everybody};
    g_autofree char *vm = run_one();
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, vm, NULL);
    const char *root = ((volume *)g_ptr_array_index(volumes, 0))->id;
    g_autofree char *ami = NULL;
    g_autoptr(GPtrArray) codes = NULL;
    g_autoptr(sharing) shared = NULL;
    g_autoptr(GError) error = NULL;

    give_code(vm, "one");
    give_code(root, "one");
    give_code(root, "two");
    bundle(vm);
    ami = registered("sold");
    codes = product_code_list(engine->db, ami, NULL);
    ck_assert_uint_eq(codes->len, 2);
    ck_assert_str_eq(((product_code *)g_ptr_array_index(codes, 0))->code, "one");
    ck_assert_str_eq(((product_code *)g_ptr_array_index(codes, 1))->code, "two");
    shared = launcher_image_share(engine, ami, &request, &error);
    ck_assert_ptr_null(shared);
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
}
END_TEST

static char *
run_store_root(void)
{
    g_autofree char *ami = NULL;
    run_request request = {.type = "m3"};
    g_autofree char *part = g_build_filename(folder, "b.part.00", NULL);

    bundle(disk);
    ami = registered("store");
    request.image = ami;
    ck_assert(file_remove(manifest_path, NULL) && file_remove(part, NULL));
    return run_asked(&request);
}

START_TEST(a_root_on_instance_store)
{
    g_autofree char *vm = run_store_root();
    const char *pause, *resume;

    g_string_truncate(driver->calls, 0);
    bundle(vm);
    pause = strstr(driver->calls->str, "pause");
    resume = strstr(driver->calls->str, "resume");
    ck_assert_msg(pause != NULL && resume != NULL && pause < resume, "%s", driver->calls->str);
    expect_idle(vm, INSTANCE_RUNNING);
    ck_assert(fake_runs(driver, vm));
    expect_left(3, 1);
}
END_TEST

START_TEST(a_guest_that_cannot_be_held)
{
    g_autofree char *vm = run_store_root();

    driver->fails_at = "pause";
    expect_refused(vm, ERROR_HOST_LIBVIRT);
    driver->fails_at = NULL;
    expect_idle(vm, INSTANCE_RUNNING);
    ck_assert(fake_runs(driver, vm));
    expect_left(1, 1);
}
END_TEST

/* Somebody holds it through virsh: it isn't ours to let it go on. */
START_TEST(a_guest_that_is_held)
{
    g_autofree char *vm = run_store_root();

    fake_guest_paused(driver, vm, PAUSED_BY_USER);
    expect_refused(vm, ERROR_INSTANCE_STATE);
    expect_idle(vm, INSTANCE_RUNNING);
    expect_left(1, 1);
}
END_TEST

/* ---- cut off ---- */

static bundle_work
begin(const char *kind)
{
    bundle_work work = {0};

    ck_assert(bundle_work_begin(engine, &work, kind, NULL));
    return work;
}

/* The owner is dead, and somebody looks. */
static void
die_and_look(bundle_work *work)
{
    operation_abandon(engine->db, work->operation);
    bundle_work_clear(work);
    look();
}

START_TEST(cut_off_while_the_guest_is_held)
{
    g_autofree char *vm = run_store_root();
    bundle_work work = begin("bundle");
    g_autoptr(instance) held = instance_get(engine->db, vm, NULL);

    held->operation = work.operation;
    ck_assert(instance_update(engine->db, held, NULL));
    ck_assert(hypervisor_pause(&driver->base, vm, NULL));
    die_and_look(&work);
    expect_idle(vm, INSTANCE_RUNNING);
    ck_assert(fake_runs(driver, vm));
    expect_left(1, 1);
}
END_TEST

static guint
snapshots_that_cost(void)
{
    g_autoptr(GPtrArray) all = usage_list(engine->db, engine->conf->account, NULL);
    guint count = 0;

    for (guint i = 0; i < all->len; i++)
        count += ((usage *)g_ptr_array_index(all, i))->kind == USAGE_SNAPSHOT;
    return count;
}

static char *
volume_of(const char *vm)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, vm, NULL);

    return g_strdup(((volume *)g_ptr_array_index(volumes, 0))->id);
}

/* One of the same description is somebody's own. */
START_TEST(cut_off_with_a_snapshot)
{
    g_autofree char *vm = run_one();
    g_autofree char *root = volume_of(vm);
    bundle_work work = begin("bundle");
    g_autoptr(snapshot) made = bundle_source_snapshot(engine, &work, root, NULL);
    g_autoptr(snapshot) other =
        launcher_snapshot_create(engine, root, made->description, NULL, NULL);
    guint before = snapshots();
    guint costing = snapshots_that_cost();
    g_autoptr(snapshot) still = NULL;

    ck_assert_ptr_nonnull(other);
    die_and_look(&work);
    ck_assert_uint_eq(snapshots(), before - 1);
    ck_assert_uint_eq(snapshots_that_cost(), costing - 1);
    still = snapshot_get(engine->db, other->id, NULL);
    ck_assert_int_eq(still->state, SNAPSHOT_COMPLETED);
    expect_left(1, 0);
}
END_TEST

/* Its id was written down, and then nothing was recorded. */
START_TEST(cut_off_before_the_snapshot)
{
    bundle_work work = begin("bundle");
    g_autofree char *mark = g_build_filename(work.folder, "snapshot", NULL);
    guint before = snapshots();

    ck_assert(g_file_set_contents(mark, "snap-0123456789abcdef0", -1, NULL));
    die_and_look(&work);
    ck_assert_uint_eq(snapshots(), before);
    expect_left(1, 0);
}
END_TEST

/* As if it never had been: nothing is left of it in what things cost. */
START_TEST(a_bundle_costs_no_snapshot)
{
    g_autofree char *vm = run_one();
    guint costing = snapshots_that_cost();

    bundle(vm);
    ck_assert_uint_eq(snapshots_that_cost(), costing);
}
END_TEST

/* The bundle as it was made, in a folder of its own. */
static char *
move_aside(void)
{
    char *scratch = g_build_filename(folder, ".b.scratch", NULL);
    static const char *const files[] = {"b.manifest.xml", "b.part.00"};

    ck_assert(folder_make(scratch, 0700, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *from = g_build_filename(folder, files[i], NULL);
        g_autofree char *to = g_build_filename(scratch, files[i], NULL);
        ck_assert(file_link(from, to, NULL) && file_remove(from, NULL));
    }
    return scratch;
}

static void
cut_publishing(const char *scratch)
{
    bundle_work work = begin("bundle");

    ck_assert(bundle_work_note(&work, scratch, folder, "b", FALSE, NULL));
    die_and_look(&work);
}

START_TEST(cut_off_before_it_is_whole)
{
    g_autofree char *scratch = NULL;
    g_autofree char *whole = NULL;

    bundle(disk);
    scratch = move_aside();
    whole = g_build_filename(scratch, "b.manifest.xml", NULL);
    ck_assert(file_remove(whole, NULL));
    cut_publishing(scratch);
    expect_left(1, 0);
}
END_TEST

START_TEST(cut_off_when_it_is_whole)
{
    g_autofree char *scratch = NULL;
    g_autofree char *back = NULL;

    bundle(disk);
    scratch = move_aside();
    cut_publishing(scratch);
    expect_left(3, 0);
    back = unbundled();
    expect_same_bytes(disk, back);
}
END_TEST

START_TEST(cut_off_in_the_middle_of_the_move)
{
    g_autofree char *scratch = NULL;
    g_autofree char *from = NULL;
    g_autofree char *to = g_build_filename(folder, "b.part.00", NULL);
    g_autofree char *back = NULL;

    bundle(disk);
    scratch = move_aside();
    from = g_build_filename(scratch, "b.part.00", NULL);
    ck_assert(file_link(from, to, NULL) && file_remove(from, NULL));
    cut_publishing(scratch);
    expect_left(3, 0);
    back = unbundled();
    expect_same_bytes(disk, back);
}
END_TEST

/* ---- where somebody else was quicker ---- */

static void
put_other(const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    ck_assert(g_file_set_contents(path, "other", -1, NULL));
}

static void
expect_other(const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;

    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, "other");
}

static void
link_into_place(const char *scratch, const char *file)
{
    g_autofree char *from = g_build_filename(scratch, file, NULL);
    g_autofree char *to = g_build_filename(folder, file, NULL);

    ck_assert(file_link(from, to, NULL));
}

/* It is refused whichever of its names is taken, and nothing of it is ever published. */
START_TEST(a_place_that_is_taken_meanwhile)
{
    static const char *const taken[] = {"b.part.00", "b.part.07", "b.manifest.xml"};

    for (guint i = 0; i < G_N_ELEMENTS(taken); i++) {
        bundle_work work = begin("bundle");
        g_autofree char *other = g_build_filename(folder, taken[i], NULL);
        g_autofree char *scratch = NULL;
        g_autoptr(GError) error = NULL;

        bundle(disk);
        scratch = move_aside();
        put_other(taken[i]);
        ck_assert(bundle_work_note(&work, scratch, folder, "b", FALSE, NULL));
        ck_assert(!bundle_work_end(engine, &work, TRUE, &error));
        ck_assert_msg(error_is(error, ERROR_PARAMETER_VALUE), "%s", error->message);
        expect_other(taken[i]);
        expect_left(2, 0);
        ck_assert(file_remove(other, NULL));
        look();
        expect_left(1, 0);
    }
}
END_TEST

START_TEST(a_scratch_folder_that_somebody_removes)
{
    bundle_work work = begin("bundle");
    g_autofree char *scratch = g_build_filename(folder, ".b.scratch", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert(bundle_work_note(&work, scratch, folder, "b", FALSE, NULL));
    ck_assert(!bundle_work_end(engine, &work, TRUE, &error));
    ck_assert(error_is(error, ERROR_HOST_DISK));
    expect_left(1, 0);
}
END_TEST

/* Another bundle is there since: of what was linked already, nothing stays. */
START_TEST(cut_off_and_overtaken)
{
    for (int replace = FALSE; replace <= TRUE; replace++) {
        bundle_work work = begin("bundle");
        g_autofree char *scratch = NULL;
        g_autofree char *other = g_build_filename(folder, "b.manifest.xml", NULL);

        bundle(disk);
        scratch = move_aside();
        link_into_place(scratch, "b.part.00");
        put_other("b.manifest.xml");
        ck_assert(bundle_work_note(&work, scratch, folder, "b", replace, NULL));
        die_and_look(&work);
        expect_other("b.manifest.xml");
        expect_left(2, 0);
        ck_assert(file_remove(other, NULL));
    }
}
END_TEST

/* The old one's manifest waits aside, its part is still in the way. */
START_TEST(cut_off_while_it_replaces)
{
    bundle_work work = begin("bundle");
    g_autofree char *scratch = NULL;
    g_autofree char *aside = NULL;
    g_autofree char *old = NULL;

    bundle(disk);
    scratch = move_aside();
    aside = g_build_filename(scratch, "replaced", NULL);
    old = g_build_filename(aside, "b.manifest.xml", NULL);
    ck_assert(folder_make(aside, 0700, NULL));
    ck_assert(g_file_set_contents(old, "other", -1, NULL));
    put_other("b.part.00");
    ck_assert(bundle_work_note(&work, scratch, folder, "b", TRUE, NULL));
    die_and_look(&work);
    expect_other("b.part.00");
    expect_other("b.manifest.xml");
    expect_left(3, 0);
}
END_TEST

/* What the new one has less of doesn't stay. */
START_TEST(one_that_replaces)
{
    bundle_work work = begin("bundle");
    g_autofree char *scratch = NULL;
    g_autofree char *back = NULL;

    bundle(disk);
    scratch = move_aside();
    put_other("b.part.00");
    put_other("b.part.01");
    put_other("b.manifest.xml");
    ck_assert(bundle_work_note(&work, scratch, folder, "b", TRUE, NULL));
    ck_assert(bundle_work_end(engine, &work, TRUE, NULL));
    expect_left(3, 0);
    back = unbundled();
    expect_same_bytes(disk, back);
}
END_TEST

/* The others belong to an image that another region has, or that is in the bin. */
START_TEST(what_no_image_uses_is_swept_out)
{
    g_autofree char *id = NULL;
    g_autoptr(image) ami = NULL;
    g_autofree char *kept = NULL;

    bundle(disk);
    id = registered("far");
    ami = image_get(engine->db, id, "us-east-1", NULL);
    kept = home_bundle_folder(home, ami->content);
    g_free(ami->region);
    ami->region = g_strdup("eu-west-1");
    ami->binned = 1;
    ck_assert(image_update(engine->db, ami, NULL));
    for (guint i = 0; i < 3; i++) {
        g_autofree char *content = g_strdup_printf("bundle:sha256:0%u", i);
        g_autofree char *unused = home_bundle_folder(home, content);
        ck_assert(folder_make(unused, 0700, NULL));
    }
    expect_left(3, 4);
    ck_assert(bundle_kept_sweep(engine->db, home, NULL));
    expect_left(3, 1);
    ck_assert(g_file_test(kept, G_FILE_TEST_IS_DIR));
}
END_TEST

/* Its folder has its place already, but no image was recorded. */
START_TEST(cut_off_before_it_is_registered)
{
    bundle_work work = begin("bundle-register");
    g_autofree char *made = home_bundle_folder(home, "bundle:sha256:00");

    ck_assert(folder_make(made, 0700, NULL));
    die_and_look(&work);
    expect_left(1, 0);
}
END_TEST

TCase *
bundle_tests(void)
{
    TCase *tests = tcase_create("bundles");

    tcase_add_checked_fixture(tests, set_up_bundles, tear_down_bundles);
    tcase_add_test(tests, there_and_back);
    tcase_add_test(tests, life_of_a_registered_bundle);
    tcase_add_test(tests, a_name_that_is_taken);
    tcase_add_test(tests, a_bundle_of_another_account);
    tcase_add_test(tests, a_bundle_for_another_account);
    tcase_add_test(tests, a_root_on_ebs);
    tcase_add_test(tests, product_codes_stay);
    tcase_add_test(tests, a_root_on_instance_store);
    tcase_add_test(tests, a_guest_that_cannot_be_held);
    tcase_add_test(tests, a_guest_that_is_held);
    tcase_add_test(tests, cut_off_while_the_guest_is_held);
    tcase_add_test(tests, cut_off_with_a_snapshot);
    tcase_add_test(tests, cut_off_before_the_snapshot);
    tcase_add_test(tests, a_bundle_costs_no_snapshot);
    tcase_add_test(tests, cut_off_before_it_is_whole);
    tcase_add_test(tests, cut_off_when_it_is_whole);
    tcase_add_test(tests, cut_off_in_the_middle_of_the_move);
    tcase_add_test(tests, a_place_that_is_taken_meanwhile);
    tcase_add_test(tests, a_scratch_folder_that_somebody_removes);
    tcase_add_test(tests, cut_off_and_overtaken);
    tcase_add_test(tests, cut_off_while_it_replaces);
    tcase_add_test(tests, one_that_replaces);
    tcase_add_test(tests, what_no_image_uses_is_swept_out);
    tcase_add_test(tests, cut_off_before_it_is_registered);
    return tests;
}
