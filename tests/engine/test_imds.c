/* The metadata service's server, in a process of its own, against clients that behave, and others.
 */
#include "net/imds_port.h"
#include "tests/engine/fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 300 /* against tests that hang, not against hosts that are busy */
#define AT_ONCE 500
#define KEPT 32 /* of these */
#define MEMORY_KIB (64 << 10)
#define GET "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: x\r\n"
#define CLOSE "Connection: close\r\n\r\n"

static char *first, *second;           /* instances */
static char *first_path, *second_path; /* their sockets */
static pid_t server;

/* ---- the server ---- */

static void G_GNUC_NORETURN
serve(int ready)
{
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    imds *service;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    service = imds_new(open_engine(), NULL);
    g_assert_nonnull(service);
    g_assert_true(imds_open(service, first, first_path, NULL));
    g_assert_true(imds_open(service, second, second_path, NULL));
    g_assert_cmpint(write(ready, "", 1), ==, 1);
    g_main_loop_run(loop);
    _exit(1);
}

static void
set_up_instances(void)
{
    set_up();
    first = run_one();
    second = run_one();
    first_path = g_build_filename(home, "first", NULL);
    second_path = g_build_filename(home, "second", NULL);
}

static void
set_up_server(void)
{
    int pipes[2];
    char byte;

    set_up_instances();
    ck_assert_int_eq(pipe(pipes), 0);
    server = fork();
    ck_assert_int_ge(server, 0);
    if (server == 0)
        serve(pipes[1]);
    close(pipes[1]);
    ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
    close(pipes[0]);
}

static void
tear_down_instances(void)
{
    g_free(first);
    g_free(second);
    g_free(first_path);
    g_free(second_path);
    tear_down();
}

static void
tear_down_server(void)
{
    ck_assert_int_eq(waitpid(server, NULL, WNOHANG), 0);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    tear_down_instances();
}

/* The most memory that the server ever had. */
static gint64
peak_kib(void)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)server);
    g_autofree char *text = NULL;
    const char *line;

    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    line = strstr(text, "VmHWM:");
    ck_assert_ptr_nonnull(line);
    return g_ascii_strtoll(line + strlen("VmHWM:"), NULL, 10);
}

/* ---- clients ---- */

static int
connect_to(const char *path)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return client;
}

/* FALSE if the server has enough. */
static gboolean
tell(int client, const char *bytes, gsize length)
{
    while (length > 0) {
        ssize_t sent = send(client, bytes, length, MSG_NOSIGNAL);
        if (sent < 0)
            return FALSE;
        bytes += sent;
        length -= (gsize)sent;
    }
    return TRUE;
}

/* What the server says until it closes; CLIENT is closed. */
static char *
hear(int client)
{
    GString *heard = g_string_new(NULL);
    char piece[4096];
    ssize_t got;

    while ((got = recv(client, piece, sizeof piece, 0)) > 0)
        g_string_append_len(heard, piece, got);
    close(client);
    return g_string_free(heard, FALSE);
}

static char *
ask(const char *path, const char *request)
{
    int client = connect_to(path);

    tell(client, request, strlen(request));
    return hear(client);
}

static void
expect_status(const char *answer, const char *status)
{
    g_autofree char *line = g_strdup_printf("HTTP/1.1 %s ", status);

    ck_assert_msg(g_str_has_prefix(answer, line), "%s, not %s", answer, status);
}

static void
expect_in(const char *answer, const char *text)
{
    ck_assert_msg(strstr(answer, text) != NULL, "no %s in %s", text, answer);
}

static void
expect_served(const char *path, const char *id)
{
    g_autofree char *answer = ask(path, GET CLOSE);
    g_autofree char *end = g_strconcat("\r\n\r\n", id, NULL);

    expect_status(answer, "200");
    ck_assert_msg(g_str_has_suffix(answer, end), "%s", answer);
}

/* ---- those that behave ---- */

