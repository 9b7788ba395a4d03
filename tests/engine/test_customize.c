/* Images that are customized: what can't be leaves nothing, and so does one that is cut off. A
 * phony virt-customize does nothing but fail, or kills who has called it. */
#include "common/error.h"
#include "common/files.h"
#include "common/process.h"
#include "images/digest.h"
#include "images/facts.h"
#include "images/home.h"
#include "images/room.h"
#include "launcher/customizing.h"
#include "launcher/deregister.h"
#include "store/operation.h"
#include "store/permission.h"
#include "store/product_code.h"
#include "tests/engine/fixture.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define AMI "ami-12345678"
#define SNAPSHOT "snap-12345678"
#define FRIEND "222222222222"

static GPtrArray *steps;
static char *old_path;

static void
phony(const char *script)
{
    g_autofree char *folder = g_build_filename(home, "bin", NULL);
    g_autofree char *program = g_build_filename(folder, "virt-customize", NULL);
    g_autofree char *path = g_strdup_printf("%s:%s", folder, old_path);

    ck_assert(folder_make(folder, 0700, NULL));
    ck_assert(g_file_set_contents(program, script, -1, NULL));
    ck_assert(chmod(program, 0700) == 0);
    setenv("PATH", path, TRUE);
}

static void
set_up_steps(void)
{
    set_up();
    old_path = g_strdup(g_getenv("PATH"));
    steps = g_ptr_array_new_with_free_func((GDestroyNotify)customize_step_free);
    g_ptr_array_add(steps, customize_step_new(CUSTOMIZE_MKDIR, "/x"));
    phony("#!/bin/sh\nprintf '[ 1.0] Examining\\nlast \\033[2Jwords\\n'\nexit 1\n");
}

static void
tear_down_steps(void)
{
    setenv("PATH", old_path, TRUE);
    g_free(old_path);
    g_ptr_array_unref(steps);
    tear_down();
}

static char *
customize(GError **error)
{
    const customize_request request = {.image = AMI, .name = "new", .steps = steps};

    return launcher_image_customize(engine, &request, error);
}

static void
expect_refused(error_code code)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(customize(&error));
    ck_assert_msg(error_is(error, code), "%s: %s", error_code_text(error), error->message);
}

static void
expect_only_the_old(guint files)
{
    g_autoptr(GPtrArray) images = image_list(engine->db, "us-east-1", NULL);
    g_autoptr(GPtrArray) disks = snapshot_list_every(engine->db, NULL);
    g_autoptr(GPtrArray) operations = operation_list(engine->db, NULL);

    ck_assert_uint_eq(images->len, 1);
    ck_assert_uint_eq(disks->len, 1);
    ck_assert_uint_eq(operations->len, 0);
    ck_assert_uint_eq(files_in("snapshots"), files);
    ck_assert(!image_name_taken(engine->db, "123456789012", "us-east-1", "new"));
}

START_TEST(a_step_that_fails_leaves_nothing)
{
    g_autoptr(GError) error = NULL;
    guint files = files_in("snapshots");

    ck_assert_ptr_null(customize(&error));
    ck_assert_msg(error_is(error, ERROR_CUSTOMIZATION), "%s", error->message);
    ck_assert_ptr_nonnull(strstr(error->message, "last "));
    ck_assert_ptr_null(strchr(error->message, '\033'));
    ck_assert_ptr_null(strstr(error->message, "Examining"));
    expect_only_the_old(files);
}
END_TEST

int
customize_die(char **args)
{
    home = args[1];
    driver = fake_new();
    engine = open_engine();
    steps = g_ptr_array_new();
    g_ptr_array_add(steps, customize_step_new(CUSTOMIZE_MKDIR, args[2]));
    customize(NULL);
    return 0;
}

START_TEST(one_that_is_cut_off_is_undone_by_the_next_command)
{
    const char *argv[] = {"/proc/self/exe", home, "/x", NULL};
    guint files = files_in("snapshots");
    int status = 0;

    phony("#!/bin/sh\nkill -9 $PPID\nsleep 5\n");
    ck_assert(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
                           &status, NULL));
    ck_assert(WIFSIGNALED(status));
    ck_assert_uint_eq(files_in("snapshots"), files + 1);
    /* Its programs hold its operation until they are gone. */
    for (int i = 0; i < 100 && files_in("snapshots") > files; i++) {
        g_autoptr(GPtrArray) images = launcher_snapshots(engine, NULL, NULL);
        g_usleep(50000);
    }
    expect_only_the_old(files);
}
END_TEST

/* There is room until a file in HOME says that there is none. */
static guint64
room_until_full(const char *path G_GNUC_UNUSED)
{
    g_autofree char *full = g_build_filename(home, "full", NULL);

    return g_file_test(full, G_FILE_TEST_EXISTS) ? ROOM_RESERVE - 1 : ROOM_TO_CHANGE;
}

