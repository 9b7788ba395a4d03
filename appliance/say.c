#include "appliance/say.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool hear_more;

void
say_loud(bool loud)
{
    hear_more = loud;
}

/* What may come from a guest is said without its control characters. */
static void
say_line(const char *format, va_list args)
{
    char line[512];

    vsnprintf(line, sizeof line, format, args);
    for (char *at = line; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    printf("dom0: %ld.%03ld %s\n", now_ms() / 1000, now_ms() % 1000, line);
    fflush(stdout);
}

void
say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_line(format, args);
    va_end(args);
}

void
say_more(const char *format, ...)
{
    va_list args;

    if (!hear_more)
        return;
    va_start(args, format);
    say_line(format, args);
    va_end(args);
}

long
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
read_line(const char *path, char *text, unsigned long size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, size - 1);

    if (file >= 0)
        close(file);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return length > 0;
}
