/* Finding images: each filter, owners, views, what is hidden. */
#include "common/error.h"
#include "common/times.h"
#include "launcher/image_find.h"
#include "store/image_filters.h"
#include "store/permission.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define ME "123456789012"
#define FRIEND "222222222222"
#define AMAZON "137112412989"
#define MARKETPLACE "679593333241"
#define SNAPSHOT "snap-12345678"

/* The catalogue, oldest first; ami-12345678 of the fixture is deleted. */
static const struct {
    image ami;
    const char *tag_value; /* of "Stage"; NULL: it has none */
    const char *code;
    const char *shared_with;
    const char *volume_type;
} catalogue[] = {
    {.ami = {.id = (char *)"ami-00000001",
             .name = (char *)"mine-old",
             .description = (char *)"it's 100% [mine]",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"i386",
             .virtualization = VIRTUALIZATION_PARAVIRTUAL,
             .root_device = (char *)"/dev/sda1",
             .kernel = (char *)"aki-12345678",
             .ramdisk = (char *)"ari-12345678",
             .content = (char *)"c",
             .owner = (char *)ME,
             .region = (char *)"us-east-1",
             .created = 1000000000,
             .location = (char *)"bucket/image.manifest.xml",
             .root_device_type = ROOT_INSTANCE_STORE,
             .deprecated = 1000000001},
     .tag_value = "live"},
    {.ami = {.id = (char *)"ami-00000002",
             .name = (char *)"mine-new",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/xvda",
             .content = (char *)"c",
             .source = (char *)"i-12345678",
             .owner = (char *)ME,
             .region = (char *)"us-east-1",
             .created = 1100000000,
             .boot_mode = (char *)"uefi",
             .platform = (char *)"windows",
             .source_image = (char *)"ami-99999999",
             .source_region = (char *)"eu-west-1"},
     .tag_value = "test",
     .shared_with = FRIEND},
    {.ami = {.id = (char *)"ami-00000003",
             .name = (char *)"amzn2",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)AMAZON,
             .region = (char *)"us-east-1",
             .created = 1200000000,
             .public = 1},
     .tag_value = "live",
     .volume_type = "gp2"},
    {.ami = {.id = (char *)"ami-00000004",
             .name = (char *)"paid",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)MARKETPLACE,
             .region = (char *)"us-east-1",
             .created = 1300000000,
             .public = 1},
     .code = "abc123"},
    {.ami = {.id = (char *)"ami-00000005",
             .name = (char *)"theirs",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)FRIEND,
             .region = (char *)"us-east-1",
             .created = 1400000000,
             .deprecated = G_GINT64_CONSTANT(99999999999),
             .public = 1},
     .tag_value = "live"},
    {.ami = {.id = (char *)"ami-00000006",
             .name = (char *)"given",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)FRIEND,
             .region = (char *)"us-east-1",
             .created = 1500000000},
     .shared_with = ME},
    {.ami = {.id = (char *)"ami-00000007",
             .name = (char *)"private",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)FRIEND,
             .region = (char *)"us-east-1",
             .created = 1600000000}},
    {.ami = {.id = (char *)"ami-00000008",
             .name = (char *)"past",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)FRIEND,
             .region = (char *)"us-east-1",
             .created = 1600000001,
             .deprecated = 1600000002,
             .public = 1}},
    {.ami = {.id = (char *)"ami-00000009",
             .name = (char *)"off",
             .state = IMAGE_DISABLED,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)ME,
             .region = (char *)"us-east-1",
             .created = 1600000002}},
    {.ami = {.id = (char *)"ami-0000000a",
             .name = (char *)"elsewhere",
             .state = IMAGE_AVAILABLE,
             .architecture = (char *)"x86_64",
             .root_device = (char *)"/dev/sda1",
             .content = (char *)"c",
             .owner = (char *)ME,
             .region = (char *)"eu-west-1",
             .created = 1600000003}},
};

