/* Filters for what is listed in memory: instances, volumes, snapshots, types. */
#include "common/error.h"
#include "launcher/filter_names.h"
#include "launcher/filtering.h"
#include "launcher/tagging.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define AMI "ami-12345678"
#define SNAPSHOT "snap-12345678"

/* Two instances, the first stopped; a volume that is attached to none; and the fixture's image. */
static char *stopped;
static char *running;
static char *spare;

static void
set_up_some(void)
{
    const run_request first = {
        .image = AMI, .type = "m3.medium", .tags = (const char *const[]){"Stage=test", NULL}};
    const run_request second = {.image = AMI, .type = "t2.nano", .hibernation = FALSE};
    const volume_request asked = {
        .size_gib = 3, .encrypted = TRUE, .tags = (const char *const[]){"Stage=live", NULL}};
    g_autoptr(volume) made = NULL;

    set_up();
    stopped = run_asked(&first);
    ck_assert(told(launcher_stop, stopped, NULL));
    running = run_asked(&second);
    made = launcher_volume_create(engine, &asked, NULL);
    spare = g_strdup(made->id);
}

static void
tear_down_some(void)
{
    g_free(stopped);
    g_free(running);
    g_free(spare);
    tear_down();
}

/* Which of the three there are: "s", "r", "-" for the spare volume, and "i" for what else there is.
 */
static void
expect_instances(const char *text, const char *wanted)
{
    const char *const filters[] = {text, NULL};
    g_autoptr(GPtrArray) rows = launcher_instances(engine, NULL, FALSE, NULL);
    g_autoptr(GString) found = g_string_new("");
    g_autoptr(GError) error = NULL;

    ck_assert_msg(launcher_filter_instances(engine, rows, filters, &error), "%s: %s", text,
                  error != NULL ? error->message : "");
    for (guint i = 0; i < rows->len; i++) {
        const instance_view *view = g_ptr_array_index(rows, i);
        g_string_append(found, g_str_equal(view->vm->id, stopped) ? "s" : "r");
    }
    ck_assert_msg(strlen(found->str) == strlen(wanted) &&
                      strspn(found->str, wanted) == strlen(wanted),
                  "%s: %s instead of %s", text, found->str, wanted);
}

static void
expect_volumes(const char *text, const char *wanted)
{
    const char *const filters[] = {text, NULL};
    g_autoptr(GPtrArray) rows = launcher_volumes(engine, NULL, NULL);
    g_autoptr(GString) found = g_string_new("");
    g_autoptr(GError) error = NULL;

    ck_assert_msg(launcher_filter_volumes(engine, rows, filters, &error), "%s: %s", text,
                  error != NULL ? error->message : "");
    for (guint i = 0; i < rows->len; i++) {
        const volume *what = g_ptr_array_index(rows, i);
        g_string_append(found, g_strcmp0(what->instance, stopped) == 0   ? "s"
                               : g_strcmp0(what->instance, running) == 0 ? "r"
                                                                         : "-");
    }
    ck_assert_msg(strlen(found->str) == strlen(wanted) &&
                      strspn(found->str, wanted) == strlen(wanted),
                  "%s: %s instead of %s", text, found->str, wanted);
}

static void
expect_snapshots(const char *text, guint wanted)
{
    const char *const filters[] = {text, NULL};
    g_autoptr(GPtrArray) rows = launcher_snapshots(engine, NULL, NULL);
    g_autoptr(GError) error = NULL;

    ck_assert_msg(launcher_filter_snapshots(engine, rows, filters, &error), "%s: %s", text,
                  error != NULL ? error->message : "");
    ck_assert_msg(rows->len == wanted, "%s: %u", text, rows->len);
}

/* How many of all types; at least one of them is NAMED. */
static void
expect_types(const char *text, const char *named)
{
    const char *const filters[] = {text, NULL};
    const instance_types *all = launcher_types(engine, NULL);
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    gboolean found = FALSE;

    for (guint i = 0; i < instance_types_count(all); i++)
        g_ptr_array_add(rows, (gpointer)instance_types_at(all, i));
    ck_assert_msg(launcher_filter_types(engine, rows, filters, &error), "%s: %s", text,
                  error != NULL ? error->message : "");
    for (guint i = 0; i < rows->len; i++)
        found = found || g_str_equal(((instance_type *)g_ptr_array_index(rows, i))->name, named);
    ck_assert_msg(found, "%s", text);
    ck_assert_msg(rows->len < instance_types_count(all), "%s", text);
}

