/* What the parts of the libvirt driver share. */
#ifndef DRIVERS_LIBVIRT_H
#define DRIVERS_LIBVIRT_H

#include "drivers/hypervisor.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

typedef struct {
    hypervisor base;
    virConnectPtr connection;
    char *uri;
} libvirt_driver;

/* Sets *error to Host.Libvirt with WHAT and libvirt's own words for its last failure. FALSE always.
 */
gboolean libvirt_failed(const char *what, GError **error);

/* The domain, or NULL: with *absent TRUE if there is none of that name, else with *error set. */
virDomainPtr libvirt_find(libvirt_driver *self, const char *name, gboolean *absent, GError **error);

/* The same for a domain that has to be there. */
virDomainPtr libvirt_find_existing(libvirt_driver *self, const char *name, GError **error);

/* The disks of a running domain (live_disk*, live_xml.h). The caller unrefs them. */
GPtrArray *libvirt_live_disks(virDomainPtr domain, GError **error);

/* Defines PLAN's domain; SECRETS: see disk_xml.h. */
gboolean libvirt_define_with(libvirt_driver *self, const boot_plan *plan, GHashTable *secrets,
                             GError **error);

/* hypervisor_ops: wait_off and reboot (libvirt_wait.c), console (libvirt_console.c). */
gboolean libvirt_wait_off(hypervisor *base, const char *name, gint64 timeout_ms, gboolean *off,
                          GError **error);
gboolean libvirt_reboot(hypervisor *base, const char *name, gint64 timeout_ms,
                        reboot_result *result, GError **error);
gboolean libvirt_console(hypervisor *base, const char *name, const console_talker *talker,
                         GError **error);

/* libvirt_screen.c */
GBytes *libvirt_screenshot(hypervisor *base, const char *name, GError **error);

/* libvirt_memory.c */
gboolean libvirt_pause(hypervisor *base, const char *name, GError **error);
gboolean libvirt_resume(hypervisor *base, const char *name, GError **error);
gboolean libvirt_press_sleep(hypervisor *base, const char *name, GError **error);
gboolean libvirt_save(hypervisor *base, const char *name, const char *path, GError **error);
gboolean libvirt_restore(hypervisor *base, const boot_plan *plan, const char *path, GError **error);

/* libvirt_disks.c, libvirt_detach.c */
gboolean libvirt_can_plug(hypervisor *base, const char *name, GError **error);
gboolean libvirt_attach(hypervisor *base, const char *name, const boot_disk *disk, GError **error);
gboolean libvirt_detach(hypervisor *base, const char *name, const char *alias, gint64 timeout_ms,
                        gboolean force, gboolean *gone, GError **error);
gboolean libvirt_resize(hypervisor *base, const char *name, const char *alias, guint64 size,
                        GError **error);
gboolean libvirt_switch_disks(hypervisor *base, const char *name, const GPtrArray *switches,
                              GError **error);
char *libvirt_disk_file(hypervisor *base, const char *name, const char *alias, GError **error);

/* libvirt_secret.c */
gboolean libvirt_forget_secret(hypervisor *base, const char *uuid, GError **error);

/* libvirt_status.c */
GHashTable *libvirt_list(hypervisor *base, GError **error);
char *libvirt_home_of(hypervisor *base, const char *name, GError **error);

/* libvirt_host.c */
gboolean libvirt_guest_user(hypervisor *base, guest_user *user, GError **error);
char *libvirt_describe(hypervisor *base, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(virDomain, virDomainFree)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(virStream, virStreamFree)

#endif
