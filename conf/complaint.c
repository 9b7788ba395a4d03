#include "conf/complaint.h"

#include <string.h>

gboolean
complain(const complainer *self, const config_setting_t *at, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    /* The group that is the whole file begins at line 0. */
    return error_set(self->error, ERROR_CONFIG, "%s:%u: %s", self->path,
                     MAX(config_setting_source_line(at), 1u), what);
}

/* The value as the file says it, as far as that helps. */
static char *
spell_value(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
        return g_strdup_printf("%d", config_setting_get_int(setting));
    case CONFIG_TYPE_INT64:
        return g_strdup_printf("%lldL", config_setting_get_int64(setting));
    case CONFIG_TYPE_FLOAT:
        return g_strdup_printf("%g", config_setting_get_float(setting));
    case CONFIG_TYPE_BOOL:
        return g_strdup(config_setting_get_bool(setting) ? "true" : "false");
    case CONFIG_TYPE_STRING:
        return g_strdup_printf("\"%s\"", config_setting_get_string(setting));
    case CONFIG_TYPE_GROUP:
        return g_strdup("a group {...}");
    case CONFIG_TYPE_ARRAY:
        return g_strdup("an array [...]");
    default:
        return g_strdup("a list (...)");
    }
}

static char *
spell_words(const word *words)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (; words->text != NULL; words++)
        g_string_append_printf(text, "%s\"%s\"", text->len > 0 ? ", " : "", words->text);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *
spell_allowed(const field_rule *field)
{
    g_autofree char *words = field->words != NULL ? spell_words(field->words) : NULL;

    switch (field->kind) {
    case FIELD_BOOLEAN:
        return g_strdup("true or false");
    case FIELD_COUNT:
        return g_strdup_printf("a whole number%s%s from %u to %u", field->unit ? " of " : "",
                               field->unit ? field->unit : "", field->min, field->max);
    case FIELD_NUMBER:
        return g_strdup_printf("a number%s%s from 0 to %u", field->unit ? " of " : "",
                               field->unit ? field->unit : "", field->max);
    case FIELD_CHOICE:
        return g_strdup_printf("one of %s", words);
    case FIELD_FLAGS:
        return g_strdup_printf("an array [...] with some of %s", words);
    case FIELD_LIST:
        return g_strdup("a list of groups, ( {...}, {...} )");
    default:
        return g_strdup(field->allowed);
    }
}

gboolean
complain_of_value(const complainer *self, const config_setting_t *setting, const field_rule *field)
{
    g_autofree char *value = spell_value(setting);
    g_autofree char *allowed = spell_allowed(field);

    return complain(self, setting, "%s can't be %s; it is %s", field->name, value, allowed);
}

gboolean
complain_of_name(const complainer *self, const config_setting_t *setting, const field_rule *fields)
{
    g_autoptr(GString) known = g_string_new(NULL);

    for (; fields->name != NULL; fields++)
        g_string_append_printf(known, "%s%s", known->len > 0 ? ", " : "", fields->name);
    return complain(self, setting, "there is no setting %s here; there are %s",
                    config_setting_name(setting), known->str);
}

gboolean
complain_of_syntax(const complainer *self, const config_t *config)
{
    const char *what = config_error_text(config);
    gboolean twice = strcmp(what, "duplicate setting name") == 0;

    return error_set(self->error, ERROR_CONFIG, "%s:%d: %s; %s", self->path,
                     config_error_line(config), what,
                     twice ? "each is allowed once" : "settings are written NAME = VALUE;");
}
