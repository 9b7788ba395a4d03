/* Addresses, ports and keys of instances, and the life of what carries their frames. */
#include "common/error.h"
#include "launcher/gc.h"
#include "launcher/netd.h"
#include "launcher/network.h"
#include "launcher/nic.h"
#include "launcher/publishing.h"
#include "launcher/subnet.h"
#include "store/key_pair.h"
#include "tests/engine/fixture.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
refused(const run_request *request, error_code code, const char *words)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ptr_null(launcher_run(engine, request, &error));
    ck_assert_msg(error_is(error, code), "%s", error->message);
    ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
}

static guint
interfaces(void)
{
    g_autoptr(GPtrArray) all = interface_list(engine->db, NULL);

    return all->len;
}

static guint
ports_published(void)
{
    g_autoptr(GPtrArray) all = published_port_list(engine->db, NULL, NULL);

    return all->len;
}

/* ---- addresses ---- */

START_TEST(an_address_is_for_life)
{
    g_autofree char *id = run_one();
    g_autoptr(interface) nic = interface_get(engine->db, id, NULL);
    g_autoptr(interface) later = NULL;
    g_autofree char *mac = subnet_mac((guint32)nic->address);

    ck_assert(nic->address >= SUBNET_FIRST && nic->address <= SUBNET_LAST);
    ck_assert(g_str_has_prefix(nic->id, "eni-"));
    ck_assert_str_eq(nic->mac, mac);
    ck_assert_str_eq(driver->mac, mac);
    g_clear_pointer(&driver->mac, g_free);
    ck_assert(told(launcher_stop, id, NULL) && told(start, id, NULL));
    later = interface_get(engine->db, id, NULL);
    ck_assert_int_eq(later->address, nic->address);
    ck_assert_str_eq(later->id, nic->id);
    ck_assert_str_eq(driver->mac, mac);
    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert_uint_eq(interfaces(), 0);
}
END_TEST

START_TEST(no_two_have_the_same)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .count = 3};
    g_autofree char *id = run_asked(&request);
    g_autoptr(GPtrArray) all = interface_list(engine->db, NULL);

    ck_assert_uint_eq(all->len, 3);
    for (guint i = 1; i < all->len; i++) {
        const interface *one = g_ptr_array_index(all, i - 1);
        const interface *next = g_ptr_array_index(all, i);
        ck_assert_int_lt(one->address, next->address);
    }
}
END_TEST

START_TEST(a_subnet_has_only_so_many)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = run_one();

    ck_assert(nic_check_room(engine, SUBNET_LAST - SUBNET_FIRST, NULL));
    ck_assert(!nic_check_room(engine, SUBNET_LAST - SUBNET_FIRST + 1, &error));
    ck_assert(error_is(error, ERROR_ADDRESSES));
}
END_TEST

START_TEST(an_undone_launch_gives_its_address_back)
{
    const run_request request = {.image = "ami-12345678", .type = "m3"};

    driver->fails_at = "start";
    ck_assert_ptr_null(launcher_run(engine, &request, NULL));
    driver->fails_at = NULL;
    ck_assert_uint_eq(interfaces(), 0);
    die_at("start", "run", NULL);
    ck_assert_uint_gt(interfaces(), 0);
    look();
    ck_assert_uint_eq(interfaces(), 0);
}
END_TEST

START_TEST(an_older_instance_gets_one_when_it_starts)
{
    g_autofree char *id = run_one();
    g_autoptr(interface) nic = NULL;

    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(interface_delete(engine->db, id, NULL));
    ck_assert(told(start, id, NULL));
    nic = interface_get(engine->db, id, NULL);
    ck_assert_ptr_nonnull(nic);
    ck_assert_str_eq(driver->mac, nic->mac);
}
END_TEST

