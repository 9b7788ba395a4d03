/* User data as a person gives it. */
#ifndef CLI_USER_DATA_H
#define CLI_USER_DATA_H

#include <glib.h>

/* What is in the file at PATH ("-": standard input), in base64; of more than can be user data, a
 * part that still is too much. The caller frees it. NULL on failure. */
char *user_data_read(const char *path, GError **error);

#endif
