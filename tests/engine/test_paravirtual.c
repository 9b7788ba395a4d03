/* Paravirtual instances, which run in the Xen appliance. */
#include "common/error.h"
#include "drivers/xen_appliance.h"
#include "launcher/image_find.h"
#include "launcher/plan.h"
#include "launcher/appliances.h"
#include "tests/engine/fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define AMI "ami-12345678"

static const run_request small = {.image = AMI, .type = "m1.small"};

/* Files with a byte each, and a manifest that names them. */
static void
make_appliance(void)
{
    static const char *const files[] = {"xen", "dom0-kernel", "dom0-initrd", "grub-hd0",
                                        "grub-hd00"};
    g_autofree char *folder = xen_appliance_own(home);
    g_autofree char *manifest = g_build_filename(folder, "manifest.json", NULL);
    g_autoptr(GString) text = g_string_new(NULL);

    ck_assert_int_eq(g_mkdir_with_parents(folder, 0755), 0);
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(folder, files[i], NULL);
        ck_assert(g_file_set_contents(path, "x", 1, NULL));
        g_string_append_printf(text, "%s{\"Name\":\"%s\",\"Bytes\":1}", i > 0 ? "," : "", files[i]);
    }
    g_string_prepend(text, "{\"Format\":1,\"XenCommandLine\":\"dom0_mem=160M\","
                           "\"Dom0CommandLine\":\"quiet\",\"OverheadMiB\":200,\"Inputs\":\"0\","
                           "\"Built\":\"2026-01-01T00:00:00Z\",\"Packages\":[],\"Files\":[");
    g_string_append(text, "]}");
    ck_assert(g_file_set_contents(manifest, text->str, -1, NULL));
}

static void
set_up_paravirtual(void)
{
    g_autoptr(image) ami = NULL;

    set_up();
    ami = image_get(engine->db, AMI, "us-east-1", NULL);
    ck_assert_ptr_nonnull(ami);
    ami->virtualization = VIRTUALIZATION_PARAVIRTUAL;
    ck_assert(image_update(engine->db, ami, NULL));
    make_appliance();
}

START_TEST(it_is_started_from_the_appliance)
{
    g_autofree char *xen = g_build_filename(home, "appliance", "xen", NULL);
    g_autofree char *id = run_asked(&small);

    ck_assert_int_eq(state_of(id), INSTANCE_RUNNING);
    ck_assert_str_eq(driver->kernel, xen);
    ck_assert_uint_eq(driver->memory_mib, 1740 + 200);
}
END_TEST

START_TEST(so_it_is_after_a_stop)
{
    g_autofree char *id = run_asked(&small);

    ck_assert(told(launcher_stop, id, NULL));
    g_clear_pointer(&driver->kernel, g_free);
    ck_assert(told(start, id, NULL));
    ck_assert_ptr_nonnull(driver->kernel);
}
END_TEST

START_TEST(guests_of_others_are_not)
{
    g_autoptr(image) ami = image_get(engine->db, AMI, "us-east-1", NULL);
    g_autofree char *id = NULL;

    ami->virtualization = VIRTUALIZATION_HVM;
    ck_assert(image_update(engine->db, ami, NULL));
    id = run_one();
    ck_assert_ptr_null(driver->kernel);
    ck_assert_uint_eq(driver->memory_mib, 3840);
}
END_TEST

/* An appliance needs memory on top of the guest's, and the host may have just what the guest needs.
 */
START_TEST(the_host_has_to_have_room_for_both)
{
    g_autoptr(boot_plan) plan = boot_plan_new();
    plan_input input = {.host.memory_mib = 1740};
    g_autoptr(GError) error = NULL;

    plan->type = g_strdup("m1.small");
    plan->memory_mib = 1740;
    ck_assert(plan_fits(plan, &input, NULL));
    plan->overhead_mib = 1;
    ck_assert(!plan_fits(plan, &input, &error));
    ck_assert(error_is(error, ERROR_CAPACITY));
    input.host.memory_mib = 1741;
    ck_assert(plan_fits(plan, &input, NULL));
}
END_TEST

START_TEST(a_disk_that_it_is_given_has_its_device_name)
{
    g_autofree char *id = run_asked(&small);
    g_autoptr(boot_plan) plan = launcher_plan(engine, &small, NULL);
    const boot_disk *root = g_ptr_array_index(plan->disks, 0);

    ck_assert_int_eq(plan->kind, BOOT_XEN);
    ck_assert_str_eq(root->device, "/dev/sda1");
    ck_assert_str_eq(root->guest, "/dev/xvda1");
}
END_TEST

static void
expect_refused(const run_request *request, error_code code, const char *text)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_run(engine, request, &error));
    ck_assert_msg(error_is(error, code) && strstr(error->message, text) != NULL, "%s",
                  error->message);
}

START_TEST(kernel_images_have_to_be_there)
{
    run_request request = small;

    request.kernel = "aki-12345678";
    expect_refused(&request, ERROR_AMI_NOT_FOUND, "The image id '[aki-12345678]' does not exist");
    request.kernel = "aki-dc9ed9af";
    expect_refused(&request, ERROR_AMI_NOT_FOUND, "in us-east-1 it is aki-5c21674b");
    request.kernel = "aki-04206613";
    expect_refused(&request, ERROR_PARAMETER_VALUE, "take aki-5c21674b");
    request = small;
    request.image = "aki-5c21674b";
    expect_refused(&request, ERROR_AMI_MALFORMED, "expecting \"ami-...\"");
}
END_TEST