static void
insert_belongings(guint place)
{
    const char *id = catalogue[place].ami.id;
    const char *type = catalogue[place].volume_type;
    const product_code code = {(char *)id, (char *)catalogue[place].code, (char *)"marketplace"};
    const image_mapping root = {.image = (char *)id,
                                .device = (char *)"/dev/sda1",
                                .snapshot = (char *)SNAPSHOT,
                                .size_gib = 8 + place,
                                .volume_type = (char *)(type != NULL ? type : "io1"),
                                .delete_on_termination = place == 2,
                                .encrypted = place == 3};
    const image_mapping disk = {.image = (char *)id,
                                .position = 1,
                                .device = (char *)"/dev/sdb",
                                .virtual_name = (char *)"ephemeral0"};

    ck_assert(image_mapping_insert(engine->db, &root, NULL));
    ck_assert(image_mapping_insert(engine->db, &disk, NULL));
    if (catalogue[place].tag_value != NULL)
        ck_assert(tag_set(engine->db, id, "Stage", catalogue[place].tag_value, NULL));
    if (code.code != NULL)
        ck_assert(product_code_insert(engine->db, &code, NULL));
    if (catalogue[place].shared_with != NULL)
        ck_assert(permission_add(engine->db, id, catalogue[place].shared_with, NULL));
}

static void
set_up_catalogue(void)
{
    set_up();
    ck_assert(image_delete(engine->db, "ami-12345678", NULL));
    for (guint i = 0; i < G_N_ELEMENTS(catalogue); i++) {
        ck_assert(image_insert(engine->db, &catalogue[i].ami, NULL));
        insert_belongings(i);
    }
}

/* The last digits of those that are found, in order. */
static void
expect_found(const image_find_request *request, const char *wanted, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) found = launcher_image_find(engine, request, &error);
    g_autoptr(GString) digits = g_string_new("");

    ck_assert_msg(found != NULL, "%s: %s", what, error != NULL ? error->message : "");
    for (guint i = 0; i < found->len; i++) {
        const char *id = ((image_view *)g_ptr_array_index(found, i))->ami->id;
        g_string_append_c(digits, id[strlen(id) - 1]);
    }
    ck_assert_msg(g_str_equal(digits->str, wanted), "%s: %s instead of %s", what, digits->str,
                  wanted);
}

/* ---- filters ---- */

/* The last digits of the region's kernel images, in the order of kernel-images.conf. */
#define AMAZONS "3b68c0bd"

static const struct {
    const char *filter, *found;
} filter_cases[] = {
    {"name=architecture,values=i386", "1"},
    {"name=architecture,values=i386,x86_*", "654321"},
    {"name=block-device-mapping.delete-on-termination,values=true", "3"},
    {"name=block-device-mapping.device-name,values=/dev/sda1", "654321"},
    {"name=block-device-mapping.device-name,values=/dev/sdb", ""},
    {"name=block-device-mapping.encrypted,values=true", "4"},
    {"name=block-device-mapping.snapshot-id,values=" SNAPSHOT, "654321"},
    {"name=block-device-mapping.volume-size,values=8,9", "21"},
    {"name=block-device-mapping.volume-type,values=gp2", "3"},
    {"name=boot-mode,values=uefi", "2"},
    {"name=creation-date,values=2001-*,2008-01-10T21:20:00.000Z", "31"},
    {"name=description,values=it's 100% [mine]", "1"},
    {"name=description,values=*%*", "1"},
    {"name=description,values=* [m*", "1"},
    {"name=hypervisor,values=xen", "654321"},
    {"name=image-id,values=ami-00000002,ami-00000007", "2"},
    {"name=image-type,values=machine", "654321"},
    {"name=image-type,values=kernel", AMAZONS},
    {"name=is-public,values=true", "543"},
    {"name=is-public,values=false", "621"},
    {"name=kernel-id,values=aki-*", "1"},
    {"name=manifest-location,values=bucket/*", "1"},
    {"name=manifest-location,values=amazon/amzn2," FRIEND "/given", "63"},
    {"name=name,values=mine-*", "21"},
    {"name=name,values=mine-ne?", "2"},
    {"name=name,values=MINE-*", ""},
    {"name=name,values=mine-\\*", ""},
    {"name=name,values=[m]ine-old", ""},
    {"name=name,values=' OR 1=1 --", ""},
    {"name=name,values=%", ""},
    {"name=owner-alias,values=amazon", "3"},
    {"name=owner-alias,values=aws-*", "4"},
    {"name=owner-id,values=" FRIEND, "65"},
    {"name=platform,values=windows", "2"},
    {"name=product-code,values=abc*", "4"},
    {"name=product-code.type,values=marketplace", "4"},
    {"name=ramdisk-id,values=ari-12345678", "1"},
    {"name=root-device-name,values=/dev/xvda", "2"},
    {"name=root-device-type,values=instance-store", "1"},
    {"name=source-image-id,values=ami-99999999", "2"},
    {"name=source-image-region,values=eu-*", "2"},
    {"name=source-instance-id,values=i-12345678", "2"},
    {"name=state,values=available", "654321"},
    {"name=tag-key,values=Stage", "21"},
    {"name=tag:Stage,values=live", "1"},
    {"name=tag:Stage,values=l*,test", "21"},
    {"name=tag:stage,values=live", ""},
    {"name=virtualization-type,values=paravirtual", "1"},
};

