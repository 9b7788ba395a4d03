#include "store/image_query.h"
#include "common/error.h"
#include "common/filter.h"
#include "common/times.h"
#include "store/image.h"
#include "store/image_filters.h"

#include <string.h>

const char *const image_view_words[] = {"all",         "quickstart", "mine",
                                        "marketplace", "community",  NULL};

static const struct {
    const char *name;
    image_filter_kind kind;
    const char *compared;
} filters[] = {
#define X(name, kind, compared) {name, IMAGE_FILTER_##kind, compared},
    IMAGE_FILTERS(X)
#undef X
};

/* A condition, and the values of its ?1, ?2 ... */
typedef struct {
    GString *sql;
    GPtrArray *values; /* char*, owned */
} condition;

static void
condition_clear(condition *self)
{
    if (self->sql != NULL)
        g_string_free(self->sql, TRUE);
    g_clear_pointer(&self->values, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(condition, condition_clear)

/* ?N, which is VALUE, taken over. */
static void
value_append(condition *self, char *value)
{
    g_ptr_array_add(self->values, value);
    g_string_append_printf(self->sql, "?%u", self->values->len);
}

/* COMPARED is one of those of PATTERNS (char*) that stand for one text. These can be looked up in
 * an index, and many of them are no more work than one. How many there are. */
static guint
literals_append(condition *self, const char *compared, const GPtrArray *patterns)
{
    guint count = 0;

    for (guint i = 0; i < patterns->len; i++) {
        char *literal = pattern_literal(g_ptr_array_index(patterns, i));
        if (literal == NULL)
            continue;
        g_string_append_printf(self->sql, count++ > 0 ? ", " : "%s IN (", compared);
        value_append(self, literal);
    }
    g_string_append(self->sql, count > 0 ? ")" : "");
    return count;
}

/* COMPARED matches one of PATTERNS. */
static void
match_append(condition *self, const char *compared, const GPtrArray *patterns)
{
    guint count;

    g_string_append_c(self->sql, '(');
    count = literals_append(self, compared, patterns);
    for (guint i = 0; i < patterns->len; i++) {
        const char *pattern = g_ptr_array_index(patterns, i);
        g_autofree char *literal = pattern_literal(pattern);
        if (literal != NULL)
            continue;
        g_string_append_printf(self->sql, "%s%s GLOB ", count++ > 0 ? " OR " : "", compared);
        value_append(self, pattern_glob(pattern));
    }
    g_string_append_c(self->sql, ')');
}

/* ---- what can be seen ---- */

#define SHARED_BY_NAME "image.id IN (SELECT resource FROM permission WHERE account = ?2)"
#define IS_AMAZONS "image.owner IN (SELECT value FROM json_each(?3))"
#define IS_MARKETPLACES                                                                            \
    "(image.owner IN (SELECT value FROM json_each(?4)) OR"                                         \
    " image.id IN (SELECT resource FROM product_code WHERE kind = 'marketplace'))"

static const char *const views[] = {
    [IMAGE_VIEW_ALL] = "",
    [IMAGE_VIEW_QUICKSTART] = " AND image.public != 0 AND " IS_AMAZONS,
    [IMAGE_VIEW_MINE] = " AND (image.owner = ?2 OR " SHARED_BY_NAME ")",
    [IMAGE_VIEW_MARKETPLACE] = " AND " IS_MARKETPLACES,
    [IMAGE_VIEW_COMMUNITY] =
        " AND image.public != 0 AND NOT " IS_AMAZONS " AND NOT " IS_MARKETPLACES,
};

/* "1,2" as the JSON array of texts that it stands for. */
static char *
accounts_array(const char *accounts)
{
    g_auto(GStrv) list = g_strsplit(accounts, ",", -1);
    g_autofree char *inner = g_strjoinv("\",\"", list);

    return g_strdup_printf("[\"%s\"]", inner);
}

/* ?1 is the region, ?2 who asks, ?3 and ?4 the aliases' accounts. */
static void
condition_begin(condition *self, const image_query *what)
{
    self->sql = g_string_new("1");
    self->values = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(self->values, g_strdup(what->region));
    g_ptr_array_add(self->values, g_strdup(what->account));
    g_ptr_array_add(self->values, accounts_array(what->amazon));
    g_ptr_array_add(self->values, accounts_array(what->aws_marketplace));
}

/* The + keeps SQLite from an index that has nearly all rows, in another order than they are stored
 * in: with 100,000 images, looking each of them up takes four times as long as reading them all and
 * sorting what is found. */
static void
append_scope(condition *self, const image_query *what)
{
    g_string_append(self->sql,
                    " AND +image.region = ?1 AND +image.binned = 0 AND (image.owner = ?2 OR"
                    " (image.state = 'available' AND (image.public != 0 OR " SHARED_BY_NAME ")))");
    g_string_append(self->sql, views[what->view]);
    if (!what->disabled)
        g_string_append(self->sql, " AND image.state != 'disabled'");
    if (what->deprecated)
        return;
    g_string_append(self->sql,
                    " AND (image.owner = ?2 OR image.deprecated = 0 OR image.deprecated > ");
    value_append(self, g_strdup_printf("%" G_GINT64_FORMAT, time_now()));
    g_string_append_c(self->sql, ')');
}

static void
append_owners(condition *self, const GPtrArray *owners)
{
    if (owners == NULL)
        return;
    g_string_append(self->sql, " AND image.owner IN (");
    for (guint i = 0; i < owners->len; i++) {
        g_string_append(self->sql, i > 0 ? ", " : "");
        value_append(self, g_strdup(g_ptr_array_index(owners, i)));
    }
    g_string_append_c(self->sql, ')');
}

/* To whom else an image was given is only its owner's to know. */
static void
append_executable_by(condition *self, const image_query *what)
{
    const GPtrArray *executable_by = what->executable_by;

    if (executable_by == NULL)
        return;
    g_string_append(self->sql, " AND (0");
    for (guint i = 0; i < executable_by->len; i++) {
        const char *who = g_ptr_array_index(executable_by, i);
        if (g_str_equal(who, "all")) {
            g_string_append(self->sql, " OR image.public != 0");
            continue;
        }
        g_string_append_printf(self->sql,
                               " OR (%s AND image.id IN"
                               " (SELECT resource FROM permission WHERE account = ",
                               g_str_equal(who, what->account) ? "1" : "image.owner = ?2");
        value_append(self, g_strdup(who));
        g_string_append(self->sql, "))");
    }
    g_string_append_c(self->sql, ')');
}

/* ---- filters ---- */

static void
append_tag(condition *self, const filter *wanted)
{
    g_string_append(self->sql, " AND image.owner = ?2 AND image.id IN"
                               " (SELECT resource FROM tag WHERE key = ");
    value_append(self, g_strdup(wanted->name + strlen(IMAGE_FILTER_TAG_PREFIX)));
    g_string_append(self->sql, " AND ");
    match_append(self, "value", wanted->values);
    g_string_append_c(self->sql, ')');
}

static void
append_known(condition *self, image_filter_kind kind, const char *compared, const filter *wanted)
{
    static const char *const before[] = {
        [IMAGE_FILTER_ROW] = " AND ",
        [IMAGE_FILTER_MAPPING] =
            " AND image.id IN (SELECT image FROM image_mapping WHERE virtual_name IS NULL AND ",
        [IMAGE_FILTER_CODE] = " AND image.id IN (SELECT resource FROM product_code WHERE ",
        [IMAGE_FILTER_TAG] =
            " AND image.owner = ?2 AND image.id IN (SELECT resource FROM tag WHERE ",
    };

    g_string_append(self->sql, before[kind]);
    match_append(self, compared, wanted->values);
    g_string_append(self->sql, kind == IMAGE_FILTER_ROW ? "" : ")");
}

static gboolean
append_filter(condition *self, const filter *wanted, GError **error)
{
    if (g_str_has_prefix(wanted->name, IMAGE_FILTER_TAG_PREFIX)) {
        append_tag(self, wanted);
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(filters); i++) {
        if (!g_str_equal(filters[i].name, wanted->name))
            continue;
        append_known(self, filters[i].kind, filters[i].compared, wanted);
        return TRUE;
    }
    return error_set(error, ERROR_PARAMETER_VALUE, "The filter '%s' is invalid", wanted->name);
}

GPtrArray *
image_find(store *db, const image_query *what, GError **error)
{
    g_auto(condition) made = {NULL, NULL};

    /* What leaves the least is asked first. */
    condition_begin(&made, what);
    for (guint i = 0; what->filters != NULL && i < what->filters->len; i++)
        if (!append_filter(&made, g_ptr_array_index(what->filters, i), error))
            return NULL;
    append_owners(&made, what->owners);
    append_executable_by(&made, what);
    append_scope(&made, what);
    g_string_append(made.sql, " ORDER BY image.created DESC, image.id");
    return image_list_where(db, made.sql->str, made.values, error);
}
