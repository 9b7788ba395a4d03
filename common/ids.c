#include "common/ids.h"

#include <string.h>

#define DIGITS_NOW 17
#define DIGITS_ONCE 8

char *
id_new(const char *prefix)
{
    /* A version 4 UUID has 122 random bits; its first and last groups and a bit of the others
     * would do, but the version and variant digits must not be among the 17. */
    g_autofree char *uuid = g_uuid_string_random();

    return g_strdup_printf("%s-%.8s%.9s", prefix, uuid, uuid + 27);
}

gboolean
id_is(const char *prefix, const char *text)
{
    size_t prefix_length = strlen(prefix);
    const char *digits;
    size_t length;

    if (text == NULL || strncmp(text, prefix, prefix_length) != 0 || text[prefix_length] != '-')
        return FALSE;
    digits = text + prefix_length + 1;
    length = strspn(digits, "0123456789abcdef");
    return digits[length] == '\0' && (length == DIGITS_NOW || length == DIGITS_ONCE);
}
