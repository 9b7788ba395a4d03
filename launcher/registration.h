/* A registration of an image of snapshots under way: what is asked, what is there, and what comes
 * of both. Only for image_register.c. */
#ifndef LAUNCHER_REGISTRATION_H
#define LAUNCHER_REGISTRATION_H

#include "launcher/image_register.h"
#include "launcher/internal.h"

typedef struct {
    const register_request *request;
    const char *root_device;
    GPtrArray *specs;      /* map_spec* */
    GPtrArray *tags;       /* tag* */
    GPtrArray *codes;      /* product_code* without a resource */
    GHashTable *snapshots; /* id -> snapshot*, those that SPECS name */
    GPtrArray *entries;    /* image_mapping*, the root first */
    const snapshot *root;  /* one of SNAPSHOTS */
    image_facts *facts;    /* of ROOT; NULL: not known */
    image *ami;
} registration;

void registration_clear(registration *self);

/* Reads the request, which stays the caller's. */
gboolean registration_parse(registration *what, const register_request *request, GError **error);

/* Finds the snapshots, makes the mapping of them, and finds what is known of the root; anew within
 * the transaction that records who uses them. */
gboolean registration_load(launcher *self, registration *what, GError **error);

/* Makes the image, available, as far as it is known by then. */
/* TRUE if its kernel image, if it names one, is one of the region that fits: see kernel_check.h.
 * BEFORE_LOOKING: its architecture may be found to be another than it is taken for now. */
gboolean registration_check_kernel(launcher *self, const registration *what,
                                   gboolean before_looking, GError **error);

void registration_make_image(launcher *self, registration *what);

/* Settles the image's architecture and the like: as stated, else as it is found. */
void registration_choose_kind(registration *what);

/* TRUE if such an image can be; EC2's error if not. BEFORE_LOOKING: as far as that can be said
 * then, for what is to be looked into may turn out to be of the other kind. */
gboolean registration_check_kind(const registration *what, gboolean before_looking, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(registration, registration_clear)

#endif
