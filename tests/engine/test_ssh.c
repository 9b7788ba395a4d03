/* The way into a guest: which port, as whom, by which keys; with an sshd that only says that it is
 * one. */
#include "launcher/ssh.h"
#include "common/error.h"
#include "images/home.h"
#include "launcher/keys.h"
#include "tests/engine/fixture.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ED "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEf6oWvfdkMWpEyt2SPirNmY30kIpQ99qAIhMATj2Kab"

static char *vm;
static int server; /* listens */
static gint64 port;
static pid_t sshd;
static boot_stop *stop;

static void
serve(void)
{
    static const char text[] = "be welcome\r\nSSH-2.0-test\r\n";

    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0 || write(client, text, strlen(text)) < 0)
            _exit(1);
        close(client);
    }
}

static void
start_sshd(void)
{
    sshd = fork();
    if (sshd == 0)
        serve();
    ck_assert_int_gt(sshd, 0);
}

static void
end_sshd(void)
{
    if (sshd > 0) {
        kill(sshd, SIGKILL);
        waitpid(sshd, NULL, 0);
    }
    sshd = 0;
}

static void
listen_somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;

    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(server, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(server, 8), 0);
    ck_assert_int_eq(getsockname(server, (struct sockaddr *)&at, &size), 0);
    port = ntohs(at.sin_port);
}

static void
set_up_guest(void)
{
    g_autofree char *folder = NULL;

    set_up();
    vm = run_one();
    folder = home_instance_folder(home, vm);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    listen_somewhere();
}

static void
tear_down_guest(void)
{
    end_sshd();
    close(server);
    g_clear_pointer(&stop, boot_stop_free);
    g_clear_pointer(&vm, g_free);
    tear_down();
}

static void
publish(gint64 guest)
{
    const published_port one = {.host = port, .instance = vm, .guest = guest};

    ck_assert(published_port_insert(engine->db, &one, NULL));
}

static void
says(const char *text)
{
    g_autofree char *path = home_console_log(home, vm);

    ck_assert(g_file_set_contents(path, text, -1, NULL));
}

static ssh_way *
ask(const ssh_request *given, GError **error)
{
    ssh_request request = *given;

    request.instance = vm;
    return launcher_ssh(engine, &request, &stop, error);
}

static ssh_way *
find(void)
{
    const ssh_request request = {.timeout_s = 60};
    GError *error = NULL;
    ssh_way *way = ask(&request, &error);

    ck_assert_msg(way != NULL, "%s", error != NULL ? error->message : "");
    return way;
}

static gboolean
has(const ssh_way *way, const char *argument)
{
    return g_strv_contains((const char *const *)way->arguments, argument);
}

START_TEST(one_without_the_port_is_refused)
{
    const ssh_request request = {.timeout_s = 60};
    g_autoptr(GError) error = NULL;

    publish(80);
    ck_assert_ptr_null(ask(&request, &error));
    ck_assert(error_is(error, ERROR_UNSUPPORTED));
}
END_TEST