START_TEST(it_keeps_how_it_is_run)
{
    g_autofree char *grub = g_build_filename(home, "appliance", "grub-hd0", NULL);
    run_request request = small;
    g_autofree char *id = NULL;

    request.pv = "grub";
    id = run_asked(&request);
    ck_assert_str_eq(driver->kernel, grub);
    ck_assert(told(launcher_stop, id, NULL));
    g_clear_pointer(&driver->kernel, g_free);
    ck_assert(told(start, id, NULL));
    ck_assert_str_eq(driver->kernel, grub);
}
END_TEST

START_TEST(ways_that_cannot_be)
{
    g_autoptr(image) ami = image_get(engine->db, AMI, "us-east-1", NULL);
    run_request request = small;

    request.pv = "kvm";
    expect_refused(&request, ERROR_PARAMETER_VALUE, "xen, grub, direct or shim");
    ami->virtualization = VIRTUALIZATION_HVM;
    ck_assert(image_update(engine->db, ami, NULL));
    request.pv = "grub";
    expect_refused(&request, ERROR_PARAMETER_COMBINATION, "paravirtual");
}
END_TEST

/* How many images are found, of which the first is ID. */
static void
expect_found(const image_find_request *request, guint count, const char *id)
{
    g_autoptr(GPtrArray) views = launcher_image_find(engine, request, NULL);

    ck_assert_ptr_nonnull(views);
    ck_assert_uint_eq(views->len, count);
    if (count > 0)
        ck_assert_str_eq(((image_view *)g_ptr_array_index(views, 0))->ami->id, id);
}

START_TEST(kernel_images_are_in_the_catalogue)
{
    static const char *const by_name[] = {"name=name,values=pv-grub-hd0_*",
                                          "name=architecture,values=x86_64", NULL};
    static const char *const by_type[] = {"name=image-type,values=kernel", NULL};
    static const char *const machines[] = {"name=image-type,values=machine", NULL};
    static const char *const amazon[] = {"amazon", NULL};
    image_find_request request = {.filters = by_name, .owners = amazon, .whole = TRUE};
    g_autoptr(image_view) one = launcher_image_show(engine, "aki-5c21674b", NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_str_eq(one->ami->name, "pv-grub-hd0_1.05-x86_64.gz");
    ck_assert_str_eq(one->owner_alias, "amazon");
    ck_assert_ptr_null(launcher_image_show(engine, "aki-dc9ed9af", &error));
    ck_assert(error_is(error, ERROR_AMI_NOT_FOUND));
    expect_found(&request, 2, "aki-5c21674b");
    request = (image_find_request){.filters = by_type};
    expect_found(&request, 8, "aki-04206613");
    request.filters = machines;
    expect_found(&request, 1, AMI);
    request.filters = NULL;
    expect_found(&request, 1, AMI);
}
END_TEST

static volume *
root_of(const char *id)
{
    g_autoptr(GPtrArray) volumes = volume_list_of_instance(engine->db, id, NULL);

    ck_assert_uint_eq(volumes->len, 1);
    return g_ptr_array_steal_index(volumes, 0);
}

/* The fake knows its disk no more than libvirt does: it would seem to be free. */
START_TEST(the_disks_of_one_by_the_shim_are_left_alone)
{
    static const run_request by_shim = {.image = AMI, .type = "m1.small", .pv = "shim"};
    g_autofree char *id = run_asked(&by_shim);
    g_autoptr(volume) root = root_of(id);
    g_autoptr(snapshot) made = NULL;
    g_autoptr(volume) grown = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_snapshot_create(engine, root->id, NULL, NULL, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    g_clear_error(&error);
    ck_assert_ptr_null(launcher_volume_modify(engine, root->id, root->size_gib + 1, NULL, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
    g_clear_error(&error);
    ck_assert(told(launcher_stop, id, NULL));
    made = launcher_snapshot_create(engine, root->id, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(made);
    grown = launcher_volume_modify(engine, root->id, root->size_gib + 1, NULL, NULL);
    ck_assert_ptr_nonnull(grown);
}
END_TEST

START_TEST(an_appliance_that_is_being_made_is_not_removed)
{
    g_autofree char *folder = xen_appliance_own(home);
    g_autofree char *path = g_strconcat(folder, ".lock", NULL);
    int lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(flock(lock, LOCK_EX), 0);
    ck_assert(!launcher_appliance_rm(engine, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    ck_assert(g_file_test(folder, G_FILE_TEST_EXISTS));
    close(lock);
    ck_assert(launcher_appliance_rm(engine, NULL));
    ck_assert(!g_file_test(folder, G_FILE_TEST_EXISTS));
}
END_TEST

TCase *
paravirtual_tests(void)
{
    TCase *tests = tcase_create("paravirtual");

    tcase_add_checked_fixture(tests, set_up_paravirtual, tear_down);
    tcase_add_test(tests, it_is_started_from_the_appliance);
    tcase_add_test(tests, so_it_is_after_a_stop);
    tcase_add_test(tests, guests_of_others_are_not);
    tcase_add_test(tests, the_host_has_to_have_room_for_both);
    tcase_add_test(tests, a_disk_that_it_is_given_has_its_device_name);
    tcase_add_test(tests, kernel_images_have_to_be_there);
    tcase_add_test(tests, it_keeps_how_it_is_run);
    tcase_add_test(tests, ways_that_cannot_be);
    tcase_add_test(tests, kernel_images_are_in_the_catalogue);
    tcase_add_test(tests, the_disks_of_one_by_the_shim_are_left_alone);
    tcase_add_test(tests, an_appliance_that_is_being_made_is_not_removed);
    return tests;
}
