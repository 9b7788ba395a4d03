/* What a guest wrote to its console, line by line, as a person would have read it on a screen. */
#ifndef LAUNCHER_CONSOLE_TEXT_H
#define LAUNCHER_CONSOLE_TEXT_H

#include <glib.h>

/* Bytes of a line that are kept; no message that matters is longer. */
#define CONSOLE_LINE_LIMIT 400

/* The next line of *AT, without control characters, escape sequences and the blanks around it, into
 * LINE; *AT moves behind it. A program that clears the screen or goes to the beginning of a line
 * ends one (ECMA-48 says what the sequences mean). Lines without anything are left out. FALSE at
 * the text's end. Any bytes will do. */
gboolean console_line_next(const char **at, GString *line);

#endif
