/* Checking an image before it is shared. */
#ifndef LAUNCHER_CHECKING_H
#define LAUNCHER_CHECKING_H

#include "images/check_rules.h"
#include "launcher/launcher.h"

typedef struct {
    char *image;
    check_facts *facts;
    GPtrArray *findings; /* finding*, the worst first */
} check_report;

void check_report_free(check_report *self);

/* Looks into an image that the account may launch, for what should not be in one that others get;
 * takes ten seconds and more. InvalidAMIID.*; UnsupportedOperation for an encrypted one or one that
 * names no disk; Host.Inspection. The caller frees it. */
check_report *launcher_image_check(launcher *self, const char *id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(check_report, check_report_free)

#endif
