#include "cli/next_step.h"
#include "common/error.h"

#include <string.h>

static const struct {
    error_code code;
    const char *about; /* has to be in the message; NULL: for all of that code */
    const char *step;
} steps[] = {
    {ERROR_AMI_NOT_FOUND, NULL,
     "amilaunch image ls lists the images that you can see; --region and --account say as whom"},
    {ERROR_AMI_MALFORMED, NULL, "amilaunch image ls lists images with their ids"},
    {ERROR_AMI_UNAVAILABLE, NULL, "amilaunch image ls lists the images that can be launched"},
    {ERROR_AMI_NAME_DUPLICATE, NULL,
     "choose another with --name, or amilaunch image deregister the one that has it"},
    {ERROR_AMI_NAME_MALFORMED, NULL, "choose one with --name"},
    {ERROR_INSTANCE_NOT_FOUND, NULL,
     "amilaunch ls lists instances; --region and --account say whose"},
    {ERROR_INSTANCE_MALFORMED, NULL, "amilaunch ls lists instances with their ids"},
    {ERROR_INSTANCE_STATE, "is terminated", "amilaunch run launches another one of its image"},
    {ERROR_INSTANCE_STATE, NULL,
     "amilaunch ls tells its state; amilaunch wait --for STATE waits for another"},
    {ERROR_SNAPSHOT_NOT_FOUND, NULL,
     "amilaunch snapshot ls lists snapshots; --region and --account say whose"},
    {ERROR_SNAPSHOT_MALFORMED, NULL, "amilaunch snapshot ls lists snapshots with their ids"},
    {ERROR_SNAPSHOT_IN_USE, NULL,
     "amilaunch image deregister the image that needs it; it can be deleted then"},
    {ERROR_RULE_NOT_FOUND, NULL, "amilaunch retention ls lists rules with their ids"},
    {ERROR_VOLUME_NOT_FOUND, NULL,
     "amilaunch volume ls lists volumes; --region and --account say whose"},
    {ERROR_VOLUME_MALFORMED, NULL, "amilaunch volume ls lists volumes with their ids"},
    {ERROR_VOLUME_IN_USE, NULL,
     "amilaunch volume detach it, or amilaunch terminate the instance that has it"},
    {ERROR_VOLUME_STATE, NULL, "amilaunch volume ls and amilaunch snapshot ls tell states"},
    {ERROR_ATTACHMENT_NOT_FOUND, NULL, "amilaunch volume ls tells which instance has which volume"},
    {ERROR_ATTACHMENT_LIMIT, NULL,
     "amilaunch volume detach one first, or choose a type that can have more"},
    {ERROR_VOLUME_ZONE, NULL,
     "amilaunch snapshot create of it, and a volume of that in the other zone with --zone"},
    {ERROR_NOT_PERMITTED, "instance attribute",
     "amilaunch modify INSTANCE --protect off, or --protect-stop off, takes a protection away"},
    {ERROR_AUTH_FAILURE, NULL, "ask its owner to share it, or act as the owner with --account"},
    {ERROR_HIBERNATION, "not configured",
     "amilaunch run --hibernate --map ROOT=::::encrypted makes one that can be hibernated"},
    {ERROR_HIBERNATION, "must be encrypted",
     "amilaunch run --hibernate --map ROOT=::::encrypted makes one that can be hibernated"},
    {ERROR_HIBERNATION, "room for the memory",
     "amilaunch run --hibernate --map ROOT=:GIB:::encrypted makes one with a larger root"},
    {ERROR_NOT_PERMITTED, "detach root volume",
     "amilaunch stop the instance: its root can be detached then"},
    {ERROR_ATTRIBUTE_VALUE, "currently mapped", "amilaunch show tells which devices it has"},
    {ERROR_UNSUPPORTED, "'ebs' root device type",
     "amilaunch image bundle makes an image of its root; amilaunch terminate ends it"},
    {ERROR_PARAMETER_COMBINATION, "Virtualization type 'hvm' is required",
     "amilaunch type ls --filter name=supported-virtualization-type,values=paravirtual lists types "
     "that can"},
    {ERROR_PARAMETER_COMBINATION, "root device of type 'instance-store'",
     "amilaunch type ls --filter name=supported-root-device-type,values=instance-store lists types "
     "that can"},
    {ERROR_PARAMETER_COMBINATION, "No attributes", "amilaunch modify --help lists them"},
    {ERROR_PARAMETER_MISSING, "size or snapshotId",
     "say it with --size GIB or --snapshot SNAPSHOT"},
    {ERROR_PARAMETER_MISSING, "size or volumeType", "say it with --size GIB or --type TYPE"},
    {ERROR_PARAMETER_VALUE, "The filter '", "the command's --help lists the names of filters"},
    {ERROR_PARAMETER_VALUE, "Attachment point",
     "amilaunch show tells which are taken; without --device the first free one is"},
    {ERROR_PARAMETER_VALUE,
     "Invalid id:", "amilaunch ls, image ls, volume ls and snapshot ls list what has an id"},
    {ERROR_KEY_NOT_FOUND, NULL, "amilaunch key ls lists key pairs; amilaunch key create makes one"},
    {ERROR_KEY_DUPLICATE, NULL, "choose another name, or amilaunch key rm the one that has it"},
    {ERROR_BLOCK_DEVICE_MAPPING, NULL,
     "amilaunch run --help tells how --map is written; amilaunch image show what the image maps"},
    {ERROR_ID_INVALID, NULL,
     "amilaunch ls, image ls, volume ls, snapshot ls and key ls list what has an id"},
    {ERROR_USER_MALFORMED, NULL, "an account has 12 digits"},
    {ERROR_DIGEST, NULL,
     "get the file anew; if it stays so, look whether the list is of the same version"},
    {ERROR_DISK_FORMAT, "truncated", "get the file anew: a whole one is larger"},
    {ERROR_DISK_FORMAT, "damaged", "get the file anew, and compare its checksum"},
    {ERROR_MANIFEST, "the part ",
     "get the bundle anew: its manifest and all parts that it names, in one folder"},
    {ERROR_INTERNAL, NULL,
     "amilaunch doctor looks for what is wrong; if it finds nothing, this is a "
     "fault of amilaunch's"},
    {ERROR_HOST_LIBVIRT, NULL, "amilaunch doctor tells what is missing"},
    {ERROR_HOST_QEMU, NULL, "amilaunch doctor tells what is missing"},
    {ERROR_HOST_INSPECTION, NULL, "amilaunch doctor tells what is missing"},
    {ERROR_HOST_INCOMPLETE, NULL, "amilaunch doctor tells what is missing"},
    {ERROR_HOST_NETWORK, NULL, "try again; net/netd.log in HOME tells of guests' network"},
    {ERROR_HOST_TIMEOUT, " after ",
     "amilaunch log shows what its console says; --timeout S waits longer"},
    {ERROR_HOST_PERMISSION, NULL,
     "ls -ld tells who may do that; --home DIR, or AMILAUNCH_HOME, takes another HOME"},
    {ERROR_HOST_DATABASE, NULL,
     "amilaunch doctor compares the records with what there is; a copy of amilaunch.db can be put "
     "back"},
    {ERROR_HOST_DISK, NULL,
     "amilaunch doctor tells of HOME's disk; amilaunch gc frees what nothing needs"},
};

/* A message that names a command, an option or a way out is left alone. */
static gboolean
tells_by_itself(const char *message)
{
    static const char *const signs[] = {"amilaunch ",  " --",    "ry again", "apt install",
                                        "put it back", " first", "make room"};

    /* EC2's own words, which name an attribute and no command. */
    if (strstr(message, "attribute and try again") != NULL)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
        if (strstr(message, signs[i]) != NULL)
            return TRUE;
    return FALSE;
}

const char *
next_step(const GError *error)
{
    if ((error->domain != AMILAUNCH_ERROR && error->domain != G_FILE_ERROR) ||
        tells_by_itself(error->message))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
        if (steps[i].code == error_code_of(error) &&
            (steps[i].about == NULL || strstr(error->message, steps[i].about) != NULL))
            return steps[i].step;
    return NULL;
}
