/* What guests, the appliance in them, QEMU and libvirt say. */
#include "cli/text.h"
#include "drivers/agent_message.h"
#include "drivers/guest_events.h"
#include "drivers/live_xml.h"
#include "launcher/console_command.h"
#include "launcher/console_text.h"
#include "launcher/diagnosis.h"
#include "tests/fuzz/targets.h"

#include <string.h>

static void
diagnose(boot_kind kind, const char *console, const char *appliance)
{
    g_autoptr(diagnosis) found = diagnosis_of(kind, console, appliance);

    MUST((found->progress == BOOT_UNKNOWN) == (found->line == NULL));
    MUST(found->progress == BOOT_UNKNOWN || found->progress == BOOT_COMPLETE ||
         found->link != NULL);
    must_be_text(found->line);
    diagnosis_is_final(found, FALSE, 5);
}

void
fuzz_console(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autoptr(GString) line = g_string_new(NULL);

    for (const char *at = text; console_line_next(&at, line);) {
        MUST(line->len > 0 && line->len <= CONSOLE_LINE_LIMIT);
        for (gsize i = 0; i < line->len; i++)
            MUST((guint8)line->str[i] >= ' ' && line->str[i] != 0x7f);
    }
    for (int kind = BOOT_BIOS; kind <= BOOT_XEN_HOST; kind++)
        diagnose(kind, text, NULL);
    diagnose(BOOT_XEN, "", text);
}

static gboolean
count(const char *bytes, gsize length, gpointer told)
{
    MUST(bytes[length - 1] != '\r' && memchr(bytes, '\0', length) == NULL);
    *(gsize *)told += length;
    return TRUE;
}

/* What a guest shows while a command is run at its console; after each zero byte it shows nothing
 * for a fifth of a second. */
void
fuzz_console_command(const guint8 *data, gsize length)
{
    g_autofree char *line = console_command_line("true", "5eed");
    gsize told = 0, shown = 0;
    g_autoptr(console_command) command = console_command_new("root", line, "5eed", count, &told);
    g_autoptr(GString) typed = g_string_new(NULL);
    gboolean goes_on = TRUE, begun = FALSE;
    int status = -1;
    command_end end;

    while (goes_on && shown < length) {
        const guint8 *zero = memchr(data + shown, 0, length - shown);
        gsize piece = zero != NULL ? (gsize)(zero - data) - shown : length - shown;
        goes_on = console_command_heard(command, (const char *)data + shown, piece, typed);
        shown += piece + 1;
        g_string_truncate(typed, 0);
        goes_on = goes_on && console_command_waited(command, typed);
        MUST(typed->len <= strlen(line) + 1);
    }
    end = console_command_ended(command, &status, &begun);
    MUST(goes_on == (end == COMMAND_GOES_ON));
    MUST(status >= 0 && status <= 255);
    MUST(begun || (told == 0 && end != COMMAND_ENDED));
    MUST(!begun || end != COMMAND_PASSWORD);
    MUST(told <= length);
}

/* Nothing may reach the terminal that moves its cursor, whole or in pieces. */
static void
must_be_harmless(const char *text)
{
    must_be_text(text);
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
        MUST(*at == '\n' || *at == '\t' || !g_unichar_iscntrl(g_utf8_get_char(at)));
}

void
fuzz_terminal(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autofree char *clean = text_clean(text);
    g_autoptr(GString) pending = g_string_new(NULL);

    must_be_harmless(clean);
    for (gsize at = 0; at < length; at += 5) {
        g_autofree char *piece = NULL;
        g_string_append_len(pending, (const char *)data + at, (gssize)MIN(5, length - at));
        piece = text_clean_piece(pending);
        must_be_harmless(piece);
        MUST(pending->len <= 128);
    }
}

void
fuzz_agent_answer(const guint8 *data, gsize length)
{
    g_autoptr(GString) heard = g_string_new_len((const char *)data, (gssize)length);
    char *line;

    while ((line = agent_next_line(heard)) != NULL) {
        g_auto(agent_reply) reply = {0};
        MUST(strlen(line) <= AGENT_LINE_MOST);
        agent_answer(line, 7, &reply);
        must_be_text(reply.problem);
        MUST((reply.verdict == AGENT_REFUSED) == (reply.problem != NULL));
        g_free(line);
    }
    MUST(heard->len <= AGENT_LINE_MOST);
}

void
fuzz_guest_events(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);

    MUST(guest_events_parse(text) <= GUEST_CUT_OFF);
}

static void
look_at_disks(const char *xml)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) disks = live_disks(xml, &error);
    g_autofree char *free_target = NULL;

    MUST((disks != NULL) == (error == NULL));
    if (disks == NULL)
        return;
    free_target = live_disk_free_target(disks);
    for (guint i = 0; i < disks->len; i++)
        MUST(g_strcmp0(((live_disk *)disks->pdata[i])->target, free_target) != 0);
}

/* A domain's XML, a zero byte, and another's. */
void
fuzz_live_xml(const guint8 *data, gsize length)
{
    g_autofree char *first = g_strndup((const char *)data, length);
    gsize used = MIN(strlen(first) + 1, length);
    g_autofree char *second = g_strndup((const char *)data + used, length - used);
    g_autofree char *rebased = saved_xml_rebase(first, second, NULL);
    g_autofree char *home = live_home(first);

    live_is_xen(first);
    look_at_disks(first);
    if (rebased != NULL)
        look_at_disks(rebased);
}
