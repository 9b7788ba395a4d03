#include "launcher/kernel_check.h"
#include "common/error.h"

/* "; here the same is aki-..." or nothing. The caller frees it. */
static char *
instead(const kernel_images *known, const kernel_image *found, const char *region)
{
    const kernel_image *here = kernel_images_like(known, region, found);

    return here != NULL ? g_strdup_printf("; in %s it is %s", region, here->id) : g_strdup("");
}

static gboolean
check_region(const kernel_images *known, const kernel_image *found, const char *id,
             const char *region, GError **error)
{
    g_autofree char *hint = NULL;

    if (found == NULL)
        return error_set(error, ERROR_AMI_NOT_FOUND,
                         "The image id '[%s]' does not exist: `amilaunch image ls --filter "
                         "name=image-type,values=kernel` lists the kernel images that there are",
                         id);
    if (g_str_equal(found->region, region))
        return TRUE;
    hint = instead(known, found, region);
    return error_set(error, ERROR_AMI_NOT_FOUND,
                     "The image id '[%s]' does not exist in %s: it is %s of %s%s", id, region,
                     found->name, found->region, hint);
}

static gboolean
check_architecture(const kernel_images *known, const kernel_image *found, const char *architecture,
                   GError **error)
{
    const kernel_image *other;

    if (architecture == NULL || g_str_equal(found->architecture, architecture))
        return TRUE;
    other = kernel_images_newest(known, found->region, architecture, found->partitioned);
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "The architecture '%s' of the kernel image %s does not match the architecture "
                     "'%s' of the AMI%s%s",
                     found->architecture, found->id, architecture, other != NULL ? ": take " : "",
                     other != NULL ? other->id : "");
}

const kernel_image *
kernel_check(const kernel_images *known, const char *id, const char *region,
             const char *architecture, const char *ramdisk, GError **error)
{
    const kernel_image *found = kernel_images_get(known, id);

    if (!check_region(known, found, id, region, error) ||
        !check_architecture(known, found, architecture, error))
        return NULL;
    if (ramdisk == NULL)
        return found;
    error_set(error, ERROR_PARAMETER_COMBINATION,
              "The kernel image %s is PV-GRUB, which takes its ramdisk from the image's menu.lst: "
              "leave %s out",
              id, ramdisk);
    return NULL;
}
