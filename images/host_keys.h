/* The host keys that a guest shows on its console. Pure.
 *
 * Source: cloud-init prints them between two lines at its end (write-ssh-key-fingerprints), which
 * is where EC2's users look for them (Amazon EC2 User Guide, "Connect to your Linux instance": get
 * the instance fingerprint). Anybody in the guest who may write to its console can show others: it
 * is worth as much as the guest is. */
#ifndef IMAGES_HOST_KEYS_H
#define IMAGES_HOST_KEYS_H

#include <glib.h>

#define HOST_KEYS_MOST 16

/* The keys of the last whole list in TEXT, at most HOST_KEYS_MOST, as lines of a known_hosts file
 * in which the host is called NAME; NULL if there is no list with a key. The caller frees it. */
char *host_keys_of_console(const char *text, const char *name);

#endif
