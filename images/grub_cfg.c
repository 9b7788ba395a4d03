#include "images/grub_cfg.h"

#include <string.h>

#define WORDS_MAX 256
#define ENTRIES_MAX 1024
#define NOWHERE (-1)

/* A menuentry or submenu. */
typedef struct {
    int parent; /* index of the submenu that it is in, or NOWHERE */
    gboolean submenu;
    char *title, *id; /* id may be NULL */
    char *kernel;     /* NULL: none seen */
    char *arguments;
    GPtrArray *initrds; /* of char * */
} item;

typedef struct {
    const char *at, *end;
    GPtrArray *words;             /* of the command that is being read */
    GPtrArray *items;             /* of item *, in the file's order */
    int open[GRUB_CFG_DEPTH_MAX]; /* for each open brace the item that it belongs to, or NOWHERE */
    int depth;                    /* how many braces are open, perhaps more than that */
    char *wanted;                 /* the last literal default; NULL: none */
    gboolean saved;               /* a default of ${saved_entry} came after it */
    gboolean made_later;          /* the menu is made while booting */
} reader;

static void
item_free(gpointer data)
{
    item *self = data;

    g_free(self->title);
    g_free(self->id);
    g_free(self->kernel);
    g_free(self->arguments);
    g_ptr_array_unref(self->initrds);
    g_free(self);
}

/* ---- words ---- */

static gboolean
ends_word(char c)
{
    return strchr(" \t\r\n;", c) != NULL; /* and zero */
}

/* Takes what is between quotes, self->at being after the first of them. */
static void
take_quoted(reader *self, char quote, GString *word)
{
    for (; self->at < self->end && *self->at != quote; self->at++) {
        if (quote == '"' && *self->at == '\\' && self->at + 1 < self->end)
            self->at++;
        g_string_append_c(word, *self->at);
    }
    if (self->at < self->end)
        self->at++;
}

static char *
take_word(reader *self)
{
    GString *word = g_string_new(NULL);

    while (self->at < self->end && !ends_word(*self->at)) {
        char c = *self->at++;
        if (c == '\'' || c == '"')
            take_quoted(self, c, word);
        else if (c == '\\' && self->at < self->end)
            g_string_append_c(word, *self->at++);
        else
            g_string_append_c(word, c);
    }
    return g_string_free(word, FALSE);
}

/* Goes to the next word of the same command. FALSE at the command's end. */
static gboolean
skip_blanks(reader *self)
{
    for (; self->at < self->end; self->at++) {
        if (*self->at == '\\' && self->at + 1 < self->end && self->at[1] == '\n')
            self->at++;
        else if (*self->at == '#')
            while (self->at + 1 < self->end && self->at[1] != '\n')
                self->at++;
        else if (*self->at == '\n' || *self->at == ';')
            return FALSE;
        else if (!ends_word(*self->at))
            return TRUE;
    }
    return FALSE;
}

/* Reads the next command's words. An opening or closing brace ends a command. FALSE at the end of
 * the text. */
static gboolean
take_command(reader *self)
{
    g_ptr_array_set_size(self->words, 0);
    while (skip_blanks(self)) {
        char *word = take_word(self);
        gboolean brace = g_str_equal(word, "{") || g_str_equal(word, "}");
        if (self->words->len < WORDS_MAX || brace)
            g_ptr_array_add(self->words, word);
        else
            g_free(word);
        if (brace)
            return TRUE;
    }
    if (self->at >= self->end)
        return self->words->len > 0;
    self->at++;
    return TRUE;
}

/* ---- commands ---- */

static const char *
word_at(const reader *self, guint i)
{
    return i < self->words->len ? self->words->pdata[i] : "";
}

static gboolean
is_one_of(const char *word, const char *const *words)
{
    return g_strv_contains(words, word);
}

/* Joins the words from FIRST on, as valid UTF-8. */
static char *
join_words(const reader *self, guint first)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = first; i < self->words->len; i++)
        g_string_append_printf(text, "%s%s", i == first ? "" : " ", word_at(self, i));
    return g_utf8_make_valid(text->str, (gssize)text->len);
}

/* The innermost item that is open, or NOWHERE. */
static int
open_item(const reader *self)
{
    for (int i = MIN(self->depth, GRUB_CFG_DEPTH_MAX) - 1; i >= 0; i--)
        if (self->open[i] != NOWHERE)
            return self->open[i];
    return NOWHERE;
}

static void
push_brace(reader *self, int owner)
{
    if (self->depth < GRUB_CFG_DEPTH_MAX)
        self->open[self->depth] = owner;
    self->depth++;
}

/* menuentry TITLE [--class C] [--id ID] {; grub-mkconfig puts a variable in place of --id. */
static void
begin_item(reader *self)
{
    item *found;

    if (self->items->len >= ENTRIES_MAX || self->depth >= GRUB_CFG_DEPTH_MAX) {
        push_brace(self, NOWHERE);
        return;
    }
    found = g_new0(item, 1);
    found->parent = open_item(self);
    found->submenu = g_str_equal(word_at(self, 0), "submenu");
    found->title = g_utf8_make_valid(word_at(self, 1), -1);
    found->initrds = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 2; i + 1 < self->words->len && found->id == NULL; i++)
        if (g_str_equal(word_at(self, i), "--id") ||
            g_str_equal(word_at(self, i), "$menuentry_id_option") ||
            g_str_equal(word_at(self, i), "${menuentry_id_option}"))
            found->id = g_utf8_make_valid(word_at(self, i + 1), -1);
    push_brace(self, (int)self->items->len);
    g_ptr_array_add(self->items, found);
}