START_TEST(filters_find_what_they_should)
{
    const char *const filters[] = {filter_cases[_i].filter, NULL};
    const image_find_request request = {.filters = filters};

    expect_found(&request, filter_cases[_i].found, filter_cases[_i].filter);
}
END_TEST

#define NAME(name, kind, compared) name,

/* None is left out above. */
START_TEST(every_filter_is_tried)
{
    static const char *const names[] = {IMAGE_FILTERS(NAME)};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *begin = g_strdup_printf("name=%s,", names[i]);
        gboolean tried = FALSE;
        for (gsize j = 0; j < G_N_ELEMENTS(filter_cases); j++)
            tried = tried || g_str_has_prefix(filter_cases[j].filter, begin);
        ck_assert_msg(tried, "%s", names[i]);
    }
}
END_TEST

START_TEST(all_of_several_filters_match)
{
    const image_find_request request = {
        .filters = (const char *const[]){"name=owner-id,values=" ME, "Name=tag-key,Values=Stage",
                                         "name=architecture,values=x86_64", NULL}};

    expect_found(&request, "2", "three");
}
END_TEST

START_TEST(what_cannot_be_asked)
{
    const struct {
        image_find_request request;
        error_code code;
        const char *part;
    } wrong[] = {
        {{.filters = (const char *const[]){"name=colour,values=red", NULL}},
         ERROR_PARAMETER_VALUE,
         "The filter 'colour' is invalid"},
        {{.filters = (const char *const[]){"name=image.owner) OR (1,values=1", NULL}},
         ERROR_PARAMETER_VALUE,
         "is invalid"},
        {{.filters = (const char *const[]){"state", NULL}}, ERROR_PARAMETER_VALUE, "no filter"},
        {{.owners = (const char *const[]){"all", NULL}}, ERROR_USER_MALFORMED, "\"all\""},
        {{.owners = (const char *const[]){"12345678901", NULL}}, ERROR_USER_MALFORMED, ""},
        {{.executable_by = (const char *const[]){"amazon", NULL}}, ERROR_USER_MALFORMED, ""},
        {{.view = "all but one"}, ERROR_PARAMETER_VALUE, "is no view"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ck_assert_ptr_null(launcher_image_find(engine, &wrong[i].request, &error));
        ck_assert_msg(error_is(error, wrong[i].code), "%s: %s", error_code_text(error),
                      error->message);
        ck_assert_ptr_nonnull(strstr(error->message, wrong[i].part));
    }
}
END_TEST

/* ---- whose ---- */

START_TEST(owners_users_and_views)
{
    const struct {
        image_find_request request;
        const char *found;
    } cases[] = {
        {{0}, "654321"},
        {{.include_deprecated = TRUE}, "8654321"},
        {{.include_disabled = TRUE}, "9654321"},
        {{.owners = (const char *const[]){"self", NULL}}, "21"},
        {{.owners = (const char *const[]){"self", NULL}, .include_disabled = TRUE}, "921"},
        {{.owners = (const char *const[]){"amazon", "aws-marketplace", NULL}}, "43" AMAZONS},
        {{.owners = (const char *const[]){FRIEND, NULL}}, "65"},
        {{.executable_by = (const char *const[]){"all", NULL}}, "543"},
        {{.executable_by = (const char *const[]){"self", NULL}}, "6"},
        {{.executable_by = (const char *const[]){FRIEND, NULL}}, "2"},
        {{.executable_by = (const char *const[]){FRIEND, "self", NULL}}, "62"},
        {{.view = "all"}, "654321"},
        {{.view = "quickstart"}, "3"},
        {{.view = "mine"}, "621"},
        {{.view = "marketplace"}, "4"},
        {{.view = "community"}, "5"},
        {{.view = "community", .owners = (const char *const[]){"self", NULL}}, ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *what = g_strdup_printf("case %d", (int)i);
        expect_found(&cases[i].request, cases[i].found, what);
    }
}
END_TEST

/* What somebody else sees: a friend's own private and deprecated ones, not my tags. */
START_TEST(others_see_other_images)
{
    const image_find_request by_me = {.executable_by = (const char *const[]){ME, NULL}};
    const image_find_request by_tag = {.filters =
                                           (const char *const[]){"name=tag:Stage,values=*", NULL}};

    act_as(FRIEND, "us-east-1");
    expect_found(&(image_find_request){0}, "8765432", "a friend");
    expect_found(&by_me, "6", "to whom the friend gave it");
    expect_found(&by_tag, "5", "the friend's tags");
    act_as("333333333333", "us-east-1");
    expect_found(&(image_find_request){.include_disabled = TRUE}, "543", "a stranger");
    expect_found(&by_me, "", "what others gave to others");
    act_as(ME, "eu-west-1");
    expect_found(&(image_find_request){0}, "a", "in another region");
}
END_TEST

START_TEST(whole_ones_have_what_belongs_to_them)
{
    const image_find_request request = {.whole = TRUE};
    g_autoptr(GPtrArray) found = launcher_image_find(engine, &request, NULL);
    static const guint tags[] = {0, 0, 0, 0, 1, 1};
    static const guint codes[] = {0, 0, 1, 0, 0, 0};

    ck_assert_uint_eq(found->len, 6);
    for (guint i = 0; i < found->len; i++) {
        const image_view *view = g_ptr_array_index(found, i);
        const char *device = ((image_mapping *)g_ptr_array_index(view->mapping, 1))->device;
        ck_assert_uint_eq(view->mapping->len, 2);
        ck_assert_str_eq(device, "/dev/sdb");
        ck_assert_uint_eq(view->tags->len, tags[i]);
        ck_assert_uint_eq(view->product_codes->len, codes[i]);
    }
    ck_assert_str_eq(((image_view *)g_ptr_array_index(found, 3))->owner_alias, "amazon");
}
END_TEST

TCase *
image_find_tests(void)
{
    TCase *tests = tcase_create("finding images");

    tcase_add_checked_fixture(tests, set_up_catalogue, tear_down);
    tcase_add_loop_test(tests, filters_find_what_they_should, 0, G_N_ELEMENTS(filter_cases));
    tcase_add_test(tests, every_filter_is_tried);
    tcase_add_test(tests, all_of_several_filters_match);
    tcase_add_test(tests, what_cannot_be_asked);
    tcase_add_test(tests, owners_users_and_views);
    tcase_add_test(tests, others_see_other_images);
    tcase_add_test(tests, whole_ones_have_what_belongs_to_them);
    return tests;
}
