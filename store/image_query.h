/* Finding images: what is asked becomes one statement, in which all that the user gave is a bound
 * value. */
#ifndef STORE_IMAGE_QUERY_H
#define STORE_IMAGE_QUERY_H

#include "store/store.h"

/* EC2's console's four views of one catalogue. */
typedef enum {
    IMAGE_VIEW_ALL,
    IMAGE_VIEW_QUICKSTART,  /* amazon's public ones */
    IMAGE_VIEW_MINE,        /* one's own, and those that were shared with one by name */
    IMAGE_VIEW_MARKETPLACE, /* aws-marketplace's, and others with a marketplace product code */
    IMAGE_VIEW_COMMUNITY,   /* everybody else's public ones */
} image_view_kind;

extern const char *const image_view_words[]; /* "all", "quickstart", ... */

typedef struct {
    const char *region;
    const char *account;            /* who asks */
    const char *amazon;             /* accounts that have that alias, with commas */
    const char *aws_marketplace;    /* the same */
    const GPtrArray *owners;        /* char*: accounts of which one must own it; NULL: anybody */
    const GPtrArray *executable_by; /* char*: "all" or accounts: one must be allowed by name to
                                       launch it; NULL: anybody */
    const GPtrArray *filters;       /* filter* (common/filter.h), of which all must match; NULL:
                                       none */
    image_view_kind view;
    gboolean deprecated; /* with others' deprecated ones */
    gboolean disabled;   /* with one's own disabled ones */
} image_query;

/* Of all that ACCOUNT can see in REGION (launcher/scope.h has that rule for one image), newest
 * first: image*. NULL on failure; InvalidParameterValue for a filter that doesn't exist. */
GPtrArray *image_find(store *db, const image_query *what, GError **error);

#endif
