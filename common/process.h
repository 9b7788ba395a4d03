/* Running another program to its end. */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include "common/error.h"

/* Runs ARGV (NULL-terminated, argv[0] looked up in PATH) without standard input and waits for it.
 * The program dies with this process: an interrupted command leaves nothing running.
 *
 * OUTPUT, if not NULL, gets its standard output (the caller frees it). On failure the error is
 * FAILED with the program's name and its last line on standard error; a program that isn't
 * there says so. */
gboolean process_run(const char *const *argv, error_code failed, char **output, GError **error);

/* The full path of a program in PATH, or NULL. The caller frees it. */
char *process_find(const char *program);

#endif
