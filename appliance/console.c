#include "appliance/console.h"
#include "appliance/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

/* Linux's headers for programs use these two types of Xen's own without saying what they are. */
typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
#include <xen/evtchn.h>
#include <xen/gntdev.h>

#define PAGE 4096
#define RESERVED_CONSOLE 0 /* the grant that a toolstack makes for it: grant_table.h */

/* Xen's public header io/console.h. The indices only grow, and wrap at 32 bits. */
struct ring {
    char in[1024];
    char out[2048];
    uint32_t in_cons, in_prod;
    uint32_t out_cons, out_prod;
};

static int tty = -1;
static int grants = -1;
static int events = -1;
static uint32_t local_port;
static struct ring *ring;

bool
console_open(const char *path)
{
    struct termios mode;

    tty = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (tty < 0 || tcgetattr(tty, &mode) != 0)
        return false;
    cfmakeraw(&mode);
    cfsetspeed(&mode, B115200);
    mode.c_cflag |= CLOCAL;
    return tcsetattr(tty, TCSANOW, &mode) == 0;
}

bool
console_is_bound(void)
{
    return ring != NULL;
}

static bool
map_ring(unsigned domain)
{
    struct ioctl_gntdev_map_grant_ref map = {
        .count = 1, .refs = {{.domid = (domid_t)domain, .ref = RESERVED_CONSOLE}}};
    void *page;

    grants = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
    if (grants < 0 || ioctl(grants, IOCTL_GNTDEV_MAP_GRANT_REF, &map) != 0)
        return false;
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, grants, (off_t)map.index);
    if (page == MAP_FAILED)
        return false;
    ring = page;
    return true;
}

static bool
bind_port(unsigned domain, unsigned port)
{
    struct ioctl_evtchn_bind_interdomain bind = {.remote_domain = domain, .remote_port = port};
    int bound;

    events = open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    bound = events < 0 ? -1 : ioctl(events, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind);
    local_port = bound < 0 ? 0 : (uint32_t)bound;
    return bound >= 0;
}

static void
release(void)
{
    if (ring != NULL)
        munmap(ring, PAGE);
    if (grants >= 0)
        close(grants);
    if (events >= 0)
        close(events);
    ring = NULL;
    grants = events = -1;
}

bool
console_bind(unsigned domain, unsigned port)
{
    release();
    if (map_ring(domain) && bind_port(domain, port))
        return true;
    say("the console of domain %u can't be had: %s", domain, strerror(errno));
    release();
    return false;
}

static void
notify(void)
{
    struct ioctl_evtchn_notify to = {.port = local_port};

    ioctl(events, IOCTL_EVTCHN_NOTIFY, &to);
}

/* How much of the ring of SIZE bytes is full; what can't be is taken for nothing. */
static uint32_t
filled(uint32_t produced, uint32_t consumed, uint32_t size)
{
    return produced - consumed > size ? 0 : produced - consumed;
}

static bool
has_output(void)
{
    return ring != NULL &&
           filled(*(volatile uint32_t *)&ring->out_prod, ring->out_cons, sizeof ring->out) > 0;
}

/* TRUE if some was moved. */
static bool
move_output(void)
{
    uint32_t consumed = ring->out_cons;
    uint32_t produced = __atomic_load_n(&ring->out_prod, __ATOMIC_ACQUIRE);
    uint32_t size = filled(produced, consumed, sizeof ring->out);
    uint32_t at = consumed % sizeof ring->out;
    uint32_t piece = size < sizeof ring->out - at ? size : (uint32_t)sizeof ring->out - at;
    ssize_t done = piece > 0 ? write(tty, ring->out + at, piece) : 0;

    if (done <= 0)
        return false;
    __atomic_store_n(&ring->out_cons, consumed + (uint32_t)done, __ATOMIC_RELEASE);
    return true;
}

static uint32_t
input_room(void)
{
    uint32_t produced = ring->in_prod;
    uint32_t consumed = __atomic_load_n(&ring->in_cons, __ATOMIC_ACQUIRE);

    return (uint32_t)sizeof ring->in - filled(produced, consumed, sizeof ring->in);
}

static bool
move_input(void)
{
    uint32_t room = input_room();
    char data[sizeof ring->in];
    ssize_t length = room > 0 ? read(tty, data, room) : 0;

    if (length <= 0)
        return false;
    for (ssize_t i = 0; i < length; i++)
        ring->in[(ring->in_prod + (uint32_t)i) % sizeof ring->in] = data[i];
    __atomic_store_n(&ring->in_prod, ring->in_prod + (uint32_t)length, __ATOMIC_RELEASE);
    return true;
}

void
console_move(void)
{
    uint32_t port;
    bool fired, moved;

    if (ring == NULL)
        return;
    fired = read(events, &port, sizeof port) == sizeof port;
    moved = move_output();
    if (moved)
        move_output(); /* the other side of the ring's end */
    moved |= move_input();
    if (moved)
        notify();
    if (fired && write(events, &port, sizeof port) < 0)
        say("the console's events are lost: %s", strerror(errno));
}

/* While nobody has the ring, input waits in the tty. */
void
console_wanted(struct pollfd fds[CONSOLE_FDS])
{
    fds[0] = (struct pollfd){.fd = events, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = ring == NULL ? -1 : tty, .events = 0};
    if (ring == NULL)
        return;
    if (has_output())
        fds[1].events |= POLLOUT;
    if (input_room() > 0)
        fds[1].events |= POLLIN;
}

void
console_unbind(long ms)
{
    long until = now_ms() + ms;
    struct pollfd ready = {.fd = tty, .events = POLLOUT};

    while (has_output() && now_ms() < until && poll(&ready, 1, 100) >= 0)
        move_output();
    release();
}

void
console_say(const char *format, ...)
{
    struct pollfd ready = {.fd = tty, .events = POLLOUT};
    char line[256] = "\r\namilaunch: ";
    size_t length = strlen(line);
    va_list args;

    va_start(args, format);
    vsnprintf(line + length, sizeof line - length - 2, format, args);
    va_end(args);
    say("%s", line + 2);
    strcat(line, "\r\n");
    for (const char *at = line; *at != '\0';) {
        ssize_t done = poll(&ready, 1, 1000) > 0 ? write(tty, at, strlen(at)) : -1;
        if (done <= 0)
            return;
        at += done;
    }
}
