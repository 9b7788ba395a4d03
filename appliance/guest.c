#include "appliance/guest.h"
#include "appliance/console.h"
#include "appliance/disks.h"
#include "appliance/guest_config.h"
#include "appliance/job.h"
#include "appliance/say.h"
#include "appliance/vbd.h"
#include "appliance/xenstore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XL "/bin/xl"
#define CONFIG "/run/guest.cfg"
#define DISKS_MS 30000  /* that all disks have to appear */
#define BUILD_MS 600000 /* under emulation, on a host with other things to do */
#define XL_MS 120000    /* for anything else */
#define DRAIN_MS 10000  /* for the last words of a guest that is going */
#define DEAF_MS 60000

/* SHUTDOWN_* of Xen's public header sched.h */
enum { REASON_POWEROFF = 0, REASON_REBOOT = 1 };

static const words *told;
static guest_state state;
static long domain; /* of the guest; 0 if there is none */
static unsigned boots;
static long begun;     /* waiting for disks */
static bool look;      /* it may have shut down */
static bool rebuild;   /* it is to be built anew */
static long asked_off; /* when it was asked to power off; 0: it wasn't */
static char attaching[24];

guest_state
guest_now(void)
{
    return state;
}

unsigned
guest_boots(void)
{
    return boots;
}

void
guest_begin(const words *words_told)
{
    told = words_told;
    begun = now_ms();
    state = GUEST_WAITS;
    xenstore_watch("@introduceDomain");
    xenstore_watch("@releaseDomain");
}

/* ---- a new domain's console ---- */

static void
newest(const char *name, void *data)
{
    long *most = data, number = strtol(name, NULL, 10);

    if (number > *most)
        *most = number;
}

static void
find_domain(void)
{
    char path[64];
    long most = 0;

    xenstore_list(newest, &most, "/local/domain");
    if (most == 0 || most == domain)
        return;
    domain = most;
    snprintf(path, sizeof path, "/local/domain/%ld/console", domain);
    xenstore_watch(path);
}

/* libxl waits until somebody has taken the console, which xenconsoled says by this "tty". */
static void
take_console(void)
{
    long port;

    find_domain();
    if (domain == 0)
        return;
    port = xenstore_number(-1, "/local/domain/%ld/console/port", domain);
    if (port <= 0 || !console_bind((unsigned)domain, (unsigned)port))
        return;
    xenstore_write("/dev/ttyS0", "/local/domain/%ld/console/tty", domain);
}

/* ---- building ---- */

static void
failed(const char *why)
{
    state = GUEST_CRASHED;
    console_say("the guest could not be built: %s", why);
}

/* The last line of what xl said tells the least; the first error tells why. */
static void
built(bool good, const char *output)
{
    char line[160];
    const char *error = strstr(output, "error: ");

    if (good) {
        state = GUEST_RUNS;
        look = true;
        say("guest %u runs as domain %ld", boots, domain);
        return;
    }
    say("xl create: %s", output);
    snprintf(line, sizeof line, "%s", error != NULL ? error + strlen("error: ") : output);
    line[strcspn(line, "\n")] = '\0';
    failed(line);
}

static void
build(void)
{
    static const char *const create[] = {XL, "create", "-e", CONFIG, NULL};

    if (!guest_config_write(CONFIG, told)) {
        failed("there is no room for its configuration");
        return;
    }
    for (int i = 0; i < disks_count(); i++)
        disks_at(i)->attached = true;
    state = GUEST_BUILT;
    rebuild = false;
    asked_off = 0;
    boots++;
    say_more("building guest %u", boots);
    job_start(create, BUILD_MS, built);
}

static void
wait_for_disks(void)
{
    bool late = now_ms() - begun > DISKS_MS;

    if (disks_find(told->root) == NULL) {
        if (!late)
            return;
        state = GUEST_CRASHED;
        console_say("the root disk %s is not there", told->root);
        return;
    }
    if ((unsigned long)disks_count() >= told->disks || late)
        build();
}

/* ---- going ---- */

static void
destroyed(bool good, const char *output)
{
    if (!good)
        say("xl destroy: %s", output);
    vbd_forget_all(domain);
    domain = 0;
    state = GUEST_WAITS;
    begun = now_ms();
}

static void
destroy(void)
{
    static char number[16];
    static const char *const argv[] = {XL, "destroy", number, NULL};

    console_unbind(DRAIN_MS);
    state = GUEST_DESTROYED;
    if (domain == 0) {
        destroyed(true, "");
        return;
    }
    snprintf(number, sizeof number, "%ld", domain);
    job_start(argv, XL_MS, destroyed);
}

