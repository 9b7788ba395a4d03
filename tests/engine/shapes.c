#include "tests/engine/shapes.h"

#include <string.h>

typedef struct {
    char *key;
    char *type;
    gboolean optional;
    gboolean met;
} row;

struct shapes {
    GHashTable *rows;     /* name of a shape -> GPtrArray of row */
    GHashTable *commands; /* command -> name of a shape */
    GHashTable *known;    /* commands that were compared or excused */
    GPtrArray *problems;  /* char *, each once */
};

static void
row_free(gpointer item)
{
    row *self = item;

    g_free(self->key);
    g_free(self->type);
    g_free(self);
}

static void
add_problem(shapes *self, char *problem)
{
    for (guint i = 0; i < self->problems->len; i++)
        if (g_str_equal(problem, g_ptr_array_index(self->problems, i))) {
            g_free(problem);
            return;
        }
    g_ptr_array_add(self->problems, problem);
}

/* ---- the document ---- */

static void
add_commands(shapes *self, const char *names, const char *shape)
{
    g_auto(GStrv) parts = g_strsplit(names, "`", -1);

    for (guint i = 1; i < g_strv_length(parts); i += 2)
        g_hash_table_insert(self->commands, g_strdup(parts[i]), g_strdup(shape));
}

static void
add_row(shapes *self, const char *shape, const char *name, const char *type)
{
    GPtrArray *rows = g_hash_table_lookup(self->rows, shape);
    const char *end = strrchr(name, '`');
    row *one = g_new0(row, 1);

    if (rows == NULL) {
        rows = g_ptr_array_new_with_free_func(row_free);
        g_hash_table_insert(self->rows, g_strdup(shape), rows);
    }
    one->key = g_strndup(name + 1, (gsize)(end - name - 1));
    one->optional = end[1] == '?';
    one->type = g_strdup(type);
    g_ptr_array_add(rows, one);
}

static void
read_line(shapes *self, const char *line, char **heading)
{
    g_auto(GStrv) cells = NULL;

    if (*line == '#') {
        g_free(*heading);
        *heading = g_strdup(line + strspn(line, "# "));
    }
    if (!g_str_has_prefix(line, "| `"))
        return;
    cells = g_strsplit(line, "|", -1);
    for (guint i = 0; cells[i] != NULL; i++)
        g_strstrip(cells[i]);
    if (g_strv_length(cells) < 4)
        return;
    if (g_strcmp0(*heading, "Commands") == 0)
        add_commands(self, cells[1], cells[2]);
    else
        add_row(self, *heading, cells[1], cells[2]);
}

shapes *
shapes_read(const char *path)
{
    g_autofree char *text = NULL;
    g_autofree char *heading = NULL;
    g_auto(GStrv) lines = NULL;
    shapes *self;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    self = g_new0(shapes, 1);
    self->rows =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    self->commands = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->problems = g_ptr_array_new_with_free_func(g_free);
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++)
        read_line(self, lines[i], &heading);
    return self;
}

void
shapes_free(shapes *self)
{
    if (self == NULL)
        return;
    g_hash_table_unref(self->rows);
    g_hash_table_unref(self->commands);
    g_hash_table_unref(self->known);
    g_ptr_array_unref(self->problems);
    g_free(self);
}

/* ---- comparing ---- */

static const char *
type_of(const json_t *value)
{
    static const char *const words[] = {
        [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "integer", [JSON_REAL] = "number", [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",   [JSON_NULL] = "null"};

    return words[json_typeof(value)];
}

static row *
find_row(const GPtrArray *rows, const char *key)
{
    for (guint i = 0; i < rows->len; i++) {
        row *one = g_ptr_array_index(rows, i);
        if (g_str_equal(one->key, key))
            return one;
    }
    return NULL;
}

static void compare(shapes *self, const char *type, const json_t *value, const char *where);

static void
compare_object(shapes *self, const char *shape, const json_t *value)
{
    const GPtrArray *rows = g_hash_table_lookup(self->rows, shape);
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)value, key, member)
    {
        g_autofree char *where = g_strdup_printf("%s.%s", shape, key);
        row *one = find_row(rows, key);
        if (one == NULL) {
            add_problem(self, g_strdup_printf("%s, %s, isn't described", where, type_of(member)));
            continue;
        }
        one->met = TRUE;
        compare(self, one->type, member, where);
    }
    for (guint i = 0; i < rows->len; i++) {
        const row *one = g_ptr_array_index(rows, i);
        if (!one->optional && json_object_get(value, one->key) == NULL)
            add_problem(self, g_strdup_printf("%s.%s may be absent", shape, one->key));
    }
}

static void
compare(shapes *self, const char *type, const json_t *value, const char *where)
{
    g_autofree char *one = g_strdup(type);
    gsize index;
    json_t *item;

    if (g_str_has_suffix(one, " or null")) {
        if (json_is_null(value))
            return;
        one[strlen(one) - strlen(" or null")] = '\0';
    }
    if (g_str_has_suffix(one, "[]") && json_is_array(value)) {
        one[strlen(one) - strlen("[]")] = '\0';
        json_array_foreach(value, index, item) compare(self, one, item, where);
    } else if (g_hash_table_contains(self->rows, one) && json_is_object(value))
        compare_object(self, one, value);
    else if (!g_str_equal(one, "any") && !g_str_equal(one, type_of(value)))
        add_problem(
            self, g_strdup_printf("%s is described as %s, and is %s", where, type, type_of(value)));
}

void
shapes_compare(shapes *self, const char *command, const json_t *value)
{
    const char *shape = g_hash_table_lookup(self->commands, command);

    g_hash_table_add(self->known, g_strdup(command));
    if (shape == NULL)
        add_problem(self, g_strdup_printf("%s isn't among the commands", command));
    else
        compare(self, shape, value, command);
}

static void
excuse_shape(shapes *self, const char *type)
{
    g_autofree char *shape = g_strndup(type, strcspn(type, "[ "));
    const GPtrArray *rows = g_hash_table_lookup(self->rows, shape);

    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        row *one = g_ptr_array_index(rows, i);
        if (one->met)
            continue;
        one->met = TRUE;
        excuse_shape(self, one->type);
    }
}

void
shapes_excuse(shapes *self, const char *command)
{
    const char *shape = g_hash_table_lookup(self->commands, command);

    g_hash_table_add(self->known, g_strdup(command));
    if (shape == NULL)
        add_problem(self, g_strdup_printf("%s isn't among the commands", command));
    else
        excuse_shape(self, shape);
}

char *
shapes_problems(shapes *self)
{
    GHashTableIter all;
    gpointer name, item;

    g_hash_table_iter_init(&all, self->commands);
    while (g_hash_table_iter_next(&all, &name, NULL))
        if (!g_hash_table_contains(self->known, name))
            add_problem(self, g_strdup_printf("%s was never asked", (char *)name));
    g_hash_table_iter_init(&all, self->rows);
    while (g_hash_table_iter_next(&all, &name, &item))
        for (guint i = 0; i < ((GPtrArray *)item)->len; i++) {
            const row *one = g_ptr_array_index((GPtrArray *)item, i);
            if (!one->met)
                add_problem(self, g_strdup_printf("%s.%s was never met", (char *)name, one->key));
        }
    g_ptr_array_add(self->problems, NULL);
    return g_strjoinv("\n", (char **)self->problems->pdata);
}
