#include "appliance/boot.h"
#include "appliance/job.h"
#include "appliance/network.h"
#include "appliance/say.h"
#include "appliance/xenstore.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULES "/lib/modules.needed" /* in the order in which they go in */
#define XENSTORED_MS 60000
#define XENSTORED_PAUSE_US 2000
#define NETWORK_MODULES "/lib/modules.network"

/* libxl asks without end for random numbers until the kernel has its 256 bits together, which
 * takes seconds when nothing happens. Nothing in dom0 is a secret: it makes names for devices. */
static void
seed_random(void)
{
    struct {
        struct rand_pool_info head;
        char data[64];
    } seed = {.head = {.entropy_count = 512, .buf_size = sizeof seed.data}};
    int file = open("/dev/urandom", O_RDWR | O_CLOEXEC);
    int line = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);

    if (line >= 0 && read(line, seed.data, sizeof seed.data) < 0)
        say("/proc/cmdline: %s", strerror(errno));
    memcpy(seed.data, &(long){now_ms()}, sizeof(long));
    if (file < 0 || ioctl(file, RNDADDENTROPY, &seed) != 0)
        say("/dev/urandom: %s", strerror(errno));
    if (file >= 0)
        close(file);
    if (line >= 0)
        close(line);
}

static void
mount_at(const char *type, const char *path)
{
    mkdir(path, 0755);
    if (mount(type, path, type, 0, NULL) != 0 && errno != EBUSY)
        say("%s can't be mounted: %s", path, strerror(errno));
}

static void
load_module(const char *name)
{
    char path[128];
    int file;

    snprintf(path, sizeof path, "/lib/%s", name);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || (syscall(SYS_finit_module, file, "", 0) != 0 && errno != EEXIST))
        say("%s: %s", name, strerror(errno));
    if (file >= 0)
        close(file);
}

static void
load_modules(const char *list)
{
    FILE *file = fopen(list, "re");
    char name[64];

    while (file != NULL && fgets(name, sizeof name, file) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        load_module(name);
    }
    if (file != NULL)
        fclose(file);
}

/* It has become a daemon before it listens. */
static bool
reach_xenstored(void)
{
    long until = now_ms() + XENSTORED_MS;

    while (!xenstore_open(XENSTORED_SOCKET)) {
        if (now_ms() > until)
            return false;
        usleep(XENSTORED_PAUSE_US);
    }
    return true;
}

/* What libxl wants to find of dom0 in it is what xen-init-dom0 would write. */
static bool
start_xenstored(void)
{
    static const char *const daemon[] = {"/bin/xenstored", "--pid-file", "/run/xenstored.pid",
                                         NULL};

    return job_run(daemon) && reach_xenstored() && xenstore_write("0", "/local/domain/0/domid") &&
           xenstore_write("Domain-0", "/local/domain/0/name") &&
           xenstore_write("Pool-0", "/local/pool/0/name");
}

bool
boot_begin(void)
{
    mount_at("devtmpfs", "/dev");
    mount_at("proc", "/proc");
    mount_at("sysfs", "/sys");
    if (freopen("/dev/console", "w", stdout) == NULL || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
        return false;
    seed_random();
    load_modules(MODULES);
    mount_at("xenfs", "/proc/xen");
    say_more("modules are in");
    if (!start_xenstored()) {
        say("xenstored doesn't come up");
        return false;
    }
    say_more("xenstored is up");
    return true;
}

void
boot_network(void)
{
    if (!network_is_there())
        return;
    load_modules(NETWORK_MODULES);
    network_begin();
}

void
boot_power_off(void)
{
    sync();
    reboot(RB_POWER_OFF);
    for (;;)
        pause();
}
