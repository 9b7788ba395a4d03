/* Looking into a disk with libguestfs: foreign file systems are mounted inside a small virtual
 * machine, never by the host. */
#ifndef IMAGES_INSPECT_H
#define IMAGES_INSPECT_H

#include "common/progress.h"
#include "images/facts.h"

/* Finds out what is on the disk at PATH, a qcow2 that is opened read-only. FORCE_TCG: without KVM,
 * where that only pretends to work. LISTENER may be NULL. Takes ten to thirty seconds without KVM,
 * most of it the start of the appliance and the search for an operating system.
 *
 * A disk without an operating system, or with damage inside, gives facts that lack something, and
 * notes that say why. What facts->boot_kernel and
 * boot_initrd name is then in SCRATCH, for boot_files_keep(). NULL with Host.Inspection if the
 * appliance doesn't start or dies: the message says what to do about it. The facts' format is left
 * NULL. The caller frees them.
 *
 * What is left in SCRATCH when it is killed is told in appliance.h. */
image_facts *image_inspect(const char *path, const char *scratch, gboolean force_tcg,
                           progress *listener, GError **error);

#endif
