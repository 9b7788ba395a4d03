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

/* The same in two halves, for doing something else meanwhile. process_start() gives NULL on
 * failure; process_finish() waits, and takes the process in any case. process_abort() kills and
 * takes it; NULL is fine. */
typedef struct process process;

/* From now on each program that is started holds the open file FD, too (-1: none any more). A lock
 * on it is then free only when this process and all its programs are gone: who finds it free knows
 * that nothing is being written any more. */
void process_share(int fd);

process *process_start(const char *const *argv, error_code failed, GError **error);
gboolean process_finish(process *self, char **output, GError **error);
void process_abort(process *self);

/* The same for a program with which one talks, a line at a time: process_say() writes LINE and a
 * newline to its standard input, process_hear() gives the next line of its standard output, which
 * the caller frees. FALSE and NULL, with FAILED and its last line on standard error, if it has
 * ended or can't be reached. It may be finished or aborted as any other. */
process *process_start_talk(const char *const *argv, error_code failed, GError **error);
gboolean process_say(process *self, const char *line, GError **error);
char *process_hear(process *self, GError **error);

/* Runs ARGV as process_run() does, and hands each line that it prints, on standard output or
 * standard error, to LINE, as valid UTF-8 without its end: a program that takes long and tells of
 * it. WATCH, if not NULL, is asked each second whether it may go on: FALSE, with an error, kills it
 * and all that it has started, and that error is what is told. Otherwise the error says only that
 * it failed: what it said last, the caller has seen. */
typedef void (*process_line)(const char *text, gpointer data);
typedef gboolean (*process_watch)(gpointer data, GError **error);
gboolean process_run_telling(const char *const *argv, error_code failed, process_line line,
                             process_watch watch, gpointer data, GError **error);

/* Runs a filter that is not to be trusted with what it gets: its standard input is the open file
 * INPUT from where that stands (taken in any case), its standard output goes to TAKER piece by
 * piece, until it ends, MOST bytes have come or TAKER returns FALSE; then it is killed. It has
 * limits: PROCESS_FILTER_SECONDS of processor time, PROCESS_FILTER_BYTES of address space, and it
 * can write no file. How it ended isn't told. FALSE with FAILED if it can't be started or
 * read. */
#define PROCESS_FILTER_SECONDS 60
#define PROCESS_FILTER_BYTES (G_GUINT64_CONSTANT(1) << 30)
typedef gboolean (*process_taker)(const guint8 *data, gsize length, gpointer data_of_taker);
gboolean process_filter(const char *const *argv, int input, error_code failed, guint64 most,
                        process_taker taker, gpointer data, GError **error);

/* The full path of a program in PATH, or NULL. The caller frees it. */
char *process_find(const char *program);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(process, process_abort)

#endif