static void
read_default(reader *self, const char *value)
{
    if (strchr(value, '$') == NULL) {
        g_free(self->wanted);
        self->wanted = g_strdup(value);
        self->saved = FALSE;
    } else if (strstr(value, "saved_entry") != NULL) {
        self->saved = TRUE;
    }
}

static void
read_in_item(reader *self, item *in)
{
    static const char *const kernels[] = {"linux", "linux16", "linuxefi", NULL};
    static const char *const initrds[] = {"initrd", "initrd16", "initrdefi", NULL};

    if (is_one_of(word_at(self, 0), kernels)) {
        g_free(in->kernel);
        g_free(in->arguments);
        in->kernel = g_utf8_make_valid(word_at(self, 1), -1);
        in->arguments = join_words(self, 2);
    } else if (is_one_of(word_at(self, 0), initrds)) {
        g_ptr_array_set_size(in->initrds, 0);
        for (guint i = 1; i < self->words->len; i++)
            g_ptr_array_add(in->initrds, g_utf8_make_valid(word_at(self, i), -1));
    }
}

/* "then set default=0" is the command "set default=0" here: both branches are read. */
static void
drop_keywords(reader *self)
{
    static const char *const keywords[] = {"then", "else", "do", NULL};

    while (self->words->len > 0 && is_one_of(word_at(self, 0), keywords))
        g_ptr_array_remove_index(self->words, 0);
}

static void
read_command(reader *self)
{
    const char *name, *last;
    int in = open_item(self);

    drop_keywords(self);
    if (self->words->len == 0)
        return;
    name = word_at(self, 0);
    last = word_at(self, self->words->len - 1);
    if (g_str_equal(last, "}")) {
        self->depth = MAX(self->depth - 1, 0);
    } else if (g_str_equal(last, "{")) {
        if (g_str_equal(name, "menuentry") || g_str_equal(name, "submenu"))
            begin_item(self);
        else
            push_brace(self, NOWHERE);
    } else if (in != NOWHERE) {
        read_in_item(self, self->items->pdata[in]);
    } else if (g_str_equal(name, "set") && g_str_has_prefix(word_at(self, 1), "default=")) {
        read_default(self, strchr(word_at(self, 1), '=') + 1);
    } else if (g_str_equal(name, "blscfg")) {
        self->made_later = TRUE;
    }
}

/* ---- the entry that boots ---- */

/* The child of PARENT that WANTED names by number, title or id; GRUB takes the first if there is
 * none like that. NULL if PARENT has no child. */
static const item *
find_child(const reader *self, int parent, const char *wanted, int *index)
{
    const item *first = NULL;
    guint64 number = G_MAXUINT64, count = 0;

    g_ascii_string_to_unsigned(wanted, 10, 0, ENTRIES_MAX, &number, NULL);
    for (guint i = 0; i < self->items->len; i++) {
        const item *child = self->items->pdata[i];
        gboolean named;
        if (child->parent != parent)
            continue;
        named = g_str_equal(child->title, wanted) || g_strcmp0(child->id, wanted) == 0;
        if (first == NULL || named || count == number) {
            first = child;
            *index = (int)i;
        }
        if (named || count++ == number)
            break;
    }
    return first;
}

/* WANTED is a path of items, with ">" between them. */
static const item *
find_entry(const reader *self, const char *wanted, GString *title)
{
    g_auto(GStrv) path = g_strsplit(wanted, ">", GRUB_CFG_DEPTH_MAX);
    char **step = path;
    const item *found = NULL;
    int index = NOWHERE;

    do {
        found = find_child(self, index, *step != NULL ? *step : "0", &index);
        if (found != NULL)
            g_string_append_printf(title, "%s%s", title->len > 0 ? ">" : "", found->title);
        if (*step != NULL)
            step++;
    } while (found != NULL && found->submenu);
    return found;
}

static grub_entry *
choose_entry(reader *self, const char *saved)
{
    const char *wanted = self->saved ? saved : self->wanted;
    g_autoptr(GString) title = g_string_new(NULL);
    const item *found;
    grub_entry *entry;

    found = find_entry(self, wanted != NULL ? wanted : "0", title);
    if (self->made_later || found == NULL || found->kernel == NULL || *found->kernel == '\0')
        return NULL;
    entry = g_new0(grub_entry, 1);
    entry->title = g_strdup(title->str);
    entry->kernel = g_strdup(found->kernel);
    entry->arguments = g_strdup(found->arguments);
    entry->initrds = g_ptr_array_ref(found->initrds);
    return entry;
}

grub_entry *
grub_cfg_default(const char *text, gsize length, const char *saved)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(item_free);
    reader self = {.at = text, .words = words, .items = items};
    grub_entry *entry;

    self.end = text + MIN(length, GRUB_CFG_SIZE_MAX);
    while (take_command(&self))
        read_command(&self);
    entry = choose_entry(&self, saved);
    g_free(self.wanted);
    return entry;
}

void
grub_entry_free(grub_entry *self)
{
    if (self == NULL)
        return;
    g_free(self->title);
    g_free(self->kernel);
    g_free(self->arguments);
    g_ptr_array_unref(self->initrds);
    g_free(self);
}
