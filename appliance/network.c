#include "appliance/network.h"
#include "appliance/say.h"

#include <dirent.h>
#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 8
#define VIRTIO_VENDOR 0x1af4
#define TRANSITIONAL_NIC 0x1000
#define MODERN_NIC 0x1041

static struct {
    char name[IFNAMSIZ]; /* "eth0" */
    char address[24];    /* that the guest gets: "52:54:00:12:34:56" */
} nics[MOST];
static int count;

static unsigned long
pci_number(const char *device, const char *name)
{
    char path[320], text[16];

    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/%s", device, name);
    return read_line(path, text, sizeof text) ? strtoul(text, NULL, 16) : 0;
}

bool
network_is_there(void)
{
    DIR *folder = opendir("/sys/bus/pci/devices");
    bool found = false;

    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        unsigned long device = pci_number(entry->d_name, "device");
        found |= pci_number(entry->d_name, "vendor") == VIRTIO_VENDOR &&
                 (device == TRANSITIONAL_NIC || device == MODERN_NIC);
    }
    if (folder != NULL)
        closedir(folder);
    return found;
}

static bool
set_up(int to, const char *name)
{
    struct ifreq ask = {0};

    snprintf(ask.ifr_name, sizeof ask.ifr_name, "%s", name);
    if (ioctl(to, SIOCGIFFLAGS, &ask) != 0)
        return false;
    ask.ifr_flags |= IFF_UP;
    return ioctl(to, SIOCSIFFLAGS, &ask) == 0;
}

/* The guest has the NIC's own address, so the NIC needs another: the bridge would keep for dom0
 * what is sent to the address of one of its ports. */
static bool
give_away_address(int to, const char *name)
{
    static const unsigned char other[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0};
    struct ifreq ask = {0};

    snprintf(ask.ifr_name, sizeof ask.ifr_name, "%s", name);
    ask.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(ask.ifr_hwaddr.sa_data, other, sizeof other);
    ask.ifr_hwaddr.sa_data[5] = (char)count;
    return ioctl(to, SIOCSIFHWADDR, &ask) == 0;
}

static bool
add_port(int to, const char *bridge, const char *name)
{
    struct ifreq ask = {0};

    snprintf(ask.ifr_name, sizeof ask.ifr_name, "%s", bridge);
    ask.ifr_ifindex = (int)if_nametoindex(name);
    return ioctl(to, SIOCBRADDIF, &ask) == 0 || errno == EBUSY;
}

static void
add_nic(int to, const char *name)
{
    char path[320], bridge[IFNAMSIZ];

    snprintf(path, sizeof path, "/sys/class/net/%s/address", name);
    if (!read_line(path, nics[count].address, sizeof nics[count].address))
        return;
    snprintf(nics[count].name, sizeof nics[count].name, "%s", name);
    snprintf(bridge, sizeof bridge, "xenbr%d", count);
    if (ioctl(to, SIOCBRADDBR, bridge) != 0 || !give_away_address(to, name) ||
        !add_port(to, bridge, name) || !set_up(to, name) || !set_up(to, bridge))
        say("the bridge %s of %s: %s", bridge, name, strerror(errno));
    count++;
}

void
network_begin(void)
{
    int to = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    DIR *folder = opendir("/sys/class/net");

    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (count < MOST && strncmp(entry->d_name, "eth", 3) == 0)
            add_nic(to, entry->d_name);
    if (folder != NULL)
        closedir(folder);
    close(to);
}

void
network_write_config(FILE *file)
{
    if (count == 0)
        return;
    fprintf(file, "vif = [");
    for (int i = 0; i < count; i++)
        fprintf(file, "%s \"mac=%s,bridge=xenbr%d\"", i > 0 ? "," : "", nics[i].address, i);
    fprintf(file, " ]\n");
}

bool
network_join(const char *bridge, const char *vif)
{
    int to = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = give_away_address(to, vif) && add_port(to, bridge, vif) && set_up(to, vif);

    close(to);
    return good;
}
