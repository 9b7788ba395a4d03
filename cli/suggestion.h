/* "Did you mean": what somebody who mistyped a command or an option most likely meant. Pure. */
#ifndef CLI_SUGGESTION_H
#define CLI_SUGGESTION_H

#include "cli/command.h"

/* The command whose name is the nearest to the first one or two of ARGS, of which there is at least
 * one; the first of a group (image ls) if only the first word is near. NULL if none is. */
const char *suggest_command(const char *const *args);

/* The same of an option of WHICH (NULL: of those that all commands take) and WRITTEN, as it was
 * typed:
 * "--tpye=m3". The name has no dashes. */
const char *suggest_option(const command *which, const char *written);

#endif