START_TEST(instances_are_filtered)
{
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"name=architecture,values=x86_64", "sr"},
        {"name=architecture,values=i386", ""},
        {"name=availability-zone,values=us-east-1?", "sr"},
        {"name=block-device-mapping.attach-time,values=20*Z", "sr"},
        {"name=block-device-mapping.delete-on-termination,values=true", "sr"},
        {"name=block-device-mapping.delete-on-termination,values=false", ""},
        {"name=block-device-mapping.device-name,values=/dev/sda1", "sr"},
        {"name=block-device-mapping.status,values=attached", "sr"},
        {"name=block-device-mapping.volume-id,values=vol-*", "sr"},
        {"name=ebs-optimized,values=false", "sr"},
        {"name=hibernation-options.configured,values=true", ""},
        {"name=hypervisor,values=xen", "sr"},
        {"name=image-id,values=" AMI, "sr"},
        {"name=instance-id,values=i-*", "sr"},
        {"name=instance.group-id,values=sg-*", "sr"},
        {"name=instance.group-name,values=default", "sr"},
        {"name=instance-state-code,values=80", "s"},
        {"name=instance-state-name,values=running", "r"},
        {"name=instance-state-name,values=stopped,running", "sr"},
        {"name=instance-type,values=m3.*", "s"},
        {"name=kernel-id,values=*", ""},
        {"name=key-name,values=*", ""},
        {"name=launch-index,values=0", "sr"},
        {"name=launch-time,values=20?*-*", "sr"},
        {"name=metadata-options.http-endpoint,values=enabled", "sr"},
        {"name=metadata-options.http-put-response-hop-limit,values=1", "sr"},
        {"name=metadata-options.http-tokens,values=required", ""},
        {"name=metadata-options.instance-metadata-tags,values=disabled", "sr"},
        {"name=network-interface.addresses.private-ip-address,values=172.31.*", "sr"},
        {"name=network-interface.mac-address,values=0a:00:ac:1f:*", "sr"},
        {"name=network-interface.network-interface-id,values=eni-*", "sr"},
        {"name=owner-id,values=123456789012", "sr"},
        {"name=private-dns-name,values=ip-172-31-*.ec2.internal", "sr"},
        {"name=private-ip-address,values=172.31.*", "sr"},
        {"name=private-ip-address,values=10.*", ""},
        {"name=product-code,values=*", ""},
        {"name=product-code.type,values=*", ""},
        {"name=ramdisk-id,values=*", ""},
        {"name=reservation-id,values=r-*", "sr"},
        {"name=root-device-name,values=/dev/sda1", "sr"},
        {"name=root-device-type,values=ebs", "sr"},
        {"name=state-reason-code,values=Client.User*", "s"},
        {"name=state-reason-message,values=*", "s"},
        {"name=subnet-id,values=subnet-*", "sr"},
        {"name=tag-key,values=Stage", "s"},
        {"name=tag:Stage,values=te?t", "s"},
        {"name=tag:Stage,values=live", ""},
        {"name=virtualization-type,values=hvm", "sr"},
        {"name=vpc-id,values=vpc-*", "sr"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_instances(cases[i].text, cases[i].found);
}
END_TEST

START_TEST(volumes_are_filtered)
{
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"name=attachment.attach-time,values=20*", "sr"},
        {"name=attachment.delete-on-termination,values=true", "sr"},
        {"name=attachment.delete-on-termination,values=false", ""},
        {"name=attachment.device,values=/dev/sda1", "sr"},
        {"name=attachment.instance-id,values=i-*", "sr"},
        {"name=attachment.status,values=attached", "sr"},
        {"name=availability-zone,values=us-east-1a", "sr-"},
        {"name=create-time,values=20*", "sr-"},
        {"name=encrypted,values=true", "-"},
        {"name=size,values=3", "-"},
        {"name=size,values=1", "sr"},
        {"name=snapshot-id,values=" SNAPSHOT, "sr"},
        {"name=status,values=available", "-"},
        {"name=tag-key,values=Stage", "-"},
        {"name=tag:Stage,values=live", "-"},
        {"name=volume-id,values=vol-*", "sr-"},
        {"name=volume-type,values=gp?", "sr-"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_volumes(cases[i].text, cases[i].found);
}
END_TEST

