/* What people see: progress on standard error while something takes long, colours where there is a
 * terminal, notes. Nothing of it reaches a pipe but the notes. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "common/progress.h"

typedef struct terminal terminal;

/* VERBOSE: phases are written as lines even where there is no terminal. */
terminal *terminal_new(gboolean verbose);

/* Ends the progress display and frees. */
void terminal_free(terminal *self);

/* What to hand to those who report progress; owned by SELF. */
progress *terminal_progress(terminal *self);

/* Takes the progress line away, before something is printed. */
void terminal_clear(terminal *self);

/* "\033[32m" and the like if standard output is a terminal that wants colours, else "". */
typedef enum { COLOUR_NONE, COLOUR_GOOD, COLOUR_BUSY, COLOUR_BAD, COLOUR_DIM } colour;
const char *terminal_colour(colour which);

#endif
