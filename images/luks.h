/* The header of a LUKS 1 container. qemu-img makes one, too, but measures for seconds how often it
 * should repeat the derivation of a key, which for a random passphrase is of no use.
 * Source: LUKS On-Disk Format Specification 1.2.3. */
#ifndef IMAGES_LUKS_H
#define IMAGES_LUKS_H

#include <glib.h>

/* From its beginning to where the encrypted data would follow; what comes after the bytes that
 * luks_header_new() gives is zeros. */
#define LUKS_HEADER_SIZE 2068480

/* A header with a new random master key (aes-256, xts-plain64), that only PASSPHRASE opens. NULL on
 * failure; the caller unrefs it. */
GByteArray *luks_header_new(const char *passphrase, GError **error);

#endif
