/* docs/json.md against what commands print: each is run as the command line would, on a hypervisor
 * in memory, and its answer compared with the document's tables, both ways round. */
#include "images/home.h"
#include "cli/command.h"
#include "tests/engine/command_line.h"
#include "tests/engine/fixture.h"
#include "tests/engine/shapes.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static shapes *document;
static GHashTable *asked; /* names of commands */

/* Compares what the command line FORMAT prints with what the document says of NAME. The caller
 * drops it. */
static json_t *G_GNUC_PRINTF(2, 3) ask(const char *name, const char *format, ...)
{
    g_autofree char *line = NULL;
    g_autofree char *text = NULL;
    json_error_t wrong;
    json_t *answer;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    text = command_line_run(line, asked);
    answer = json_loads(text, 0, &wrong);
    ck_assert_msg(answer != NULL, "%s: %s in %s", line, wrong.text, text);
    shapes_compare(document, name, answer);
    return answer;
}

#define DROP(answer) json_decref(answer)

/* The text at KEY of ANSWER, of its first item where it is a list; the caller frees it. */
static char *
text_at(json_t *answer, const char *list, const char *key)
{
    json_t *place = list != NULL ? json_array_get(json_object_get(answer, list), 0) : answer;
    char *text = g_strdup(json_string_value(json_object_get(place, key)));

    json_decref(answer);
    ck_assert_msg(text != NULL, "no %s", key);
    return text;
}

/* FORMAT prints nothing, as with `aws`. */
static void G_GNUC_PRINTF(1, 2) quietly(const char *format, ...)
{
    g_autofree char *line = NULL;
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    line = g_strdup_vprintf(format, args);
    va_end(args);
    text = command_line_run(line, asked);
    ck_assert_msg(*text == '\0', "%s prints %s", line, text);
}

/* ---- what there is to be asked ---- */

static void
put_text(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

/* An instance has what only paravirtual ones have, or those of an image that says so. */
static void
make_odd(const char *id)
{
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);

    ck_assert_ptr_nonnull(vm);
    put_text(&vm->kernel, "aki-499ccb20");
    put_text(&vm->ramdisk, "ari-12345678");
    put_text(&vm->boot_mode, "legacy-bios");
    ck_assert(instance_update(engine->db, vm, NULL));
}

