/* Passphrases live as long as something is encrypted with them. */
#ifndef LAUNCHER_SECRETS_H
#define LAUNCHER_SECRETS_H

#include "launcher/internal.h"

/* Removes the passphrase UUID (NULL: nothing to do) if no volume's and no snapshot's row names it.
 * To be called within the transaction that removes a row which did: nobody else can begin to use
 * the passphrase until that is committed, and if it is not, the row stays for another try. */
gboolean secret_drop_if_unused(launcher *self, const char *uuid, GError **error);

/* Makes WHAT's file (volume_file_make()), but never with a new passphrase in place of one that its
 * snapshot already has: Host.Disk if that is gone. */
gboolean secret_make_volume_file(launcher *self, const volume *what, GError **error);

#endif
