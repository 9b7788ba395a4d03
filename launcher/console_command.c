#include "launcher/console_command.h"
#include "launcher/console_text.h"

#include <stdlib.h>
#include <string.h>

/* In fifths of a second. A prompt is one when nothing comes after it; who has shown none gets a
 * newline to answer; and what was typed is lost if nothing comes of it, as a shell that has just
 * been started throws away what is typed too early. */
#define QUIET 2
#define NUDGE 8
#define LOST 40

#define TAIL_LIMIT 400 /* no prompt is longer */

#define NO_STATUS 255 /* where none follows the mark: it isn't known to have gone well */

struct console_command {
    char *login;
    char *line;
    char *begins; /* what the guest shows before the output, and after it */
    char *ends;
    command_output output;
    gpointer data;
    GString *heard;  /* before the command: the end of what came. Later what isn't told apart yet */
    guint silent;    /* how long */
    gboolean spoken; /* anything at all */
    gboolean typed;  /* the command */
    gboolean begun;
    command_end end;
    int status;
};

/* The guest echoes what is typed, and the marks must not be in that: so they are in two pieces. */
char *
console_command_line(const char *command, const char *token)
{
    g_autofree char *quoted = NULL;
    char *line;

    for (const char *at = command; *at != '\0'; at++)
        if (g_ascii_iscntrl(*at))
            return NULL;
    quoted = g_shell_quote(command);
    line = g_strdup_printf("echo amilaunch\"\"-%s-begins; sh -c %s </dev/null; "
                           "echo amilaunch\"\"-%s-ends $?",
                           token, quoted, token);
    if (strlen(line) > COMMAND_LINE_LIMIT)
        g_clear_pointer(&line, g_free);
    return line;
}

console_command *
console_command_new(const char *login, const char *line, const char *token, command_output output,
                    gpointer data)
{
    console_command *self = g_new0(console_command, 1);

    self->login = g_strdup(login);
    self->line = g_strdup(line);
    self->begins = g_strdup_printf("amilaunch-%s-begins\n", token);
    self->ends = g_strdup_printf("amilaunch-%s-ends ", token);
    self->output = output;
    self->data = data;
    self->heard = g_string_new(NULL);
    return self;
}

void
console_command_free(console_command *self)
{
    if (self == NULL)
        return;
    g_free(self->login);
    g_free(self->line);
    g_free(self->begins);
    g_free(self->ends);
    g_string_free(self->heard, TRUE);
    g_free(self);
}

/* How many bytes at the end of TEXT may be the beginning of MARK. */
static gsize
half_mark(const GString *text, const char *mark)
{
    for (gsize length = MIN(strlen(mark), text->len); length > 0; length--)
        if (memcmp(text->str + text->len - length, mark, length) == 0)
            return length;
    return 0;
}

static void
give(console_command *self, gsize length)
{
    if (length > 0 && !self->output(self->heard->str, length, self->data))
        self->end = COMMAND_ENDED;
    g_string_erase(self->heard, 0, (gssize)length);
}

/* The status and the end of its line may be still to come. */
static void
read_status(console_command *self, const char *mark)
{
    const char *number = mark + strlen(self->ends);
    const char *line_end = strchr(number, '\n');

    if (line_end == NULL && strlen(number) <= 3)
        return;
    self->status = g_ascii_isdigit(*number) ? (int)(strtoul(number, NULL, 10) & 0xff) : NO_STATUS;
    self->end = COMMAND_ENDED;
}

static void
tell_output(console_command *self)
{
    const char *mark = strstr(self->heard->str, self->ends);

    if (mark == NULL) {
        give(self, self->heard->len - half_mark(self->heard, self->ends));
        return;
    }
    give(self, (gsize)(mark - self->heard->str));
    if (self->end == COMMAND_GOES_ON)
        read_status(self, self->heard->str);
}

static void
look_for_beginning(console_command *self)
{
    const char *mark = strstr(self->heard->str, self->begins);

    if (mark != NULL) {
        self->begun = TRUE;
        g_string_erase(self->heard, 0, mark - self->heard->str + (gssize)strlen(self->begins));
        tell_output(self);
        return;
    }
    if (self->heard->len > TAIL_LIMIT)
        g_string_erase(self->heard, 0, (gssize)self->heard->len - TAIL_LIMIT);
}

/* Terminals get carriage returns, and a NUL would hide what comes after it. */
static void
take_in(GString *text, const char *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (bytes[i] != '\r')
            g_string_append_c(text, bytes[i] != '\0' ? bytes[i] : ' ');
}

gboolean
console_command_heard(console_command *self, const char *bytes, gsize length,
                      GString *typed G_GNUC_UNUSED)
{
    self->silent = 0;
    self->spoken = TRUE;
    while (length > 0 && self->end == COMMAND_GOES_ON) {
        gsize piece = MIN(length, 4096);
        take_in(self->heard, bytes, piece);
        if (self->begun)
            tell_output(self);
        else
            look_for_beginning(self);
        bytes += piece;
        length -= piece;
    }
    return self->end == COMMAND_GOES_ON;
}

/* The last line, as it is on the screen; "" if that is empty. */
static char *
last_line(const GString *text)
{
    const char *newline = strrchr(text->str, '\n');
    const char *at = newline != NULL ? newline + 1 : text->str;
    g_autoptr(GString) line = g_string_new(NULL);
    char *last = g_strdup("");

    while (console_line_next(&at, line)) {
        g_free(last);
        last = g_strdup(line->str);
    }
    return last;
}

static void
type(console_command *self, GString *typed, const char *text)
{
    g_string_append_printf(typed, "%s\n", text);
    g_string_truncate(self->heard, 0);
    self->silent = 0;
}

static void
answer_prompt(console_command *self, GString *typed)
{
    g_autofree char *line = last_line(self->heard);

    if (g_str_has_suffix(line, "login:"))
        type(self, typed, self->login);
    else if (g_str_has_suffix(line, "assword:"))
        self->end = COMMAND_PASSWORD;
    else if (g_str_has_suffix(line, "#") || g_str_has_suffix(line, "$")) {
        type(self, typed, self->line);
        self->typed = TRUE;
    } else if (!self->spoken || self->silent % NUDGE == 0) {
        g_string_append_c(typed, '\n');
        self->spoken = TRUE;
    }
}

gboolean
console_command_waited(console_command *self, GString *typed)
{
    self->silent++;
    if (self->begun || self->end != COMMAND_GOES_ON)
        return self->end == COMMAND_GOES_ON;
    if (self->typed && self->silent == LOST)
        self->typed = FALSE;
    if (!self->typed && self->silent >= QUIET)
        answer_prompt(self, typed);
    return self->end == COMMAND_GOES_ON;
}

command_end
console_command_ended(const console_command *self, int *status, gboolean *has_begun)
{
    *status = self->status;
    *has_begun = self->begun;
    return self->end;
}