START_TEST(snapshots_are_filtered)
{
    static const struct {
        const char *text;
        guint found;
    } cases[] = {
        {"name=description,values=words*", 1},
        {"name=encrypted,values=true", 1},
        {"name=owner-alias,values=amazon", 0},
        {"name=owner-id,values=123456789012", 2},
        {"name=progress,values=100%", 2},
        {"name=snapshot-id,values=" SNAPSHOT, 1},
        {"name=start-time,values=20*", 1},
        {"name=status,values=completed", 2},
        {"name=status,values=pending", 0},
        {"name=tag-key,values=a", 1},
        {"name=tag:a,values=b", 1},
        {"name=volume-id,values=vol-*", 1},
        {"name=volume-size,values=3", 1},
    };
    g_autoptr(snapshot) made = launcher_snapshot_create(engine, spare, "words of mine",
                                                        (const char *const[]){"a=b", NULL}, NULL);

    ck_assert_ptr_nonnull(made);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_snapshots(cases[i].text, cases[i].found);
}
END_TEST

START_TEST(types_are_filtered)
{
    static const struct {
        const char *text, *named;
    } cases[] = {
        {"name=bare-metal,values=true", "m5.metal"},
        {"name=current-generation,values=false", "m1.small"},
        {"name=hibernation-supported,values=true", "m3.medium"},
        {"name=hypervisor,values=nitro", "m5.large"},
        {"name=instance-storage-info.disk.count,values=2", "m3.xlarge"},
        {"name=instance-storage-info.disk.size-in-gb,values=4", "m3.medium"},
        {"name=instance-storage-info.disk.type,values=hdd", "m1.small"},
        {"name=instance-storage-info.total-size-in-gb,values=80", "m3.xlarge"},
        {"name=instance-storage-supported,values=false", "t2.nano"},
        {"name=instance-type,values=m3.*", "m3.medium"},
        {"name=memory-info.size-in-mib,values=512", "t2.nano"},
        {"name=processor-info.supported-architecture,values=i386", "t2.nano"},
        {"name=supported-boot-mode,values=uefi", "m5.large"},
        {"name=supported-root-device-type,values=instance-store", "m3.medium"},
        {"name=supported-virtualization-type,values=paravirtual", "m3.medium"},
        {"name=vcpu-info.default-vcpus,values=1", "m3.medium"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        expect_types(cases[i].text, cases[i].named);
}
END_TEST

START_TEST(unknown_filters_are_refused)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    const char *const unknown[] = {"name=instance-state-name,values=running",
                                   "name=colour,values=red", NULL};
    const char *const tags[] = {"name=tag:Name,values=x", NULL};
    g_autoptr(GError) error = NULL;

    ck_assert(!launcher_filter_instances(engine, none, unknown, &error));
    ck_assert_str_eq(error->message, "The filter 'colour' is invalid");
    g_clear_error(&error);
    ck_assert(!launcher_filter_volumes(engine, none, unknown, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    g_clear_error(&error);
    ck_assert(!launcher_filter_snapshots(engine, none, unknown, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
    g_clear_error(&error);
    ck_assert(!launcher_filter_types(engine, none, tags, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

TCase *
filtering_tests(void)
{
    TCase *tests = tcase_create("filtering");

    tcase_add_checked_fixture(tests, set_up_some, tear_down_some);
    tcase_add_test(tests, instances_are_filtered);
    tcase_add_test(tests, volumes_are_filtered);
    tcase_add_test(tests, snapshots_are_filtered);
    tcase_add_test(tests, types_are_filtered);
    tcase_add_test(tests, unknown_filters_are_refused);
    return tests;
}
