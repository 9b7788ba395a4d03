/* Making the records right: operations that were cut off are taken on or back, and guests that
 * changed by themselves are seen. Data is never destroyed to make the records match. */
#ifndef LAUNCHER_RECONCILE_H
#define LAUNCHER_RECONCILE_H

#include "launcher/internal.h"

/* Operations on images only, which needs no hypervisor. */
gboolean reconcile_images(launcher *self, GError **error);

/* Everything; asks the hypervisor (one call for all) if there is any live instance. */
gboolean reconcile(launcher *self, GError **error);

/* Takes an instance whose guest is off to stopped, or terminated where its kind or its shutdown
 * behaviour says so. FOUND is the state that its record has now. Nothing if another command is at
 * it. CODE and MESSAGE: the reason. */
gboolean reconcile_guest_off(launcher *self, const instance *found, const char *code,
                             const char *message, GError **error);

#endif
