/* The contract between the engine and what runs guests. A driver is a constructor and an ops table;
 * everyone calls the hypervisor_*() functions, which add what is the same for all drivers.
 *
 * Guests are persistent domains named for their instances: defined while stopped, so that the
 * hypervisor's own tools list what we list. */
#ifndef DRIVERS_HYPERVISOR_H
#define DRIVERS_HYPERVISOR_H

#include "common/progress.h"
#include "drivers/boot_plan.h"

#include <sys/types.h>

typedef struct hypervisor hypervisor;

typedef enum {
    DOMAIN_OFF,
    DOMAIN_ON,
    DOMAIN_ENDING, /* the guest has powered off; soon its process is gone, or it is being reset */
    DOMAIN_PAUSED, /* exists, doesn't run */
} domain_state;

/* Why a domain is off, as far as the hypervisor knows. */
typedef enum {
    OFF_UNKNOWN,   /* e.g. the hypervisor was restarted since */
    OFF_SHUTDOWN,  /* the guest powered itself off */
    OFF_DESTROYED, /* somebody cut the power through the hypervisor */
    OFF_CRASHED,   /* its process ended by itself, or the guest panicked */
    OFF_FAILED,    /* it never started */
    OFF_SAVED,     /* its memory is saved */
    OFF_MOVED      /* the hypervisor itself let go of it: migrated, reverted, lost by its daemon */
} off_reason;

/* Why a domain is paused. */
typedef enum {
    PAUSED_UNKNOWN,
    PAUSED_BY_USER,  /* through the hypervisor's own tools */
    PAUSED_IO_ERROR, /* the host could not write one of its disks: most likely it is full */
    PAUSED_BUSY, /* the hypervisor is at it: its memory is being saved or restored, a snapshot taken
                  */
    PAUSED_CRASHED /* the guest panicked, and is kept for a look */
} pause_reason;

typedef struct {
    domain_state state;
    off_reason reason;  /* meaningful while DOMAIN_OFF */
    pause_reason pause; /* meaningful while DOMAIN_PAUSED */
} domain_status;

/* A disk of a running guest that is to go on in another file, a fresh overlay over what it has. */
typedef struct {
    char *alias;
    char *path;
    char *secret; /* as in boot_disk */
    char *secret_file;
} disk_switch;

/* The user that guests run as. */
typedef struct {
    gboolean other; /* than the caller's own */
    uid_t uid;      /* meaningful if OTHER */
    gid_t gid;
    gboolean
        confined; /* by AppArmor or SELinux: they may open what their domain names, and no more */
} guest_user;

typedef enum { REBOOT_DONE, REBOOT_TIMED_OUT, REBOOT_OFF } reboot_result;

/* Who talks on a serial console in a person's place, and what it is given. TYPED is what the guest
 * doesn't have yet, to be added to. FALSE: it leaves. */
typedef struct {
    gboolean (*heard)(const char *bytes, gsize length, GString *typed, gpointer data);
    gboolean (*waited)(GString *typed, gpointer data); /* each CONSOLE_WAIT_MS */
    gpointer data;
} console_talker;

#define CONSOLE_WAIT_MS 200

/* What a driver provides. SELF is the driver's own struct, which begins with a hypervisor. All but
 * free() may fail: FALSE or NULL, and *error set. */
