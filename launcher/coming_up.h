/* Waiting for a guest to come up, which it may not do. */
#ifndef LAUNCHER_COMING_UP_H
#define LAUNCHER_COMING_UP_H

#include "launcher/launcher.h"

/* What shows that it is up. */
typedef struct {
    /* Asked some times a second, with what its console shows by now. */
    gboolean (*is_seen)(launcher *self, const diagnosis *seen, gpointer data);
    gpointer data;
    const char *missing; /* without it, for people: "shows no login on its console" */
    guint timeout_s;
} up_sign;

/* As launcher_wait_login(), by another sign. */
gboolean coming_up_wait(launcher *self, const char *id, const up_sign *sign, boot_stop **stop,
                        GError **error);

#endif
