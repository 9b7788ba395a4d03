/* A short way through long files in libconfig's language that are written plainly, as our own are:
 *
 *     NAME = VALUE;
 *
 * where a value is true or false, a whole number, a string without escapes, an array of such
 * strings or a list of groups of such settings; with comments of one line. Reading 970 instance
 * types by libconfig takes longer than all else that planning does. */
#ifndef CONF_PLAIN_H
#define CONF_PLAIN_H

#include "conf/reader.h"

/* TRUE if the file PATH is so plain and all in it is right; TARGET is then as reader_read() would
 * have made it. FALSE if anything in it isn't: reader_read(), with another target, can read it or
 * says what is wrong. TARGET may have been filled in part then. */
gboolean plain_read(const char *path, const field_rule *fields, void *target);

#endif
