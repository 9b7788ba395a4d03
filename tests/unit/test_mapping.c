#include "common/error.h"
#include "launcher/map_spec.h"
#include "launcher/mapping.h"
#include "store/instance.h"
#include "store/snapshot.h"
#include "tests/unit/suites.h"

#include <string.h>

/* Snapshots that are there: 1 and 2 of 8 GiB, 3 of 30 GiB, 4 encrypted; 5 isn't finished, 6 is only
 * there for what stands on it. 9 isn't there. */
#define SNAP "snap-0000000"
#define ROOT "/dev/sda1=" SNAP "1:8:true:gp2"

static instance_types *types;
static GHashTable *snapshots;

static void
add_snapshot(const char *id, snapshot_state state, gint64 size_gib, const char *secret)
{
    snapshot *added = g_new0(snapshot, 1);

    added->id = g_strdup(id);
    added->state = state;
    added->size_gib = size_gib;
    added->secret = g_strdup(secret);
    g_hash_table_insert(snapshots, added->id, added);
}

static void
set_up(void)
{
    g_autofree char *path =
        g_build_filename(g_getenv("AMILAUNCH_DATADIR"), "instance-types.conf", NULL);

    types = instance_types_load(path, NULL);
    snapshots = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)snapshot_free);
    add_snapshot(SNAP "1", SNAPSHOT_COMPLETED, 8, NULL);
    add_snapshot(SNAP "2", SNAPSHOT_COMPLETED, 8, NULL);
    add_snapshot(SNAP "3", SNAPSHOT_COMPLETED, 30, NULL);
    add_snapshot(SNAP "4", SNAPSHOT_COMPLETED, 8, "secret-4");
    add_snapshot(SNAP "5", SNAPSHOT_PENDING, 8, NULL);
    add_snapshot(SNAP "6", SNAPSHOT_DELETED, 8, NULL);
}

static void
tear_down(void)
{
    g_hash_table_unref(snapshots);
    instance_types_free(types);
}

static GPtrArray *
specs_of(const char *text)
{
    g_auto(GStrv) texts = g_strsplit(text, " ", -1);
    g_autoptr(GError) error = NULL;
    GPtrArray *specs = map_specs_parse((const char *const *)texts, &error);

    ck_assert_msg(specs != NULL, "%s", error != NULL ? error->message : "");
    return specs;
}

/* An image's entries, in the words of a launch's. */
static GPtrArray *
entries_of(const char *text)
{
    g_autoptr(GPtrArray) specs = specs_of(text);
    GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)image_mapping_free);

    for (guint i = 0; i < specs->len; i++) {
        const map_spec *spec = g_ptr_array_index(specs, i);
        image_mapping *entry = g_new0(image_mapping, 1);
        entry->device = g_strdup(spec->device);
        if (spec->kind == MAP_STORE_DISK)
            entry->virtual_name = g_strdup(strchr(spec->text, '=') + 1);
        entry->snapshot = g_strdup(spec->snapshot);
        entry->size_gib = spec->size_gib;
        entry->volume_type = g_strdup(spec->volume_type);
        entry->delete_on_termination = spec->delete_on_termination == ON;
        entry->encrypted = spec->encrypted;
        g_ptr_array_add(entries, entry);
    }
    return entries;
}

/* "DEVICE=SNAPSHOT:SIZE:DELETE:TYPE[:encrypted[:SECRET]]", "DEVICE=ephemeralN"; an instance-store
 * disk that came by itself has a +. */
static char *
describe(const GPtrArray *devices)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < devices->len; i++) {
        const block_device *device = g_ptr_array_index(devices, i);
        g_string_append_printf(text, "%s%s=", i > 0 ? " " : "", device->device);
        if (device->virtual_name != NULL)
            g_string_append_printf(text, "%s%s", device->virtual_name, device->mapped ? "" : "+");
        else
            g_string_append_printf(
                text, "%s:%d:%s:%s%s%s%s", device->snapshot != NULL ? device->snapshot : "",
                (int)(device->size >> 30), device->delete_on_termination ? "true" : "false",
                device->volume_type, device->encrypted ? ":encrypted" : "",
                device->secret != NULL ? ":" : "", device->secret != NULL ? device->secret : "");
    }
    return g_string_free(text, FALSE);
}

