/* What docs/json.md says that commands print, held against what they do print.
 *
 * A table row there is "| `KEY` | TYPE | ..." below a heading "### SHAPE", or, below "## Commands",
 * "| `COMMAND`, `COMMAND` | SHAPE |". "`KEY`?" may be absent. A TYPE is string, integer, number,
 * boolean, any or the name of a shape, perhaps with [] (an array of them) or " or null" behind it.
 */
#ifndef TESTS_ENGINE_SHAPES_H
#define TESTS_ENGINE_SHAPES_H

#include <glib.h>
#include <jansson.h>

typedef struct shapes shapes;

/* Reads the document PATH; NULL if it can't be read. The caller frees the result. */
shapes *shapes_read(const char *path);
void shapes_free(shapes *self);

/* Compares VALUE with the shape that the document gives to what COMMAND prints. */
void shapes_compare(shapes *self, const char *command, const json_t *value);

/* COMMAND isn't run here: what only it prints needn't be met. */
void shapes_excuse(shapes *self, const char *command);

/* All that was wrong, a line each: what was met and isn't described, or otherwise; and what is
 * described and was never met. The caller frees it. */
char *shapes_problems(shapes *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(shapes, shapes_free)

#endif
