/* What libconfig 1.5 lets pass, complains about at the wrong line, or ends the process over. */
#ifndef CONF_PRECHECK_H
#define CONF_PRECHECK_H

#include "common/error.h"

/* Looks through TEXT, the content of the file PATH, in libconfig's language. FALSE with
 * ERROR_CONFIG, "PATH:LINE: ...", for
 * - a whole number over 2^31 - 1: libconfig would wrap it around without a word;
 * - @include: of a folder, it makes libconfig's scanner call exit(); of a file, names in it are
 *   relative to wherever the process happens to be;
 * - a comment that doesn't end: libconfig would drop the rest of the file;
 * - a string that doesn't end: libconfig would blame the last line. */
gboolean precheck(const char *path, const char *text, GError **error);

#endif