typedef struct {
    const char *type;
    virtualization kind;
    gboolean only_mapped;
    const char *image, *launch;
    const char *gives, *remembered; /* the disks, or NULL and */
    error_code code;                /* a refusal */
    const char *says;
} mapping_case;

static GPtrArray *
map(const mapping_case *with, char **text, GError **error)
{
    g_autoptr(GPtrArray) entries = entries_of(with->image);
    g_autoptr(GPtrArray) specs = specs_of(with->launch);
    gboolean amazon = strstr(with->image, "/dev/xvda=") != NULL;
    const image ami = {.id = (char *)"ami-1",
                       .root_device = (char *)(amazon ? "/dev/xvda" : "/dev/sda1"),
                       .virtualization = with->kind};
    const mapping_input input = {&ami,
                                 entries,
                                 specs,
                                 snapshots,
                                 instance_types_find(types, with->type, NULL),
                                 with->only_mapped};

    return mapping_of_launch(&input, text, error);
}

#define HVM VIRTUALIZATION_HVM
#define PV VIRTUALIZATION_PARAVIRTUAL
#define ANY FALSE
#define ONLY TRUE

static const mapping_case good[] = {
    /* What the image has. */
    {"t2.micro", HVM, ANY, ROOT, "", ROOT, NULL, 0, NULL},
    {"t2.micro", HVM, ANY, "/dev/sdc=:10 /dev/xvda=" SNAP "1 /dev/sdb=" SNAP "3::true:io1", "",
     "/dev/xvda=" SNAP "1:8:false:gp2 /dev/sdb=" SNAP "3:30:true:io1 /dev/sdc=:10:false:gp2", NULL,
     0, NULL},
    /* The root grows, stays, changes its type, is encrypted. */
    {"t2.micro", HVM, ANY, ROOT, "/dev/sda1=:20", "/dev/sda1=" SNAP "1:20:true:gp2", NULL, 0, NULL},
    {"t2.micro", HVM, ANY, ROOT, "/dev/sda1=::false:gp3", "/dev/sda1=" SNAP "1:8:false:gp3", NULL,
     0, NULL},
    {"t2.micro", HVM, ANY, ROOT, "/dev/sda1=" SNAP "1:9:::encrypted",
     "/dev/sda1=" SNAP "1:9:true:gp2:encrypted", NULL, 0, NULL},
    /* More volumes; what isn't said is EC2's default, or the image's. */
    {"t2.micro", HVM, ANY, ROOT, "/dev/sdf=:100 /dev/sde=" SNAP "3",
     ROOT " /dev/sde=" SNAP "3:30:false:gp2 /dev/sdf=:100:false:gp2", NULL, 0, NULL},
    {"t2.micro", HVM, ANY, ROOT, "/dev/sde=" SNAP "3:31:true:st1",
     ROOT " /dev/sde=" SNAP "3:31:true:st1", NULL, 0, NULL},
    {"t2.micro", HVM, ANY, ROOT " /dev/sdb=" SNAP "2:9:true:io1", "/dev/sdb=:50",
     ROOT " /dev/sdb=" SNAP "2:50:true:io1", NULL, 0, NULL},
    {"t2.micro", HVM, ANY, ROOT " /dev/sdb=" SNAP "2:9:true:io1", "/dev/sdb=" SNAP "3::false",
     ROOT " /dev/sdb=" SNAP "3:30:false:io1", NULL, 0, NULL},
    {"t2.micro", HVM, ANY, ROOT " /dev/sdb=:9:true", "/dev/sdb=none", ROOT, NULL, 0, NULL},
    {"t2.micro", HVM, ANY, ROOT, "/dev/sdq=none", ROOT, NULL, 0, NULL},
    /* Encrypted once, always: by the snapshot, the image, the launch. */
    {"t2.micro", HVM, ANY, ROOT, "/dev/sdb=" SNAP "4 /dev/sdc=:1:::encrypted",
     ROOT " /dev/sdb=" SNAP "4:8:false:gp2:encrypted:secret-4 /dev/sdc=:1:false:gp2:encrypted",
     NULL, 0, NULL},
    {"t2.micro", HVM, ANY, ROOT " /dev/sdb=:9:true:gp2:encrypted", "/dev/sdb=::false",
     ROOT " /dev/sdb=:9:false:gp2:encrypted", NULL, 0, NULL},
    /* Disks come in the order of their names, whatever they are. */
    {"t2.micro", HVM, ANY, ROOT, "/dev/xvdba=:1 /dev/sdz=:1 /dev/xvdc=:1 /dev/sdb=:1",
     ROOT " /dev/sdb=:1:false:gp2 /dev/xvdc=:1:false:gp2 /dev/sdz=:1:false:gp2 "
          "/dev/xvdba=:1:false:gp2",
     NULL, 0, NULL},
    /* Instance-store disks come by themselves where nobody says a word of them. */
    {"m3.medium", HVM, ANY, ROOT, "", ROOT " /dev/sdb=ephemeral0+", NULL, 0, NULL},
    {"c3.large", HVM, ANY, ROOT, "/dev/xvdb=:1",
     ROOT " /dev/xvdb=:1:false:gp2 /dev/sdc=ephemeral0+ /dev/sdd=ephemeral1+", NULL, 0, NULL},
    {"c3.large", HVM, ANY, ROOT " /dev/sdb=:9:true", "/dev/sdb=none",
     ROOT " /dev/sdc=ephemeral0+ /dev/sdd=ephemeral1+", NULL, 0, NULL},
    /* Else only those that are mapped, and only as many as there are. */
    {"c3.large", HVM, ONLY, ROOT, "", ROOT, "", 0, NULL},
    {"c3.large", HVM, ONLY, ROOT, "/dev/sdf=ephemeral1", ROOT " /dev/sdf=ephemeral1",
     "/dev/sdf=ephemeral1", 0, NULL},
    {"c3.large", HVM, ANY, ROOT, "/dev/sdc=ephemeral1", ROOT " /dev/sdc=ephemeral1",
     "/dev/sdc=ephemeral1", 0, NULL},
    {"c3.large", HVM, ANY, ROOT, "/dev/xvdc=none", ROOT, "", 0, NULL},
    {"c3.large", HVM, ANY, ROOT, "/dev/sdq=none", ROOT " /dev/sdb=ephemeral0+ /dev/sdc=ephemeral1+",
     NULL, 0, NULL},
    {"c3.large", HVM, ANY, ROOT " /dev/sdb=ephemeral0", "", ROOT " /dev/sdb=ephemeral0",
     "/dev/sdb=ephemeral0", 0, NULL},
    {"c3.large", HVM, ANY, ROOT " /dev/sdb=ephemeral0 /dev/sdc=ephemeral2", "",
     ROOT " /dev/sdb=ephemeral0", "/dev/sdb=ephemeral0 /dev/sdc=ephemeral2", 0, NULL},
    {"c3.large", HVM, ANY, ROOT " /dev/sdb=ephemeral0", "/dev/sdb=none", ROOT, "", 0, NULL},
    {"c3.large", HVM, ANY, ROOT " /dev/sdb=ephemeral0", "/dev/sdb=:10",
     ROOT " /dev/sdb=:10:false:gp2", "", 0, NULL},
    {"c3.large", HVM, ANY, ROOT " /dev/sdb=:10", "/dev/sdb=ephemeral1", ROOT " /dev/sdb=ephemeral1",
     "/dev/sdb=ephemeral1", 0, NULL},
    {"c3.large", HVM, ANY, ROOT " /dev/sdb=ephemeral0 /dev/sdc=ephemeral1", "/dev/sdf=ephemeral0",
     ROOT " /dev/sdc=ephemeral1 /dev/sdf=ephemeral0", "/dev/sdf=ephemeral0 /dev/sdc=ephemeral1", 0,
     NULL},
    {"t2.micro", HVM, ANY, ROOT, "/dev/sdb=ephemeral0", ROOT, "/dev/sdb=ephemeral0", 0, NULL},
    /* A name that a dropped disk would have had is free. */
    {"t2.micro", HVM, ANY, ROOT " /dev/sdb=ephemeral0", "/dev/xvdb=:1",
     ROOT " /dev/xvdb=:1:false:gp2", "/dev/sdb=ephemeral0", 0, NULL},
    /* M3 doesn't take what the image names, nor anything instead. */
    {"m3.xlarge", HVM, ANY, ROOT " /dev/sdf=ephemeral1", "", ROOT, "", 0, NULL},
    {"m3.xlarge", HVM, ONLY, ROOT " /dev/sdf=ephemeral1", "", ROOT, "", 0, NULL},
    {"m3.xlarge", HVM, ANY, ROOT " /dev/sdf=ephemeral1", "/dev/sdg=ephemeral0",
     ROOT " /dev/sdg=ephemeral0", "/dev/sdg=ephemeral0", 0, NULL},
    {"m3.medium", HVM, ANY, ROOT " /dev/sdb=ephemeral0", "/dev/sdb=none", ROOT, "", 0, NULL},
    /* NVMe disks are there, whatever is said. */
    {"c5ad.4xlarge", HVM, ONLY, ROOT " /dev/sdf=ephemeral1", "/dev/sdg=ephemeral0",
     ROOT " /dev/sdb=ephemeral0+ /dev/sdc=ephemeral1+", "/dev/sdg=ephemeral0 /dev/sdf=ephemeral1",
     0, NULL},
    {"c5ad.4xlarge", HVM, ANY, ROOT, "/dev/sdb=none /dev/sdd=:1",
     ROOT " /dev/sdc=ephemeral0+ /dev/sdd=:1:false:gp2 /dev/sde=ephemeral1+", "", 0, NULL},
    /* PV has partitions for disks. */
    {"m1.small", PV, ANY, ROOT, "/dev/sda2=ephemeral0 /dev/sdb2=:2 /dev/sdb1=:1 /dev/hdc=:3",
     ROOT " /dev/sda2=ephemeral0 /dev/sdb1=:1:false:gp2 /dev/sdb2=:2:false:gp2 "
          "/dev/hdc=:3:false:gp2",
     "/dev/sda2=ephemeral0", 0, NULL},
};

