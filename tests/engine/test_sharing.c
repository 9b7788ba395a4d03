/* Launch permissions, and those to make volumes of snapshots. */
#include "launcher/sharing.h"
#include "common/error.h"
#include "launcher/scope.h"
#include "store/product_code.h"
#include "tests/engine/fixture.h"

#include <string.h>

#define OWNER "123456789012"
#define FRIEND "222222222222"
#define OTHER "111111111111"
#define AMI "ami-12345678"
#define SNAPSHOT "snap-12345678"
#define EVERYBODY "all"

typedef sharing *(*sharer)(launcher *, const char *, const share_request *, GError **);

static const char *const to_friend[] = {FRIEND, NULL};
static const char *const to_all[] = {EVERYBODY, NULL};

/* Who may use it afterwards, as one text. */
static char *
spell(const sharing *now)
{
    GString *text = g_string_new(now->public ? "all" : "");

    for (guint i = 0; i < now->accounts->len; i++)
        g_string_append_printf(text, " %s", (char *)g_ptr_array_index(now->accounts, i));
    return g_string_free(text, FALSE);
}

static void
expect_shared(sharer share, const char *id, const share_request *asked, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sharing) now = share(engine, id, asked, &error);
    g_autofree char *text = NULL;

    ck_assert_msg(now != NULL, "%s", error != NULL ? error->message : "");
    text = spell(now);
    ck_assert_str_eq(text, expected);
}

static void
expect_refused(sharer share, const char *id, const share_request *asked, error_code code)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(share(engine, id, asked, &error));
    ck_assert_msg(error_is(error, code), "%s: %s", error_code_text(error), error->message);
}

static void
expect_private(sharer share, const char *id)
{
    const share_request nothing = {0};

    expect_shared(share, id, &nothing, "");
}

static const struct {
    sharer share;
    const char *id;
} things[] = {{launcher_image_share, AMI}, {launcher_snapshot_share, SNAPSHOT}};

START_TEST(permissions_come_and_go)
{
    const char *const both[] = {FRIEND, OTHER, NULL};
    const char *const all_but_friend[] = {EVERYBODY, OTHER, NULL};
    const share_request give = {.add = both};
    const share_request open = {.add = to_all};
    const share_request mixed = {.add = to_friend, .remove = all_but_friend};
    const share_request reset = {.reset = TRUE};
    const share_request anew = {.add = to_all, .reset = TRUE};

    expect_private(things[_i].share, things[_i].id);
    expect_shared(things[_i].share, things[_i].id, &give, " " OTHER " " FRIEND);
    expect_shared(things[_i].share, things[_i].id, &give, " " OTHER " " FRIEND);
    expect_shared(things[_i].share, things[_i].id, &open, "all " OTHER " " FRIEND);
    expect_shared(things[_i].share, things[_i].id, &mixed, " " FRIEND);
    expect_shared(things[_i].share, things[_i].id, &anew, "all");
    expect_shared(things[_i].share, things[_i].id, &reset, "");
}
END_TEST

START_TEST(a_dry_run_changes_nothing)
{
    const share_request open = {.add = to_all, .dry_run = TRUE};
    const share_request give = {.add = to_friend, .dry_run = TRUE};
    sharer share = things[_i].share;

    expect_shared(share, things[_i].id, &open, "all");
    expect_private(share, things[_i].id);
    expect_shared(share, things[_i].id, &give, " " FRIEND);
    expect_private(share, things[_i].id);
}
END_TEST

START_TEST(accounts_that_cannot_be)
{
    static const char *const wrong[] = {"",    "12345678901", "1234567890123", "12345678901x",
                                        "ALL", "' OR 1 --"};
    const char *const list[] = {FRIEND, wrong[_i], NULL};
    const share_request add = {.add = list};
    const share_request take = {.remove = list};

    expect_refused(launcher_image_share, AMI, &add, ERROR_AMI_ATTRIBUTE_ITEM);
    expect_refused(launcher_image_share, AMI, &take, ERROR_AMI_ATTRIBUTE_ITEM);
    expect_refused(launcher_snapshot_share, SNAPSHOT, &add, ERROR_PARAMETER_VALUE);
    expect_private(launcher_image_share, AMI);
    expect_private(launcher_snapshot_share, SNAPSHOT);
}
END_TEST

