#include "images/menu_lst.h"

#include <string.h>

typedef enum {
    OTHER, /* GRUB has it, and it is of no matter here */
    CHAIN,
    CONFIGFILE,
    DEFAULT,
    FALLBACK,
    INITRD,
    KERNEL,
    MODULE,
    ROOT,
    TIMEOUT,
    TITLE,
    UUID,
    UNKNOWN
} command;

typedef struct {
    const char *name;
    command what;
} command_name;

/* All that GRUB Legacy 0.97, or PV-GRUB, has. Sorted by the first letter. */
static const command_name names[] = {
    {"background", OTHER},
    {"blocklist", OTHER},
    {"boot", OTHER},
    {"bootp", OTHER},
    {"cat", OTHER},
    {"chainloader", CHAIN},
    {"clear", OTHER},
    {"cmp", OTHER},
    {"color", OTHER},
    {"configfile", CONFIGFILE},
    {"debug", OTHER},
    {"default", DEFAULT},
    {"device", OTHER},
    {"dhcp", OTHER},
    {"displayapm", OTHER},
    {"displaymem", OTHER},
    {"embed", OTHER},
    {"fallback", FALLBACK},
    {"find", OTHER},
    {"foreground", OTHER},
    {"fstest", OTHER},
    {"geometry", OTHER},
    {"gfxmenu", OTHER},
    {"halt", OTHER},
    {"help", OTHER},
    {"hiddenmenu", OTHER},
    {"hide", OTHER},
    {"ifconfig", OTHER},
    {"impsprobe", OTHER},
    {"initrd", INITRD},
    {"install", OTHER},
    {"ioprobe", OTHER},
    {"kernel", KERNEL},
    {"lock", OTHER},
    {"makeactive", OTHER},
    {"map", OTHER},
    {"md5crypt", OTHER},
    {"module", MODULE},
    {"modulenounzip", MODULE},
    {"pager", OTHER},
    {"partnew", OTHER},
    {"parttype", OTHER},
    {"password", OTHER},
    {"pause", OTHER},
    {"quiet", OTHER},
    {"quit", OTHER},
    {"rarp", OTHER},
    {"read", OTHER},
    {"reboot", OTHER},
    {"root", ROOT},
    {"rootnoverify", ROOT},
    {"savedefault", OTHER},
    {"serial", OTHER},
    {"setkey", OTHER},
    {"setup", OTHER},
    {"shade", OTHER},
    {"silent", OTHER},
    {"splashimage", OTHER},
    {"terminal", OTHER},
    {"terminfo", OTHER},
    {"testload", OTHER},
    {"testvbe", OTHER},
    {"tftpserver", OTHER},
    {"timeout", TIMEOUT},
    {"title", TITLE},
    {"unhide", OTHER},
    {"uppermem", OTHER},
    {"uuid", UUID},
    {"vbeprobe", OTHER},
    {"verbose", OTHER},
    {"viewport", OTHER},
};

#define LETTERS 26

typedef struct {
    menu_lst *menu;
    menu_entry *entry; /* the one that is being read; NULL: none */
    gboolean many;     /* what follows is of entries that GRUB would show and nobody has */
    guint8 letters[LETTERS + 1]; /* where each letter's names begin */
    GHashTable *seen;            /* names of unknown commands */
    char *last;                  /* of these, or NULL */
    char line[MENU_LST_LINE_MAX + 1];
} reader;

static void
menu_entry_free(gpointer data)
{
    menu_entry *self = data;

    g_free(self->title);
    g_free(self->root);
    g_free(self->uuid);
    g_free(self->kernel);
    g_free(self->arguments);
    g_free(self->initrd);
    g_free(self->chain);
    g_ptr_array_unref(self->modules);
    g_free(self);
}

static void
replace(char **field, const char *text)
{
    g_free(*field);
    *field = g_utf8_make_valid(text, -1);
}

/* ---- words ---- */

/* The first word of *REST ends with a zero, and *REST goes on after the blanks behind it. */
static char *
take_word(char **rest)
{
    char *word = *rest, *end = word + strcspn(word, " ");

    *rest = end + strspn(end, " ");
    *end = '\0';
    return word;
}

/* A decimal number, or one in base 16 behind 0x; -1 if it is none. */
static int
read_count(const char *text)
{
    gboolean hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    guint64 value;

    if (!g_ascii_string_to_unsigned(hex ? text + 2 : text, hex ? 16 : 10, 0, G_MAXINT, &value,
                                    NULL))
        return -1;
    return (int)value;
}

/* ---- commands ---- */

static void
read_default(menu_lst *self, const char *text)
{
    int number = read_count(text);

    self->default_saved = g_str_equal(text, "saved");
    self->default_given = number >= 0;
    self->default_entry = MAX(number, 0);
}

