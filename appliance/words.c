#include "appliance/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "amilaunch."
#define MOST_MEM (16UL * 1024 * 1024)
#define MOST_VCPUS 512
#define MOST_DISKS 64

static bool
take_number(unsigned long *number, const char *value, unsigned long most)
{
    char *end;

    if (!isdigit((unsigned char)*value))
        return false;
    *number = strtoul(value, &end, 10);
    return *end == '\0' && *number > 0 && *number <= most;
}

/* These go into a configuration file of xl's: nothing that could end a string there. */
static bool
take_text(char *text, size_t size, const char *value)
{
    size_t length = strlen(value);

    if (length == 0 || length >= size)
        return false;
    for (const char *at = value; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("-._", *at) == NULL)
            return false;
    memcpy(text, value, length + 1);
    return true;
}

static bool
take_grub(words *self, const char *value)
{
    return (strcmp(value, "hd0") == 0 || strcmp(value, "hd00") == 0) &&
           take_text(self->grub, sizeof self->grub, value);
}

static bool
take_root(words *self, const char *value)
{
    return words_is_device(value) && take_text(self->root, sizeof self->root, value);
}

/* A word that isn't known is for a later version: fine. */
static bool
take_word(words *self, const char *name, const char *value)
{
    if (strcmp(name, "mem") == 0)
        return take_number(&self->mem, value, MOST_MEM);
    if (strcmp(name, "vcpus") == 0)
        return take_number(&self->vcpus, value, MOST_VCPUS);
    if (strcmp(name, "disks") == 0)
        return take_number(&self->disks, value, MOST_DISKS);
    if (strcmp(name, "grub") == 0)
        return take_grub(self, value);
    if (strcmp(name, "root") == 0)
        return take_root(self, value);
    if (strcmp(name, "uuid") == 0)
        return take_text(self->uuid, sizeof self->uuid, value);
    if (strcmp(name, "name") == 0)
        return take_text(self->name, sizeof self->name, value);
    if (strcmp(name, "log") == 0)
        self->log = strcmp(value, "1") == 0;
    return true;
}

static const char *
missing(const words *self)
{
    return self->mem == 0          ? "mem"
           : self->vcpus == 0      ? "vcpus"
           : self->grub[0] == '\0' ? "grub"
           : self->root[0] == '\0' ? "root"
           : self->uuid[0] == '\0' ? "uuid"
                                   : NULL;
}

bool
words_parse(words *self, const char *line, const char **wrong)
{
    static char name[32];
    char *copy = strdup(line), *rest = NULL;

    memset(self, 0, sizeof *self);
    self->disks = 1;
    strcpy(self->name, "guest");
    *wrong = NULL;
    for (char *word = strtok_r(copy, " \t\n", &rest); word != NULL && *wrong == NULL;
         word = strtok_r(NULL, " \t\n", &rest)) {
        char *value = strchr(word, '=');
        size_t length;
        if (value == NULL || strncmp(word, PREFIX, strlen(PREFIX)) != 0)
            continue;
        *value++ = '\0';
        word += strlen(PREFIX);
        if (take_word(self, word, value))
            continue;
        length = strlen(word) < sizeof name ? strlen(word) : sizeof name - 1;
        memcpy(name, word, length);
        name[length] = '\0';
        *wrong = name;
    }
    free(copy);
    if (*wrong == NULL)
        *wrong = missing(self);
    return *wrong == NULL;
}

/* As libxl reads them, see xen-vbd-interface(7). */
bool
words_is_device(const char *name)
{
    bool sd = strncmp(name, "sd", 2) == 0, hd = strncmp(name, "hd", 2) == 0,
         xvd = strncmp(name, "xvd", 3) == 0;
    const char *at = name + (xvd ? 3 : 2);
    char last = xvd ? 'z' : sd ? 'p' : 'd';
    unsigned long partition;
    char *end;

    if ((!sd && !hd && !xvd) || *at < 'a' || *at > last)
        return false;
    at++;
    if (xvd && *at >= 'a' && *at <= 'z')
        at++;
    if (*at == '\0')
        return true;
    if (*at < '1' || *at > '9')
        return false;
    partition = strtoul(at, &end, 10);
    return *end == '\0' && partition <= 15;
}
