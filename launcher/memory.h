/* The saved memory of hibernated instances: HOME/instances/I/memory, with its checksum beside it.
 *
 * A memory is good for one resume: from then on the disks change, and the same memory over them
 * would destroy what is on them. So it is the record (hibernated) that says whether there is one,
 * and it is taken back before the guest runs; a file that is found without it is of no use. */
#ifndef LAUNCHER_MEMORY_H
#define LAUNCHER_MEMORY_H

#include "launcher/internal.h"

/* FALSE with Host.Disk and what is missing if there isn't room for VM's memory. */
gboolean memory_has_room(launcher *self, const instance *vm, GError **error);

/* Whether a save that nobody saw the end of has written all of VM's memory. */
gboolean memory_is_whole(launcher *self, const instance *vm);

/* Makes the memory that was just saved durable, and fills in VM's hibernated and saved_by. Can be
 * repeated. */
gboolean memory_seal(launcher *self, instance *vm, GError **error);

/* FALSE with Host.Incomplete if VM's memory isn't as it was saved. */
gboolean memory_is_intact(launcher *self, const char *id, GError **error);

/* Lets VM's guest go on where it was, on the disks of PLAN, which is bound. On failure the domain
 * may be there, without having run since, and VM says whether it is still hibernated. */
gboolean memory_resume(launcher *self, instance *vm, const boot_plan *plan, GError **error);

/* Records that VM isn't hibernated any more, in the database too. */
gboolean memory_spend(launcher *self, instance *vm, GError **error);

/* Removes the files. Those that aren't there are fine. */
gboolean memory_remove(launcher *self, const char *id, GError **error);

/* For a VM that is found off and isn't recorded as hibernated: a memory that is whole all the same
 * (an older amilaunch.db was put back?) is moved to memory.kept, and said so; one that isn't is
 * removed. */
gboolean memory_put_aside(launcher *self, const instance *vm, GError **error);

/* How VM's domain is, once the hypervisor is done with saving or restoring it; a domain that isn't
 * there is off, for a reason unknown. Host.Timeout if that doesn't end in two minutes. */
gboolean memory_wait_settled(launcher *self, const char *id, domain_status *status, GError **error);

#endif
