/* What is in the recycle bin, as `image ls --bin` and `snapshot ls --bin` print it. */
#ifndef CLI_RECYCLE_BIN_H
#define CLI_RECYCLE_BIN_H

#include "cli/command.h"

gboolean bin_print_images(app *self, gboolean only_ids, GError **error);
gboolean bin_print_snapshots(app *self, gboolean only_ids, GError **error);

#endif
