/* The leaves of the tree of imds_tree.h, which are the same in every version. Only for
 * imds_tree.c. */
#ifndef NET_IMDS_LEAVES_H
#define NET_IMDS_LEAVES_H

#include "net/imds_tree.h"

typedef struct imds_leaf imds_leaf;

/* A leaf's content, which the caller unrefs. NULL: the instance has no such leaf. NAME is what the
 * * in its path is. */
typedef GBytes *imds_content(const imds_source *source, const imds_leaf *self, const char *name);

struct imds_leaf {
    const char *path; /* below a version; * stands for one name */
    imds_content *content;

    /* What * stands for, char *; the caller unrefs the array. NULL for leaves without one. */
    GPtrArray *(*names)(const imds_source *source);

    /* How the directory of NAME is listed; the caller frees it. NULL: by its name. */
    char *(*label)(const imds_source *source, const char *name);

    const char *type;   /* NULL: text/plain */
    const char *text;   /* for CONTENT, of some leaves */
    gsize member;       /* where in an instance the text is, of some leaves */
    identity_form form; /* of signatures */
};

/* Those that are in one directory are neighbours. */
extern const imds_leaf imds_leaves[];
extern const gsize imds_leaf_count;

/* ---- imds_identity.c ---- */

imds_content imds_identity_document, imds_identity_signature;

/* ---- imds_devices.c ---- */

/* block-device-mapping: its names, and the device that each of them is. */
GPtrArray *imds_device_names(const imds_source *source);
imds_content imds_device;

/* ---- imds_network.c ---- */

/* The interface's address of hardware, if there is one. */
GPtrArray *imds_macs(const imds_source *source);

/* Nothing without an interface. */
imds_content imds_host_name, imds_address, imds_mac, imds_interface_id;

imds_content imds_group_id, imds_subnet_id, imds_subnet_block, imds_vpc_id, imds_vpc_block;

#endif