START_TEST(disks_of_a_launch)
{
    g_autofree char *remembered = NULL;
    g_autofree char *gives = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) devices = map(&good[_i], &remembered, &error);

    ck_assert_msg(devices != NULL, "%s: %s", good[_i].launch,
                  error != NULL ? error->message : "no error");
    gives = describe(devices);
    ck_assert_str_eq(gives, good[_i].gives);
    ck_assert_pstr_eq(remembered, good[_i].remembered);
}
END_TEST

#define REFUSED(type, kind, image, launch, code, says)                                             \
    {                                                                                              \
        type, kind, ANY, image, launch, NULL, NULL, code, says                                     \
    }
#define MAPPING ERROR_BLOCK_DEVICE_MAPPING

static const mapping_case bad[] = {
    REFUSED("t2.micro", HVM, "/dev/sdb=:1", "", MAPPING, "maps nothing to its root device"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sda1=none", MAPPING, "/dev/sda1=none: the root device"),
    REFUSED("m3.medium", HVM, ROOT, "/dev/sda1=ephemeral0", MAPPING, "can't be taken away"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sda1=" SNAP "3", MAPPING,
            "snapshotId cannot be modified on root device"),
    REFUSED("m1.small", HVM, "/dev/sda1=ephemeral0", "/dev/sda1=:9", MAPPING, "on instance store"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sda1=:7", MAPPING,
            "Volume of size 7GB is smaller than snapshot '" SNAP "1', expect size >= 8GB"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sdb=" SNAP "3:15", MAPPING,
            "Volume of size 15GB is smaller than snapshot '" SNAP "3', expect size >= 30GB"),
    REFUSED("t2.micro", HVM, ROOT " /dev/sdb=" SNAP "3:40", "/dev/sdb=:29", MAPPING,
            "expect size >= 30GB"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sdc=::true:gp2", MAPPING,
            "Either snapshot ID or volume size must be provided for: /dev/sdc"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sdc=" SNAP "9", ERROR_SNAPSHOT_NOT_FOUND,
            "The snapshot '" SNAP "9' does not exist."),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sdc=" SNAP "6", ERROR_SNAPSHOT_NOT_FOUND, "not exist"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sdc=" SNAP "5", ERROR_VOLUME_STATE,
            "Snapshot is in invalid state - pending: " SNAP "5"),
    REFUSED("t2.micro", HVM, ROOT " /dev/sdc=" SNAP "9", "", ERROR_SNAPSHOT_NOT_FOUND, "not exist"),
    REFUSED("c3.large", HVM, ROOT " /dev/sdb=ephemeral0", "/dev/sdb=" SNAP "2", MAPPING,
            "snapshotId can only be modified on EBS devices"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sdb1=:1", MAPPING, "Invalid device name /dev/sdb1"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sda=:1", MAPPING, "Invalid device name /dev/sda"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/xvda=:1", MAPPING, "Invalid device name /dev/xvda"),
    REFUSED("m3.medium", HVM, ROOT, "/dev/sdb1=ephemeral0", MAPPING, "Invalid device name"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/odd=none", MAPPING, "Invalid device name /dev/odd"),
    REFUSED("m1.small", PV, ROOT, "/dev/xvdb=:1", MAPPING, "Invalid device name /dev/xvdb"),
    REFUSED("t2.micro", HVM, ROOT, "/dev/sdb=:1 /dev/xvdb=:1", MAPPING,
            "The device '/dev/xvdb' is used in more than one block-device mapping"),
    REFUSED("t2.micro", HVM, ROOT " /dev/sdb=:1", "/dev/xvdb=:1", MAPPING, "is the same disk"),
    REFUSED("c3.large", HVM, ROOT, "/dev/sdb=:1 /dev/xvdb=ephemeral0", MAPPING,
            "used in more than one"),
    REFUSED("m1.small", PV, ROOT, "/dev/sdc=:1 /dev/sdc1=:1", MAPPING, "can't be mapped together"),
    REFUSED("m1.small", PV, ROOT, "/dev/sdc1=:1 /dev/sdc=ephemeral0", MAPPING,
            "can't be mapped together"),
    REFUSED("m1.small", PV, ROOT, "/dev/sda=:1", MAPPING, "can't be mapped together"),
};

START_TEST(refusals)
{
    g_autofree char *remembered = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(map(&bad[_i], &remembered, &error));
    ck_assert_msg(error_is(error, bad[_i].code), "%s: %s", bad[_i].launch, error->message);
    ck_assert_msg(strstr(error->message, bad[_i].says) != NULL, "%s: %s", bad[_i].launch,
                  error->message);
    ck_assert_ptr_null(remembered);
}
END_TEST

static char *
many_volumes(guint count)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < count; i++)
        g_string_append_printf(text, "%s/dev/xvdb%c=:1", i > 0 ? " " : "", 'a' + (int)i);
    return g_string_free(text, FALSE);
}

