/* The contract between the engine and what runs guests. A driver is a constructor and an ops table;
 * everyone calls the hypervisor_*() functions, which add what is the same for all drivers.
 *
 * Guests are persistent domains named for their instances: defined while stopped, so that the
 * hypervisor's own tools list what we list. */
#ifndef DRIVERS_HYPERVISOR_H
#define DRIVERS_HYPERVISOR_H

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

typedef struct {
    domain_state state;
    off_reason reason; /* meaningful while DOMAIN_OFF */
} domain_status;

typedef enum { REBOOT_DONE, REBOOT_TIMED_OUT, REBOOT_OFF } reboot_result;

/* What a driver provides. SELF is the driver's own struct, which begins with a hypervisor. All but
 * free() may fail: FALSE or NULL, and *error set. */
typedef struct {
    void (*free)(hypervisor *self);

    /* Refuses a plan that this driver can't boot, and says what is missing. */
    gboolean (*can_boot)(hypervisor *self, const boot_plan *plan, GError **error);

    /* Makes the domain known, in place of an older one of that name, without starting it. */
    gboolean (*define)(hypervisor *self, const boot_plan *plan, GError **error);

    /* Starts a defined domain. */
    gboolean (*start)(hypervisor *self, const char *name, GError **error);

    /* Presses the ACPI power button and returns at once. A domain that is off is fine. */
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

    /* All domains there are, in one call: name -> domain_status. The caller unrefs it. */
    GHashTable *(*list)(hypervisor *self, GError **error);

    /* Connects the terminal on fds 0 and 1 with the serial console until the user types ctrl-] or
     * the domain goes off. */
    gboolean (*console)(hypervisor *self, const char *name, GError **error);

    /* The user and group that guests run as, if not the caller's own; TRUE in *other then. */
    gboolean (*guest_owner)(hypervisor *self, gboolean *other, uid_t *uid, gid_t *gid,
                            GError **error);

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

gboolean hypervisor_press_power(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_destroy(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_wait_off(hypervisor *self, const char *name, gint64 timeout_ms, gboolean *off,
                             GError **error);
gboolean hypervisor_reboot(hypervisor *self, const char *name, gint64 timeout_ms,
                           reboot_result *result, GError **error);
gboolean hypervisor_reset(hypervisor *self, const char *name, GError **error);

/* Cuts the power and forgets the domain. One that isn't there is fine. */
gboolean hypervisor_discard(hypervisor *self, const char *name, GError **error);

GHashTable *hypervisor_list(hypervisor *self, GError **error);
gboolean hypervisor_console(hypervisor *self, const char *name, GError **error);
gboolean hypervisor_guest_owner(hypervisor *self, gboolean *other, uid_t *uid, gid_t *gid,
                                GError **error);
char *hypervisor_describe(hypervisor *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(hypervisor, hypervisor_free)

#endif
