#include "appliance/disks.h"
#include "appliance/say.h"
#include "appliance/words.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static disk disks[DISKS_MOST];
static int count;

int
disks_count(void)
{
    return count;
}

disk *
disks_at(int index)
{
    return &disks[index];
}

disk *
disks_find(const char *device)
{
    for (int i = 0; i < count; i++)
        if (strcmp(disks[i].device, device) == 0)
            return &disks[i];
    return NULL;
}

static disk *
find_node(const char *node)
{
    for (int i = 0; i < count; i++)
        if (strcmp(disks[i].node, node) == 0)
            return &disks[i];
    return NULL;
}

static unsigned long
read_number(const char *node, const char *name)
{
    char path[64], text[32];

    snprintf(path, sizeof path, "/sys/block/%s/%s", node, name);
    return read_line(path, text, sizeof text) ? strtoul(text, NULL, 10) : 0;
}

/* A new disk; NULL if it isn't one for the guest. */
static disk *
add(const char *node)
{
    char path[64], serial[24];
    disk *self;

    snprintf(path, sizeof path, "/sys/block/%s/serial", node);
    if (count == DISKS_MOST || !read_line(path, serial, sizeof serial) || !words_is_device(serial))
        return NULL;
    if (disks_find(serial) != NULL) {
        say("%s is left alone: there is a %s already", node, serial);
        return NULL;
    }
    self = &disks[count++];
    memset(self, 0, sizeof *self);
    snprintf(self->node, sizeof self->node, "%s", node);
    snprintf(self->device, sizeof self->device, "%s", serial);
    self->read_only = read_number(node, "ro") != 0;
    say_more("%s is there as %s", self->device, node);
    return self;
}

static bool
forget_absent(void)
{
    int kept = 0;
    bool gone;

    for (int i = 0; i < count; i++) {
        if (disks[i].there)
            disks[kept++] = disks[i];
        else
            say_more("%s is gone", disks[i].device);
    }
    gone = kept < count;
    count = kept;
    return gone;
}

bool
disks_scan(void)
{
    DIR *folder = opendir("/sys/block");
    bool changed = false;

    if (folder == NULL)
        return false;
    for (int i = 0; i < count; i++)
        disks[i].there = false;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        unsigned long sectors;
        disk *self;
        if (strncmp(entry->d_name, "vd", 2) != 0 || strlen(entry->d_name) >= sizeof self->node)
            continue;
        self = find_node(entry->d_name);
        if (self == NULL)
            self = add(entry->d_name);
        if (self == NULL)
            continue;
        sectors = read_number(self->node, "size");
        changed |= sectors != self->sectors;
        self->sectors = sectors;
        self->there = true;
    }
    closedir(folder);
    return forget_absent() || changed;
}
