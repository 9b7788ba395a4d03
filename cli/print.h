/* Pieces of text that several commands print. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "cli/command.h"
#include "cli/table.h"

/* "4 GiB", "840 GB" (decimal where it is whole), for bytes. The caller frees it. */
char *print_size(guint64 bytes);

/* EC2's words for how far a snapshot is: "100%". */
const char *print_progress(const snapshot *what);

colour print_state_colour(instance_state state);

/* Says each change on a line, or as JSON under KEY. */
void print_changes(const app *self, const char *key, const GPtrArray *changes);

/* The warnings of a plan, on standard error if TO_STDERR, one paragraph each. */
void print_warnings(const boot_plan *plan, gboolean to_stderr);

#endif
