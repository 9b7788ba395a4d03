/* A checksum against accidents, not against people: as fast as the file can be read. */
#ifndef COMMON_SUM_H
#define COMMON_SUM_H

#include <glib.h>

/* The checksum of a file and its size in bytes, as "SIZE SUM" in decimal and hex digits; any change
 * within one block of 8 bytes gives another one for sure, and more of them nearly so. The caller
 * frees it. */
char *file_sum(const char *path, GError **error);

#endif