START_TEST(one_that_does_not_run_is_refused)
{
    const ssh_request request = {.timeout_s = 60};
    g_autoptr(GError) error = NULL;

    publish(22);
    ck_assert(told(launcher_stop, vm, NULL));
    ck_assert_ptr_null(ask(&request, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    ck_assert_msg(strstr(error->message, "amilaunch start") != NULL, "%s", error->message);
    g_clear_error(&error);
    ck_assert(told(launcher_terminate, vm, NULL));
    ck_assert_ptr_null(ask(&request, &error));
    ck_assert(error_is(error, ERROR_INSTANCE_STATE));
    ck_assert_msg(strstr(error->message, "start") == NULL, "%s", error->message);
}
END_TEST

START_TEST(a_key_that_is_not_there_is_told_at_once)
{
    const ssh_request request = {.timeout_s = 60, .identity = "/nonexistent/key"};
    g_autoptr(GError) error = NULL;

    publish(22);
    ck_assert_ptr_null(ask(&request, &error));
    ck_assert(error_is(error, ERROR_HOST_DISK));
}
END_TEST

START_TEST(the_first_host_key_is_believed)
{
    const char *const words[] = {"-x", "a b", NULL};
    g_autofree char *identity = g_build_filename(home, "a \"b\"%k", NULL);
    g_autofree char *option = g_strdup_printf("IdentityFile=\"%s/a \\\"b\\\"%%%%k\"", home);
    const ssh_request request = {
        .user = "me", .identity = identity, .command = words, .timeout_s = 60};
    g_autoptr(ssh_way) way = NULL;
    guint count;

    ck_assert(g_file_set_contents(identity, "", 0, NULL));
    publish(22);
    start_sshd();
    way = ask(&request, NULL);
    ck_assert_ptr_nonnull(way);
    ck_assert(has(way, "StrictHostKeyChecking=accept-new"));
    ck_assert(has(way, option));
    ck_assert_str_eq(way->user, "me");
    ck_assert_uint_eq(way->port, (guint)port);
    count = g_strv_length(way->arguments);
    ck_assert_str_eq(way->arguments[count - 4], "127.0.0.1");
    ck_assert_str_eq(way->arguments[count - 3], "--");
    ck_assert_str_eq(way->arguments[count - 1], "a b");
    /* What ssh has written is expected from then on. */
    ck_assert(g_file_set_contents(way->known_hosts, "x", -1, NULL));
    ssh_way_free(g_steal_pointer(&way));
    way = find();
    ck_assert(has(way, "StrictHostKeyChecking=yes"));
}
END_TEST

START_TEST(host_keys_are_learned_from_the_console)
{
    g_autofree char *wanted = g_strdup_printf("%s " ED "\n", vm);
    g_autofree char *learned = NULL;
    g_autoptr(ssh_way) way = NULL;

    publish(22);
    start_sshd();
    says("Cloud-init v. 1 running\r\n-----BEGIN SSH HOST KEY KEYS-----\r\n" ED
         " a\r\n-----END SSH HOST KEY KEYS-----\r\n");
    way = find();
    ck_assert(way->host_is_known);
    ck_assert(has(way, "StrictHostKeyChecking=yes"));
    ck_assert(g_file_get_contents(way->known_hosts, &learned, NULL, NULL));
    ck_assert_str_eq(learned, wanted);
}
END_TEST

START_TEST(the_pairs_private_key_is_found_by_the_key)
{
    const key_request asked = {.name = "a", .type = "ed25519"};
    g_autofree char *material = NULL;
    g_autoptr(key_view) made = launcher_key_create(engine, &asked, &material, NULL);
    g_autoptr(instance) row = instance_get(engine->db, vm, NULL);
    g_autoptr(ssh_way) way = NULL;

    publish(22);
    start_sshd();
    way = find();
    ck_assert_ptr_null(way->identity);
    ck_assert_str_eq(way->user, "ec2-user");
    ssh_way_free(g_steal_pointer(&way));
    row->key_name = g_strdup("renamed since");
    row->public_key = g_strdup(made->pair->public_key);
    ck_assert(instance_update(engine->db, row, NULL));
    way = find();
    ck_assert_str_eq(way->identity, made->file);
    ck_assert(has(way, "IdentitiesOnly=yes"));
}
END_TEST

/* The diagnosis goes before the patience. */
START_TEST(one_that_stopped_in_its_boot_is_told)
{
    const ssh_request request = {.timeout_s = 600};
    g_autoptr(GError) error = NULL;

    publish(22);
    close(server);
    says("SeaBIOS (version 1)\r\nBooting from Hard Disk...\r\n"
         "Boot failed: not a bootable disk\r\n\r\nNo bootable device.\r\n");
    ck_assert_ptr_null(ask(&request, &error));
    ck_assert(error_is(error, ERROR_GUEST_STOPPED));
    ck_assert_ptr_nonnull(stop);
}
END_TEST

START_TEST(one_whose_sshd_is_silent_is_given_up)
{
    const ssh_request request = {.timeout_s = 0};
    g_autoptr(GError) error = NULL;

    publish(22);
    ck_assert_ptr_null(ask(&request, &error));
    ck_assert(error_is(error, ERROR_HOST_TIMEOUT));
    ck_assert_msg(strstr(error->message, "sshd") != NULL, "%s", error->message);
}
END_TEST

TCase *
ssh_tests(void)
{
    TCase *tests = tcase_create("ssh");

    tcase_add_checked_fixture(tests, set_up_guest, tear_down_guest);
    tcase_add_test(tests, one_without_the_port_is_refused);
    tcase_add_test(tests, one_that_does_not_run_is_refused);
    tcase_add_test(tests, a_key_that_is_not_there_is_told_at_once);
    tcase_add_test(tests, the_first_host_key_is_believed);
    tcase_add_test(tests, host_keys_are_learned_from_the_console);
    tcase_add_test(tests, the_pairs_private_key_is_found_by_the_key);
    tcase_add_test(tests, one_that_stopped_in_its_boot_is_told);
    tcase_add_test(tests, one_whose_sshd_is_silent_is_given_up);
    return tests;
}
