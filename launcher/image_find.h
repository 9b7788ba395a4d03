/* Finding images in the catalogue, as EC2's DescribeImages does. */
#ifndef LAUNCHER_IMAGE_FIND_H
#define LAUNCHER_IMAGE_FIND_H

#include "launcher/launcher.h"

/* Lists end with NULL; one that is NULL asks for nothing. */
typedef struct {
    const char *const *filters; /* "name=...,values=...": see common/filter.h for the form, and
                                   store/image_filters.h for the names */
    const char *const *owners;  /* "self", "amazon", "aws-marketplace" or accounts */
    const char *const *executable_by; /* "self", "all" or accounts: to whom it was given by name */
    const char *view;                 /* one of image_view_words[]; NULL: all */
    gboolean include_deprecated;      /* others' too; one's own are always there */
    gboolean include_disabled;        /* one's own that are disabled */
    gboolean whole;                   /* with mapping, tags and product codes; else only the row */
} image_find_request;

/* The images that the asking account can see in its region, newest first: image_view* without facts
 * and snapshots; after them the kernel images that are asked for (see kernel_find.h).
 * InvalidParameterValue, InvalidUserID.Malformed, FilterLimitExceeded. */
GPtrArray *launcher_image_find(launcher *self, const image_find_request *request, GError **error);

#endif
