#include "conf/complaint.h"
#include "conf/precheck.h"

#include <string.h>

static gboolean read_group(const complainer *self, const config_setting_t *group,
                           const field_rule *fields, void *target);

static gboolean
find_word(const word *words, const char *text, guint *value)
{
    for (; text != NULL && words->text != NULL; words++)
        if (strcmp(words->text, text) == 0) {
            *value = words->value;
            return TRUE;
        }
    return FALSE;
}

static gboolean
read_count(const config_setting_t *setting, const field_rule *field, guint *out)
{
    int number = config_setting_get_int(setting);

    if (config_setting_type(setting) != CONFIG_TYPE_INT || number < 0 ||
        (guint)number < field->min || (guint)number > field->max)
        return FALSE;
    *out = number;
    return TRUE;
}

static gboolean
read_number(const config_setting_t *setting, const field_rule *field, double *out)
{
    gboolean whole = config_setting_type(setting) == CONFIG_TYPE_INT;
    double number = whole ? config_setting_get_int(setting) : config_setting_get_float(setting);

    if ((!whole && config_setting_type(setting) != CONFIG_TYPE_FLOAT) ||
        !(number >= 0 && number <= field->max))
        return FALSE;
    *out = number;
    return TRUE;
}

static gboolean
read_boolean(const config_setting_t *setting, gboolean *out)
{
    *out = config_setting_get_bool(setting);
    return config_setting_type(setting) == CONFIG_TYPE_BOOL;
}

static gboolean
read_text(const char *text, const field_rule *field, char **out)
{
    if (text == NULL || (field->valid != NULL && !field->valid(text)))
        return FALSE;
    g_free(*out);
    *out = g_strdup(text);
    return TRUE;
}

static gboolean
read_flags(const config_setting_t *setting, const field_rule *field, guint *out)
{
    guint all = 0, one;

    if (config_setting_type(setting) != CONFIG_TYPE_ARRAY)
        return FALSE;
    for (int i = 0; i < config_setting_length(setting); i++) {
        if (!find_word(field->words, config_setting_get_string_elem(setting, i), &one))
            return FALSE;
        all |= one;
    }
    *out = all;
    return all != 0;
}

/* Values that are one or a few words; lists are read by read_list(). */
static gboolean
read_value(const config_setting_t *setting, const field_rule *field, void *out)
{
    const char *text = config_setting_get_string(setting);

    switch (field->kind) {
    case FIELD_BOOLEAN:
        return read_boolean(setting, out);
    case FIELD_COUNT:
        return read_count(setting, field, out);
    case FIELD_NUMBER:
        return read_number(setting, field, out);
    case FIELD_TEXT:
        return read_text(text, field, out);
    case FIELD_PARSED:
        return text != NULL && field->parse(text, out);
    case FIELD_CHOICE:
        return find_word(field->words, text, out);
    case FIELD_FLAGS:
        return read_flags(setting, field, out);
    default:
        return FALSE;
    }
}

static gboolean
read_item(const complainer *self, const config_setting_t *group, const field_rule *list,
          void *target)
{
    void *item;
    g_autofree char *problem = NULL;

    if (config_setting_type(group) != CONFIG_TYPE_GROUP)
        return complain_of_value(self, group, list);
    item = list->item_new();
    if (!read_group(self, group, list->fields, item)) {
        list->item_free(item);
        return FALSE;
    }
    problem = list->item_add(target, item);
    return problem == NULL || complain(self, group, "%s", problem);
}

static gboolean
read_list(const complainer *self, const config_setting_t *setting, const field_rule *field,
          void *target)
{
    if (config_setting_type(setting) != CONFIG_TYPE_LIST)
        return complain_of_value(self, setting, field);
    for (int i = 0; i < config_setting_length(setting); i++)
        if (!read_item(self, config_setting_get_elem(setting, i), field, target))
            return FALSE;
    return TRUE;
}

static const field_rule *
find_field(const field_rule *fields, const char *name)
{
    while (fields->name != NULL && strcmp(fields->name, name) != 0)
        fields++;
    return fields->name != NULL ? fields : NULL;
}

static gboolean
read_group(const complainer *self, const config_setting_t *group, const field_rule *fields,
           void *target)
{
    guint64 seen = 0;

    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, i);
        const field_rule *field = find_field(fields, config_setting_name(setting));

        if (field == NULL)
            return complain_of_name(self, setting, fields);
        if (field->kind == FIELD_LIST) {
            if (!read_list(self, setting, field, target))
                return FALSE;
        } else if (!read_value(setting, field, (char *)target + field->offset))
            return complain_of_value(self, setting, field);
        seen |= G_GUINT64_CONSTANT(1) << (field - fields);
    }
    for (const field_rule *field = fields; field->name != NULL; field++)
        if (field->required && !(seen >> (field - fields) & 1))
            return complain(self, group, "%s is missing here", field->name);
    return TRUE;
}

/* The whole text of PATH. Read here and not by libconfig, whose scanner ends the process when it
 * is given a folder. */
static char *
load_text(const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *text = NULL;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, &problem))
        error_set(error, ERROR_CONFIG, "can't read the configuration: %s", problem->message);
    else if (strlen(text) != length)
        error_set(error, ERROR_CONFIG, "%s: this is not a text file", path);
    else if (precheck(path, text, error))
        return g_steal_pointer(&text);
    return NULL;
}

gboolean
reader_read(const char *path, const field_rule *fields, void *target, GError **error)
{
    complainer self = {.path = path, .error = error};
    g_autofree char *text = load_text(path, error);
    config_t config;
    gboolean good;

    if (text == NULL)
        return FALSE;
    config_init(&config);
    if (config_read_string(&config, text))
        good = read_group(&self, config_root_setting(&config), fields, target);
    else
        good = complain_of_syntax(&self, &config);
    config_destroy(&config);
    return good;
}
