/* The first process of dom0 in the Xen appliance: it boots what Xen needs, builds the guest that
 * the kernel's command line tells of, and then looks after it, its console, its disks, the power
 * button and the host's requests, in one loop that waits for nothing but events. */
#include "appliance/boot.h"
#include "appliance/channel.h"
#include "appliance/console.h"
#include "appliance/disks.h"
#include "appliance/guest.h"
#include "appliance/hotplug.h"
#include "appliance/job.h"
#include "appliance/power.h"
#include "appliance/say.h"
#include "appliance/words.h"
#include "appliance/xenstore.h"

#include <linux/netlink.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 250 /* for deadlines, and for a channel without a reader */

enum { FD_XENSTORE, FD_CHILDREN, FD_KERNEL, FD_BUTTON, FD_CHANNEL, FD_CONSOLE };
#define FD_COUNT (FD_CONSOLE + CONSOLE_FDS)

static int
open_children(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* The kernel's messages about devices that come, go or change. */
static int
open_kernel(void)
{
    struct sockaddr_nl from = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int kernel =
        socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

    if (kernel >= 0 && bind(kernel, (struct sockaddr *)&from, sizeof from) == 0)
        return kernel;
    return -1;
}

/* Empties FD, of which only matters that there was something. */
static bool
drain(int fd)
{
    char data[4096];
    bool some = false;

    while (fd >= 0 && read(fd, data, sizeof data) > 0)
        some = true;
    return some;
}

static void
reap(void)
{
    int status;
    pid_t child;

    while ((child = waitpid(-1, &status, WNOHANG)) > 0)
        job_ended(child, status);
}

/* A guest that can't be asked has nothing to lose that a power cut wouldn't take. */
static void
press_button(void)
{
    say("the power button was pressed");
    if (!guest_ask("poweroff"))
        boot_power_off();
}

static void
wait_for_events(struct pollfd fds[FD_COUNT])
{
    fds[FD_XENSTORE] = (struct pollfd){.fd = xenstore_fd(), .events = POLLIN};
    fds[FD_CHANNEL] = channel_wanted();
    console_wanted(&fds[FD_CONSOLE]);
    poll(fds, FD_COUNT, TICK_MS);
}

static void
look_after(struct pollfd fds[FD_COUNT])
{
    for (;;) {
        wait_for_events(fds);
        console_move();
        if (drain(fds[FD_CHILDREN].fd))
            reap();
        if (drain(fds[FD_KERNEL].fd)) {
            channel_open();
            disks_scan();
            guest_tell_sizes();
        }
        job_tick();
        guest_step();
        if (power_pressed())
            press_button();
        channel_step();
        if (guest_now() == GUEST_OFF || guest_is_deaf())
            boot_power_off();
    }
}

static bool
read_words(words *told)
{
    char line[4096];
    const char *wrong;

    if (!read_line("/proc/cmdline", line, sizeof line))
        return false;
    if (words_parse(told, line, &wrong)) {
        say_loud(told->log);
        return true;
    }
    console_say("dom0 was not told what to run: amilaunch.%s", wrong);
    return false;
}

/* Nothing more can be done; the host sees a silent channel and what was said. */
static void __attribute__((noreturn)) stay(void)
{
    for (;;)
        if (waitpid(-1, NULL, 0) < 0)
            pause();
}

int
main(int argc, char **argv)
{
    struct pollfd fds[FD_COUNT];
    words told;

    if (hotplug_is_script(argv[0]))
        return hotplug_run(argv[0], argc > 1 ? argv[1] : "");
    /* It mounts, loads modules and powers off: on a host it would do so to the host. */
    if (getpid() != 1) {
        fputs("dom0-agent: it is the first process of the Xen appliance, and runs nowhere else\n",
              stderr);
        return 1;
    }
    for (int i = 0; i < FD_COUNT; i++)
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    if (!boot_begin() || !console_open("/dev/ttyS0") || !read_words(&told))
        stay();
    boot_network();
    fds[FD_CHILDREN].fd = open_children();
    fds[FD_KERNEL].fd = open_kernel();
    fds[FD_BUTTON].fd = power_open();
    channel_open();
    disks_scan();
    guest_begin(&told);
    guest_step();
    look_after(fds);
}