START_TEST(as_many_volumes_as_the_type_can)
{
    const instance_type *type = instance_types_find(types, "c5ad.4xlarge", NULL);
    g_autofree char *most = many_volumes(type->max_ebs - 1);
    g_autofree char *more = many_volumes(type->max_ebs);
    mapping_case with = {type->name, HVM, ANY, ROOT, most, NULL, NULL, 0, NULL};
    g_autofree char *remembered = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) devices = map(&with, &remembered, &error);

    /* The type's own disks don't count. */
    ck_assert_uint_eq(devices->len, type->max_ebs + type->store_count);
    with.launch = more;
    ck_assert_ptr_null(map(&with, &remembered, &error));
    ck_assert(error_is(error, ERROR_ATTACHMENT_LIMIT));
}
END_TEST

/* ---- starts ---- */

static const struct {
    const char *type, *volumes, *mapping, *before, *gives;
} starts[] = {
    {"m3.medium", ROOT, NULL, "", ROOT " /dev/sdb=ephemeral0+"},
    {"m3.medium", ROOT, "", "", ROOT},
    {"m3.medium", ROOT " /dev/sdf=:1:false:gp2", "/dev/sdg=ephemeral0", "/dev/sdg=ephemeral0",
     ROOT " /dev/sdf=:1:false:gp2 /dev/sdg=ephemeral0"},
    /* It stays where it was, though a better place has become free. */
    {"m3.medium", ROOT, NULL, "/dev/sdc=ephemeral0", ROOT " /dev/sdc=ephemeral0+"},
    /* Another type: those of the new one that are mapped, or all. */
    {"c3.large", ROOT, "/dev/sdb=ephemeral0 /dev/sdc=ephemeral1", "/dev/sdb=ephemeral0",
     ROOT " /dev/sdb=ephemeral0 /dev/sdc=ephemeral1"},
    {"m3.medium", ROOT, "/dev/sdb=ephemeral1 /dev/sdc=ephemeral0", "", ROOT " /dev/sdc=ephemeral0"},
    {"t2.micro", ROOT, "/dev/sdb=ephemeral0", "/dev/sdb=ephemeral0", ROOT},
    {"c3.large", ROOT, NULL, "/dev/sdb=ephemeral0",
     ROOT " /dev/sdb=ephemeral0+ /dev/sdc=ephemeral1+"},
    {"c5ad.4xlarge", ROOT, "", "", ROOT " /dev/sdb=ephemeral0+ /dev/sdc=ephemeral1+"},
    /* A volume was attached meanwhile where the new type's disk would be. */
    {"c3.large", ROOT " /dev/xvdc=:1:false:gp2", "/dev/sdb=ephemeral0 /dev/sdc=ephemeral1",
     "/dev/sdb=ephemeral0", ROOT " /dev/sdb=ephemeral0 /dev/xvdc=:1:false:gp2 /dev/sdd=ephemeral1"},
    {"c3.large", ROOT " /dev/sdc=:1:false:gp2", NULL, "/dev/sdb=ephemeral0",
     ROOT " /dev/sdb=ephemeral0+ /dev/sdc=:1:false:gp2 /dev/sdd=ephemeral1+"},
};

