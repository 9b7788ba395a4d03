#include "appliance/channel.h"
#include "appliance/disks.h"
#include "appliance/guest.h"
#include "appliance/request.h"
#include "appliance/say.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PORT "amilaunch.0"
#define LINE_MOST 4096
#define ANSWER_MS 5000 /* that the host may take to read an answer */
#define ATTACH_MS 60000
#define DETACH_MS 10000
#define RESIZE_MS 5000
#define REBUILD_MS 600000

static int port = -1;
static char line[LINE_MOST + 1];
static size_t length;
static bool overlong;
static request asked; /* what is being worked on; no verb: nothing */
static long asked_at;
static unsigned boots_then;

void
channel_open(void)
{
    DIR *folder = port < 0 ? opendir("/sys/class/virtio-ports") : NULL;
    char path[320], name[32];

    if (folder == NULL)
        return;
    for (struct dirent *entry; port < 0 && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "/sys/class/virtio-ports/%s/name", entry->d_name);
        if (!read_line(path, name, sizeof name) || strcmp(name, PORT) != 0)
            continue;
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    closedir(folder);
}

/* ---- answers ---- */

static void
send_line(const char *text)
{
    struct pollfd ready = {.fd = port, .events = POLLOUT};
    long until = now_ms() + ANSWER_MS;

    while (*text != '\0' && now_ms() < until) {
        ssize_t done = write(port, text, strlen(text));
        if (done > 0)
            text += done;
        else if (done < 0 && errno != EAGAIN && errno != EINTR)
            return;
        else
            poll(&ready, 1, 100);
    }
}

/* Ends the work on what was asked. REST is what follows "ok". */
static void __attribute__((format(printf, 2, 3))) answer(bool good, const char *rest, ...)
{
    char text[LINE_MOST], tail[LINE_MOST / 2];
    va_list args;

    va_start(args, rest);
    vsnprintf(tail, sizeof tail, rest, args);
    va_end(args);
    if (asked.has_id)
        snprintf(text, sizeof text, "{\"id\":%ld,\"ok\":%s%s}\n", asked.id, good ? "true" : "false",
                 tail);
    else
        snprintf(text, sizeof text, "{\"ok\":%s%s}\n", good ? "true" : "false", tail);
    say_more("answered %s: %s", asked.verb, good ? "ok" : tail);
    send_line(text);
    memset(&asked, 0, sizeof asked);
}

/* WHY is one of our own sentences: nothing in it needs an escape. */
static void
refuse(const char *why)
{
    answer(false, ",\"error\":\"%s\"", why);
}

static void
answer_state(void)
{
    static const char *const names[] = {
        [GUEST_WAITS] = "building",     [GUEST_BUILT] = "building",  [GUEST_RUNS] = "running",
        [GUEST_DESTROYED] = "building", [GUEST_CRASHED] = "crashed", [GUEST_OFF] = "off",
    };
    char list[LINE_MOST / 4] = "";

    for (int i = 0; i < disks_count(); i++) {
        size_t at = strlen(list);
        if (guest_has_disk(disks_at(i)->device) == 1)
            snprintf(list + at, sizeof list - at, "%s\"%s\"", at > 0 ? "," : "",
                     disks_at(i)->device);
    }
    answer(true, ",\"guest\":\"%s\",\"boots\":%u,\"disks\":[%s]", names[guest_now()], guest_boots(),
           list);
}

/* ---- requests: each is called until it has answered ---- */

static bool
is_late(long ms)
{
    return now_ms() - asked_at > ms;
}

static void
work_reboot(void)
{
    if (asked.force && boots_then == guest_boots()) {
        guest_rebuild();
        if (is_late(REBUILD_MS))
            refuse("the guest was not built anew in time");
    } else if (asked.force && guest_now() == GUEST_RUNS) {
        answer(true, "%s", "");
    } else if (asked.force && guest_now() == GUEST_CRASHED) {
        refuse("the guest could not be built anew");
    } else if (!asked.force) {
        if (guest_ask("reboot"))
            answer(true, "%s", "");
        else
            refuse("the guest can't be asked: it is not running");
    }
}

