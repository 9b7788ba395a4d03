#include "appliance/xenstore.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* io/xs_wire.h */
enum {
    XS_DIRECTORY = 1,
    XS_READ = 2,
    XS_WATCH = 4,
    XS_WRITE = 11,
    XS_RM = 13,
    XS_WATCH_EVENT = 15,
    XS_ERROR = 16
};
#define PAYLOAD_MOST 4096

struct header {
    uint32_t type, request, transaction, length;
};

static int store = -1;
static bool changed;

bool
xenstore_open(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    store = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    if (store >= 0 && connect(store, (struct sockaddr *)&to, sizeof to) == 0)
        return true;
    if (store >= 0)
        close(store);
    store = -1;
    return false;
}

int
xenstore_fd(void)
{
    return store;
}

static bool
send_all(const void *data, size_t length)
{
    const char *at = data;

    while (length > 0) {
        ssize_t done = send(store, at, length, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        length -= (size_t)done;
    }
    return true;
}

static bool
receive_all(void *data, size_t length)
{
    char *at = data;

    while (length > 0) {
        ssize_t done = recv(store, at, length, 0);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        length -= (size_t)done;
    }
    return true;
}

/* The next message into HEADER and PAYLOAD, which is ended by NUL; false if xenstored is gone or
 * says what the protocol doesn't allow. */
static bool
receive(struct header *header, char payload[PAYLOAD_MOST + 1])
{
    if (!receive_all(header, sizeof *header) || header->length > PAYLOAD_MOST ||
        !receive_all(payload, header->length))
        return false;
    payload[header->length] = '\0';
    return true;
}

/* Sends a request and waits for its answer, whose length it gives; -1 on an error. Watches that
 * fire meanwhile are noted. */
static long
ask(uint32_t type, const char *data, size_t length, char answer[PAYLOAD_MOST + 1])
{
    struct header header = {.type = type, .length = (uint32_t)length};

    if (length > PAYLOAD_MOST || !send_all(&header, sizeof header) || !send_all(data, length))
        return -1;
    while (receive(&header, answer)) {
        if (header.type != XS_WATCH_EVENT)
            return header.type == XS_ERROR ? -1 : (long)header.length;
        changed = true;
    }
    return -1;
}

bool
xenstore_read(char *value, const char *path, ...)
{
    char full[XENSTORE_MOST], answer[PAYLOAD_MOST + 1];
    va_list args;
    long length;

    va_start(args, path);
    vsnprintf(full, sizeof full, path, args);
    va_end(args);
    *value = '\0';
    length = ask(XS_READ, full, strlen(full) + 1, answer);
    if (length < 0)
        return false;
    length = (long)strnlen(answer, XENSTORE_MOST - 1);
    memcpy(value, answer, (size_t)length);
    value[length] = '\0';
    return true;
}

long
xenstore_number(long missing, const char *path, ...)
{
    char full[XENSTORE_MOST], value[XENSTORE_MOST];
    va_list args;
    char *end;
    long number;

    va_start(args, path);
    vsnprintf(full, sizeof full, path, args);
    va_end(args);
    if (!xenstore_read(value, "%s", full))
        return missing;
    number = strtol(value, &end, 10);
    return end == value || *end != '\0' ? missing : number;
}

bool
xenstore_write(const char *value, const char *path, ...)
{
    char data[2 * XENSTORE_MOST], answer[PAYLOAD_MOST + 1];
    va_list args;
    size_t length;

    va_start(args, path);
    length = (size_t)vsnprintf(data, XENSTORE_MOST, path, args) + 1;
    va_end(args);
    if (length > XENSTORE_MOST || strlen(value) >= XENSTORE_MOST)
        return false;
    memcpy(data + length, value, strlen(value));
    return ask(XS_WRITE, data, length + strlen(value), answer) >= 0;
}

bool
xenstore_remove(const char *path, ...)
{
    char full[XENSTORE_MOST], answer[PAYLOAD_MOST + 1];
    va_list args;

    va_start(args, path);
    vsnprintf(full, sizeof full, path, args);
    va_end(args);
    return ask(XS_RM, full, strlen(full) + 1, answer) >= 0;
}

void
xenstore_list(xenstore_each each, void *data, const char *path, ...)
{
    char full[XENSTORE_MOST], answer[PAYLOAD_MOST + 1];
    va_list args;
    long length;

    va_start(args, path);
    vsnprintf(full, sizeof full, path, args);
    va_end(args);
    length = ask(XS_DIRECTORY, full, strlen(full) + 1, answer);
    for (const char *name = answer; length > 0 && name < answer + length; name += strlen(name) + 1)
        each(name, data);
}

bool
xenstore_watch(const char *path)
{
    char data[2 * XENSTORE_MOST], answer[PAYLOAD_MOST + 1];
    int length = snprintf(data, sizeof data, "%s%cx", path, 0);

    return length > 0 && ask(XS_WATCH, data, (size_t)length + 1, answer) >= 0;
}

bool
xenstore_changed(void)
{
    struct pollfd ready = {.fd = store, .events = POLLIN};
    char payload[PAYLOAD_MOST + 1];
    struct header header;
    bool fired = changed;

    changed = false;
    while (poll(&ready, 1, 0) > 0 && receive(&header, payload))
        fired = true;
    return fired;
}