START_TEST(what_may_be_on_the_network)
{
    g_autofree char *id = run_one();
    g_autofree char *socket = network_socket(home, id);
    g_autoptr(interface) nic = interface_get(engine->db, id, NULL);
    g_autoptr(GPtrArray) ports = launcher_network_ports(engine, NULL);
    const network_port *port = g_ptr_array_index(ports, 0);
    g_autofree char *mac =
        g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", port->mac[0], port->mac[1], port->mac[2],
                        port->mac[3], port->mac[4], port->mac[5]);
    g_autoptr(GPtrArray) after = NULL;

    ck_assert_uint_eq(ports->len, 1);
    ck_assert_str_eq(port->instance, id);
    ck_assert_str_eq(port->socket, socket);
    ck_assert_str_eq(port->region, "us-east-1");
    ck_assert_str_eq(mac, nic->mac);
    ck_assert_int_eq(port->address, nic->address);
    ck_assert(told(launcher_stop, id, NULL));
    after = launcher_network_ports(engine, NULL);
    ck_assert_uint_eq(after->len, 0);
}
END_TEST

START_TEST(sockets_go_with_their_instance)
{
    g_autofree char *id = run_one();
    g_autofree char *qemu = network_socket(home, id);
    g_autofree char *imds = network_imds_socket(home, id);

    ck_assert(g_file_set_contents(qemu, "", 0, NULL) && g_file_set_contents(imds, "", 0, NULL));
    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert_uint_eq(files_in("net"), 0);
}
END_TEST

