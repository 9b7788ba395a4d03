/* Product codes: whose terms an image, or what was made of it, comes with. A row that goes takes
 * its codes with it. */
#ifndef STORE_PRODUCT_CODE_H
#define STORE_PRODUCT_CODE_H

#include "store/store.h"

typedef struct {
    char *resource; /* the id of what has it */
    char *code;
    char *kind; /* "devpay" or "marketplace" */
} product_code;

void product_code_free(product_code *self);

/* Fails if RESOURCE has that code. */
gboolean product_code_insert(store *db, const product_code *self, GError **error);

/* Gives TO the codes of FROM that it doesn't have. */
gboolean product_code_copy(store *db, const char *from, const char *to, GError **error);

/* Those of one resource, in order: product_code*. NULL on failure. */
GPtrArray *product_code_list(store *db, const char *resource, GError **error);

/* Those of each of RESOURCES (char*), in one query: its id -> GPtrArray of product_code*; what has
 * none isn't in it. The caller unrefs the map, which owns all. NULL on failure. */
GHashTable *product_code_list_of_many(store *db, const GPtrArray *resources, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(product_code, product_code_free)

#endif
