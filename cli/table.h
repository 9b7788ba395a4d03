/* Aligned columns for people. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/terminal.h"

typedef struct text_table text_table;

/* HEADINGS is NULL-terminated and must outlive the table. */
text_table *text_table_new(const char *const *headings);

/* Appends a cell, row by row; the text is copied, NULL is an empty one. */
void text_table_add(text_table *self, const char *text);
void text_table_add_coloured(text_table *self, const char *text, colour which);
void text_table_printf(text_table *self, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Prints headings and rows to standard output, and frees. EMPTY is printed instead if there is no
 * row. */
void text_table_print(text_table *self, const char *empty);

#endif
