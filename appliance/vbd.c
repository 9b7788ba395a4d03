#include "appliance/vbd.h"
#include "appliance/xenstore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKEND "/local/domain/0/backend/vbd/%ld/%ld"
#define FRONTEND "/local/domain/%ld/device/vbd/%ld"
#define TOOLSTACK "/libxl/%ld/device/vbd/%ld"

/* XenbusState */
enum { CONNECTED = 4, CLOSED = 6 };
#define CONNECTED_TEXT "4"
#define CLOSING_TEXT "5"

struct search {
    long domain;
    const char *device;
    long found;
};

static void
compare(const char *name, void *data)
{
    struct search *self = data;
    char device[XENSTORE_MOST];
    long number = strtol(name, NULL, 10);

    if (xenstore_read(device, BACKEND "/dev", self->domain, number) &&
        strcmp(device, self->device) == 0)
        self->found = number;
}

/* The number of the virtual disk; -1 if there is none. dom0's side is asked, which the guest can't
 * write. */
static long
find(long domain, const char *device)
{
    struct search search = {domain, device, -1};

    xenstore_list(compare, &search, "/local/domain/0/backend/vbd/%ld", domain);
    return search.found;
}

int
vbd_is_connected(long domain, const char *device)
{
    long number = find(domain, device);

    if (number < 0)
        return -1;
    return xenstore_number(0, FRONTEND "/state", domain, number) == CONNECTED &&
           xenstore_number(0, BACKEND "/state", domain, number) == CONNECTED;
}

bool
vbd_drop(long domain, const char *device)
{
    long number = find(domain, device);

    return number >= 0 && xenstore_write("0", BACKEND "/online", domain, number) &&
           xenstore_write(CLOSING_TEXT, BACKEND "/state", domain, number);
}

void
vbd_keep(long domain, const char *device)
{
    long number = find(domain, device);

    if (number < 0)
        return;
    xenstore_write("1", BACKEND "/online", domain, number);
    xenstore_write(CONNECTED_TEXT, BACKEND "/state", domain, number);
}

bool
vbd_dropped(long domain, const char *device, bool force)
{
    long number = find(domain, device);

    if (number < 0)
        return true;
    if (!force && xenstore_number(0, BACKEND "/state", domain, number) != CLOSED)
        return false;
    xenstore_remove(FRONTEND, domain, number);
    xenstore_remove(BACKEND, domain, number);
    xenstore_remove(TOOLSTACK, domain, number);
    return true;
}

/* As blkback does when it notices by itself, which is only at the guest's next request: the state
 * is written again, and the guest looks. */
void
vbd_tell_size(long domain, const char *device, unsigned long sectors)
{
    long number = find(domain, device);
    char text[32];

    if (number < 0 || xenstore_number(0, BACKEND "/state", domain, number) != CONNECTED ||
        xenstore_number(0, BACKEND "/sectors", domain, number) == (long)sectors)
        return;
    snprintf(text, sizeof text, "%lu", sectors);
    xenstore_write(text, BACKEND "/sectors", domain, number);
    xenstore_write(CONNECTED_TEXT, BACKEND "/state", domain, number);
}

void
vbd_forget_all(long domain)
{
    xenstore_remove("/local/domain/0/backend/vbd/%ld", domain);
    xenstore_remove("/libxl/%ld", domain);
}
