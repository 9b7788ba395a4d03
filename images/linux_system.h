/* What files of a Linux say of it: os-release and its kin. All bytes are foreign; what isn't
 * understood is left out. */
#ifndef IMAGES_LINUX_SYSTEM_H
#define IMAGES_LINUX_SYSTEM_H

#include <glib.h>

#define LINUX_PROGRAM_HEAD 20 /* bytes of a program that linux_architecture() needs */

/* Of an os-release file (os-release(5)), the distribution as libguestfs names it: that is its ID,
 * but for a few. NULL if it has none. The caller frees it. */
char *linux_distribution(const char *text, gsize length);

/* The version, e.g. "22.04" or "12.5": VERSION_ID of the os-release file TEXT, which for Debian
 * stays the same over point releases, so that there POINT, of /etc/debian_version, counts if it is
 * a number. POINT may be NULL. NULL if none is known. The caller frees it. */
char *linux_version(const char *text, gsize length, const char *point, gsize point_length);

/* The name in the first line of /etc/hostname; NULL if it has none. The caller frees it. */
char *linux_hostname(const char *text, gsize length);

/* As EC2 names it, "x86_64", "i386" or "arm64": of a program, of which there are LENGTH bytes from
 * its beginning. NULL if it is no program for Linux on one of these. Source: the ELF specification.
 */
const char *linux_architecture(const guint8 *head, gsize length);

#endif
