#include "images/menu_lst.h"

#include <stdlib.h>
#include <string.h>

/* All that GRUB Legacy 0.97, or PV-GRUB, has and that is of no matter here. Sorted. */
static const char *const other_commands[] = {
    "background",   "blocklist",   "boot",     "bootp",      "cat",        "chainloader",
    "clear",        "cmp",         "color",    "configfile", "device",     "dhcp",
    "displayapm",   "displaymem",  "embed",    "find",       "foreground", "fstest",
    "geometry",     "gfxmenu",     "halt",     "help",       "hiddenmenu", "hide",
    "ifconfig",     "impsprobe",   "install",  "ioprobe",    "lock",       "makeactive",
    "map",          "md5crypt",    "pager",    "partnew",    "parttype",   "password",
    "pause",        "quiet",       "quit",     "rarp",       "read",       "reboot",
    "rootnoverify", "savedefault", "serial",   "setkey",     "setup",      "shade",
    "splashimage",  "terminal",    "terminfo", "testload",   "testvbe",    "tftpserver",
    "unhide",       "uppermem",    "uuid",     "vbeprobe",   "verbose",    "viewport",
};

static void
menu_entry_free(gpointer data)
{
    menu_entry *self = data;

    g_free(self->title);
    g_free(self->root);
    g_free(self->kernel);
    g_free(self->arguments);
    g_free(self->initrd);
    g_ptr_array_unref(self->modules);
    g_free(self);
}

static menu_entry *
add_entry(menu_lst *self, const char *title)
{
    menu_entry *entry = g_new0(menu_entry, 1);

    entry->title = g_utf8_make_valid(title, -1);
    entry->modules = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(self->entries, entry);
    return entry;
}

static void
replace(char **field, const char *text)
{
    g_free(*field);
    *field = g_utf8_make_valid(text, -1);
}

/* The first word of *REST ends with a zero, and *REST goes on after the blanks behind it. */
static char *
take_word(char **rest)
{
    char *word = *rest, *end = word + strcspn(word, " ");

    *rest = end + strspn(end, " ");
    *end = '\0';
    return word;
}

/* kernel [--type=TYPE] [--no-mem-option] FILE ARGUMENT... */
static void
read_kernel(menu_entry *entry, char *rest)
{
    char *word = take_word(&rest);

    while (g_str_has_prefix(word, "--"))
        word = take_word(&rest);
    replace(&entry->kernel, word);
    replace(&entry->arguments, rest);
}

static int
read_count(const char *text)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &value, NULL))
        return -1;
    return (int)value;
}

static void
read_default(menu_lst *self, const char *text)
{
    self->default_saved = g_str_equal(text, "saved");
    self->default_entry = MAX(read_count(text), 0);
}

static int
compare_commands(const void *name, const void *command)
{
    return strcmp(name, *(const char *const *)command);
}

static void
note_unknown(menu_lst *self, const char *name)
{
    for (guint i = 0; i < self->unknown->len; i++)
        if (g_str_equal(name, self->unknown->pdata[i]))
            return;
    if (self->unknown->len < MENU_LST_UNKNOWN_MAX &&
        bsearch(name, other_commands, G_N_ELEMENTS(other_commands), sizeof(*other_commands),
                compare_commands) == NULL)
        g_ptr_array_add(self->unknown, g_utf8_make_valid(name, -1));
}

/* TRUE if NAME is a command of the menu's, which stands before the entries. */
static gboolean
read_menu_command(menu_lst *self, const char *name, char *rest)
{
    if (g_str_equal(name, "default"))
        read_default(self, take_word(&rest));
    else if (g_str_equal(name, "fallback"))
        self->fallback = read_count(take_word(&rest));
    else if (g_str_equal(name, "timeout"))
        self->timeout = read_count(take_word(&rest));
    else
        return FALSE;
    return TRUE;
}

static gboolean
read_entry_command(menu_entry *entry, const char *name, char *rest)
{
    if (g_str_equal(name, "root"))
        replace(&entry->root, take_word(&rest));
    else if (g_str_equal(name, "kernel"))
        read_kernel(entry, rest);
    else if (g_str_equal(name, "initrd"))
        replace(&entry->initrd, take_word(&rest));
    else if (g_str_equal(name, "module") || g_str_equal(name, "modulenounzip"))
        g_ptr_array_add(entry->modules, g_utf8_make_valid(rest, -1));
    else
        return FALSE;
    return TRUE;
}

/* LINE is "COMMAND ARGUMENTS", blanks trimmed. A command's name ends with a blank or "=". */
static void
read_line(menu_lst *self, menu_entry **entry, char *line)
{
    char *end = line + strcspn(line, " =");
    char *rest = end + strspn(end, " =");

    *end = '\0';
    if (g_str_equal(line, "title")) {
        /* GRUB would show more; nobody has more. */
        *entry = self->entries->len < MENU_LST_ENTRIES_MAX ? add_entry(self, rest) : NULL;
        return;
    }
    if (self->entries->len > 0 && *entry == NULL)
        return;
    if (!read_menu_command(self, line, rest) &&
        (*entry == NULL || !read_entry_command(*entry, line, rest)))
        note_unknown(self, line);
}

/* Gathers in LINE the next line that isn't empty or a comment, and returns where the one after it
 * begins; NULL at the end. Tabs are blanks, carriage returns nothing, and a backslash before the
 * line's end joins the next one on. */
static const char *
next_line(const char *at, const char *end, GString *line)
{
    gboolean comment = FALSE;

    g_string_truncate(line, 0);
    for (; at < end; at++) {
        char c = *at == '\t' || *at == '\0' ? ' ' : *at;
        if (c == '\r')
            continue;
        if (c == '\n' && !comment && line->len > 0 && line->str[line->len - 1] == '\\') {
            line->str[line->len - 1] = ' ';
        } else if (c == '\n') {
            comment = FALSE;
            if (line->len > 0)
                return at + 1;
        } else if (line->len == 0 && c == '#') {
            comment = TRUE;
        } else if (!comment && (line->len > 0 || c != ' ')) {
            g_string_append_c(line, c);
        }
    }
    return line->len > 0 ? end : NULL;
}

menu_lst *
menu_lst_parse(const char *text, gsize length)
{
    const char *end = text + MIN(length, MENU_LST_SIZE_MAX);
    g_autoptr(GString) line = g_string_new(NULL);
    menu_lst *self = g_new0(menu_lst, 1);
    menu_entry *entry = NULL;

    self->fallback = -1;
    self->timeout = -1;
    self->entries = g_ptr_array_new_with_free_func(menu_entry_free);
    self->unknown = g_ptr_array_new_with_free_func(g_free);
    for (const char *at = next_line(text, end, line); at != NULL; at = next_line(at, end, line)) {
        g_strchomp(line->str);
        read_line(self, &entry, line->str);
    }
    return self;
}

static const menu_entry *
bootable_entry(const menu_lst *self, int number)
{
    const menu_entry *entry;

    if (number < 0 || (guint)number >= self->entries->len)
        return NULL;
    entry = self->entries->pdata[number];
    return entry->kernel != NULL && *entry->kernel != '\0' ? entry : NULL;
}

const menu_entry *
menu_lst_boots(const menu_lst *self)
{
    const menu_entry *entry = bootable_entry(self, self->default_entry);

    return entry != NULL ? entry : bootable_entry(self, self->fallback);
}

void
menu_lst_free(menu_lst *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->entries);
    g_ptr_array_unref(self->unknown);
    g_free(self);
}
