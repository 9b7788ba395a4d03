#include "launcher/retention.h"
#include "common/error.h"
#include "common/times.h"
#include "launcher/internal.h"

#include <string.h>

#define ID_LENGTH 11
#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define KEY_MOST 128
#define VALUE_MOST 256
#define DESCRIPTION_MOST 255

/* ---- what is asked ---- */

static gboolean
parse_type(const char *text, int *type, GError **error)
{
    for (*type = 0; retained_type_words[*type] != NULL; (*type)++)
        if (g_str_equal(retained_type_words[*type], text))
            return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for resource type: %s or %s",
                     text, retained_type_words[RETAINS_IMAGES],
                     retained_type_words[RETAINS_SNAPSHOTS]);
}

static gboolean
parse_tag(const char *text, retention_rule *rule, GError **error)
{
    const char *equals = text != NULL ? strchr(text, '=') : NULL;

    if (text == NULL)
        return TRUE;
    rule->tag_key = equals != NULL ? g_strndup(text, (gsize)(equals - text)) : g_strdup(text);
    rule->tag_value = equals != NULL ? g_strdup(equals + 1) : NULL;
    if (*rule->tag_key != '\0' && g_utf8_validate(text, -1, NULL) &&
        g_utf8_strlen(rule->tag_key, -1) <= KEY_MOST &&
        (equals == NULL || g_utf8_strlen(rule->tag_value, -1) <= VALUE_MOST))
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "Invalid value '%s' for a tag: KEY or KEY=VALUE, at most %d and %d characters",
                     text, KEY_MOST, VALUE_MOST);
}

static gboolean
check_description(const char *text, GError **error)
{
    return text == NULL || (g_utf8_validate(text, -1, NULL) && strlen(text) <= DESCRIPTION_MOST) ||
           error_set(error, ERROR_PARAMETER_VALUE, "A rule's description has at most %d characters",
                     DESCRIPTION_MOST);
}

static char *
new_id(void)
{
    char id[ID_LENGTH + 1] = "";

    for (guint i = 0; i < ID_LENGTH; i++)
        id[i] = ID_CHARACTERS[g_random_int_range(0, (gint32)strlen(ID_CHARACTERS))];
    return g_strdup(id);
}

static retention_rule *
rule_of_request(launcher *self, const retention_request *request, GError **error)
{
    g_autoptr(retention_rule) rule = g_new0(retention_rule, 1);

    if (request->days < 1 || request->days > RETENTION_DAYS_MOST) {
        error_set(error, ERROR_PARAMETER_VALUE,
                  "Invalid value '%" G_GINT64_FORMAT "' for the retention period: 1 to %d days",
                  request->days, RETENTION_DAYS_MOST);
        return NULL;
    }
    if (!parse_type(request->resource_type, &rule->resource_type, error) ||
        !parse_tag(request->tag, rule, error) || !check_description(request->description, error))
        return NULL;
    rule->id = new_id();
    rule->days = request->days;
    rule->description = g_strdup(request->description);
    rule->owner = g_strdup(self->conf->account);
    rule->region = g_strdup(self->conf->region);
    rule->created = time_now();
    return g_steal_pointer(&rule);
}

/* ---- for faces ---- */

static GPtrArray *
rules_here(launcher *self, GError **error)
{
    return retention_rule_list(self->db, self->conf->account, self->conf->region, error);
}

GPtrArray *
launcher_retention_rules(launcher *self, GError **error)
{
    return launcher_store(self, error) != NULL ? rules_here(self, error) : NULL;
}

static gboolean
is_for_the_same(const retention_rule *one, const retention_rule *other)
{
    return one->resource_type == other->resource_type &&
           g_strcmp0(one->tag_key, other->tag_key) == 0 &&
           g_strcmp0(one->tag_value, other->tag_value) == 0;
}

static void
keep_what_is(retention_rule *rule, const retention_rule *old)
{
    g_free(rule->id);
    rule->id = g_strdup(old->id);
    rule->created = old->created;
    if (rule->description == NULL)
        rule->description = g_strdup(old->description);
}

static gboolean
write_rule(launcher *self, retention_rule *rule, GError **error)
{
    g_autoptr(GPtrArray) rules = rules_here(self, error);

    if (rules == NULL)
        return FALSE;
    for (guint i = 0; i < rules->len; i++) {
        const retention_rule *old = g_ptr_array_index(rules, i);
        if (!is_for_the_same(old, rule))
            continue;
        keep_what_is(rule, old);
        return retention_rule_update(self->db, rule, error);
    }
    return retention_rule_insert(self->db, rule, error);
}

retention_rule *
launcher_retention_set(launcher *self, const retention_request *request, GError **error)
{
    g_autoptr(retention_rule) rule = rule_of_request(self, request, error);
    g_autoptr(transaction) change = NULL;

    if (rule == NULL || launcher_store(self, error) == NULL)
        return NULL;
    change = transaction_begin(self->db, error);
    if (change == NULL || !write_rule(self, rule, error) || !transaction_commit(change, error))
        return NULL;
    return g_steal_pointer(&rule);
}

static gboolean
has_rule(const GPtrArray *rules, const char *id)
{
    for (guint i = 0; i < rules->len; i++)
        if (g_str_equal(((retention_rule *)g_ptr_array_index(rules, i))->id, id))
            return TRUE;
    return FALSE;
}

gboolean
launcher_retention_remove(launcher *self, const char *const *ids, GError **error)
{
    g_autoptr(transaction) change = NULL;
    g_autoptr(GPtrArray) rules = NULL;

    if (launcher_store(self, error) == NULL)
        return FALSE;
    change = transaction_begin(self->db, error);
    rules = change != NULL ? rules_here(self, error) : NULL;
    if (rules == NULL)
        return FALSE;
    for (gsize i = 0; ids[i] != NULL; i++) {
        if (!has_rule(rules, ids[i]))
            return error_set(error, ERROR_RULE_NOT_FOUND,
                             "Rule with identifier %s was not found: `amilaunch retention ls` "
                             "lists those there are",
                             ids[i]);
        if (!retention_rule_delete(self->db, ids[i], error))
            return FALSE;
    }
    return transaction_commit(change, error);
}