/* Each guest's firmware finds nothing to boot. */
static void
write_consoles(const char *what)
{
    g_autofree char *path = g_build_filename(home, "instances", NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *id;

    while (g_str_equal(what, "start") && (id = g_dir_read_name(folder)) != NULL) {
        g_autofree char *console = home_console_log(home, id);
        g_file_set_contents(console,
                            "SeaBIOS (version 1)\r\nBooting from Hard Disk...\r\n"
                            "Boot failed: not a bootable disk\r\n\r\nNo bootable device.\r\n",
                            -1, NULL);
    }
}

static void
ask_of_instances(const char *priced)
{
    g_autofree char *id =
        text_at(ask("run",
                    "run %s --type m3 --tag Name=web --map /dev/sdf=:1 --map /dev/sdb=ephemeral0 "
                    "--publish 40080:80 --key lab --user-data-base64 aGVsbG8=",
                    priced),
                "Instances", "InstanceId");

    DROP(ask("run", "run ami-12345678 --wait --timeout 0"));
    driver->meanwhile = write_consoles;
    DROP(ask("run", "run ami-12345678 --wait --timeout 0"));
    driver->meanwhile = NULL;
    DROP(ask("run --dry-run", "run ami-12345678 --dry-run"));
    DROP(ask("plan", "plan ami-12345678 --type m3 --map /dev/sdf=:1 --map /dev/sdg=snap-12345678"));
    DROP(ask("screenshot", "screenshot %s", id));
    DROP(ask("log", "log %s", id));
    DROP(ask("reboot", "reboot %s --force", id));
    DROP(ask("stop", "stop %s --force", id));
    make_odd(id);
    DROP(ask("ls", "ls"));
    DROP(ask("show", "show %s", id));
    DROP(ask("modify", "modify %s --protect on", id));
    DROP(ask("modify", "modify %s --protect off", id));
    DROP(ask("terminate", "terminate %s", id));
    DROP(ask("ls", "ls"));
}

static void
ask_of_power(void)
{
    g_autofree char *id = text_at(ask("run", "run ami-12345678 --type m3 --hibernate "
                                             "--map /dev/sda1=:6:::encrypted"),
                                  "Instances", "InstanceId");

    quietly("wait %s --for running", id);
    DROP(ask("hibernate", "hibernate %s", id));
    DROP(ask("start", "start %s", id));
    DROP(ask("terminate", "terminate %s", id));
}

/* What no command makes by itself, all in one. */
static void
insert_odd_image(void)
{
    const image odd = {.id = (char *)"ami-0000000d",
                       .name = (char *)"odd",
                       .description = (char *)"all there is",
                       .state = IMAGE_FAILED,
                       .architecture = (char *)"x86_64",
                       .root_device = (char *)"/dev/sda1",
                       .kernel = (char *)"aki-499ccb20",
                       .ramdisk = (char *)"ari-12345678",
                       .content = (char *)"none",
                       .owner = (char *)"123456789012",
                       .region = (char *)"us-east-1",
                       .boot_mode = (char *)"uefi",
                       .platform = (char *)"windows",
                       .deprecated = 2000000000};

    ck_assert(image_insert(engine->db, &odd, NULL));
}

static void
know_facts(void)
{
    g_autoptr(image_facts) facts = image_facts_new();
    g_autofree char *text = image_facts_to_json(facts);

    ck_assert(content_facts_set(engine->db, "none", text, NULL));
}

/* An image with a product code and all kinds of entries; its id, for the caller to free. */
static char *
ask_of_images(void)
{
    g_autofree char *vm = text_at(ask("run", "run ami-12345678"), "Instances", "InstanceId");
    g_autofree char *made =
        text_at(ask("image create", "image create %s --name made --no-reboot --tag a=b", vm), NULL,
                "ImageId");
    g_autofree char *copy =
        text_at(ask("image copy", "image copy ami-12345678 --name copy"), NULL, "ImageId");
    char *priced = text_at(
        ask("image register",
            "image register --name priced --map /dev/sda1=snap-12345678 --map /dev/sdb=none "
            "--map /dev/sdc=ephemeral0 --product-code abcd --no-inspect"),
        NULL, "ImageId");

    know_facts();
    insert_odd_image();
    DROP(ask("image ls", "image ls"));
    DROP(ask("image ls", "image ls --filter name=image-type,values=kernel"));
    DROP(ask("image show", "image show ami-12345678"));
    DROP(ask("image show", "image show aki-499ccb20"));
    DROP(ask("image share", "image share ami-12345678 --add 222222222222 --no-check"));
    DROP(ask("image share", "image share ami-12345678 --public --no-check"));
    DROP(ask("image show", "image show ami-12345678"));
    DROP(ask("image deprecate", "image deprecate %s --cancel", made));
    DROP(ask("image disable", "image disable %s", made));
    DROP(ask("image enable", "image enable %s", made));
    DROP(ask("image protect", "image protect %s", made));
    DROP(ask("image protect", "image protect %s --cancel", made));
    DROP(ask("image deregister", "image deregister %s --delete-snapshots", copy));
    DROP(ask("terminate", "terminate %s", vm));
    return priced;
}

static void
ask_of_volumes(void)
{
    g_autofree char *vm = text_at(ask("run", "run ami-12345678"), "Instances", "InstanceId");
    g_autofree char *id =
        text_at(ask("volume create", "volume create --size 1 --tag a=b"), NULL, "VolumeId");
    g_autofree char *first =
        text_at(ask("snapshot create", "snapshot create %s --tag a=b", id), NULL, "SnapshotId");
    g_autofree char *second =
        text_at(ask("snapshot create", "snapshot create %s", id), NULL, "SnapshotId");
    g_autofree char *copy =
        text_at(ask("snapshot copy", "snapshot copy %s", second), NULL, "SnapshotId");

    DROP(ask("volume attach", "volume attach %s %s", id, vm));
    DROP(ask("volume ls", "volume ls"));
    DROP(ask("volume show", "volume show %s", id));
    DROP(ask("volume detach", "volume detach %s", id));
    DROP(ask("volume modify", "volume modify %s --size 2", id));
    DROP(ask("snapshot ls", "snapshot ls"));
    DROP(ask("snapshot show", "snapshot show %s", first));
    DROP(ask("snapshot share", "snapshot share %s --add 222222222222", first));
    quietly("snapshot rm %s %s %s", first, second, copy);
    quietly("tag add %s --tag a=c", id);
    quietly("tag rm %s --all", id);
    DROP(ask("terminate", "terminate %s", vm));
}

/* A snapshot is merged, as a volume was before; something is left over, and something is nobody's.
 */
static void
ask_for_room(void)
{
    g_autofree char *id = text_at(ask("volume create", "volume create --size 1"), NULL, "VolumeId");
    g_autofree char *lower =
        text_at(ask("snapshot create", "snapshot create %s", id), NULL, "SnapshotId");
    g_autofree char *stray = g_build_filename(home, "volumes", "vol-87654321.qcow2", NULL);
    g_autofree char *over = home_merge_path(home, "snapshots", 99);

    DROP(ask("snapshot create", "snapshot create %s", id));
    quietly("snapshot rm %s", lower);
    ck_assert(g_file_set_contents(stray, "x", 1, NULL));
    ck_assert(g_file_set_contents(over, "x", 1, NULL));
    DROP(ask("gc", "gc --dry-run"));
    DROP(ask("gc", "gc"));
    DROP(ask("cost", "cost"));
}

static void
ask_of_the_bin(void)
{
    g_autofree char *rule =
        text_at(ask("retention set", "retention set image --days 1 --tag a=b --description words"),
                NULL, "Identifier");
    g_autofree char *made = text_at(
        ask("image copy", "image copy ami-12345678 --name binned --tag a=b"), NULL, "ImageId");
    g_autofree char *id = text_at(ask("volume create", "volume create --size 1"), NULL, "VolumeId");
    g_autofree char *taken = text_at(
        ask("snapshot create", "snapshot create %s --description words", id), NULL, "SnapshotId");

    DROP(ask("retention set", "retention set snapshot --days 1"));
    DROP(ask("retention ls", "retention ls"));
    DROP(ask("image deregister", "image deregister %s", made));
    quietly("snapshot rm %s", taken);
    DROP(ask("image ls --bin", "image ls --bin"));
    DROP(ask("snapshot ls --bin", "snapshot ls --bin"));
    DROP(ask("image restore", "image restore %s", made));
    DROP(ask("snapshot restore", "snapshot restore %s", taken));
    quietly("retention rm %s", rule);
    quietly("volume rm %s", id);
}

static void
ask_of_keys(void)
{
    g_autofree char *public = g_build_filename(home, "public", NULL);

    DROP(ask("key create", "key create lab --type ed25519 --tag a=b"));
    ck_assert(g_file_set_contents(
        public,
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n", -1,
        NULL));
    DROP(ask("key import", "key import theirs %s --tag a=b", public));
    DROP(ask("key ls", "key ls"));
    DROP(ask("key rm", "key rm theirs"));
}

static void
ask_of_bundles(void)
{
    g_autofree char *disk = g_build_filename(home, "disk", NULL);
    g_autofree char *manifest = NULL;

    ck_assert(g_file_set_contents(disk, "not much", -1, NULL));
    manifest =
        text_at(ask("image bundle", "image bundle %s --format raw --out %s --prefix b", disk, home),
                NULL, "Manifest");
    DROP(ask("image unbundle", "image unbundle %s --out %s.raw", manifest, disk));
    DROP(ask("image register", "image register --manifest %s", manifest));
}

/* Something that answers as an sshd does, until it is killed. *PORT is where. */
static pid_t
start_sshd(gint64 *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t child;

    ck_assert_int_eq(bind(server, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(server, 8), 0);
    ck_assert_int_eq(getsockname(server, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    child = fork();
    while (child == 0) {
        int client = accept(server, NULL, NULL);
        if (write(client, "SSH-2.0-x\r\n", 11) == 11)
            close(client);
    }
    close(server);
    return child;
}

static void
ask_the_way(void)
{
    g_autofree char *vm = text_at(ask("run", "run ami-12345678"), "Instances", "InstanceId");
    g_autofree char *identity = g_build_filename(home, "identity", NULL);
    gint64 port;
    pid_t sshd = start_sshd(&port);
    const published_port one = {.host = port, .instance = vm, .guest = 22};

    ck_assert(g_file_set_contents(identity, "", 0, NULL));
    ck_assert(published_port_insert(engine->db, &one, NULL));
    DROP(ask("ssh", "ssh %s --identity %s", vm, identity));
    kill(sshd, SIGKILL);
    waitpid(sshd, NULL, 0);
}

/* Every command is here: it was asked, or it is excused, for which there is a reason. */
static void
expect_all_commands(void)
{
    static const char *const not_here[] = {
        "console", /* it talks to a guest */
        "image import",
        "image check",
        "image customize", /* they look into disks by libguestfs */
        "appliance build",
        "appliance show",
        "appliance rm", /* there is none without the network */
        NULL};

    for (guint i = 0; commands[i] != NULL; i++)
        ck_assert_msg(g_hash_table_contains(asked, commands[i]->name) ||
                          g_strv_contains(not_here, commands[i]->name),
                      "%s was not asked", commands[i]->name);
    for (guint i = 0; i < 6; i++)
        shapes_excuse(document, not_here[i]);
    shapes_excuse(document, "doctor"); /* where nothing is wrong there are no remedies */
}

START_TEST(answers_are_as_they_are_described)
{
    g_autofree char *path =
        g_build_filename(g_getenv("AMILAUNCH_DATADIR"), "..", "docs", "json.md", NULL);
    g_autofree char *priced = NULL;
    g_autofree char *problems = NULL;

    document = shapes_read(path);
    ck_assert_msg(document != NULL, "%s", path);
    asked = g_hash_table_new(g_str_hash, g_str_equal);
    ask_of_keys();
    priced = ask_of_images();
    ask_of_instances(priced);
    ask_of_power();
    ask_of_volumes();
    ask_for_room();
    ask_of_the_bin();
    ask_of_bundles();
    ask_the_way();
    DROP(ask("type ls", "type ls --filter name=instance-type,values=i3.*,m3.medium,m5.metal"));
    DROP(ask("type show", "type show m3.medium"));
    DROP(ask("doctor", "doctor"));
    expect_all_commands();
    problems = shapes_problems(document);
    ck_assert_msg(*problems == '\0', "docs/json.md and what commands print differ:\n%s", problems);
    g_hash_table_unref(asked);
    shapes_free(document);
}
END_TEST

TCase *
json_tests(void)
{
    TCase *tests = tcase_create("json");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, answers_are_as_they_are_described);
    return tests;
}