static gboolean
is_running(const char *pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/stat", pid);
    g_autofree char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, ") Z ") == NULL;
}

START_TEST(one_that_waits_for_room_is_ended)
{
    g_autofree char *script =
        g_strdup_printf("#!/bin/sh\nsleep 600 &\necho $! >%s/waits\nprintf 'half a line'\n"
                        "touch %s/full\nwait\n",
                        home, home);
    g_autofree char *path = g_build_filename(home, "waits", NULL);
    g_autofree char *waits = NULL;
    guint files = files_in("snapshots");

    phony(script);
    room_pretend(room_until_full);
    expect_refused(ERROR_HOST_DISK);
    ck_assert(g_file_get_contents(path, &waits, NULL, NULL));
    g_strstrip(waits);
    for (int i = 0; i < 100 && is_running(waits); i++)
        g_usleep(50000);
    ck_assert(!is_running(waits));
    expect_only_the_old(files);

    /* And it doesn't begin where there isn't enough. */
    ck_assert(g_unlink(path) == 0);
    expect_refused(ERROR_HOST_DISK);
    ck_assert(!g_file_test(path, G_FILE_TEST_EXISTS));
    expect_only_the_old(files);
    room_pretend(NULL);
}
END_TEST

START_TEST(an_encrypted_root_is_refused)
{
    g_autoptr(snapshot) disk = snapshot_get(engine->db, SNAPSHOT, NULL);

    disk->secret = g_strdup("0");
    ck_assert(snapshot_update(engine->db, disk, NULL));
    expect_refused(ERROR_UNSUPPORTED);
    disk->secret = (g_free(disk->secret), NULL);
    ck_assert(snapshot_update(engine->db, disk, NULL));
    expect_only_the_old(files_in("snapshots"));
}
END_TEST

START_TEST(what_is_sold_to_others_is_refused)
{
    const product_code code = {(char *)AMI, (char *)"code", (char *)"marketplace"};

    ck_assert(permission_add(engine->db, AMI, FRIEND, NULL));
    act_as(FRIEND, "us-east-1");
    expect_refused(ERROR_CUSTOMIZATION);
    ck_assert(product_code_insert(engine->db, &code, NULL));
    expect_refused(ERROR_REQUEST);
    act_as("333333333333", "us-east-1");
    expect_refused(ERROR_AMI_NOT_FOUND);
    act_as(FRIEND, "eu-west-1");
    expect_refused(ERROR_AMI_NOT_FOUND);
}
END_TEST

START_TEST(others_with_more_volumes_have_to_be_copied_first)
{
    const image_mapping entry = {.image = (char *)AMI,
                                 .position = 7,
                                 .device = (char *)"/dev/sdz",
                                 .snapshot = (char *)SNAPSHOT,
                                 .size_gib = 1,
                                 .volume_type = (char *)"gp2"};

    ck_assert(image_mapping_insert(engine->db, &entry, NULL));
    expect_refused(ERROR_CUSTOMIZATION);
    ck_assert(permission_add(engine->db, AMI, FRIEND, NULL));
    act_as(FRIEND, "us-east-1");
    expect_refused(ERROR_UNSUPPORTED);
}
END_TEST

/* ---- instance store ---- */

#define STORE_AMI "ami-22222222"
#define STORE_CONTENT "raw:sha256:00"

static void
make_template(const char *path)
{
    const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2", path, "1G", NULL};

    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
}

static void
register_store_image(void)
{
    const image ami = {.id = (char *)STORE_AMI,
                       .name = (char *)"store",
                       .state = IMAGE_AVAILABLE,
                       .architecture = (char *)"x86_64",
                       .root_device_type = ROOT_INSTANCE_STORE,
                       .root_device = (char *)"/dev/sda1",
                       .content = (char *)STORE_CONTENT,
                       .owner = (char *)"123456789012",
                       .region = (char *)"us-east-1"};
    const image_mapping root = {.image = (char *)STORE_AMI,
                                .device = (char *)"/dev/sda1",
                                .virtual_name = (char *)"ami",
                                .size_gib = 1};
    g_autofree char *path = home_template_path(home, STORE_CONTENT);

    make_template(path);
    ck_assert(image_insert(engine->db, &ami, NULL));
    ck_assert(image_mapping_insert(engine->db, &root, NULL));
}

