#include "launcher/attributes.h"
#include "common/error.h"
#include "common/ids.h"

#include <string.h>

#define USER_DATA_MOST 16384
#define HIBERNATION_RAM_GIB 150

/* ---- hibernation ---- */

static gboolean
type_hibernates(const instance_type *type, GError **error)
{
    if (!type->hibernation)
        return error_set(error, ERROR_HIBERNATION,
                         "Hibernation is not supported for instances of type '%s'; "
                         "`amilaunch type ls` says which can",
                         type->name);
    if (type->memory_mib >= HIBERNATION_RAM_GIB << 10)
        return error_set(error, ERROR_HIBERNATION,
                         "Hibernation needs less than %d GiB of memory: '%s' has %u GiB",
                         HIBERNATION_RAM_GIB, type->name, type->memory_mib >> 10);
    return TRUE;
}

static const volume *
find_root(const instance *vm, const GPtrArray *volumes)
{
    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        if (g_strcmp0(what->device, vm->root_device) == 0)
            return what;
    }
    return NULL;
}

/* On EC2 the guest writes its memory to its root volume. */
static gboolean
root_takes_memory(const volume *root, const char *device, guint64 memory_mib, GError **error)
{
    if (root == NULL || root->secret == NULL)
        return error_set(error, ERROR_HIBERNATION,
                         "For hibernation, the root device volume must be encrypted. Launch with "
                         "--map %s=::::encrypted",
                         device);
    if (((guint64)root->size_gib << 10) < memory_mib)
        return error_set(error, ERROR_HIBERNATION,
                         "For hibernation, the root device volume must have room for the memory: "
                         "it has %" G_GINT64_FORMAT " GiB, and the instance %" G_GUINT64_FORMAT
                         " MiB of memory",
                         root->size_gib, memory_mib);
    return TRUE;
}

gboolean
hibernation_check(const instance *vm, const GPtrArray *volumes, const instance_type *type,
                  guint64 memory_mib, GError **error)
{
    if (vm->virtualization != VIRTUALIZATION_HVM)
        return error_set(error, ERROR_HIBERNATION,
                         "Hibernation needs an AMI with virtualization type 'hvm'");
    if (vm->root_device_type != ROOT_EBS)
        return error_set(error, ERROR_HIBERNATION,
                         "Hibernation needs an AMI with an 'ebs' root device type");
    return type_hibernates(type, error) &&
           root_takes_memory(find_root(vm, volumes), vm->root_device, memory_mib, error);
}

/* ---- shutdown ---- */

gboolean
shutdown_behavior_parse(const char *asked, root_device_type root, shutdown_behavior *behavior,
                        GError **error)
{
    *behavior = root == ROOT_EBS ? ON_SHUTDOWN_STOP : ON_SHUTDOWN_TERMINATE;
    if (asked == NULL)
        return TRUE;
    if (root != ROOT_EBS)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "The attribute instanceInitiatedShutdownBehavior can only be used for "
                         "EBS-backed images.");
    if (g_str_equal(asked, "terminate"))
        *behavior = ON_SHUTDOWN_TERMINATE;
    else if (!g_str_equal(asked, "stop"))
        return error_set(
            error, ERROR_PARAMETER_VALUE,
            "Invalid value '%s' for instanceInitiatedShutdownBehavior: stop or terminate", asked);
    return TRUE;
}

/* ---- user data ---- */

gsize
user_data_length(const char *base64)
{
    gsize length = base64 != NULL ? strlen(base64) : 0;
    gsize bytes = length / 4 * 3;

    if (length >= 4 && base64[length - 1] == '=')
        bytes -= base64[length - 2] == '=' ? 2 : 1;
    return bytes;
}

/* GLib's decoder takes anything: whole groups of four, padding at the end only. */
static gboolean
is_base64(const char *text)
{
    gsize length = strlen(text);
    gsize plain = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789+/");

    return length % 4 == 0 && length - plain <= 2 && strspn(text + plain, "=") == length - plain;
}

gboolean
user_data_check(const char *base64, GError **error)
{
    if (base64 == NULL)
        return TRUE;
    if (!is_base64(base64))
        return error_set(error, ERROR_USER_DATA, "Invalid BASE64 encoding of user data");
    if (user_data_length(base64) > USER_DATA_MOST)
        return error_set(error, ERROR_PARAMETER_VALUE, "User data is limited to %d bytes",
                         USER_DATA_MOST);
    return TRUE;
}

/* ---- metadata service ---- */

gboolean
imds_check(const char *asked, guint hop_limit, imds_access *access, GError **error)
{
    *access = IMDS_OPTIONAL;
    if (hop_limit > IMDS_HOPS_MOST)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "the hop limit of the metadata service's answers is 1 to %d, not %u",
                         IMDS_HOPS_MOST, hop_limit);
    if (asked == NULL)
        return TRUE;
    for (int i = 0; imds_words[i] != NULL; i++)
        if (g_str_equal(asked, imds_words[i])) {
            *access = (imds_access)i;
            return TRUE;
        }
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "Invalid value '%s' for the metadata service: optional, required or disabled",
                     asked);
}

/* ---- kernel and ramdisk ---- */

gboolean
boot_image_check(const char *prefix, const char *id, virtualization kind, GError **error)
{
    gboolean kernel = g_str_equal(prefix, "aki");

    if (id == NULL)
        return TRUE;
    if (!id_is(prefix, id))
        return error_set(error, ERROR_AMI_MALFORMED, "Invalid id: \"%s\" (expecting \"%s-...\")",
                         id, prefix);
    if (kind == VIRTUALIZATION_HVM)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "A %s can't be given to an instance with a virtualization type of 'hvm': "
                         "it boots what its disk has",
                         kernel ? "kernel" : "ramdisk");
    return TRUE;
}

/* ---- a mapping's DeleteOnTermination ---- */

gboolean
delete_flag_parse(const char *entry, char **device, gboolean *deleted, GError **error)
{
    const char *equals = strchr(entry, '=');
    const char *value = equals != NULL ? equals + 1 : "";

    if (equals == NULL || equals == entry ||
        !(g_str_equal(value, "::true") || g_str_equal(value, "::false")))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "--map %s: of an instance's mapping only DeleteOnTermination can be "
                         "changed, by DEVICE=::true or DEVICE=::false",
                         entry);
    *device = g_strndup(entry, (gsize)(equals - entry));
    *deleted = g_str_equal(value, "::true");
    return TRUE;
}
