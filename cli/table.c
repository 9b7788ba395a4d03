#include "cli/table.h"
#include "cli/text.h"

#include <stdio.h>

typedef struct {
    char *text;
    guint width;
    colour which;
} cell;

struct text_table {
    const char *const *headings;
    guint columns;
    GArray *cells;
};

static void
cell_clear(gpointer self)
{
    g_free(((cell *)self)->text);
}

text_table *
text_table_new(const char *const *headings)
{
    text_table *self = g_new0(text_table, 1);

    self->headings = headings;
    self->columns = g_strv_length((char **)headings);
    self->cells = g_array_new(FALSE, FALSE, sizeof(cell));
    g_array_set_clear_func(self->cells, cell_clear);
    return self;
}

void
text_table_add_coloured(text_table *self, const char *text, colour which)
{
    cell added = {.text = text_clean(text != NULL ? text : ""), .which = which};

    added.width = (guint)g_utf8_strlen(added.text, -1);
    g_array_append_val(self->cells, added);
}

void
text_table_add(text_table *self, const char *text)
{
    text_table_add_coloured(self, text, COLOUR_NONE);
}

void
text_table_printf(text_table *self, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    text_table_add(self, text);
}

static guint *
widths(const text_table *self)
{
    guint *wide = g_new0(guint, self->columns);

    for (guint i = 0; i < self->columns; i++)
        wide[i] = (guint)g_utf8_strlen(self->headings[i], -1);
    for (guint i = 0; i < self->cells->len; i++) {
        const cell *at = &g_array_index(self->cells, cell, i);
        wide[i % self->columns] = MAX(wide[i % self->columns], at->width);
    }
    return wide;
}

static void
print_cell(const text_table *self, guint column, const guint *wide, const cell *what)
{
    gboolean last = column + 1 == self->columns;
    guint pad = last ? 0 : wide[column] - what->width + 2;

    if (what->which != COLOUR_NONE)
        printf("%s%s%s", terminal_colour(what->which), what->text, terminal_colour(COLOUR_NONE));
    else
        fputs(what->text, stdout);
    for (; pad > 0; pad--)
        putchar_unlocked(' ');
    if (last)
        putchar_unlocked('\n');
}

void
text_table_print(text_table *self, const char *empty)
{
    g_autofree guint *wide = widths(self);

    if (self->cells->len == 0)
        puts(empty);
    for (guint i = 0; self->cells->len > 0 && i < self->columns; i++) {
        const cell heading = {.text = (char *)self->headings[i],
                              .width = (guint)g_utf8_strlen(self->headings[i], -1),
                              .which = COLOUR_DIM};
        print_cell(self, i, wide, &heading);
    }
    for (guint i = 0; i < self->cells->len; i++)
        print_cell(self, i % self->columns, wide, &g_array_index(self->cells, cell, i));
    g_array_unref(self->cells);
    g_free(self);
}
