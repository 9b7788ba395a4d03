#include "images/encrypted.h"
#include "images/luks.h"
#include "images/qcow2_new.h"

gboolean
encrypted_file_make(const char *path, guint64 size, const char *backing, const char *passphrase,
                    GError **error)
{
    g_autoptr(GByteArray) luks = luks_header_new(passphrase, error);

    return luks != NULL && qcow2_make(path, size, backing, luks, error);
}
