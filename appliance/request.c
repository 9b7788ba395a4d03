#include "appliance/request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *
skip(const char *at)
{
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

/* A string without escapes, which no request needs. What is longer than SIZE is refused. NULL if it
 * isn't one, else where it ends. */
static const char *
take_string(const char *at, char *text, size_t size)
{
    size_t length;

    if (*at != '"')
        return NULL;
    length = strcspn(++at, "\"\\");
    if (at[length] != '"' || length >= size)
        return NULL;
    memcpy(text, at, length);
    text[length] = '\0';
    return at + length + 1;
}

static const char *
take_bool(const char *at, bool *value)
{
    *value = strncmp(at, "true", 4) == 0;
    return *value ? at + 4 : strncmp(at, "false", 5) == 0 ? at + 5 : NULL;
}

static const char *
take_id(request *self, const char *at)
{
    char *end;

    self->id = strtol(at, &end, 10);
    self->has_id = end != at;
    return self->has_id ? end : NULL;
}

static const char *
take_other(const char *at)
{
    char text[64];
    bool value;

    if (*at == '"')
        return take_string(at, text, sizeof text);
    if (*at == '-' || isdigit((unsigned char)*at))
        return at + strspn(at, "+-.eE0123456789");
    return take_bool(at, &value);
}

static const char *
take_value(request *self, const char *key, const char *at)
{
    if (strcmp(key, "do") == 0)
        return take_string(at, self->verb, sizeof self->verb);
    if (strcmp(key, "device") == 0)
        return take_string(at, self->device, sizeof self->device);
    if (strcmp(key, "force") == 0)
        return take_bool(at, &self->force);
    if (strcmp(key, "id") == 0)
        return take_id(self, at);
    return take_other(at);
}

static const char *
take_member(request *self, const char *at)
{
    char key[32];

    at = take_string(skip(at), key, sizeof key);
    if (at == NULL || *(at = skip(at)) != ':')
        return NULL;
    at = take_value(self, key, skip(at + 1));
    return at == NULL ? NULL : skip(at);
}

bool
request_parse(request *self, const char *line)
{
    const char *at = skip(line);

    memset(self, 0, sizeof *self);
    if (*at++ != '{')
        return false;
    for (;;) {
        at = take_member(self, at);
        if (at == NULL)
            return false;
        if (*at == '}')
            return *skip(at + 1) == '\0' && self->verb[0] != '\0';
        if (*at++ != ',')
            return false;
    }
}
