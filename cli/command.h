/* The command table: what dispatches is also what help, the manual page and the completion are made
 * from. A command is one struct in one file, with its text, its options and its function. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/terminal.h"
#include "launcher/launcher.h"

/* What every command gets. */
typedef struct {
    launcher *engine; /* NULL for commands with NEEDS_NOTHING */
    terminal *screen;
    gboolean json;
    gboolean verbose;
    int status; /* that amilaunch ends with if nothing failed: another program's */
} app;

typedef enum {
    NEEDS_ENGINE, /* HOME and configuration are found before it runs */
    NEEDS_NOTHING
} command_needs;

typedef struct {
    const char *name;      /* "run", "image import" */
    const char *arguments; /* "AMI", "INSTANCE..." or "" */
    const char *summary;   /* one line, no full stop */
    const char *details;   /* paragraphs for --help and the manual; NULL for none */
    int least, most;       /* how many arguments; most -1: any number */
    command_needs needs;
    const GOptionEntry *options; /* ended by {NULL}; NULL for none */

    /* Does it. ARGS is NULL-terminated and has as many as allowed. FALSE with *error set. */
    gboolean (*run)(app *self, const char *const *args, GError **error);
} command;

/* All commands, in the order of the manual, ended by NULL. */
extern const command *const commands[];

/* The options that every command takes, ended by {NULL}. */
extern const GOptionEntry global_options[];

/* The command that the first one or two of ARGS name; *words says how many. NULL if none does. */
const command *command_find(const char *const *args, int *words);

#endif
