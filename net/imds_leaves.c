#include "net/imds_leaves.h"
#include "launcher/subnet.h"
#include "launcher/zone.h"

#include <string.h>

static const instance *
vm_of(const imds_source *source)
{
    return source->about->what->vm;
}

/* Takes TEXT, which may be NULL. */
static GBytes *
take(char *text)
{
    return text != NULL ? g_bytes_new_take(text, strlen(text)) : NULL;
}

static GBytes *
copy(const char *text)
{
    return take(g_strdup(text));
}

/* ---- contents ---- */

#define CONTENT(function)                                                                          \
    static GBytes *function(const imds_source *source G_GNUC_UNUSED,                               \
                            const imds_leaf *self G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)

/* The leaf's own TEXT. */
CONTENT(constant)
{
    return copy(self->text);
}

/* The text that is in the instance at the leaf's MEMBER. */
CONTENT(of_instance)
{
    return copy(G_STRUCT_MEMBER(char *, vm_of(source), self->member));
}

CONTENT(launch_index)
{
    return take(g_strdup_printf("%" G_GINT64_FORMAT, vm_of(source)->launch_index));
}

CONTENT(manifest_path)
{
    const char *manifest = source->about->manifest;

    return copy(manifest != NULL ? manifest : "(unknown)");
}

CONTENT(hibernation)
{
    return copy(vm_of(source)->hibernation_configured ? "true" : "false");
}

CONTENT(zone_number)
{
    return take(zone_id(vm_of(source)->zone));
}

CONTENT(product_codes)
{
    const GPtrArray *codes = source->about->what->product_codes;
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < codes->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "",
                               ((product_code *)g_ptr_array_index(codes, i))->code);
    return codes->len > 0 ? copy(text->str) : NULL;
}

CONTENT(profile)
{
    return copy(vm_of(source)->virtualization == VIRTUALIZATION_HVM ? "default-hvm"
                                                                    : "default-paravirtual");
}

CONTENT(public_key)
{
    return copy(vm_of(source)->public_key);
}

static gboolean
is_region(const imds_source *source, const char *prefix)
{
    return g_str_has_prefix(vm_of(source)->region, prefix);
}

CONTENT(domain)
{
    return copy(is_region(source, "cn-") ? "amazonaws.com.cn" : "amazonaws.com");
}

CONTENT(partition)
{
    return copy(is_region(source, "cn-")       ? "aws-cn"
                : is_region(source, "us-gov-") ? "aws-us-gov"
                                               : "aws");
}

CONTENT(hypervisor_name)
{
    const instance_type *type = source->about->what->type;

    if (type == NULL || type->hypervisor == HYPERVISOR_NONE)
        return NULL;
    return copy(type->hypervisor == HYPERVISOR_XEN ? "xen" : "nitro");
}

CONTENT(tag_value)
{
    const GPtrArray *tags = source->about->what->tags;

    for (guint i = 0; i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        if (g_str_equal(one->key, name))
            return copy(one->value);
    }
    return NULL;
}

CONTENT(user_data)
{
    const char *base64 = source->about->what->user_data;
    gsize length = 0;
    guchar *bytes;

    if (base64 == NULL || *base64 == '\0')
        return NULL;
    bytes = g_base64_decode(base64, &length);
    return g_bytes_new_take(bytes, length);
}

/* ---- names ---- */

static GPtrArray *
names_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

static GPtrArray *
keys(const imds_source *source)
{
    GPtrArray *names = names_new();

    if (vm_of(source)->key_name != NULL)
        g_ptr_array_add(names, g_strdup("0"));
    return names;
}

static char *
key_label(const imds_source *source, const char *name)
{
    return g_strdup_printf("%s=%s", name, vm_of(source)->key_name);
}

/* Source: Amazon EC2 User Guide, "View tags for your EC2 instances using instance metadata": keys
 * that have other characters can't be read there, and these words neither. */
static gboolean
is_readable(const char *key)
{
    return *key != '\0' &&
           key[strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                           "+-=.,_:@")] == '\0' &&
           !g_str_equal(key, ".") && !g_str_equal(key, "..") && !g_str_equal(key, "_index");
}

static GPtrArray *
tag_keys(const imds_source *source)
{
    const GPtrArray *tags = source->about->what->tags;
    GPtrArray *names = names_new();

    for (guint i = 0; vm_of(source)->imds_tags && i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        if (is_readable(one->key))
            g_ptr_array_add(names, g_strdup(one->key));
    }
    return names;
}

