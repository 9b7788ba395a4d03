#include "cli/json_put.h"
#include "cli/json.h"
#include "common/times.h"

#include <stdio.h>

/* Strings come from files that others made: what isn't UTF-8 must not make the whole answer vanish.
 */
json_t *
json_text(const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value != NULL ? value : "", -1);

    return json_string(valid);
}

void
json_put_text(json_t *object, const char *key, const char *value)
{
    if (value != NULL)
        json_object_set_new(object, key, json_text(value));
}

void
json_put_time(json_t *object, const char *key, gint64 when)
{
    g_autofree char *spelled = time_iso8601(when);

    json_put_text(object, key, spelled);
}

void
json_put_int(json_t *object, const char *key, gint64 value)
{
    json_object_set_new(object, key, json_integer(value));
}

void
json_put_flag(json_t *object, const char *key, gboolean value)
{
    json_object_set_new(object, key, json_boolean(value));
}

void
json_put_tags(json_t *object, const GPtrArray *tags)
{
    json_t *list;

    if (tags == NULL || tags->len == 0)
        return;
    list = json_array();
    for (guint i = 0; i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        json_t *pair = json_object();
        json_put_text(pair, "Key", one->key);
        json_put_text(pair, "Value", one->value);
        json_array_append_new(list, pair);
    }
    json_object_set_new(object, "Tags", list);
}

void
json_put_product_codes(json_t *object, const GPtrArray *codes)
{
    json_t *list;

    if (codes == NULL || codes->len == 0)
        return;
    list = json_array();
    for (guint i = 0; i < codes->len; i++) {
        const product_code *one = g_ptr_array_index(codes, i);
        json_t *pair = json_object();
        json_put_text(pair, "ProductCodeId", one->code);
        json_put_text(pair, "ProductCodeType", one->kind);
        json_array_append_new(list, pair);
    }
    json_object_set_new(object, "ProductCodes", list);
}

void
ec2_print(json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(4) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
    putchar('\n');
    json_decref(value);
}
