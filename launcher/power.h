/* What start, stop and hibernate have in common. */
#ifndef LAUNCHER_POWER_H
#define LAUNCHER_POWER_H

#include "launcher/claim.h"

/* Does ACT for each claimed instance; the report of all (state_change*), or NULL with the first
 * failure. */
GPtrArray *power_act_on_each(launcher *self, claim *mine,
                             gboolean (*act)(launcher *, instance *, GError **), GError **error);

/* The same for what takes guests off the network, which is told. */
GPtrArray *power_end_each(launcher *self, claim *mine,
                          gboolean (*act)(launcher *, instance *, GError **), GError **error);

/* FALSE with UnsupportedOperation if one of IDS has its root on instance store and so can't be
 * VERB ("stopped"). */
gboolean power_needs_ebs_root(launcher *self, const char *const *ids, const char *verb,
                              GError **error);

/* Waits for the guest of a stop that nobody owns to be off, until the stop's deadline or until
 * another command has taken it elsewhere; presses BUTTON again each AGAIN_MS, for a guest that is
 * only just booting doesn't hear it. */
gboolean power_wait_pressing(launcher *self, const instance *vm,
                             gboolean (*button)(hypervisor *, const char *name, GError **),
                             gint64 again_ms, gboolean *off, GError **error);

/* Waits for the guest of a stop that has begun to power off, cuts its power when its time is over,
 * and records that it is stopped. */
gboolean power_finish_stop(launcher *self, instance *vm, GError **error);

#endif
