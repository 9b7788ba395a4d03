/* Making the records right: operations that were cut off are taken on or back, and guests that
 * changed by themselves are seen. Data is never destroyed to make the records match. */
#ifndef LAUNCHER_RECONCILE_H
#define LAUNCHER_RECONCILE_H

#include "launcher/internal.h"

/* Operations on images and snapshots only, which needs no hypervisor unless one of them was cut off
 * that does. */
gboolean reconcile_images(launcher *self, GError **error);

/* Everything; asks the hypervisor (one call for all) if there is any live instance. */
gboolean reconcile(launcher *self, GError **error);

/* Finishes the stop that the user asked for: its guest is off. FOUND is the record as it was when
 * that was seen; nothing is done if the instance has moved on since, or another command is at it.
 */
gboolean reconcile_stopped(launcher *self, const instance *found, GError **error);

/* Finishes it by force. That is done by an owner: a moment after the look, somebody else may have
 * stopped the guest and started its next life. FOUND is as above. */
gboolean reconcile_cut_power(launcher *self, const instance *found, GError **error);

/* Tells the guest to power off, or to hibernate, and notes that it was told. */
gboolean reconcile_press_power(launcher *self, const instance *vm, GError **error);
gboolean reconcile_press_sleep(launcher *self, instance *vm, GError **error);

/* Makes an ordinary stop of a hibernation that the guest didn't get done: tells it to power off,
 * and gives it the time for it. */
gboolean reconcile_stop_instead(launcher *self, const instance *vm, GError **error);

/* TRUE if the stop that FOUND tells of is still under way, in the same life of the guest. */
gboolean reconcile_still_stopping(launcher *self, const instance *found);

#endif
