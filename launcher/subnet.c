#include "launcher/subnet.h"

#define HOSTS (SUBNET_LAST - SUBNET_FIRST + 1)
#define ID_DIGITS 17

static guint
byte_of(guint32 address, guint number)
{
    return address >> (24 - 8 * number) & 0xff;
}

char *
subnet_text(guint32 address)
{
    return g_strdup_printf("%u.%u.%u.%u", byte_of(address, 0), byte_of(address, 1),
                           byte_of(address, 2), byte_of(address, 3));
}

char *
subnet_mac(guint32 address)
{
    return g_strdup_printf("0a:00:%02x:%02x:%02x:%02x", byte_of(address, 0), byte_of(address, 1),
                           byte_of(address, 2), byte_of(address, 3));
}

char *
subnet_domain(const char *region)
{
    if (g_str_equal(region, "us-east-1"))
        return g_strdup("ec2.internal");
    return g_strdup_printf("%s.compute.internal", region);
}

char *
subnet_host_name(guint32 address, const char *region)
{
    g_autofree char *domain = subnet_domain(region);

    return g_strdup_printf("ip-%u-%u-%u-%u.%s", byte_of(address, 0), byte_of(address, 1),
                           byte_of(address, 2), byte_of(address, 3), domain);
}

static char *
derived_id(const char *prefix, const char *account, const char *region)
{
    g_autofree char *source = g_strdup_printf("%s %s %s", prefix, account, region);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, source, -1);

    return g_strdup_printf("%s-%.*s", prefix, ID_DIGITS, digest);
}

char *
subnet_id(const char *account, const char *region)
{
    return derived_id("subnet", account, region);
}

char *
subnet_vpc_id(const char *account, const char *region)
{
    return derived_id("vpc", account, region);
}

char *
subnet_group_id(const char *account, const char *region)
{
    return derived_id("sg", account, region);
}

static gboolean
is_taken(const GArray *taken, guint32 address)
{
    guint low = 0, high = taken->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        guint32 there = g_array_index(taken, guint32, middle);
        if (there == address)
            return TRUE;
        if (there < address)
            low = middle + 1;
        else
            high = middle;
    }
    return FALSE;
}

guint32
subnet_choose(const GArray *taken, guint32 seed)
{
    for (guint32 i = 0; i < HOSTS; i++) {
        guint32 address = SUBNET_FIRST + (seed % HOSTS + i) % HOSTS;
        if (!is_taken(taken, address))
            return address;
    }
    return 0;
}
