/* What this host can do and what is missing, each with the command that mends it. Nothing here
 * needs HOME or libvirt to be there: they are what is examined. */
#include "common/error.h"
#include "common/process.h"
#include "conf/data_path.h"
#include "drivers/accel.h"
#include "drivers/xen_appliance.h"
#include "images/fetch.h"
#include "images/file_system.h"
#include "images/home.h"
#include "launcher/netd.h"
#include "launcher/reconcile.h"
#include "launcher/records.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define ROOM_MIB 2048

void
host_check_free(host_check *self)
{
    if (self == NULL)
        return;
    g_free(self->found);
    g_free(self->remedy);
    g_free(self);
}

/* FOUND and REMEDY are taken over; REMEDY NULL means that all is well. */
static void
add(GPtrArray *checks, const char *name, gboolean needed, char *found, char *remedy)
{
    host_check *check = g_new0(host_check, 1);

    check->name = name;
    check->good = remedy == NULL;
    check->needed = needed;
    check->found = found;
    check->remedy = remedy;
    g_ptr_array_add(checks, check);
}

static void
check_acceleration(GPtrArray *checks)
{
    char *detail = NULL;
    kvm_verdict verdict = accel_probe_kvm(ACCEL_DEADLINE_MS, &detail);
    char *remedy = NULL;

    if (verdict == KVM_DENIED)
        remedy = g_strdup("adduser $USER kvm, then log in again");
    else if (verdict != KVM_WORKS)
        remedy = g_strdup("guests are emulated (TCG) until virtualization is enabled in the host's "
                          "firmware, or in the hypervisor above it");
    add(checks, "acceleration", FALSE, detail, remedy);
}

/* DESCRIPTION has "QEMU 7.2.0" in it. */
static gboolean
qemu_is_old(const char *description)
{
    const char *at = strstr(description, "QEMU ");
    guint64 major, minor;
    char *end;

    if (at == NULL)
        return FALSE;
    major = g_ascii_strtoull(at + 5, &end, 10);
    minor = *end == '.' ? g_ascii_strtoull(end + 1, NULL, 10) : 0;
    return major < 7 || (major == 7 && minor < 2);
}

static void
check_libvirt(GPtrArray *checks, launcher *self)
{
    g_autoptr(GError) problem = NULL;
    hypervisor *driver = launcher_hypervisor(self, &problem);
    char *description = driver != NULL ? hypervisor_describe(driver, &problem) : NULL;

    if (description == NULL) {
        add(checks, "libvirt", TRUE, g_strdup(problem->message),
            g_strdup("apt install libvirt-daemon-system; see also amilaunch --connect"));
        return;
    }
    add(checks, "libvirt", TRUE, description,
        qemu_is_old(description) ? g_strdup("QEMU 7.2 or later is needed, which Debian 12 and "
                                            "Ubuntu 24.04 have")
                                 : NULL);
}

static void
check_program(GPtrArray *checks, const char *name, char *found, const char *program,
              const char *package)
{
    g_autofree char *path = found;

    if (path != NULL)
        add(checks, name, TRUE, g_steal_pointer(&path), NULL);
    else
        add(checks, name, TRUE, g_strdup_printf("%s is not in PATH", program),
            g_strdup_printf("apt install %s", package));
}

