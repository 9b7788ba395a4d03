#include "common/error.h"
#include "launcher/map_spec.h"
#include "tests/unit/suites.h"

#include <string.h>

#define SNAP "snap-0123456789abcdef0"

static const struct {
    const char *text;
    map_spec says;
} good[] = {
    {"/dev/sdb=ephemeral0", {.kind = MAP_STORE_DISK}},
    {"/dev/sdb=ephemeral23", {.kind = MAP_STORE_DISK, .position = 23}},
    {"/dev/sdd=none", {.kind = MAP_NONE}},
    {"/dev/sda1=:20", {.size_gib = 20}},
    {"/dev/sdc=:65536", {.size_gib = 65536}},
    {"/dev/sdc=:100:false:gp3", {.size_gib = 100, .volume_type = (char *)"gp3"}},
    {"/dev/sdc=" SNAP, {.snapshot = (char *)SNAP}},
    {"/dev/sdc=snap-12345678", {.snapshot = (char *)"snap-12345678"}},
    {"/dev/sdc=" SNAP "::::", {.snapshot = (char *)SNAP}},
    {"/dev/sdc=" SNAP ":50::io1:2000",
     {.snapshot = (char *)SNAP, .size_gib = 50, .volume_type = (char *)"io1"}},
    {"/dev/sdc=" SNAP ":50:true:io1:2000:encrypted",
     {.snapshot = (char *)SNAP, .size_gib = 50, .volume_type = (char *)"io1", .encrypted = TRUE}},
    {"/dev/sdc=:50:true:gp2:encrypted",
     {.size_gib = 50, .volume_type = (char *)"gp2", .encrypted = TRUE}},
    {"/dev/sdc=:1:::encrypted", {.size_gib = 1, .encrypted = TRUE}},
    {"/dev/sdc=:1::::encrypted", {.size_gib = 1, .encrypted = TRUE}},
    {"/dev/sda1=::true", {.kind = MAP_VOLUME}},
    {"/dev/sda1=::false", {.kind = MAP_VOLUME}},
    {"/dev/sda1=:::st1", {.volume_type = (char *)"st1"}},
    {"xvdf=:1", {.size_gib = 1}},
};

START_TEST(entries_are_read)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(map_spec) spec = map_spec_parse(good[_i].text, &error);
    const map_spec *says = &good[_i].says;

    ck_assert_msg(spec != NULL, "%s: %s", good[_i].text, error != NULL ? error->message : "");
    ck_assert_str_eq(spec->text, good[_i].text);
    ck_assert_mem_eq(spec->device, good[_i].text, strlen(spec->device));
    ck_assert_int_eq(good[_i].text[strlen(spec->device)], '=');
    ck_assert_int_eq(spec->kind, says->kind);
    ck_assert_int_eq(spec->position, says->position);
    ck_assert_pstr_eq(spec->snapshot, says->snapshot);
    ck_assert_int_eq(spec->size_gib, says->size_gib);
    ck_assert_pstr_eq(spec->volume_type, says->volume_type);
    ck_assert_int_eq(spec->encrypted, says->encrypted);
    ck_assert_int_eq(spec->delete_on_termination, strstr(good[_i].text, ":true") != NULL ? ON
                                                  : strstr(good[_i].text, ":false") != NULL
                                                      ? OFF
                                                      : UNCHANGED);
}
END_TEST

