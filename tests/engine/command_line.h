/* amilaunch's command line within the engine's tests. */
#ifndef TESTS_ENGINE_COMMAND_LINE_H
#define TESTS_ENGINE_COMMAND_LINE_H

#include <glib.h>

/* Runs LINE ("image ls --owner self", as a shell takes it apart) with --json by ENGINE, and adds
 * the command's name to NAMES. What it prints on standard output, for the caller to free; fails the
 * test if there is no such command, or if it fails without printing anything. */
char *command_line_run(const char *line, GHashTable *names);

#endif
