/* dom0's own log: lines on its kernel's console, which is serial port 1 of QEMU. */
#ifndef APPLIANCE_SAY_H
#define APPLIANCE_SAY_H

#include <stdbool.h>

/* With LOUD, say_more() is heard, too. */
void say_loud(bool loud);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_more(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Milliseconds on a clock that only goes forward. */
long now_ms(void);

/* The first SIZE - 1 bytes of a small file, without a newline at the end, ended by NUL; false and
 * "" if it can't be read. */
bool read_line(const char *path, char *text, unsigned long size);

#endif