/* libguestfs builds its appliance from a kernel of the host. */
static char *
readable_kernel(gboolean *any)
{
    glob_t found = {0};
    char *readable = NULL;

    *any = FALSE;
    if (glob("/boot/vmlinu[xz]*", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            *any = TRUE;
            if (readable == NULL && access(found.gl_pathv[i], R_OK) == 0)
                readable = g_strdup(found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return readable;
}

static void
check_inspection(GPtrArray *checks)
{
    gboolean any;
    g_autofree char *kernel = readable_kernel(&any);
    g_autofree char *supermin = process_find("supermin");

    if (supermin == NULL)
        add(checks, "inspection", TRUE,
            g_strdup("libguestfs has no supermin to make its appliance"),
            g_strdup("apt install libguestfs0 supermin"));
    else if (kernel != NULL)
        add(checks, "inspection", TRUE, g_strdup_printf("libguestfs with %s", kernel), NULL);
    else if (any)
        add(checks, "inspection", TRUE, g_strdup("libguestfs can't read the kernel under /boot"),
            g_strdup("chmod +r /boot/vmlinuz-*"));
    else
        add(checks, "inspection", TRUE, g_strdup("libguestfs finds no kernel under /boot"),
            g_strdup("apt install linux-image-cloud-amd64"));
}

/* Only `image customize` needs it. */
static void
check_customizing(GPtrArray *checks)
{
    char *found = process_find("virt-customize");
    char *remedy = found == NULL ? g_strdup("apt install guestfs-tools") : NULL;

    add(checks, "customizing", FALSE,
        found != NULL ? found : g_strdup("virt-customize is not in PATH"), remedy);
}

/* Only paravirtual guests need it. */
static void
check_appliance(GPtrArray *checks, const launcher *self)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *folder = xen_appliance_find(self->home);
    g_autofree char *own = xen_appliance_own(self->home);
    g_autoptr(xen_appliance) found = xen_appliance_read(folder != NULL ? folder : own, &problem);

    if (folder != NULL && found != NULL)
        add(checks, "xen appliance", FALSE,
            g_strdup_printf("%s, made %s", found->folder, found->built), NULL);
    else
        add(checks, "xen appliance", FALSE, g_strdup("there is none for paravirtual guests"),
            g_strdup("amilaunch appliance build"));
}

static gboolean
guests_are_confined(launcher *self)
{
    hypervisor *driver = launcher_hypervisor(self, NULL);
    guest_user user = {0};

    return driver != NULL && hypervisor_guest_user(driver, &user, NULL) && user.confined;
}

static void
check_network(GPtrArray *checks, launcher *self)
{
    g_autofree char *program = program_path(NETWORK_PROGRAM);
    g_autoptr(GError) problem = NULL;

    if (!g_file_test(program, G_FILE_TEST_IS_EXECUTABLE))
        add(checks, "network", TRUE, g_strdup_printf("%s is not there", program),
            g_strdup("make install: without it guests have no network"));
    else if (!network_check_home(self->home, &problem))
        add(checks, "network", TRUE, g_strdup(problem->message),
            g_strdup("choose a shorter place with --home or AMILAUNCH_HOME"));
    else if (guests_are_confined(self))
        add(checks, "network", FALSE,
            g_strdup("libvirt confines its guests here, which have no network then"),
            g_strdup("be an ordinary user (qemu:///session), or say security_driver = \"none\" in "
                     "/etc/libvirt/qemu.conf"));
    else
        add(checks, "network", TRUE, g_steal_pointer(&program), NULL);
}

/* The nearest folder that is there: HOME is made when it is first needed. */
static char *
existing_part(const char *home)
{
    char *folder = g_strdup(home);

    while (!g_file_test(folder, G_FILE_TEST_EXISTS)) {
        char *parent = g_path_get_dirname(folder);
        g_free(folder);
        folder = parent;
    }
    return folder;
}

static void
check_home(GPtrArray *checks, const launcher *self)
{
    g_autofree char *folder = existing_part(self->home);
    struct statvfs info;
    guint64 room_mib;

    if (access(folder, W_OK | X_OK) != 0)
        add(checks, "permissions", TRUE, g_strdup_printf("%s: %s", folder, g_strerror(errno)),
            g_strdup("choose another place with --home or AMILAUNCH_HOME"));
    else
        add(checks, "permissions", TRUE, g_strdup_printf("%s can be written", self->home), NULL);
    if (statvfs(folder, &info) != 0)
        return;
    room_mib = (guint64)info.f_bavail * info.f_frsize / (1024 * 1024);
    add(checks, "disk space", FALSE,
        g_strdup_printf("%" G_GUINT64_FORMAT " MiB free at %s", room_mib, folder),
        room_mib < ROOM_MIB ? g_strdup("make room, or choose another place with --home") : NULL);
}

static void
check_downloads(GPtrArray *checks, const launcher *self)
{
    guint64 bytes;
    guint count = fetch_unfinished(self->home, &bytes);

    if (count > 0)
        add(checks, "downloads", FALSE,
            g_strdup_printf(
                "%u unfinished in %s/downloads, %" G_GUINT64_FORMAT
                " MiB; the same image import goes on with one, and any removes it after "
                "%d days",
                count, self->home, bytes >> 20, FETCH_KEEP_DAYS),
            NULL);
}

static void
check_memory(GPtrArray *checks)
{
    guint64 mib = (guint64)sysconf(_SC_PHYS_PAGES) * (guint64)sysconf(_SC_PAGESIZE) / (1024 * 1024);

    add(checks, "memory", FALSE,
        g_strdup_printf("%" G_GUINT64_FORMAT " MiB, %ld CPUs; larger types need --memory-limit",
                        mib, sysconf(_SC_NPROCESSORS_ONLN)),
        NULL);
}

static void
check_types(GPtrArray *checks, launcher *self)
{
    g_autoptr(GError) problem = NULL;
    const instance_types *types = launcher_types(self, &problem);

    if (types != NULL)
        add(checks, "instance types", TRUE,
            g_strdup_printf("%u types", instance_types_count(types)), NULL);
    else
        add(checks, "instance types", TRUE, g_strdup(problem->message),
            g_strdup("make install, or set AMILAUNCH_DATADIR to the folder conf/ of the source"));
}

#define MOST_FINDINGS 100 /* who has put back an old amilaunch.db has thousands */

/* Only where there is something to compare: doctor makes no HOME. */
static void
check_records(GPtrArray *checks, launcher *self)
{
    g_autofree char *database = g_build_filename(self->home, "amilaunch.db", NULL);
    g_autoptr(GError) problem = NULL;
    g_autoptr(GPtrArray) findings = NULL;

    if (!g_file_test(database, G_FILE_TEST_EXISTS))
        return;
    findings = reconcile(self, &problem) ? records_compare(self, &problem) : NULL;
    if (findings == NULL) {
        add(checks, "records", FALSE, g_strdup(problem->message),
            g_strdup("see the other findings first"));
        return;
    }
    for (guint i = 0; i < MIN(findings->len, MOST_FINDINGS); i++) {
        g_auto(GStrv) parts = g_strsplit(g_ptr_array_index(findings, i), ": ", 2);
        add(checks, "records", FALSE, g_strdup(parts[0]), g_strdup(parts[1]));
    }
    if (findings->len > MOST_FINDINGS)
        add(checks, "records", FALSE,
            g_strdup_printf("and %u more like these", findings->len - MOST_FINDINGS),
            g_strdup("mend these, and ask again"));
    if (findings->len == 0)
        add(checks, "records", FALSE, g_strdup("every file and every guest has its record"), NULL);
}

GPtrArray *
launcher_doctor(launcher *self)
{
    GPtrArray *checks = g_ptr_array_new_with_free_func((GDestroyNotify)host_check_free);

    check_acceleration(checks);
    check_libvirt(checks, self);
    check_program(checks, "emulator", process_find("qemu-system-x86_64"), "qemu-system-x86_64",
                  "qemu-system-x86");
    check_program(checks, "qemu-img", process_find("qemu-img"), "qemu-img", "qemu-utils");
    check_program(checks, "storage daemon", process_find("qemu-storage-daemon"),
                  "qemu-storage-daemon", "qemu-system-common");
    check_program(checks, "mke2fs", file_system_program(), "mke2fs", "e2fsprogs");
    check_inspection(checks);
    check_customizing(checks);
    check_appliance(checks, self);
    check_network(checks, self);
    check_home(checks, self);
    check_downloads(checks, self);
    check_memory(checks);
    check_types(checks, self);
    check_records(checks, self);
    return checks;
}