START_TEST(a_socket_of_nobody_is_collected)
{
    const gc_request request = {0};
    g_autofree char *id = run_one();
    g_autofree char *own = network_socket(home, id);
    g_autofree char *stray = network_socket(home, "i-0123456789abcdef0");
    g_autofree char *control = network_control(home);
    g_autofree char *planted = network_socket(home, "i-0fedcba9876543210");
    gc_report *report;

    ck_assert(g_file_set_contents(own, "", 0, NULL) && g_file_set_contents(stray, "", 0, NULL) &&
              g_file_set_contents(control, "", 0, NULL));
    ck_assert_int_eq(mkdir(planted, 0700), 0);
    report = launcher_gc(engine, &request, NULL);
    ck_assert_ptr_nonnull(report);
    ck_assert_uint_eq(report->left->len, 0);
    gc_report_free(report);
    ck_assert(!g_file_test(stray, G_FILE_TEST_EXISTS));
    ck_assert(g_file_test(own, G_FILE_TEST_EXISTS) && g_file_test(control, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(a_home_can_be_too_long)
{
    g_autofree char *fits = g_strnfill(78, 'h');
    g_autofree char *too_long = g_strnfill(79, 'h');
    g_autoptr(GError) error = NULL;

    ck_assert(network_check_home(fits, NULL));
    ck_assert(!network_check_home(too_long, &error));
    ck_assert_ptr_nonnull(strstr(error->message, "--home"));
}
END_TEST

/* ---- published ports ---- */

/* A socket of 127.0.0.1 that listens at *PORT; 0: at one that is free, which is in *PORT then. */
static int
listen_at(guint16 *port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

START_TEST(a_port_is_one_s)
{
    guint16 port = 0;
    int listener = listen_at(&port);
    g_autofree char *text = g_strdup_printf("%u:80", port);
    const char *const publish[] = {text, NULL};
    run_request request = {.image = "ami-12345678", .type = "m3", .publish = publish};
    g_autofree char *id = NULL;

    refused(&request, ERROR_PORT_IN_USE, "127.0.0.1");
    close(listener);
    request.count = 2;
    refused(&request, ERROR_PARAMETER_COMBINATION, "--publish");
    request.count = 1;
    id = run_asked(&request);
    ck_assert_uint_eq(ports_published(), 1);
    refused(&request, ERROR_PORT_IN_USE, id);
    request.dry_run = TRUE;
    refused(&request, ERROR_PORT_IN_USE, id);
    ck_assert_uint_eq(interfaces(), 1);
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert_uint_eq(ports_published(), 1);
    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert_uint_eq(ports_published(), 0);
}
END_TEST

START_TEST(privileged_ports_are_nobody_s)
{
    const char *const publish[] = {"1:80", NULL};
    const run_request request = {.image = "ami-12345678", .type = "m3", .publish = publish};
    g_autofree char *first = NULL;

    if (!g_file_get_contents("/proc/sys/net/ipv4/ip_unprivileged_port_start", &first, NULL, NULL) ||
        g_ascii_strtoll(first, NULL, 10) > 1)
        refused(&request, ERROR_HOST_PERMISSION, "privileges");
}
END_TEST

/* ---- keys ---- */

static void
add_key(const char *owner)
{
    const key_pair key = {.id = (char *)"key-12345678",
                          .name = (char *)"mine",
                          .owner = (char *)owner,
                          .region = (char *)"us-east-1",
                          .type = KEY_ED25519,
                          .fingerprint = (char *)"xx",
                          .public_key = (char *)"ssh-ed25519 AAAA mine"};

    ck_assert(key_pair_insert(engine->db, &key, NULL));
}

START_TEST(a_key_is_copied_and_ssh_published)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .key = "mine", .count = 2};
    g_autofree char *id = NULL;
    g_autoptr(instance) vm = NULL;
    g_autoptr(GPtrArray) own = NULL;
    const published_port *ssh;

    refused(&request, ERROR_KEY_NOT_FOUND, "mine");
    add_key("123456789012");
    id = run_asked(&request);
    vm = instance_get(engine->db, id, NULL);
    ck_assert_str_eq(vm->key_name, "mine");
    ck_assert_str_eq(vm->public_key, "ssh-ed25519 AAAA mine");
    own = published_port_list(engine->db, id, NULL);
    ck_assert_uint_eq(own->len, 1);
    ssh = g_ptr_array_index(own, 0);
    ck_assert_int_eq(ssh->guest, PUBLISH_SSH_GUEST);
    ck_assert_int_ge(ssh->host, PUBLISH_SSH_HOST);
    ck_assert_uint_eq(ports_published(), 2);
}
END_TEST

START_TEST(another_s_key_is_none)
{
    const run_request request = {.image = "ami-12345678", .type = "m3", .key = "mine"};

    add_key("210987654321");
    refused(&request, ERROR_KEY_NOT_FOUND, "mine");
}
END_TEST

static char *noted;

static void
keep_note(progress *self G_GNUC_UNUSED, const char *text)
{
    g_free(noted);
    noted = g_strdup(text);
}

static void
pass_over(progress *self G_GNUC_UNUSED, const char *phase G_GNUC_UNUSED,
          double fraction G_GNUC_UNUSED)
{
}

/* Its port was free when it was run. */
START_TEST(who_starts_learns_that_its_port_is_taken)
{
    progress listener = {.report = pass_over, .note = keep_note};
    guint16 port = 0;
    int taker = listen_at(&port);
    g_autofree char *text = g_strdup_printf("%u:80", port);
    const char *const publish[] = {text, NULL};
    const run_request request = {.image = "ami-12345678", .type = "m3", .publish = publish};
    g_autofree char *id = NULL;

    close(taker);
    engine->listener = &listener;
    id = run_asked(&request);
    ck_assert(told(launcher_stop, id, NULL) && told(start, id, NULL));
    ck_assert_ptr_null(noted);
    ck_assert(told(launcher_stop, id, NULL));
    taker = listen_at(&port);
    ck_assert(told(start, id, NULL));
    engine->listener = NULL;
    ck_assert_msg(noted != NULL && strstr(noted, "listens on port") != NULL, "%s", noted);
    close(taker);
    g_clear_pointer(&noted, g_free);
}
END_TEST

START_TEST(who_publishes_ssh_chooses_its_port)
{
    guint16 port = 0;
    int listener = listen_at(&port);
    g_autofree char *text = g_strdup_printf("%u:22", port);
    const char *const publish[] = {text, NULL};
    const run_request request = {
        .image = "ami-12345678", .type = "m3", .key = "mine", .publish = publish};
    g_autofree char *id = NULL;

    close(listener);
    add_key("123456789012");
    id = run_asked(&request);
    ck_assert_uint_eq(ports_published(), 1);
}
END_TEST

/* ---- the metadata service ---- */

START_TEST(how_metadata_is_given)
{
    run_request request = {.image = "ami-12345678",
                           .type = "m3",
                           .imds = "required",
                           .imds_hop_limit = 2,
                           .imds_tags = TRUE,
                           .seed = TRUE};
    const modify_request change = {.imds = "disabled",
                                   .imds_tags = OFF,
                                   .ebs_optimized = UNCHANGED,
                                   .termination_protection = UNCHANGED,
                                   .stop_protection = UNCHANGED};
    g_autofree char *id = run_asked(&request);
    g_autoptr(instance) vm = instance_get(engine->db, id, NULL);
    g_autoptr(instance_view) after = NULL;

    ck_assert_int_eq(vm->imds, IMDS_REQUIRED);
    ck_assert_int_eq(vm->imds_hop_limit, 2);
    ck_assert(vm->imds_tags && vm->seed);
    after = launcher_modify(engine, id, &change, NULL);
    ck_assert_int_eq(after->vm->imds, IMDS_DISABLED);
    ck_assert_int_eq(after->vm->imds_hop_limit, 2);
    ck_assert(!after->vm->imds_tags);
    request.imds = "never";
    refused(&request, ERROR_PARAMETER_VALUE, "never");
    request.imds = NULL;
    request.imds_hop_limit = 65;
    refused(&request, ERROR_PARAMETER_VALUE, "65");
}
END_TEST

/* ---- what carries the frames ---- */

static guint starts;

static gboolean
count_start(launcher *self G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    starts++;
    return TRUE;
}

/* As network.h says that a network process does it. */
typedef struct {
    int lock;
    int control;
    guint looks;
    GThread *thread;
} phony_netd;

static gpointer
answer(gpointer data)
{
    phony_netd *self = data;
    int from;

    while ((from = accept(self->control, NULL, NULL)) >= 0) {
        char asked[sizeof NETWORK_LOOK] = "";
        ssize_t got = recv(from, asked, strlen(NETWORK_LOOK), MSG_WAITALL);
        if (got == (ssize_t)strlen(NETWORK_LOOK) && g_str_equal(asked, NETWORK_LOOK) &&
            send(from, NETWORK_DONE, strlen(NETWORK_DONE), MSG_NOSIGNAL) > 0)
            self->looks++;
        close(from);
    }
    return NULL;
}

static void
phony_netd_begin(phony_netd *self)
{
    g_autofree char *folder = network_folder(home);
    g_autofree char *lock = network_lock(home);
    g_autofree char *control = network_control(home);
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    g_mkdir_with_parents(folder, 0700);
    g_strlcpy(at.sun_path, control, sizeof at.sun_path);
    ck_assert(g_file_set_contents(lock, "", 0, NULL));
    self->lock = open(lock, O_RDONLY);
    ck_assert_int_eq(flock(self->lock, LOCK_EX), 0);
    self->control = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(self->control, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(self->control, 5), 0);
    self->thread = g_thread_new("netd", answer, self);
}

static void
phony_netd_end(phony_netd *self)
{
    shutdown(self->control, SHUT_RDWR);
    g_thread_join(self->thread);
    close(self->control);
    close(self->lock);
}

START_TEST(one_that_is_there_is_told)
{
    phony_netd there = {0};
    g_autofree char *id = NULL;

    starts = 0;
    phony_netd_begin(&there);
    engine->start_netd = count_start;
    id = run_one();
    look();
    ck_assert(told(launcher_stop, id, NULL));
    ck_assert(told(start, id, NULL));
    ck_assert(told(launcher_terminate, id, NULL));
    phony_netd_end(&there);
    ck_assert_uint_eq(starts, 0);
    ck_assert_uint_eq(there.looks, 4);
}
END_TEST

START_TEST(one_that_is_not_there_is_started)
{
    g_autofree char *id = run_one();

    starts = 0;
    engine->start_netd = count_start;
    look();
    look();
    ck_assert_uint_eq(starts, 1);
    engine->netd_started = 0;
    ck_assert(told(launcher_stop, id, NULL));
    starts = 0;
    look();
    ck_assert_uint_eq(starts, 0);
}
END_TEST

/* One that is leaving: it holds the lock, and doesn't listen any more. */
static gpointer
leave(gpointer data)
{
    const phony_netd *self = data;

    g_usleep(2 * G_USEC_PER_SEC);
    close(self->lock);
    return NULL;
}

START_TEST(one_that_leaves_has_a_successor)
{
    phony_netd there = {0};
    g_autofree char *lock = network_lock(home);
    g_autofree char *folder = network_folder(home);
    g_autofree char *id = NULL;
    GThread *leaving;

    starts = 0;
    g_mkdir_with_parents(folder, 0700);
    ck_assert(g_file_set_contents(lock, "", 0, NULL));
    there.lock = open(lock, O_RDONLY);
    ck_assert_int_eq(flock(there.lock, LOCK_EX), 0);
    leaving = g_thread_new("netd", leave, &there);
    engine->start_netd = count_start;
    id = run_one();
    g_thread_join(leaving);
    ck_assert_uint_eq(starts, 1);
}
END_TEST

/* Guests' user owns the folder: what it puts there mustn't hold up a command, nor be followed. */
START_TEST(what_guests_plant_is_not_waited_for)
{
    g_autofree char *lock = network_lock(home);
    g_autofree char *id = run_one();
    g_autofree char *qemu = network_socket(home, id);
    g_autofree char *imds = network_imds_socket(home, id);
    g_autofree char *held = g_build_filename(home, "held", NULL);
    int fd;

    starts = 0;
    engine->start_netd = count_start;
    unlink(lock);
    ck_assert_int_eq(mkfifo(lock, 0600), 0);
    look();
    ck_assert_uint_eq(starts, 1);
    ck_assert_int_eq(unlink(lock), 0);
    ck_assert(g_file_set_contents(held, "", 0, NULL));
    ck_assert_int_eq(symlink(held, lock), 0);
    fd = open(held, O_RDONLY);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    engine->netd_started = 0;
    look();
    ck_assert_uint_eq(starts, 2);
    close(fd);
    ck_assert(unlink(lock) == 0 && unlink(held) == 0);
    ck_assert(mkdir(qemu, 0700) == 0 && symlink(home, imds) == 0);
    ck_assert(told(launcher_terminate, id, NULL));
    ck_assert_uint_eq(files_in("net"), 0);
}
END_TEST

TCase *
network_tests(void)
{
    TCase *tests = tcase_create("network");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_address_is_for_life);
    tcase_add_test(tests, no_two_have_the_same);
    tcase_add_test(tests, a_subnet_has_only_so_many);
    tcase_add_test(tests, an_undone_launch_gives_its_address_back);
    tcase_add_test(tests, an_older_instance_gets_one_when_it_starts);
    tcase_add_test(tests, what_may_be_on_the_network);
    tcase_add_test(tests, sockets_go_with_their_instance);
    tcase_add_test(tests, a_socket_of_nobody_is_collected);
    tcase_add_test(tests, a_home_can_be_too_long);
    tcase_add_test(tests, a_port_is_one_s);
    tcase_add_test(tests, privileged_ports_are_nobody_s);
    tcase_add_test(tests, a_key_is_copied_and_ssh_published);
    tcase_add_test(tests, another_s_key_is_none);
    tcase_add_test(tests, who_starts_learns_that_its_port_is_taken);
    tcase_add_test(tests, who_publishes_ssh_chooses_its_port);
    tcase_add_test(tests, how_metadata_is_given);
    tcase_add_test(tests, one_that_is_there_is_told);
    tcase_add_test(tests, one_that_is_not_there_is_started);
    tcase_add_test(tests, one_that_leaves_has_a_successor);
    tcase_add_test(tests, what_guests_plant_is_not_waited_for);
    return tests;
}