static void
read_fallbacks(menu_lst *self, char *rest)
{
    self->fallback_count = 0;
    while (*rest != '\0' && self->fallback_count < MENU_LST_FALLBACKS_MAX) {
        int number = read_count(take_word(&rest));
        if (number < 0)
            return;
        self->fallbacks[self->fallback_count++] = number;
    }
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

static void
read_title(reader *self, const char *title)
{
    GPtrArray *entries = self->menu->entries;
    menu_entry *entry;

    self->many = entries->len >= MENU_LST_ENTRIES_MAX;
    self->entry = NULL;
    if (self->many)
        return;
    self->entry = entry = g_new0(menu_entry, 1);
    entry->number = (int)entries->len;
    entry->title = g_utf8_make_valid(title, -1);
    entry->modules = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(entries, entry);
}

static void
read_chain(menu_entry *entry, const char *name, const char *rest)
{
    g_autofree char *text = g_strdup_printf("%s %s", name, rest);

    replace(&entry->chain, text);
}

static void
read_entry_command(menu_entry *entry, command what, const char *name, char *rest)
{
    switch (what) {
    case CHAIN:
    case CONFIGFILE:
        read_chain(entry, name, rest);
        return;
    case INITRD:
        replace(&entry->initrd, take_word(&rest));
        return;
    case KERNEL:
        read_kernel(entry, rest);
        return;
    case MODULE:
        if (entry->modules->len < MENU_LST_MODULES_MAX)
            g_ptr_array_add(entry->modules, g_utf8_make_valid(rest, -1));
        return;
    case ROOT:
        replace(&entry->root, take_word(&rest));
        return;
    case UUID:
        replace(&entry->uuid, take_word(&rest));
        return;
    default:
        return;
    }
}

/* Of the menu's commands, which stand before the entries, those that are of matter. */
static void
read_menu_command(menu_lst *self, command what, char *rest)
{
    if (what == DEFAULT)
        read_default(self, take_word(&rest));
    else if (what == FALLBACK)
        read_fallbacks(self, rest);
    else if (what == TIMEOUT)
        self->timeout = read_count(take_word(&rest));
    else if (what == CONFIGFILE && self->entries->len == 0)
        replace(&self->configfile, take_word(&rest));
}

/* ---- lines ---- */

static command
find_command(const reader *self, const char *name)
{
    int letter = *name - 'a';

    if (letter < 0 || letter >= LETTERS)
        return UNKNOWN;
    for (int i = self->letters[letter]; i < self->letters[letter + 1]; i++)
        if (strcmp(names[i].name + 1, name + 1) == 0)
            return names[i].what;
    return UNKNOWN;
}

static void
note_unknown(reader *self, const char *name)
{
    GPtrArray *unknown = self->menu->unknown;

    if (unknown->len >= MENU_LST_UNKNOWN_MAX)
        return;
    /* The same again and again is what a file that is no menu.lst has most. */
    if (self->last != NULL && strcmp(self->last, name) == 0)
        return;
    if (g_hash_table_contains(self->seen, name))
        return;
    self->last = g_strdup(name);
    g_hash_table_add(self->seen, self->last);
    g_ptr_array_add(unknown, g_utf8_make_valid(name, -1));
}

/* LINE is "COMMAND ARGUMENTS", blanks trimmed. A command's name ends with a blank or "=". */
static void
read_line(reader *self, char *line)
{
    char *end = line, *rest;
    command what;

    while (*end != '\0' && *end != ' ' && *end != '=')
        end++;
    for (rest = end; *rest == ' ' || *rest == '=';)
        rest++;
    *end = '\0';
    what = find_command(self, line);
    if (what == TITLE) {
        read_title(self, rest);
        return;
    }
    if (self->many || what == OTHER)
        return;
    if (what == UNKNOWN) {
        note_unknown(self, line);
        return;
    }
    read_menu_command(self->menu, what, rest);
    if (self->entry != NULL)
        read_entry_command(self->entry, what, line, rest);
}

/* Adds the bytes from AT to END to the line, which has LENGTH of them: tabs and zeros are blanks,
 * carriage returns nothing. Returns how many it has then. */
static gsize
gather(reader *self, gsize length, const char *at, const char *end)
{
    for (; at < end && length < MENU_LST_LINE_MAX; at++)
        if (*at != '\r')
            self->line[length++] = *at == '\t' || *at == '\0' ? ' ' : *at;
    return length;
}

static const char *
skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\0'))
        at++;
    return at;
}

static const char *
line_end(const char *at, const char *end)
{
    const char *found = at < end ? memchr(at, '\n', (gsize)(end - at)) : NULL;

    return found != NULL ? found : end;
}

/* Gathers the line that begins at AT, and the next one where a backslash before its end joins it
 * on. Comments aren't joined. Returns where the one after it begins; the line may be empty. */
