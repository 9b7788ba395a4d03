/* The options that every command takes, in front of its name or after it. */
#ifndef CLI_GLOBAL_OPTIONS_H
#define CLI_GLOBAL_OPTIONS_H

#include "cli/command.h"

typedef struct {
    launcher_options finding;
    gboolean json;
    gboolean verbose;
    gboolean help;
    gboolean version;
} global_values;

/* Where parsing global_options[] puts what was given. */
extern global_values given;

#endif
