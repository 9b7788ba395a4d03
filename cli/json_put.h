/* Members of JSON objects, for the files that make them. */
#ifndef CLI_JSON_PUT_H
#define CLI_JSON_PUT_H

#include "store/product_code.h"
#include "store/tag.h"

#include <jansson.h>

/* A string, whatever bytes it has; NULL is "". */
json_t *json_text(const char *value);

/* Nothing if VALUE is NULL. */
void json_put_text(json_t *object, const char *key, const char *value);
void json_put_time(json_t *object, const char *key, gint64 when);
void json_put_int(json_t *object, const char *key, gint64 value);
void json_put_flag(json_t *object, const char *key, gboolean value);

/* "Tags" and "ProductCodes" from tag* and product_code*; nothing if there are none. */
void json_put_tags(json_t *object, const GPtrArray *tags);
void json_put_product_codes(json_t *object, const GPtrArray *codes);

#endif
