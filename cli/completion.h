/* What may be typed next on the command line: from the command table, and from the records for ids.
 * Each shell's part only hands the words over and shows the answer (completion/). */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/command.h"
#include "launcher/offers.h"

typedef enum {
    COMPLETE_NOTHING,  /* any text, which nobody can guess */
    COMPLETE_COMMANDS, /* a command's first word, or its second if it has FIRST */
    COMPLETE_OPTIONS,  /* of COMMAND, or those that all take */
    COMPLETE_WORDS,    /* one of WORDS */
    COMPLETE_FILTERS,  /* name=...,values=... of COMMAND's list */
    COMPLETE_FILES,
    COMPLETE_FOLDERS,
    COMPLETE_RECORDS, /* OFFERS */
} complete_kind;

/* What is wanted at the end of a line. All but TYPED points into the tables or into the words. */
typedef struct {
    complete_kind kind;
    const command *which;     /* NULL: none was named yet */
    const char *first;        /* "image", of a command of two words; else NULL */
    const char *const *words; /* ended by NULL */
    offer_kind offers;
    const char *typed;  /* what the candidate has to begin with */
    const char *before; /* what the shell has before that: "--type=", or "" */
    gsize before_length;
} completion;

/* What may stand in place of the last of WORDS, which is being typed and may be empty; the words
 * before it come after the program's name. Pure. */
completion completion_of(const char *const *words);

/* Prints it for the shells: a candidate on a line, a tab and a few words about it after it.
 * ":files" and ":folders" stand for those of the file system. What can't be found isn't offered:
 * nobody who is typing wants to read an error. */
void completion_print(launcher *engine, const completion *what);

#endif
