/* What an instance can read at its metadata service, as a tree of pages. One table of leaves
 * (imds_leaves.c) makes listings, contents, and what isn't there. Pure.
 * Source: Amazon EC2 User Guide, "Instance metadata categories". */
#ifndef NET_IMDS_TREE_H
#define NET_IMDS_TREE_H

#include "images/identity.h"
#include "launcher/metadata.h"

/* What pages are made of. */
typedef struct {
    const metadata *about;
    /* TEXT's signature as base64, for the caller to free; NULL if there is none. */
    char *(*sign)(gpointer signer, identity_form form, const char *text);
    gpointer signer;
} imds_source;

typedef struct {
    GBytes *content;
    const char *type; /* "text/plain" */
} imds_page;

void imds_page_free(imds_page *self);

/* The page at PATH ("/latest/meta-data/ami-id"), any bytes; that of a directory lists what is in
 * it, with or without a / at the end of PATH. NULL if there is nothing. The caller frees it. */
imds_page *imds_tree_find(const imds_source *source, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(imds_page, imds_page_free)

#endif