typedef struct {
    /* TRUE: can_boot(), define(), start() and destroy() may be called by several threads. */
    gboolean many_at_once;

    void (*free)(hypervisor *self);

    /* Refuses a plan that this driver can't boot, and says what is missing. */
    gboolean (*can_boot)(hypervisor *self, const boot_plan *plan, GError **error);

    /* Makes the domain known, in place of an older one of that name, without starting it. */
    gboolean (*define)(hypervisor *self, const boot_plan *plan, GError **error);

    /* Starts PLAN's domain, which is defined. */
    gboolean (*start)(hypervisor *self, const boot_plan *plan, GError **error);

    /* Presses the ACPI power button and returns at once. A domain that is off is fine, or isn't
     * there any more: one that was undefined while it ran goes with its guest. One that is paused
     * goes on, to hear it. */
    gboolean (*press_power)(hypervisor *self, const char *name, GError **error);

    /* Cuts the power. A domain that is off or isn't there is fine. */
    gboolean (*destroy)(hypervisor *self, const char *name, GError **error);

    /* Forgets the domain. One that isn't there is fine. */
    gboolean (*undefine)(hypervisor *self, const char *name, GError **error);

    /* Waits until the domain is off, at most TIMEOUT_MS. FALSE in *off means it still runs. */
    gboolean (*wait_off)(hypervisor *self, const char *name, gint64 timeout_ms, gboolean *off,
                         GError **error);

    /* Asks the guest to reboot and waits until it did, at most TIMEOUT_MS. */
    gboolean (*reboot)(hypervisor *self, const char *name, gint64 timeout_ms, reboot_result *result,
                       GError **error);

    /* Presses the reset button. */
    gboolean (*reset)(hypervisor *self, const char *name, GError **error);

    /* Lets the vCPUs of a running domain rest, and go on. One that is so already is fine. */
    gboolean (*pause)(hypervisor *self, const char *name, GError **error);
    gboolean (*resume)(hypervisor *self, const char *name, GError **error);

    /* Presses the ACPI sleep button's nearest kin, the keyboard's sleep key: how a guest is asked
     * to hibernate. Returns at once. */
    gboolean (*press_sleep)(hypervisor *self, const char *name, GError **error);

    /* Writes the guest's memory to the new file PATH (mode 0600, not yet durable) and ends its
     * process. On failure the guest runs on, and there is no file. */
    gboolean (*save)(hypervisor *self, const char *name, const char *path, GError **error);

    /* Brings PLAN's guest back where save() left it, on the disks that PLAN names (of the same
     * number and aliases as then), in place of an older definition, and leaves it paused: resume()
     * lets it go on. On failure the domain is off, and the file is as it was. */
    gboolean (*restore)(hypervisor *self, const boot_plan *plan, const char *path, GError **error);

    /* FALSE with UnsupportedOperation if disks can't be plugged into this running domain, nor
     * unplugged from it. One that isn't running is fine. */
    gboolean (*can_plug)(hypervisor *self, const char *name, GError **error);

    /* Plugs a disk into a running domain; it isn't kept over the next start. */
    gboolean (*attach)(hypervisor *self, const char *name, const boot_disk *disk, GError **error);

    /* Asks the guest to let go of a disk and waits for it at most TIMEOUT_MS. FALSE in *gone means
     * that it didn't. With FORCE it is taken away then, whatever the guest does with it: its files
     * are closed, and the guest keeps an empty device until it reboots. A disk that isn't there is
     * gone. */
    gboolean (*detach)(hypervisor *self, const char *name, const char *alias, gint64 timeout_ms,
                       gboolean force, gboolean *gone, GError **error);

    /* Grows a disk of a running domain to SIZE bytes; the guest is told. */
    gboolean (*resize)(hypervisor *self, const char *name, const char *alias, guint64 size,
                       GError **error);

    /* At one moment, lets all these disks of a running domain (disk_switch*) go on in their new
     * files: all or none. The new files exist, and are overlays over the disks' current ones. */
    gboolean (*switch_disks)(hypervisor *self, const char *name, const GPtrArray *switches,
                             GError **error);

    /* The file in which a disk of a running domain is now: NULL without an error if the domain is
     * off or has no such disk. Waits for a change that is under way. The caller frees it. */
    char *(*disk_file)(hypervisor *self, const char *name, const char *alias, GError **error);

    /* The HOME that owns a domain, kept in its metadata: NULL without an error if it is nobody's of
     * us. The caller frees it. */
    char *(*home_of)(hypervisor *self, const char *name, GError **error);

    /* Takes away what calls of processes that are no more may have left of the passphrase UUID, or
     * of any if that is NULL. */
    gboolean (*forget_secret)(hypervisor *self, const char *uuid, GError **error);

    /* All domains there are, in one call: name -> domain_status. The caller unrefs it. */
    GHashTable *(*list)(hypervisor *self, GError **error);

    /* Connects TALKER, or if that is NULL the terminal on fds 0 and 1, with the serial console,
     * until TALKER leaves, the user types ctrl-], or the domain goes off. */
    gboolean (*console)(hypervisor *self, const char *name, const console_talker *talker,
                        GError **error);

    /* What is on the screen of a running domain, as a PPM or a PNG. UnsupportedOperation if it has
     * none. The caller unrefs it. */
    GBytes *(*screenshot)(hypervisor *self, const char *name, GError **error);

    /* Who guests run as. */
    gboolean (*guest_user)(hypervisor *self, guest_user *user, GError **error);

    /* Versions for people: "libvirt 9.0.0, QEMU 7.2.0". The caller frees it. */
    char *(*describe)(hypervisor *self, GError **error);
} hypervisor_ops;

