/* The attributes of an instance, as people read them. */
#ifndef CLI_ATTRIBUTES_H
#define CLI_ATTRIBUTES_H

#include "launcher/launcher.h"

typedef struct {
    const char *name;

    /* What it is; NULL if there is nothing to say. The caller frees it. */
    char *(*say)(const instance_view *view);
} attribute;

/* In the order in which they are shown, ended by {NULL}. */
extern const attribute attributes[];

/* "17 bytes": others of that length read the same. */
char *attribute_user_data(const instance_view *view);

/* What becomes of a volume when its instance ends. */
const char *attribute_on_termination(const volume *what);

#endif
