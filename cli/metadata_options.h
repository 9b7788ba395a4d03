/* Options for the metadata service, which `run` and `modify` share. */
#ifndef CLI_METADATA_OPTIONS_H
#define CLI_METADATA_OPTIONS_H

#include "cli/command.h"

/* The number in TEXT (NULL: none, which is 0); the engine knows how much it may be. */
gboolean hop_limit_parse(const char *text, guint *limit, GError **error);

#endif