static const char *
next_line(reader *self, const char *at, const char *end)
{
    gsize length = 0;
    const char *stop;

    at = skip_blanks(at, end);
    stop = line_end(at, end);
    if (at < stop && *at != '#') {
        length = gather(self, 0, at, stop);
        while (length > 0 && self->line[length - 1] == '\\' && stop < end) {
            self->line[length - 1] = ' ';
            at = stop + 1;
            stop = line_end(at, end);
            length = gather(self, length, at, stop);
        }
    }
    while (length > 0 && self->line[length - 1] == ' ')
        length--;
    self->line[length] = '\0';
    return stop < end ? stop + 1 : end;
}

static void
index_letters(reader *self)
{
    gsize i = 0;

    for (int letter = 0; letter <= LETTERS; letter++) {
        while (i < G_N_ELEMENTS(names) && *names[i].name - 'a' < letter)
            i++;
        self->letters[letter] = (guint8)i;
    }
}

menu_lst *
menu_lst_parse(const char *text, gsize length)
{
    const char *end = text + MIN(length, MENU_LST_SIZE_MAX);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    reader self = {.menu = g_new0(menu_lst, 1), .seen = seen};

    self.menu->timeout = -1;
    self.menu->entries = g_ptr_array_new_with_free_func(menu_entry_free);
    self.menu->unknown = g_ptr_array_new_with_free_func(g_free);
    index_letters(&self);
    for (const char *at = text; at < end;) {
        at = next_line(&self, at, end);
        if (*self.line != '\0')
            read_line(&self, self.line);
    }
    return self.menu;
}

/* ---- the entry that boots ---- */

static const menu_entry *
entry_at(const menu_lst *self, int number)
{
    return number >= 0 && (guint)number < self->entries->len ? self->entries->pdata[number] : NULL;
}

static gboolean
can_work(const menu_entry *entry, menu_entry_works works, gpointer data)
{
    gboolean kernel = entry->kernel != NULL && *entry->kernel != '\0';

    return (kernel || entry->chain != NULL) && (works == NULL || works(entry, data));
}

static const menu_entry *
find_fallback(const menu_lst *self, menu_entry_works works, gpointer data)
{
    for (guint i = 0; i < self->fallback_count; i++) {
        const menu_entry *entry = entry_at(self, self->fallbacks[i]);
        if (entry != NULL && can_work(entry, works, data))
            return entry;
    }
    return NULL;
}

static char *
default_text(const menu_lst *self)
{
    if (self->default_saved)
        return g_strdup("default 0, as none is known to be saved");
    if (!self->default_given)
        return g_strdup("default 0, as none is given");
    return g_strdup_printf("default %d", self->default_entry);
}

/* Why the entry that GRUB takes first can't be had; the caller frees it. */
static char *
problem_text(const menu_lst *self, const menu_entry *first)
{
    if (first == NULL)
        return g_strdup_printf("default %d isn't there", self->default_entry);
    if (first->kernel == NULL && first->chain == NULL)
        return g_strdup_printf("default %d has no kernel", first->number);
    return g_strdup_printf("not all files of default %d are there", first->number);
}

/* A default beyond the last entry is the first fallback to GRUB, or else the first entry. */
const menu_entry *
menu_lst_choose(const menu_lst *self, menu_entry_works works, gpointer data, char **way)
{
    const menu_entry *first = entry_at(self, self->default_entry);
    gboolean good = first != NULL && can_work(first, works, data);
    const menu_entry *other = good ? NULL : find_fallback(self, works, data);
    const menu_entry *chosen = good ? first : other;
    g_autofree char *problem = good ? NULL : problem_text(self, first);
    g_autofree char *text = NULL;

    if (self->entries->len == 0)
        return NULL;
    if (good)
        text = default_text(self);
    else if (other != NULL)
        text = g_strdup_printf("fallback %d (%s)", other->number, problem);
    else if (first != NULL)
        text = g_strdup_printf("%s, and no fallback is", problem);
    else
        text = g_strdup_printf("entry 0 (%s)", problem);
    if (chosen == NULL)
        chosen = first != NULL ? first : entry_at(self, 0);
    if (way != NULL)
        *way = g_steal_pointer(&text);
    return chosen;
}

/* "(hd0" and then ")" or ",N)"; sectors or BSD's letters behind the number are not for EC2. */
const char *
menu_lst_path(const char *text, guint *partition)
{
    const char *rest = text;
    guint number = 0;

    if (*text != '(')
        return text;
    if (!g_str_has_prefix(text, "(hd0"))
        return NULL;
    rest += strlen("(hd0");
    if (*rest == ',') {
        if (!g_ascii_isdigit(*++rest))
            return NULL;
        for (; g_ascii_isdigit(*rest) && number < 1000; rest++)
            number = number * 10 + (guint)(*rest - '0');
        number++;
    }
    if (*rest != ')')
        return NULL;
    *partition = number;
    return rest + 1;
}

void
menu_lst_free(menu_lst *self)
{
    if (self == NULL)
        return;
    g_free(self->configfile);
    g_ptr_array_unref(self->entries);
    g_ptr_array_unref(self->unknown);
    g_free(self);
}