struct hypervisor {
    const hypervisor_ops *ops;
};

/* libvirt at URI. NULL with Host.Libvirt and the next step on failure. */
hypervisor *libvirt_open(const char *uri, GError **error);

void hypervisor_free(hypervisor *self);
gboolean hypervisor_can_boot(hypervisor *self, const boot_plan *plan, GError **error);

/* Defines and starts. After a failure the domain is off, as far as the hypervisor can be reached,
 * and may be defined. */
gboolean hypervisor_start(hypervisor *self, const boot_plan *plan, GError **error);

/* The same for PLANS (boot_plan*), several at once where the driver can. After a failure, the first
 * of which is told, no more are begun; others may run. LISTENER, which may be NULL, is called on
 * the caller's thread. */
gboolean hypervisor_start_all(hypervisor *self, const GPtrArray *plans, progress *listener,
                              GError **error);

gboolean hypervisor_press_power(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_destroy(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_wait_off(hypervisor *self, const char *name, gint64 timeout_ms, gboolean *off,
                             GError **error);
gboolean hypervisor_reboot(hypervisor *self, const char *name, gint64 timeout_ms,
                           reboot_result *result, GError **error);
gboolean hypervisor_reset(hypervisor *self, const char *name, GError **error);

/* Cuts the power and forgets the domain. One that isn't there is fine. */
gboolean hypervisor_discard(hypervisor *self, const char *name, GError **error);

/* Forgets how a domain that is off is made up, as that isn't so any more: its next start defines it
 * anew. One that isn't there is fine; one that runs goes on. */
gboolean hypervisor_forget(hypervisor *self, const char *name, GError **error);

GHashTable *hypervisor_list(hypervisor *self, GError **error);
gboolean hypervisor_console(hypervisor *self, const char *name, const console_talker *talker,
                            GError **error);
GBytes *hypervisor_screenshot(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_guest_user(hypervisor *self, guest_user *user, GError **error);
gboolean hypervisor_pause(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_resume(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_press_sleep(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_save(hypervisor *self, const char *name, const char *path, GError **error);

/* Checks as hypervisor_start() does. */
gboolean hypervisor_restore(hypervisor *self, const boot_plan *plan, const char *path,
                            GError **error);

gboolean hypervisor_can_plug(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_attach(hypervisor *self, const char *name, const boot_disk *disk,
                           GError **error);
gboolean hypervisor_detach(hypervisor *self, const char *name, const char *alias, gint64 timeout_ms,
                           gboolean force, gboolean *gone, GError **error);
gboolean hypervisor_resize(hypervisor *self, const char *name, const char *alias, guint64 size,
                           GError **error);
gboolean hypervisor_switch_disks(hypervisor *self, const char *name, const GPtrArray *switches,
                                 GError **error);
char *hypervisor_disk_file(hypervisor *self, const char *name, const char *alias, GError **error);
char *hypervisor_home_of(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_forget_secret(hypervisor *self, const char *uuid, GError **error);

/* PATH, SECRET and SECRET_FILE are copied; the last two may be NULL. */
disk_switch *disk_switch_new(const char *alias, const char *path, const char *secret,
                             const char *secret_file);
void disk_switch_free(disk_switch *self);
char *hypervisor_describe(hypervisor *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(hypervisor, hypervisor_free)

#endif
