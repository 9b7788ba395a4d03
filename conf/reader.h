/* Files in libconfig's language, read strictly by a table that says what they may hold. No file
 * outside conf/ sees libconfig, and in conf/ only what reads and complains does. */
#ifndef CONF_READER_H
#define CONF_READER_H

#include "common/error.h"
#include "conf/words.h"

typedef enum {
    FIELD_BOOLEAN, /* true or false, into a gboolean */
    FIELD_COUNT,   /* a whole number from min to max, into a guint */
    FIELD_NUMBER,  /* a number from 0 to max, with or without a fraction, into a double */
    FIELD_TEXT,    /* a string that valid() likes, its copy into a char * (the old one is freed) */
    FIELD_PARSED,  /* a string that parse() understands */
    FIELD_CHOICE,  /* a string among words, its value into an enum */
    FIELD_FLAGS,   /* an array of strings among words, their values together into a guint */
    FIELD_LIST     /* a list of groups, each into an item of its own */
} field_kind;

/* A setting that a file may have. Only `name`, `kind` and what the kind needs are set. A table of
 * them ends with a NULL name and has at most 64 entries. */
typedef struct field_rule field_rule;
struct field_rule {
    const char *name;
    field_kind kind;
    gsize offset;        /* of the value within the target */
    gboolean required;   /* complain if it is absent */
    guint min, max;      /* COUNT; NUMBER has max only */
    const char *unit;    /* COUNT, NUMBER: of what ("seconds"), or NULL */
    const char *allowed; /* TEXT, PARSED: what is, for people */
    const word *words;   /* CHOICE, FLAGS */

    /* TEXT: whether it is allowed; NULL if every text is. */
    gboolean (*valid)(const char *text);

    /* PARSED: OUT is target + offset. FALSE if TEXT isn't allowed. */
    gboolean (*parse)(const char *text, void *out);

    /* LIST: what an item may have. item_new() makes one with its defaults. item_add() gives one
     * that was read to TARGET, which owns it then, and returns NULL or, for the reader to free,
     * what is wrong with it. item_free() frees one that could not be read. */
    const field_rule *fields;
    void *(*item_new)(void);
    char *(*item_add)(void *target, void *item);
    void (*item_free)(void *item);
};

/* Reads the file PATH into TARGET, a struct that FIELDS describe. What the file doesn't say is left
 * as it was, so the caller puts the defaults there first. FALSE with ERROR_CONFIG, "FILE:LINE: what
 * is wrong; what is allowed"; TARGET may have been filled in part then. */
gboolean reader_read(const char *path, const field_rule *fields, void *target, GError **error);

#endif