/* xl list -v: name, id, memory, processors, state, time, UUID, reason of its shutdown or "-". */
static bool
parse_list(const char *output, char flags[8], int *reason)
{
    const char *line = strchr(output, '\n');
    char why[16];

    *reason = -1;
    if (line == NULL || sscanf(line, " %*s %*s %*s %*s %7s %*s %*s %15s", flags, why) != 2)
        return false;
    if (*why != '-')
        *reason = (int)strtol(why, NULL, 16);
    return true;
}

static void
looked(bool good, const char *output)
{
    char flags[8];
    int reason;

    if (!good || !parse_list(output, flags, &reason)) {
        say("xl list: %s", output);
        return;
    }
    if (reason < 0)
        return;
    say("guest %u has shut down: %d", boots, reason);
    if (reason == REASON_POWEROFF) {
        console_unbind(DRAIN_MS);
        state = GUEST_OFF;
    } else if (reason == REASON_REBOOT) {
        rebuild = true;
    } else {
        console_move();
        state = GUEST_CRASHED;
        console_unbind(DRAIN_MS);
        console_say("the guest crashed");
    }
}

static void
start_look(void)
{
    static char number[16];
    static const char *const argv[] = {XL, "list", "-v", number, NULL};

    look = false;
    snprintf(number, sizeof number, "%ld", domain);
    job_start(argv, XL_MS, looked);
}

/* ---- disks that come later ---- */

static void
attached(bool good, const char *output)
{
    disk *which = disks_find(attaching);

    if (!good)
        say("xl block-attach %s: %s", attaching, output);
    if (which != NULL)
        which->attached = true;
}

static void
attach_new(void)
{
    static char spec[64], number[16];
    static const char *const argv[] = {XL, "block-attach", number, spec, NULL};

    for (int i = 0; i < disks_count(); i++) {
        const disk *which = disks_at(i);
        if (which->attached || which->leaving)
            continue;
        snprintf(attaching, sizeof attaching, "%s", which->device);
        guest_config_disk(spec, sizeof spec, which);
        snprintf(number, sizeof number, "%ld", domain);
        job_start(argv, XL_MS, attached);
        return;
    }
}

/* ---- the whole ---- */

static void
step_running(void)
{
    if (rebuild)
        destroy();
    else if (look)
        start_look();
    else
        attach_new();
}

void
guest_step(void)
{
    if (xenstore_changed())
        look = true;
    if (state == GUEST_BUILT && !console_is_bound())
        take_console();
    if (job_is_running())
        return;
    if (state == GUEST_WAITS)
        wait_for_disks();
    else if (state == GUEST_RUNS)
        step_running();
    else if (state == GUEST_CRASHED && rebuild)
        destroy();
}

bool
guest_is_worked_on(void)
{
    return state == GUEST_BUILT || state == GUEST_DESTROYED || job_is_running();
}

bool
guest_ask(const char *what)
{
    if (state != GUEST_RUNS || !xenstore_write(what, "/local/domain/%ld/control/shutdown", domain))
        return false;
    if (strcmp(what, "poweroff") == 0 && asked_off == 0)
        asked_off = now_ms();
    return true;
}

/* A kernel empties the word when it has read it, and one since 2010 says beforehand that it will.
 */
bool
guest_is_deaf(void)
{
    char word[XENSTORE_MOST];

    if (state != GUEST_RUNS || asked_off == 0)
        return false;
    if (xenstore_read(word, "/local/domain/%ld/control/shutdown", domain) && *word == '\0')
        return false;
    return xenstore_number(0, "/local/domain/%ld/control/feature-poweroff", domain) == 0 &&
           now_ms() - asked_off > DEAF_MS;
}

void
guest_rebuild(void)
{
    rebuild = true;
}

int
guest_has_disk(const char *device)
{
    return domain == 0 ? -1 : vbd_is_connected(domain, device);
}

bool
guest_drop_disk(const char *device)
{
    disk *which = disks_find(device);

    if (which != NULL)
        which->leaving = true;
    return domain != 0 && vbd_drop(domain, device);
}

bool
guest_dropped_disk(const char *device, bool force)
{
    return domain == 0 || vbd_dropped(domain, device, force);
}

void
guest_keep_disk(const char *device)
{
    disk *which = disks_find(device);

    if (which != NULL)
        which->leaving = false;
    if (domain != 0)
        vbd_keep(domain, device);
}

void
guest_tell_sizes(void)
{
    for (int i = 0; domain != 0 && i < disks_count(); i++)
        if (disks_at(i)->attached && !disks_at(i)->leaving)
            vbd_tell_size(domain, disks_at(i)->device, disks_at(i)->sectors);
}
