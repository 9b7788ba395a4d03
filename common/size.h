/* Sizes as people write them. */
#ifndef COMMON_SIZE_H
#define COMMON_SIZE_H

#include <glib.h>

/* Reads "2048", "512M", "2G" or "1T" (powers of 1024, either case; a bare number is MiB) into *MIB.
 * FALSE, with *MIB untouched, if TEXT is anything else or its bytes don't fit in 63 bits, as file
 * sizes must. */
gboolean size_parse_mib(const char *text, guint64 *mib);

#endif
