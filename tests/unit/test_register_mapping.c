#include "common/error.h"
#include "launcher/register_mapping.h"
#include "store/snapshot.h"
#include "tests/unit/suites.h"

#define PLAIN "snap-11111111"
#define CLOSED "snap-22222222"
#define PENDING "snap-33333333"
#define MAP_MOST 4

/* Three snapshots of 8 GiB: one is encrypted, one isn't completed. */
static GHashTable *
snapshots(void)
{
    static snapshot all[] = {
        {.id = (char *)PLAIN, .state = SNAPSHOT_COMPLETED, .size_gib = 8},
        {.id = (char *)CLOSED, .state = SNAPSHOT_COMPLETED, .size_gib = 8, .secret = (char *)"u"},
        {.id = (char *)PENDING, .state = SNAPSHOT_PENDING, .size_gib = 8},
    };
    GHashTable *map = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        g_hash_table_insert(map, all[i].id, &all[i]);
    return map;
}

/* The entries, if instances of KIND can have them. */
static GPtrArray *
map(const char *const *texts, const char *root, virtualization kind, GError **error)
{
    g_autoptr(GPtrArray) specs = map_specs_parse(texts, error);
    g_autoptr(GHashTable) known = snapshots();
    g_autoptr(GPtrArray) entries =
        specs != NULL ? register_mapping(specs, known, root, error) : NULL;

    if (entries == NULL || !register_mapping_check_names(entries, root, kind, error))
        return NULL;
    return g_steal_pointer(&entries);
}

START_TEST(several_volumes_and_disks)
{
    const char *const texts[] = {"/dev/sdf=:20:true:io1:100:encrypted",
                                 "/dev/sdb=ephemeral1",
                                 "/dev/sda1=" PLAIN ":10",
                                 "/dev/sdc=none",
                                 "/dev/sdg=" CLOSED "::::encrypted",
                                 NULL};
    g_autoptr(GPtrArray) entries = map(texts, "/dev/sda1", VIRTUALIZATION_HVM, NULL);
    const image_mapping *root = g_ptr_array_index(entries, 0);
    const image_mapping *empty = g_ptr_array_index(entries, 1);
    const image_mapping *disk = g_ptr_array_index(entries, 2);
    const image_mapping *nothing = g_ptr_array_index(entries, 3);
    const image_mapping *closed = g_ptr_array_index(entries, 4);

    ck_assert_uint_eq(entries->len, 5);
    for (gint64 i = 0; i < 5; i++)
        ck_assert_int_eq(((image_mapping *)g_ptr_array_index(entries, (guint)i))->position, i);
    ck_assert_str_eq(root->device, "/dev/sda1");
    ck_assert_str_eq(root->snapshot, PLAIN);
    ck_assert_int_eq(root->size_gib, 10);
    ck_assert(root->delete_on_termination && !root->encrypted);
    ck_assert_str_eq(root->volume_type, "gp2");
    ck_assert_ptr_null(empty->snapshot);
    ck_assert_int_eq(empty->size_gib, 20);
    ck_assert(empty->delete_on_termination && empty->encrypted);
    ck_assert_str_eq(empty->volume_type, "io1");
    ck_assert_str_eq(disk->virtual_name, "ephemeral1");
    ck_assert(image_mapping_is_nothing(nothing));
    ck_assert_int_eq(closed->size_gib, 8);
    ck_assert(closed->encrypted && !closed->delete_on_termination);
}
END_TEST

static const struct {
    const char *texts[MAP_MOST];
    const char *root;
    virtualization kind;
} good[] = {
    {{"/dev/xvda=" PLAIN}, "/dev/xvda", VIRTUALIZATION_HVM},
    {{"/dev/sda=" PLAIN}, "/dev/sda", VIRTUALIZATION_PARAVIRTUAL},
    {{"/dev/sda1=" PLAIN, "/dev/sda2=:1", "/dev/hdb=:1"}, "/dev/sda1", VIRTUALIZATION_PARAVIRTUAL},
    {{"/dev/sda1=" PLAIN, "/dev/sdb1=:1", "/dev/sdb2=:1"}, "/dev/sda1", VIRTUALIZATION_PARAVIRTUAL},
};

START_TEST(what_can_be)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = map(good[_i].texts, good[_i].root, good[_i].kind, &error);

    ck_assert_msg(entries != NULL, "%s", error != NULL ? error->message : "");
}
END_TEST

static const struct {
    const char *texts[MAP_MOST];
    const char *root;
    virtualization kind;
    error_code code;
} bad[] = {
    /* No root, none with a snapshot, or two. */
    {{NULL}, "/dev/sda1", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sdf=" PLAIN}, "/dev/sda1", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=:8"}, "/dev/sda1", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=ephemeral0"}, "/dev/sda1", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=none"}, "/dev/sda1", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=" PLAIN, "/dev/sda1=" CLOSED},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=" PLAIN, "/dev/xvda=" CLOSED},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_BLOCK_DEVICE_MAPPING},
    /* Sizes. */
    {{"/dev/sda1=" PLAIN ":7"}, "/dev/sda1", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=" PLAIN, "/dev/sdf=::true"},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_BLOCK_DEVICE_MAPPING},
    /* Snapshots. */
    {{"/dev/sda1=" PENDING}, "/dev/sda1", VIRTUALIZATION_HVM, ERROR_VOLUME_STATE},
    {{"/dev/sda1=" PLAIN "::::encrypted"},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_PARAMETER_COMBINATION},
    /* Devices. */
    {{"/dev/sda1=" PLAIN, "/dev/sdb=ephemeral24"},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=" PLAIN, "/dev/sdb=ephemeral0", "/dev/sdc=ephemeral0"},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=" PLAIN, "/dev/sdb=:1", "/dev/xvdb=:1"},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=" PLAIN, "/dev/sdb1=:1"},
     "/dev/sda1",
     VIRTUALIZATION_HVM,
     ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sda1=" PLAIN, "/dev/sdc=:1", "/dev/sdc1=:1"},
     "/dev/sda1",
     VIRTUALIZATION_PARAVIRTUAL,
     ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/xvda=" PLAIN}, "/dev/xvda", VIRTUALIZATION_PARAVIRTUAL, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/sdb=" PLAIN}, "/dev/sdb", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"sda1=" PLAIN}, "sda1", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
    {{"/dev/../etc=" PLAIN}, "/dev/../etc", VIRTUALIZATION_HVM, ERROR_BLOCK_DEVICE_MAPPING},
};

START_TEST(what_cannot_be)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(map(bad[_i].texts, bad[_i].root, bad[_i].kind, &error));
    ck_assert_msg(error_is(error, bad[_i].code), "%s: %s", error_code_text(error), error->message);
}
END_TEST

Suite *
suite_register_mapping(void)
{
    Suite *suite = suite_create("register_mapping");
    TCase *tests = tcase_create("register_mapping");

    tcase_add_test(tests, several_volumes_and_disks);
    tcase_add_loop_test(tests, what_can_be, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(tests, what_cannot_be, 0, G_N_ELEMENTS(bad));
    suite_add_tcase(suite, tests);
    return suite;
}
