/* Operations that make or remove the private keys in HOME: what is done to HOME/keys belongs to a
 * record, or is taken back, wherever the work is cut off. Kinds key-create and key-delete.
 *
 * Such an operation has a folder, HOME/keys/op-N, that names the private keys that it deals with by
 * having a file of the same name. When it ends, those that no record knows go. */
#ifndef LAUNCHER_KEY_WORK_H
#define LAUNCHER_KEY_WORK_H

#include "launcher/internal.h"
#include "store/key_pair.h"

typedef struct {
    gint64 operation;
    char *folder;
} key_work;

/* FALSE on failure, and nothing is left. */
gboolean key_work_begin(launcher *self, key_work *work, const char *kind, GError **error);

/* Removes what it made and no record knows, or what a record that is gone had, and ends it. The
 * error is that of the work, if there was one: DONE says so. Always clears WORK. */
gboolean key_work_end(launcher *self, key_work *work, gboolean done, GError **error);

void key_work_clear(key_work *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(key_work, key_work_clear)

#endif