static const struct {
    const char *text;
    error_code code;
    const char *says;
} bad[] = {
    {"", ERROR_PARAMETER_VALUE, "such as /dev/sdb=ephemeral0"},
    {"/dev/sdb", ERROR_PARAMETER_VALUE, "'/dev/sdb': expected DEVICE=WHAT"},
    {"/dev/sdb=", ERROR_PARAMETER_VALUE, "expected DEVICE=WHAT"},
    {"=:10", ERROR_PARAMETER_VALUE, "expected DEVICE=WHAT"},
    {"/dev/sdb=ephemeral24", ERROR_BLOCK_DEVICE_MAPPING, "ephemeral0 to ephemeral23"},
    {"/dev/sdb=ephemeral", ERROR_BLOCK_DEVICE_MAPPING, "Invalid virtual name 'ephemeral'"},
    {"/dev/sdb=ephemeral01", ERROR_BLOCK_DEVICE_MAPPING, "Invalid virtual name"},
    {"/dev/sdb=ephemeral-1", ERROR_BLOCK_DEVICE_MAPPING, "Invalid virtual name"},
    {"/dev/sdb=ephemeral0:", ERROR_BLOCK_DEVICE_MAPPING, "Invalid virtual name"},
    {"/dev/sdb=:0", ERROR_PARAMETER_VALUE, "'0' for VolumeSize: 1 to 65536 GiB"},
    {"/dev/sdb=:65537", ERROR_PARAMETER_VALUE, "for VolumeSize"},
    {"/dev/sdb=:-1", ERROR_PARAMETER_VALUE, "for VolumeSize"},
    {"/dev/sdb=:10G", ERROR_PARAMETER_VALUE, "for VolumeSize"},
    {"/dev/sdb=:99999999999999999999", ERROR_PARAMETER_VALUE, "for VolumeSize"},
    {"/dev/sdb=:1:yes", ERROR_PARAMETER_VALUE, "'yes' for DeleteOnTermination: true or false"},
    {"/dev/sdb=:1:true:gp9", ERROR_PARAMETER_VALUE, "'gp9' for VolumeType: one of standard"},
    {"/dev/sdb=:1:true:gp2:plain", ERROR_PARAMETER_VALUE, "not 'plain'"},
    {"/dev/sdb=:1:true:io1:0", ERROR_PARAMETER_VALUE, "not '0'"},
    {"/dev/sdb=:1:true:io1:100:200:encrypted", ERROR_PARAMETER_VALUE, "no more parts"},
    {"/dev/sdb=:1:true:io1:encrypted:100", ERROR_PARAMETER_VALUE, "not 'encrypted'"},
    {"/dev/sdb=vol-12345678", ERROR_SNAPSHOT_MALFORMED, "expecting \"snap-...\""},
    {"/dev/sdb=snap-1", ERROR_SNAPSHOT_MALFORMED, "Invalid id: \"snap-1\""},
    {"/dev/sdb=snap-../../etc:1", ERROR_SNAPSHOT_MALFORMED, "Invalid id"},
};

START_TEST(what_is_wrong_is_named)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(map_spec_parse(bad[_i].text, &error));
    ck_assert_msg(error_is(error, bad[_i].code), "%s: %s", bad[_i].text, error->message);
    ck_assert_msg(strstr(error->message, bad[_i].says) != NULL, "%s", error->message);
    ck_assert_msg(strstr(error->message, bad[_i].text) != NULL, "%s", error->message);
}
END_TEST

START_TEST(nothing_is_mapped_twice)
{
    const char *const fine[] = {"/dev/sdb=ephemeral0", "/dev/sdc=ephemeral1", "/dev/sdd=none",
                                NULL};
    const char *const device[] = {"/dev/sdb=ephemeral0", "/dev/sdb=:10", NULL};
    const char *const disk[] = {"/dev/sdb=ephemeral0", "/dev/sdc=ephemeral0", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) specs = map_specs_parse(fine, NULL);
    g_autoptr(GPtrArray) none = map_specs_parse(NULL, NULL);

    ck_assert_uint_eq(specs->len, 3);
    ck_assert_uint_eq(none->len, 0);
    ck_assert_ptr_null(map_specs_parse(device, &error));
    ck_assert(error_is(error, ERROR_BLOCK_DEVICE_MAPPING));
    ck_assert_str_eq(error->message,
                     "The device '/dev/sdb' is used in more than one block-device mapping");
    g_clear_error(&error);
    ck_assert_ptr_null(map_specs_parse(disk, &error));
    ck_assert(error_is(error, ERROR_BLOCK_DEVICE_MAPPING));
    ck_assert_ptr_nonnull(strstr(error->message, "ephemeral0 is used in more than one"));
}
END_TEST

Suite *
suite_map_spec(void)
{
    Suite *suite = suite_create("map_spec");
    TCase *tests = tcase_create("map_spec");

    tcase_add_loop_test(tests, entries_are_read, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(tests, what_is_wrong_is_named, 0, G_N_ELEMENTS(bad));
    tcase_add_test(tests, nothing_is_mapped_twice);
    suite_add_tcase(suite, tests);
    return suite;
}
