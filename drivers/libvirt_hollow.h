/* Taking a disk's contents from a guest that doesn't let go of the disk. QEMU can't pull out a
 * device that the guest holds on to; but it can close what is behind it. The device stays until the
 * guest is reset or lets go; all that it asks of it fails. libvirt isn't told, and goes on listing
 * the disk. */
#ifndef DRIVERS_LIBVIRT_HOLLOW_H
#define DRIVERS_LIBVIRT_HOLLOW_H

#include "drivers/libvirt.h"
#include "drivers/live_xml.h"

/* TRUE if there is nothing behind the disk of that alias. */
gboolean libvirt_is_hollow(virDomainPtr domain, const char *alias);

/* The same for those who must not take silence for a no: FALSE if QEMU doesn't answer. */
gboolean libvirt_ask_hollow(virDomainPtr domain, const char *alias, gboolean *hollow);

/* Makes QEMU close all of DISK's files. FALSE if it keeps one open. */
gboolean libvirt_hollow_out(virDomainPtr domain, const live_disk *disk);

#endif
