/* What things cost, for teaching: a few of EC2's prices on demand. */
#ifndef CONF_PRICES_H
#define CONF_PRICES_H

#include "conf/settings.h"

typedef struct prices prices;

/* Reads a file of prices (conf/prices.conf explains the form). NULL with ERROR_CONFIG, "FILE:LINE:
 * ...", if anything in it isn't right. The caller frees the result. */
prices *prices_load(const char *path, GError **error);

/* SELF may be NULL. */
void prices_free(prices *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(prices, prices_free)

/* Of when and where they are, in words. */
const char *prices_date(const prices *self);
const char *prices_region(const prices *self);

/* Dollars; negative if there is none. An hour of an instance of TYPE, a GB-month of a volume of
 * TYPE, of a snapshot, of a bundle. */
double prices_instance(const prices *self, const char *type);
double prices_volume(const prices *self, const char *type);
double prices_snapshot(const prices *self);
double prices_bundle(const prices *self);

/* The file to load: what the settings say, else the one that comes along. The caller frees it. */
char *prices_path(const settings *chosen);

#endif