/* ---- the table ---- */

#define TEXT(where, what)                                                                          \
    {                                                                                              \
        .path = where, .content = constant, .text = what                                           \
    }
#define MEMBER(where, what)                                                                        \
    {                                                                                              \
        .path = where, .content = of_instance, .member = G_STRUCT_OFFSET(instance, what)           \
    }
#define LEAF(where, function)                                                                      \
    {                                                                                              \
        .path = where, .content = function                                                         \
    }
#define SIGNATURE(where, how)                                                                      \
    {                                                                                              \
        .path = where, .content = imds_identity_signature, .form = how                             \
    }
#define MACS "meta-data/network/interfaces/macs/*/"
#define OF_MAC(where, function)                                                                    \
    {                                                                                              \
        .path = MACS where, .content = function, .names = imds_macs                                \
    }
#define TEXT_OF_MAC(where, what)                                                                   \
    {                                                                                              \
        .path = MACS where, .content = constant, .text = what, .names = imds_macs                  \
    }

const imds_leaf imds_leaves[] = {
    TEXT("dynamic/fws/instance-monitoring", "disabled"),
    LEAF("dynamic/instance-identity/document", imds_identity_document),
    SIGNATURE("dynamic/instance-identity/pkcs7", IDENTITY_PKCS7),
    SIGNATURE("dynamic/instance-identity/rsa2048", IDENTITY_PKCS7),
    SIGNATURE("dynamic/instance-identity/signature", IDENTITY_SIGNATURE),
    MEMBER("meta-data/ami-id", image),
    LEAF("meta-data/ami-launch-index", launch_index),
    LEAF("meta-data/ami-manifest-path", manifest_path),
    {.path = "meta-data/block-device-mapping/*",
     .content = imds_device,
     .names = imds_device_names},
    TEXT("meta-data/events/maintenance/history", "[]"),
    TEXT("meta-data/events/maintenance/scheduled", "[]"),
    LEAF("meta-data/hibernation/configured", hibernation),
    LEAF("meta-data/hostname", imds_host_name),
    TEXT("meta-data/instance-action", "none"),
    MEMBER("meta-data/instance-id", id),
    TEXT("meta-data/instance-life-cycle", "on-demand"),
    MEMBER("meta-data/instance-type", type),
    MEMBER("meta-data/kernel-id", kernel),
    LEAF("meta-data/local-hostname", imds_host_name),
    LEAF("meta-data/local-ipv4", imds_address),
    LEAF("meta-data/mac", imds_mac),
    TEXT("meta-data/metrics/vhostmd", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
    TEXT_OF_MAC("device-number", "0"),
    OF_MAC("interface-id", imds_interface_id),
    OF_MAC("local-hostname", imds_host_name),
    OF_MAC("local-ipv4s", imds_address),
    OF_MAC("mac", imds_mac),
    {.path = MACS "owner-id",
     .content = of_instance,
     .member = G_STRUCT_OFFSET(instance, owner),
     .names = imds_macs},
    OF_MAC("security-group-ids", imds_group_id),
    TEXT_OF_MAC("security-groups", SUBNET_GROUP),
    OF_MAC("subnet-id", imds_subnet_id),
    OF_MAC("subnet-ipv4-cidr-block", imds_subnet_block),
    OF_MAC("vpc-id", imds_vpc_id),
    OF_MAC("vpc-ipv4-cidr-block", imds_vpc_block),
    OF_MAC("vpc-ipv4-cidr-blocks", imds_vpc_block),
    MEMBER("meta-data/placement/availability-zone", zone),
    LEAF("meta-data/placement/availability-zone-id", zone_number),
    MEMBER("meta-data/placement/region", region),
    LEAF("meta-data/product-codes", product_codes),
    LEAF("meta-data/profile", profile),
    {.path = "meta-data/public-keys/*/openssh-key",
     .content = public_key,
     .names = keys,
     .label = key_label},
    MEMBER("meta-data/ramdisk-id", ramdisk),
    MEMBER("meta-data/reservation-id", reservation),
    TEXT("meta-data/security-groups", SUBNET_GROUP),
    LEAF("meta-data/services/domain", domain),
    LEAF("meta-data/services/partition", partition),
    LEAF("meta-data/system", hypervisor_name),
    {.path = "meta-data/tags/instance/*", .content = tag_value, .names = tag_keys},
    {.path = "user-data", .content = user_data, .type = "application/octet-stream"},
};
const gsize imds_leaf_count = G_N_ELEMENTS(imds_leaves);
