/* A client of dom0's xenstored, over its socket. Paths are absolute. Not for more than one thread.
 *
 * Protocol: Xen's public header io/xs_wire.h. Answers come from xenstored; values were possibly
 * written by the guest and are as hostile as it is: they are cut at XENSTORE_MOST bytes. */
#ifndef APPLIANCE_XENSTORE_H
#define APPLIANCE_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>

#define XENSTORE_MOST 256

/* Connects; false if there is nobody. */
bool xenstore_open(const char *path);

/* For poll(): readable when a watch has fired, or when an answer came. */
int xenstore_fd(void);

/* The value of PATH into VALUE (of XENSTORE_MOST bytes, ended by NUL); false, and "", if there is
 * none. */
bool xenstore_read(char *value, const char *path, ...) __attribute__((format(printf, 2, 3)));

/* The same as a number; MISSING if there is none. */
long xenstore_number(long missing, const char *path, ...) __attribute__((format(printf, 2, 3)));

bool xenstore_write(const char *value, const char *path, ...) __attribute__((format(printf, 2, 3)));
bool xenstore_remove(const char *path, ...) __attribute__((format(printf, 1, 2)));

/* Calls EACH with each name in the folder PATH. */
typedef void (*xenstore_each)(const char *name, void *data);
void xenstore_list(xenstore_each each, void *data, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/* From now on changes at PATH and below make xenstore_changed() true. PATH may be
 * "@introduceDomain" or "@releaseDomain". */
bool xenstore_watch(const char *path);

/* True once for all that was changed since the last call; call it when the descriptor is
 * readable, and after other calls. */
bool xenstore_changed(void);

#endif
