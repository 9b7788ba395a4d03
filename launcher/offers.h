/* What somebody who is typing an id or a name may mean: for completion. It is read off the records:
 * libvirt isn't asked, nothing is put right, and no HOME is made. */
#ifndef LAUNCHER_OFFERS_H
#define LAUNCHER_OFFERS_H

#include "launcher/launcher.h"

typedef enum {
    OFFER_IMAGES,
    OFFER_BINNED_IMAGES, /* in the recycle bin */
    OFFER_INSTANCES,     /* but terminated ones */
    OFFER_RUNNING,       /* instances */
    OFFER_STOPPED,       /* instances */
    OFFER_VOLUMES,
    OFFER_FREE_VOLUMES,
    OFFER_USED_VOLUMES,
    OFFER_SNAPSHOTS,
    OFFER_BINNED_SNAPSHOTS,
    OFFER_KEYS, /* by name */
    OFFER_RULES,
    OFFER_RESOURCES, /* all that can be tagged */
    OFFER_TYPES,
    OFFER_KERNELS,
    OFFER_REGIONS,
    OFFER_ZONES,
} offer_kind;

typedef struct {
    char *text;
    char *about; /* a few words that tell it from the others; may be "" */
} offer;

void offer_free(offer *self);

/* Those of WHAT, of the asking account and its region, that begin with PREFIX: offer*, in the order
 * of their lists. NULL on failure. */
GPtrArray *launcher_offers(launcher *self, offer_kind what, const char *prefix, GError **error);

#endif