static void
add_volume(GPtrArray *devices, const map_spec *spec)
{
    block_device *device = g_new0(block_device, 1);

    device->device = g_strdup(spec->device);
    device->snapshot = g_strdup(spec->snapshot);
    device->size = spec->size_gib << 30;
    device->volume_type = g_strdup(spec->volume_type);
    device->delete_on_termination = spec->delete_on_termination == ON;
    g_ptr_array_insert(devices, 0, device);
}

START_TEST(disks_of_a_start)
{
    g_autoptr(GPtrArray) volumes = specs_of(starts[_i].volumes);
    g_autoptr(GPtrArray) disks = specs_of(starts[_i].before);
    g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func((GDestroyNotify)store_disk_free);
    g_autoptr(GPtrArray) devices =
        g_ptr_array_new_with_free_func((GDestroyNotify)block_device_free);
    const instance_type *type = instance_types_find(types, starts[_i].type, NULL);
    g_autofree char *gives = NULL;

    for (guint i = 0; i < volumes->len; i++)
        add_volume(devices, g_ptr_array_index(volumes, i));
    for (guint i = 0; i < disks->len; i++) {
        const map_spec *spec = g_ptr_array_index(disks, i);
        store_disk *disk = g_new0(store_disk, 1);
        disk->device = g_strdup(spec->device);
        disk->position = spec->position;
        g_ptr_array_add(before, disk);
    }
    mapping_add_store_disks(devices, type, starts[_i].mapping, before);
    mapping_sort(devices, "/dev/sda1");
    gives = describe(devices);
    ck_assert_str_eq(gives, starts[_i].gives);
}
END_TEST

