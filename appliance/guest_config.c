#include "appliance/guest_config.h"
#include "appliance/network.h"

#include <stdio.h>
#include <string.h>

#define ROOMY_MIB 4096
#define PAGE_COST 64 /* one MiB in so many */

void
guest_config_disk(char *text, size_t size, const disk *which)
{
    snprintf(text, size, "phy:/dev/%s,%s,%c", which->node, which->device,
             which->read_only ? 'r' : 'w');
}

static void
write_disks(FILE *file, const words *told)
{
    char text[64];

    guest_config_disk(text, sizeof text, disks_find(told->root));
    fprintf(file, "disk = [ \"%s\"", text);
    for (int i = 0; i < disks_count(); i++) {
        const disk *which = disks_at(i);
        if (strcmp(which->device, told->root) == 0 || which->leaving)
            continue;
        guest_config_disk(text, sizeof text, which);
        fprintf(file, ", \"%s\"", text);
    }
    fprintf(file, " ]\n");
}

/* Xen keeps 40 bytes for each page of 4 KiB that the machine has. QEMU's memory has room for those
 * of a guest of up to 4 GiB; a larger one pays for its own. */
static unsigned long
memory_of(const words *told)
{
    return told->mem <= ROOMY_MIB ? told->mem : told->mem - (told->mem - ROOMY_MIB) / PAGE_COST;
}

/* Whatever it does, it stays until the agent has seen why. */
bool
guest_config_write(const char *path, const words *told)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return false;
    fprintf(file, "type = \"pv\"\nname = \"%s\"\nuuid = \"%s\"\nmemory = %lu\nvcpus = %lu\n",
            told->name, told->uuid, memory_of(told), told->vcpus);
    fprintf(file, "kernel = \"/boot/pv-grub-%s\"\n", told->grub);
    fprintf(file, "on_poweroff = \"preserve\"\non_reboot = \"preserve\"\n"
                  "on_watchdog = \"preserve\"\non_crash = \"preserve\"\n");
    write_disks(file, told);
    network_write_config(file);
    return fclose(file) == 0;
}