static void
work_shutdown(void)
{
    if (guest_ask("poweroff"))
        answer(true, "%s", "");
    else
        refuse("the guest can't be asked: it is not running");
}

/* PV-GRUB takes no disk that comes later, but the kernel that it starts finds it. */
static void
work_attached(void)
{
    disk *which = disks_find(asked.device);

    if (which != NULL && which->leaving) {
        which->leaving = false;
        which->attached = guest_has_disk(asked.device) >= 0;
    }
    if (which != NULL && guest_has_disk(asked.device) == 1)
        answer(true, "%s", "");
    else if (which != NULL && guest_now() == GUEST_CRASHED)
        answer(true, ",\"pending\":true");
    else if (is_late(ATTACH_MS) && guest_has_disk(asked.device) == 0)
        answer(true, ",\"pending\":true");
    else if (is_late(ATTACH_MS))
        refuse(which == NULL ? "there is no such disk" : "the guest has not taken the disk");
}

static void
work_detach(void)
{
    if (disks_find(asked.device) == NULL && guest_has_disk(asked.device) < 0)
        refuse("there is no such disk");
    else if (guest_dropped_disk(asked.device, asked.force))
        answer(true, "%s", "");
    else if (is_late(DETACH_MS)) {
        guest_keep_disk(asked.device);
        refuse("the guest does not let go of the disk");
    }
}

static void
work_resized(void)
{
    const disk *which;

    disks_scan();
    guest_tell_sizes();
    which = disks_find(asked.device);
    if (which == NULL)
        refuse("there is no such disk");
    else
        answer(true, ",\"sectors\":%lu", which->sectors);
}

static void
work(void)
{
    if (strcmp(asked.verb, "state") == 0)
        answer_state();
    else if (strcmp(asked.verb, "reboot") == 0)
        work_reboot();
    else if (strcmp(asked.verb, "shutdown") == 0)
        work_shutdown();
    else if (strcmp(asked.verb, "attached") == 0)
        work_attached();
    else if (strcmp(asked.verb, "detach") == 0)
        work_detach();
    else if (strcmp(asked.verb, "resized") == 0)
        work_resized();
    else
        refuse("this is not known here");
}

static void
begin(void)
{
    line[length] = '\0';
    if (overlong || !request_parse(&asked, line)) {
        memset(&asked, 0, sizeof asked);
        refuse("this is no request");
        return;
    }
    asked_at = now_ms();
    boots_then = guest_boots();
    say_more("asked to %s %s", asked.verb, asked.device);
    if (strcmp(asked.verb, "detach") == 0) {
        /* xl is about to open it, or has it half open. */
        if (guest_is_worked_on()) {
            refuse("the guest is being built, or given a disk: ask again");
            return;
        }
        guest_drop_disk(asked.device);
    }
    work();
}

/* ---- the port ---- */

/* While the host isn't connected, the port is always readable: it is looked at now and then only,
 * as the caller's timer goes. */
struct pollfd
channel_wanted(void)
{
    struct pollfd ready = {.fd = port, .events = POLLIN};

    if (port < 0 || asked.verb[0] != '\0' ||
        (poll(&ready, 1, 0) > 0 && (ready.revents & POLLHUP) != 0))
        ready.fd = -1;
    ready.events = POLLIN;
    ready.revents = 0;
    return ready;
}

void
channel_step(void)
{
    char byte;

    if (asked.verb[0] != '\0')
        work();
    while (port >= 0 && asked.verb[0] == '\0' && read(port, &byte, 1) == 1) {
        if (byte == '\n') {
            begin();
            length = 0;
            overlong = false;
        } else if (length < LINE_MOST) {
            line[length++] = byte;
        } else {
            overlong = true;
        }
    }
}
