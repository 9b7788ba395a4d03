/* Rows as structs: a table says which member of a struct is which column, so that one piece of code
 * reads and writes them all. For this folder's own use. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "store/store.h"

typedef enum {
    COLUMN_INT,  /* gint64 */
    COLUMN_REF,  /* gint64 that refers to another row; 0 stands for NULL */
    COLUMN_TEXT, /* char *, owned by the row, may be NULL */
    COLUMN_WORD  /* int: the place in a NULL-terminated list of words */
} column_kind;

typedef struct {
    const char *name;
    column_kind kind;
    gsize offset;
    const char *const *words; /* COLUMN_WORD only */
} field;

typedef struct {
    const char *name;
    gsize row_size;
    const field *fields; /* the first is the key */
    gsize count;
    GDestroyNotify row_free;
} table;

#define FIELD_INT(type, member)                                                                    \
    {                                                                                              \
#member, COLUMN_INT, G_STRUCT_OFFSET(type, member), NULL                                   \
    }
#define FIELD_REF(type, member)                                                                    \
    {                                                                                              \
#member, COLUMN_REF, G_STRUCT_OFFSET(type, member), NULL                                   \
    }
#define FIELD_TEXT(type, member)                                                                   \
    {                                                                                              \
#member, COLUMN_TEXT, G_STRUCT_OFFSET(type, member), NULL                                  \
    }
#define FIELD_WORD(type, member, words)                                                            \
    {                                                                                              \
#member, COLUMN_WORD, G_STRUCT_OFFSET(type, member), words                                 \
    }
#define TABLE(name, type, fields, row_free)                                                        \
    {                                                                                              \
        name, sizeof(type), fields, G_N_ELEMENTS(fields), (GDestroyNotify)row_free                 \
    }

gboolean table_insert(store *self, const table *what, const void *row, GError **error);

/* Writes all columns of the row whose key is the same. Fails if there is none. */
gboolean table_update(store *self, const table *what, const void *row, GError **error);

/* The rows for which WHERE (and what may follow it) holds; ?1 in it stands for VALUE. The array
 * owns its rows. NULL on failure. */
GPtrArray *table_select(store *self, const table *what, const char *where, const char *value,
                        GError **error);

/* The same with ?1, ?2 ... in WHERE for VALUES (char*), which may be NULL for none. */
GPtrArray *table_select_bound(store *self, const table *what, const char *where,
                              const GPtrArray *values, GError **error);

/* The rows whose first field, a text, is one of IDS (char*), in one query: the text -> GPtrArray of
 * rows, in ORDER ("key"). What has no rows isn't in it. The map owns all. NULL on failure. */
GHashTable *table_select_of_many(store *self, const table *what, const GPtrArray *ids,
                                 const char *order, GError **error);

/* The one row with this key, or NULL without an error if there is none. */
gpointer table_get(store *self, const table *what, const char *key, GError **error);

/* Deletes the rows for which WHERE holds; ?1 in it stands for VALUE. */
gboolean table_delete(store *self, const table *what, const char *where, const char *value,
                      GError **error);

/* Frees a row and its texts; row_free() of each table is this. NULL is fine. */
void table_row_free(const table *what, gpointer row);

#endif