START_TEST(only_the_owner_shares)
{
    const share_request give = {.add = to_friend};
    const share_request open = {.add = to_all};
    const share_request contradiction = {.add = to_friend, .remove = to_friend};
    sharer share = things[_i].share;
    const char *id = things[_i].id;
    error_code missing = _i == 0 ? ERROR_AMI_NOT_FOUND : ERROR_SNAPSHOT_NOT_FOUND;

    expect_refused(share, id, &contradiction, ERROR_PARAMETER_COMBINATION);
    expect_refused(share, "vol-12345678", &give,
                   _i == 0 ? ERROR_AMI_MALFORMED : ERROR_SNAPSHOT_MALFORMED);
    act_as(FRIEND, "us-east-1");
    expect_refused(share, id, &open, missing);
    act_as(OWNER, "us-east-1");
    expect_shared(share, id, &give, " " FRIEND);
    act_as(FRIEND, "us-east-1");
    expect_refused(share, id, &open, ERROR_AUTH_FAILURE);
    act_as(OWNER, "eu-west-1");
    expect_refused(share, id, &open, missing);
}
END_TEST

START_TEST(others_are_not_told_whom)
{
    const share_request give = {.add = to_friend};
    g_autoptr(image) ami = NULL;
    g_autoptr(snapshot) disk = NULL;
    g_autoptr(sharing) told_owner = NULL;

    expect_shared(launcher_image_share, AMI, &give, " " FRIEND);
    expect_shared(launcher_snapshot_share, SNAPSHOT, &give, " " FRIEND);
    ami = image_get(engine->db, AMI, "us-east-1", NULL);
    disk = snapshot_get(engine->db, SNAPSHOT, NULL);
    told_owner = launcher_image_sharing(engine, ami);
    ck_assert_uint_eq(told_owner->accounts->len, 1);
    act_as(FRIEND, "us-east-1");
    ck_assert_ptr_null(launcher_image_sharing(engine, ami));
    ck_assert_ptr_null(launcher_snapshot_sharing(engine, disk));
}
END_TEST

START_TEST(images_that_are_not_available)
{
    static const int states[] = {IMAGE_PENDING, IMAGE_FAILED, IMAGE_DISABLED};
    const share_request give = {.add = to_friend};
    const share_request open = {.add = to_all};
    const share_request reset = {.reset = TRUE};
    g_autoptr(image) ami = image_get(engine->db, AMI, "us-east-1", NULL);
    g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);

    ami->state = states[_i];
    ck_assert(image_update(engine->db, ami, NULL));
    disk->state = SNAPSHOT_PENDING;
    ck_assert(snapshot_update(engine->db, disk, NULL));
    expect_refused(launcher_image_share, AMI, &give, ERROR_AMI_UNAVAILABLE);
    expect_refused(launcher_image_share, AMI, &open, ERROR_AMI_UNAVAILABLE);
    expect_refused(launcher_snapshot_share, SNAPSHOT, &give, ERROR_VOLUME_STATE);
    /* To take back is always right. */
    expect_shared(launcher_image_share, AMI, &reset, "");
}
END_TEST

START_TEST(what_is_encrypted_or_sold_is_not_public)
{
    const product_code codes[] = {
        {.resource = (char *)AMI, .code = (char *)"abc123", .kind = (char *)"marketplace"},
        {.resource = (char *)SNAPSHOT, .code = (char *)"abc123", .kind = (char *)"marketplace"}};
    const share_request open = {.add = to_all};
    const share_request would_open = {.add = to_all, .dry_run = TRUE};
    const share_request give = {.add = to_friend};
    g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);

    if (_i == 0) {
        disk->secret = g_strdup("11111111-2222-3333-4444-555555555555");
        ck_assert(snapshot_update(engine->db, disk, NULL));
    } else {
        ck_assert(product_code_insert(engine->db, &codes[0], NULL));
        ck_assert(product_code_insert(engine->db, &codes[1], NULL));
    }
    expect_refused(launcher_image_share, AMI, &open, ERROR_UNSUPPORTED);
    expect_refused(launcher_image_share, AMI, &would_open, ERROR_UNSUPPORTED);
    expect_refused(launcher_snapshot_share, SNAPSHOT, &open, ERROR_UNSUPPORTED);
    expect_refused(launcher_snapshot_share, SNAPSHOT, &would_open, ERROR_UNSUPPORTED);
    expect_private(launcher_image_share, AMI);
    expect_shared(launcher_image_share, AMI, &give, " " FRIEND);
    expect_shared(launcher_snapshot_share, SNAPSHOT, &give, " " FRIEND);
}
END_TEST

TCase *
sharing_tests(void)
{
    TCase *tests = tcase_create("sharing");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, permissions_come_and_go, 0, 2);
    tcase_add_loop_test(tests, a_dry_run_changes_nothing, 0, 2);
    tcase_add_loop_test(tests, accounts_that_cannot_be, 0, 6);
    tcase_add_loop_test(tests, only_the_owner_shares, 0, 2);
    tcase_add_test(tests, others_are_not_told_whom);
    tcase_add_loop_test(tests, images_that_are_not_available, 0, 3);
    tcase_add_loop_test(tests, what_is_encrypted_or_sold_is_not_public, 0, 2);
    return tests;
}
