/* What an account's things would cost on EC2, as a face asks for it. */
#ifndef LAUNCHER_COSTING_H
#define LAUNCHER_COSTING_H

#include "launcher/cost.h"
#include "launcher/launcher.h"

/* Of all that the account has and had from SINCE to UNTIL, or to now if
 * that is earlier, in every region; or of the instances
 * that are named and the volumes while they were attached to them. Usage is kept for 400 days.
 * InvalidInstanceID.Malformed; InvalidInstanceID.NotFound for one that the account never had. */
cost_report *launcher_cost(launcher *self, const char *const *instances, gint64 since, gint64 until,
                           GError **error);

/* The same of one instance since it was launched, without looking at what runs first. */
cost_report *launcher_cost_so_far(launcher *self, const char *instance, GError **error);

/* Notes how many bytes new snapshots and bundles take, as long as they are there to be looked at.
 * For reconcile(). */
void costing_measure_new(launcher *self);

#endif
