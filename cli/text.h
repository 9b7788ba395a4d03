/* Foreign text on a terminal. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <glib.h>

/* What a guest or an image's author wrote, without escape sequences and control characters: they
 * would move the reader's cursor, or worse. Lines and tabs stay. The caller frees it. */
char *text_clean(const char *text);

/* The same of text that comes in pieces, which PENDING gathers: what can be told of it is taken out
 * of it. What may be part of a sequence or a character stays until the rest has come. A NUL becomes
 * a blank. The caller frees it. */
char *text_clean_piece(GString *pending);

#endif
