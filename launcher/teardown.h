/* Taking an instance's things away. Each of these can be done again after it was cut off. An
 * instance whose root is on instance store can't be stopped: one that is found off keeps all that
 * it has there until it ends. */
#ifndef LAUNCHER_TEARDOWN_H
#define LAUNCHER_TEARDOWN_H

#include "launcher/internal.h"

/* Removes the files of the instance-store disks: a stop loses them, as on EC2; and the other names
 * that the volumes' files got for the guest, which is off. */
gboolean teardown_store_disks(launcher *self, const instance *vm, GError **error);

/* Ends VM for good: its domain, its folder with the instance-store disks, the volumes that go with
 * it; the others become available. */
gboolean teardown_instance(launcher *self, const instance *vm, GError **error);

/* The same for a launch that didn't come off: no volume stays. */
gboolean teardown_launch(launcher *self, const instance *vm, GError **error);

/* Removes a volume that is to be deleted: its file, its record, and its passphrase if it was the
 * last with that. */
gboolean teardown_volume(launcher *self, const volume *what, GError **error);

/* Makes WHAT one that isn't attached; to be recorded by the caller. */
void volume_detached(volume *what);

#endif