START_TEST(each_instance_is_told_of_itself)
{
    g_autofree char *answer = ask(first_path, GET CLOSE);
    struct stat info;

    expect_served(first_path, first);
    expect_served(second_path, second);
    expect_in(answer, "\r\nServer: EC2ws\r\n");
    expect_in(answer, "\r\nContent-Type: text/plain\r\n");
    expect_in(answer, "\r\nContent-Length: 19\r\n");
    expect_in(answer, "\r\nAccept-Ranges: none\r\n");
    ck_assert_int_eq(stat(first_path, &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
}
END_TEST

START_TEST(methods_and_versions)
{
    g_autofree char *head =
        ask(first_path, "HEAD /latest/meta-data/instance-id HTTP/1.1\r\nHost: x\r\n" CLOSE);
    g_autofree char *old = ask(first_path, "GET /latest/meta-data/instance-id HTTP/1.0\r\n\r\n");
    g_autofree char *post = ask(first_path, "POST /latest/ HTTP/1.1\r\nHost: x\r\n" CLOSE);
    g_autofree char *none = ask(first_path, "BREW /pot HTTP/1.1\r\nHost: x\r\n" CLOSE);
    g_autofree char *coded =
        ask(first_path, "GET /latest/meta%2ddata/ami%2Did?x=y HTTP/1.1\r\nHost: x\r\n" CLOSE);
    g_autofree char *newer = ask(first_path, "GET / HTTP/7.0\r\nHost: x\r\n" CLOSE);
    g_autofree char *lost = ask(first_path, "GET /x HTTP/1.1\r\nHost: x\r\n" CLOSE);

    expect_status(head, "200");
    expect_in(head, "\r\nContent-Length: 19\r\n");
    ck_assert(g_str_has_suffix(head, "\r\n\r\n"));
    expect_in(old, " 200 OK\r\n");
    ck_assert(g_str_has_suffix(old, first));
    expect_status(post, "405");
    expect_in(post, "\r\nAllow: GET, HEAD\r\n");
    expect_status(none, "405");
    expect_status(coded, "200");
    expect_status(newer, "505");
    expect_status(lost, "404");
    expect_in(lost, "<title>404 - Not Found</title>");
}
END_TEST

START_TEST(one_after_the_other_on_a_connection)
{
    g_autofree char *answers = ask(
        first_path, GET "\r\nGET /latest/meta-data/ami-id HTTP/1.1\r\nHost: x\r\n\r\n" GET CLOSE);
    const char *place = strstr(answers, first);

    ck_assert_ptr_nonnull(place);
    place = strstr(place, "ami-12345678");
    ck_assert_ptr_nonnull(place);
    ck_assert_ptr_nonnull(strstr(place, first));
}
END_TEST

static char *
token_of(const char *path)
{
    g_autofree char *answer =
        ask(path, "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n"
                  "X-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: 3\r\n" CLOSE "abc");

    expect_status(answer, "200");
    expect_in(answer, "\r\nX-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60\r\n");
    return g_strdup(strstr(answer, "\r\n\r\n") + 4);
}

static void
expect_with_token(const char *path, const char *token, const char *status)
{
    g_autofree char *request = g_strdup_printf(GET "x-aws-ec2-metadata-token: %s\r\n" CLOSE, token);
    g_autofree char *answer = ask(path, request);

    expect_status(answer, status);
}

START_TEST(tokens_are_the_instances_own)
{
    g_autofree char *token = token_of(first_path);
    g_autofree char *proxied =
        ask(first_path, "PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: a\r\n"
                        "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n" CLOSE);

    expect_with_token(first_path, token, "200");
    expect_with_token(second_path, token, "401");
    expect_with_token(first_path, "none", "401");
    expect_status(proxied, "403");
}
END_TEST

START_TEST(what_is_changed_is_seen)
{
    g_autoptr(instance) vm = instance_get(engine->db, first, NULL);
    g_autofree char *answer = NULL;

    expect_served(first_path, first);
    vm->imds = IMDS_REQUIRED;
    ck_assert(instance_update(engine->db, vm, NULL));
    answer = ask(first_path, GET CLOSE);
    expect_status(answer, "401");
    expect_served(second_path, second);
}
END_TEST

/* A restarted server takes the tokens of the one before. */
START_TEST(tokens_outlive_the_process)
{
    g_autofree char *token = token_of(first_path);
    int pipes[2];
    char byte;

    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    ck_assert_int_eq(pipe(pipes), 0);
    server = fork();
    if (server == 0)
        serve(pipes[1]);
    close(pipes[1]);
    ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
    close(pipes[0]);
    expect_with_token(first_path, token, "200");
}
END_TEST

/* ---- those that don't ---- */

/* START, COUNT times PIECE, and the end of a request; what the server says to it. */
static char *
flood(const char *begin, const char *piece, guint count, const char *end)
{
    int client = connect_to(first_path);
    gboolean heard = tell(client, begin, strlen(begin));

    for (guint i = 0; heard && i < count; i++)
        heard = tell(client, piece, strlen(piece));
    if (heard)
        tell(client, end, strlen(end));
    return hear(client);
}

/* Whatever it says, it refuses; when it closes first, what it said may be lost. */
static void
expect_refused(const char *answer)
{
    ck_assert_msg(*answer == '\0' || g_str_has_prefix(answer, "HTTP/1.1 4"), "%.200s", answer);
}

START_TEST(requests_that_are_too_large)
{
    g_autofree char *kib = g_strnfill(1024, 'a');
    g_autofree char *chunk = g_strdup_printf("400\r\n%s\r\n", kib);
    gint64 before = peak_kib();
    const struct {
        const char *begin, *piece;
        guint count;
        const char *end;
    } floods[] = {
        {"GET /", kib, 1024, " HTTP/1.1\r\nHost: x\r\n" CLOSE},
        {kib, kib, 1024, kib},
        {GET "X-aws-ec2-metadata-token: ", kib, 6144, "\r\n" CLOSE},
        {GET, "a: b\r\n", 100000, CLOSE},
        {"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nContent-Length: 6291456\r\n\r\n", kib, 6144,
         ""},
        {"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", chunk,
         6144, "0\r\n\r\n"},
        {"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n" CLOSE, "", 0, ""},
        {"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n"
         "Content-Length: 99999999999999999999999\r\n" CLOSE,
         "", 0, ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(floods); i++) {
        g_autofree char *answer =
            flood(floods[i].begin, floods[i].piece, floods[i].count, floods[i].end);
        expect_refused(answer);
        expect_served(first_path, first);
    }
    ck_assert_int_le(peak_kib() - before, MEMORY_KIB);
}
END_TEST

START_TEST(bytes_that_are_no_request)
{
    static const char bytes[] = "\0\xff\x16\x03\x01\r\n\r\n\0\0GET / / / /\r\n:\r\n\r\n";
    int client = connect_to(first_path);
    g_autofree char *answer = NULL;

    tell(client, bytes, sizeof bytes);
    shutdown(client, SHUT_WR);
    answer = hear(client);
    expect_refused(answer);
    expect_served(first_path, first);
}
END_TEST

/* Of an instance's connections some are kept, and the others' are its own. */
START_TEST(very_many_connections)
{
    gint64 before = peak_kib();
    int clients[AT_ONCE];
    g_autofree char *answer = NULL;
    char byte;

    for (guint i = 0; i < AT_ONCE; i++) {
        clients[i] = connect_to(first_path);
        tell(clients[i], "GET /latest/m", strlen("GET /latest/m"));
    }
    expect_served(second_path, second);
    for (guint i = KEPT; i < AT_ONCE; i++)
        ck_assert_int_le(recv(clients[i], &byte, 1, 0), 0);
    expect_served(second_path, second);
    tell(clients[0], "eta-data/ami-id HTTP/1.1\r\nHost: x\r\n" CLOSE,
         strlen("eta-data/ami-id HTTP/1.1\r\nHost: x\r\n" CLOSE));
    answer = hear(clients[0]);
    ck_assert(g_str_has_suffix(answer, "ami-12345678"));
    /* There is room for another now. */
    expect_served(first_path, first);
    for (guint i = 1; i < AT_ONCE; i++)
        close(clients[i]);
    ck_assert_int_le(peak_kib() - before, MEMORY_KIB);
}
END_TEST

/* Thousands of answers that nobody reads: the rest waits, and others don't. */
START_TEST(a_client_that_does_not_listen)
{
    const char *request = GET "\r\n";
    gint64 before = peak_kib();
    int client = connect_to(first_path);
    guint sent = 0;

    while (sent < 100000 && send(client, request, strlen(request), MSG_NOSIGNAL | MSG_DONTWAIT) ==
                                (ssize_t)strlen(request))
        sent++;
    ck_assert_uint_gt(sent, 0);
    expect_served(second_path, second);
    expect_served(first_path, first);
    close(client);
    ck_assert_int_le(peak_kib() - before, MEMORY_KIB);
}
END_TEST

/* ---- in this process: what takes time, and what is closed ---- */

/* The service, with a client of the first instance, of which the server has taken note. */
static imds *
serve_here(int *client)
{
    imds *service = imds_new(engine, NULL);

    ck_assert_ptr_nonnull(service);
    ck_assert(imds_open(service, first, first_path, NULL));
    *client = connect_to(first_path);
    imds_accept(service, first);
    ck_assert_uint_eq(service->open, 1);
    return service;
}

static void
expect_closed(imds *service, int client)
{
    char byte;

    while (service->open > 0)
        g_main_context_iteration(NULL, TRUE);
    ck_assert_int_le(recv(client, &byte, 1, 0), 0);
    close(client);
}

START_TEST(clients_that_take_too_long_are_ended)
{
    int client;
    g_autoptr(imds) service = serve_here(&client);
    imds_port *port = g_hash_table_lookup(service->ports, first);
    imds_connection *slow = g_ptr_array_index(port->connections, 0);

    tell(client, "G", 1);
    imds_port_end_slow(port);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    ck_assert_uint_eq(service->open, 1);
    slow->since -= 61 * G_USEC_PER_SEC;
    imds_port_end_slow(port);
    expect_closed(service, client);
}
END_TEST

START_TEST(an_instance_that_ends_loses_its_connections)
{
    int client;
    g_autoptr(imds) service = serve_here(&client);

    tell(client, GET "\r\n", strlen(GET "\r\n"));
    imds_close(service, first);
    ck_assert(!g_file_test(first_path, G_FILE_TEST_EXISTS));
    expect_closed(service, client);
    imds_close(service, first);
    imds_accept(service, first);
}
END_TEST

START_TEST(a_service_ends_with_its_connections)
{
    int client;
    char byte;

    imds_free(serve_here(&client));
    ck_assert_int_eq(recv(client, &byte, 1, 0), 0);
    ck_assert(!g_file_test(first_path, G_FILE_TEST_EXISTS));
    close(client);
}
END_TEST

START_TEST(paths_that_no_socket_can_have)
{
    g_autoptr(imds) service = imds_new(engine, NULL);
    g_autofree char *path = g_strnfill(200, 'x');
    g_autoptr(GError) error = NULL;

    ck_assert(!imds_open(service, first, path, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "too long"));
    g_clear_error(&error);
    ck_assert(!imds_open(service, first, "/nowhere/at/all", &error));
    ck_assert_ptr_nonnull(error);
}
END_TEST

TCase *
imds_tests(void)
{
    TCase *tests = tcase_create("imds");

    tcase_add_checked_fixture(tests, set_up_server, tear_down_server);
    tcase_add_test(tests, each_instance_is_told_of_itself);
    tcase_add_test(tests, methods_and_versions);
    tcase_add_test(tests, one_after_the_other_on_a_connection);
    tcase_add_test(tests, tokens_are_the_instances_own);
    tcase_add_test(tests, what_is_changed_is_seen);
    tcase_add_test(tests, tokens_outlive_the_process);
    tcase_add_test(tests, requests_that_are_too_large);
    tcase_add_test(tests, bytes_that_are_no_request);
    tcase_add_test(tests, very_many_connections);
    tcase_add_test(tests, a_client_that_does_not_listen);
    return tests;
}

TCase *
imds_port_tests(void)
{
    TCase *tests = tcase_create("imds_port");

    tcase_add_checked_fixture(tests, set_up_instances, tear_down_instances);
    tcase_add_test(tests, clients_that_take_too_long_are_ended);
    tcase_add_test(tests, an_instance_that_ends_loses_its_connections);
    tcase_add_test(tests, a_service_ends_with_its_connections);
    tcase_add_test(tests, paths_that_no_socket_can_have);
    return tests;
}
