/* What files in a guest's /etc say. All bytes are foreign; what isn't understood is left out. */
#ifndef IMAGES_ETC_H
#define IMAGES_ETC_H

#include "images/facts.h"

#define FSTAB_MAX 64 /* entries */

/* Adds the entries of an fstab to FSTAB (of fstab_entry *), at most FSTAB_MAX in all. */
void fstab_read(const char *text, gsize length, GPtrArray *fstab);

/* What an os-release file (see os-release(5)) says of KEY, valid UTF-8; NULL if it says nothing.
 * The caller frees it. */
char *os_release_value(const char *text, gsize length, const char *key);

/* PRETTY_NAME of an os-release file (see os-release(5)), valid UTF-8; NULL if there is none. The
 * caller frees it. */
char *os_release_name(const char *text, gsize length);

#endif