/* Its new template is an empty disk, which takes no appliance to look into. */
static void
know_empty_disk(void)
{
    g_autofree char *empty = g_build_filename(home, "empty.qcow2", NULL);
    g_autofree char *flat = g_build_filename(home, "flat.qcow2", NULL);
    const char *const argv[] = {"qemu-img", "convert", "-q",  "-f", "qcow2",
                                "-O",       "qcow2",   empty, flat, NULL};
    g_autofree char *digest = NULL;
    g_autofree char *content = NULL;
    g_autoptr(image_facts) nothing = image_facts_new();
    g_autofree char *facts = image_facts_to_json(nothing);

    make_template(empty);
    ck_assert(process_run(argv, ERROR_HOST_DISK, NULL, NULL));
    digest = file_sha256(flat, NULL, "", NULL);
    content = g_strdup_printf("qcow2:sha256:%s", digest);
    ck_assert(content_facts_set(engine->db, content, facts, NULL));
}

/* Somebody else deregisters it while it is being customized. */
static guint64
room_and_no_source(const char *path G_GNUC_UNUSED)
{
    static const char *const ids[] = {STORE_AMI, NULL};
    launcher *other;
    g_autoptr(GPtrArray) fates = NULL;

    room_pretend(NULL);
    other = open_engine();
    fates = launcher_image_deregister(other, ids, FALSE, NULL);
    g_assert_nonnull(fates);
    other->driver = NULL; /* it is ENGINE's, too */
    launcher_free(other);
    return ROOM_TO_CHANGE;
}

START_TEST(the_template_goes_with_its_last_image)
{
    const customize_request request = {.image = STORE_AMI, .name = "new", .steps = steps};
    g_autoptr(GError) error = NULL;
    g_autofree char *old = home_template_path(home, STORE_CONTENT);
    g_autofree char *id = NULL;
    gboolean good = _i == 0;

    register_store_image();
    know_empty_disk();
    phony(good ? "#!/bin/sh\nexit 0\n" : "#!/bin/sh\nexit 1\n");
    room_pretend(room_and_no_source);
    id = launcher_image_customize(engine, &request, &error);
    ck_assert_msg((id != NULL) == good, "%s", error != NULL ? error->message : "");
    ck_assert(!g_file_test(old, G_FILE_TEST_EXISTS));
    ck_assert_uint_eq(files_in("templates"), good ? 1 : 0);
}
END_TEST

/* But not one that is still there. */
START_TEST(the_template_stays_with_its_image)
{
    const customize_request request = {.image = STORE_AMI, .name = "new", .steps = steps};
    g_autoptr(GError) error = NULL;
    g_autofree char *old = home_template_path(home, STORE_CONTENT);
    g_autofree char *id = NULL;

    register_store_image();
    know_empty_disk();
    phony("#!/bin/sh\nexit 0\n");
    id = launcher_image_customize(engine, &request, &error);
    ck_assert_msg(id != NULL, "%s", error != NULL ? error->message : "");
    ck_assert(g_file_test(old, G_FILE_TEST_EXISTS));
    ck_assert_uint_eq(files_in("templates"), 2);
}
END_TEST

static void
hear_phase(progress *self G_GNUC_UNUSED, const char *phase G_GNUC_UNUSED,
           double fraction G_GNUC_UNUSED)
{
}

static char *noted;

static void
hear_note(progress *self G_GNUC_UNUSED, const char *text)
{
    g_free(noted);
    noted = g_strdup(text);
}

START_TEST(a_hosts_name_that_is_not_set_is_told)
{
    const customize_request request = {.image = STORE_AMI, .name = "new", .steps = steps};
    progress listener = {.report = hear_phase, .note = hear_note};
    g_autofree char *id = NULL;

    register_store_image();
    know_empty_disk();
    phony("#!/bin/sh\necho 'virt-customize: warning: hostname could not be set for this type of "
          "guest' >&2\n");
    engine->listener = &listener;
    id = launcher_image_customize(engine, &request, NULL);
    engine->listener = NULL;
    ck_assert_ptr_nonnull(id);
    ck_assert_ptr_nonnull(noted);
    ck_assert_ptr_nonnull(strstr(noted, "the host's name isn't set"));
    g_free(noted);
}
END_TEST

TCase *
customize_tests(void)
{
    TCase *tests = tcase_create("customize");

    tcase_add_checked_fixture(tests, set_up_steps, tear_down_steps);
    tcase_add_test(tests, a_step_that_fails_leaves_nothing);
    tcase_add_test(tests, one_that_is_cut_off_is_undone_by_the_next_command);
    tcase_add_test(tests, one_that_waits_for_room_is_ended);
    tcase_add_test(tests, an_encrypted_root_is_refused);
    tcase_add_test(tests, what_is_sold_to_others_is_refused);
    tcase_add_test(tests, others_with_more_volumes_have_to_be_copied_first);
    tcase_add_loop_test(tests, the_template_goes_with_its_last_image, 0, 2);
    tcase_add_test(tests, the_template_stays_with_its_image);
    tcase_add_test(tests, a_hosts_name_that_is_not_set_is_told);
    return tests;
}
