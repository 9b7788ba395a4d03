/* What a string in a configuration file stands for. */
#ifndef CONF_WORDS_H
#define CONF_WORDS_H

#include <glib.h>

/* A table of them ends with {NULL, 0}. */
typedef struct {
    const char *text;
    guint value;
} word;

#endif
