/* Passphrases of encrypted volumes and snapshots, a file of HOME/secrets for each. */
#ifndef IMAGES_SECRET_H
#define IMAGES_SECRET_H

#include <glib.h>

/* Makes the passphrase UUID, for its owner only, and makes it durable: it is there as a whole or
 * not at all. One that is there already stays. */
gboolean secret_make(const char *home, const char *uuid, GError **error);

/* The passphrase itself, as text. NULL on failure; the caller frees it. */
char *secret_read(const char *home, const char *uuid, GError **error);

/* Removes it; one that isn't there is fine. Nobody can read what was encrypted with it any more. */
gboolean secret_remove(const char *home, const char *uuid, GError **error);

#endif
