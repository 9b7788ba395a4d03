/* Running a command by what a guest's serial console shows and takes, as a person would: looks for
 * a prompt, logs in if it is asked to, types the command and tells its output from all else. Pure:
 * it knows no console and no clock.
 *
 * The shell of any system will do that has sh, echo and $?. A guest may write what it likes: the
 * memory that this takes is bounded, and nothing but a token that it was told ends the command. */
#ifndef LAUNCHER_CONSOLE_COMMAND_H
#define LAUNCHER_CONSOLE_COMMAND_H

#include <glib.h>

typedef struct console_command console_command;

typedef enum {
    COMMAND_GOES_ON,
    COMMAND_ENDED,
    COMMAND_PASSWORD, /* the guest wants one: there is nobody to type it */
} command_end;

/* The command's output, piece by piece, without carriage returns. FALSE: no more is wanted. */
typedef gboolean (*command_output)(const char *bytes, gsize length, gpointer data);

/* Bytes of a line that any shell's line editor takes. */
#define COMMAND_LINE_LIMIT 1000

/* What is typed for COMMAND; NULL if it is too long for a line or has control characters. TOKEN:
 * letters and digits that no output has by chance. The caller frees it. */
char *console_command_line(const char *command, const char *token);

/* LOGIN: whom to log in as. LINE and TOKEN as above. OUTPUT gets DATA. */
console_command *console_command_new(const char *login, const char *line, const char *token,
                                     command_output output, gpointer data);
void console_command_free(console_command *self);

/* What the guest wrote; and that a fifth of a second is over. Both add to TYPED what the guest is
 * to get, and are FALSE when there is no more to do. */
gboolean console_command_heard(console_command *self, const char *bytes, gsize length,
                               GString *typed);
gboolean console_command_waited(console_command *self, GString *typed);

/* *STATUS: the command's exit status, if it ENDED; 255 if that wasn't told. *HAS_BEGUN: the
 * guest took it. */
command_end console_command_ended(const console_command *self, int *status, gboolean *has_begun);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(console_command, console_command_free)

#endif