START_TEST(instance_store_disks_have_the_size_of_the_type)
{
    const mapping_case with = {"hs1.8xlarge", HVM, ANY, ROOT, "", NULL, NULL, 0, NULL};
    g_autofree char *remembered = NULL;
    g_autoptr(GPtrArray) devices = map(&with, &remembered, NULL);
    const block_device *last = g_ptr_array_index(devices, devices->len - 1);

    ck_assert_uint_eq(devices->len, 25);
    ck_assert_str_eq(last->device, "/dev/sdy");
    ck_assert_str_eq(last->virtual_name, "ephemeral23");
    ck_assert(last->size == G_GINT64_CONSTANT(2048000000000));
}
END_TEST

Suite *
suite_mapping(void)
{
    Suite *suite = suite_create("mapping");
    TCase *tests = tcase_create("mapping");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, disks_of_a_launch, 0, G_N_ELEMENTS(good));
    tcase_add_loop_test(tests, refusals, 0, G_N_ELEMENTS(bad));
    tcase_add_test(tests, as_many_volumes_as_the_type_can);
    tcase_add_loop_test(tests, disks_of_a_start, 0, G_N_ELEMENTS(starts));
    tcase_add_test(tests, instance_store_disks_have_the_size_of_the_type);
    suite_add_tcase(suite, tests);
    return suite;
}
