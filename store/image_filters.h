/* The filters that images are found by, EC2's DescribeImages' but for those that have no meaning
 * here. One table for the query, the help and the manual.
 *
 * X(name, kind, what is compared). Of IMAGE_FILTER_ROW that is an expression over image; of the
 * other kinds one over the rows of a table that belong to the image. */
#ifndef STORE_IMAGE_FILTERS_H
#define STORE_IMAGE_FILTERS_H

typedef enum {
    IMAGE_FILTER_ROW,
    IMAGE_FILTER_MAPPING, /* one of its mapping's entries matches */
    IMAGE_FILTER_CODE,    /* one of its product codes */
    IMAGE_FILTER_TAG,     /* one of its tags, which only its owner can look for */
} image_filter_kind;

#define IMAGE_FLAG(column) "CASE " column " WHEN 0 THEN 'false' ELSE 'true' END"
#define IMAGE_TIME(column) "strftime('%Y-%m-%dT%H:%M:%S.000Z', " column ", 'unixepoch')"

/* ?3 and ?4 are the accounts that EC2 calls amazon and aws-marketplace, as JSON arrays. */
#define IMAGE_ALIAS                                                                                \
    "CASE WHEN image.owner IN (SELECT value FROM json_each(?3)) THEN 'amazon'"                     \
    " WHEN image.owner IN (SELECT value FROM json_each(?4)) THEN 'aws-marketplace' END"
#define IMAGE_LOCATION                                                                             \
    "coalesce(image.location, coalesce(" IMAGE_ALIAS ", image.owner) || '/' || image.name)"
#define IMAGE_SOURCE_INSTANCE "CASE WHEN image.source GLOB 'i-*' THEN image.source END"

#define IMAGE_FILTERS(X)                                                                           \
    X("architecture", ROW, "image.architecture")                                                   \
    X("block-device-mapping.delete-on-termination", MAPPING, IMAGE_FLAG("delete_on_termination"))  \
    X("block-device-mapping.device-name", MAPPING, "device")                                       \
    X("block-device-mapping.encrypted", MAPPING, IMAGE_FLAG("encrypted"))                          \
    X("block-device-mapping.snapshot-id", MAPPING, "snapshot")                                     \
    X("block-device-mapping.volume-size", MAPPING, "CAST(size_gib AS TEXT)")                       \
    X("block-device-mapping.volume-type", MAPPING, "volume_type")                                  \
    X("boot-mode", ROW, "image.boot_mode")                                                         \
    X("creation-date", ROW, IMAGE_TIME("image.created"))                                           \
    X("description", ROW, "image.description")                                                     \
    X("hypervisor", ROW, "'xen'")                                                                  \
    X("image-id", ROW, "image.id")                                                                 \
    X("image-type", ROW, "'machine'")                                                              \
    X("is-public", ROW, IMAGE_FLAG("image.public"))                                                \
    X("kernel-id", ROW, "image.kernel")                                                            \
    X("manifest-location", ROW, IMAGE_LOCATION)                                                    \
    X("name", ROW, "image.name")                                                                   \
    X("owner-alias", ROW, IMAGE_ALIAS)                                                             \
    X("owner-id", ROW, "image.owner")                                                              \
    X("platform", ROW, "image.platform")                                                           \
    X("product-code", CODE, "code")                                                                \
    X("product-code.type", CODE, "kind")                                                           \
    X("ramdisk-id", ROW, "image.ramdisk")                                                          \
    X("root-device-name", ROW, "image.root_device")                                                \
    X("root-device-type", ROW, "image.root_device_type")                                           \
    X("source-image-id", ROW, "image.source_image")                                                \
    X("source-image-region", ROW, "image.source_region")                                           \
    X("source-instance-id", ROW, IMAGE_SOURCE_INSTANCE)                                            \
    X("state", ROW, "image.state")                                                                 \
    X("tag-key", TAG, "key")                                                                       \
    X("virtualization-type", ROW, "image.virtualization")

/* Besides these, "tag:KEY". */
#define IMAGE_FILTER_TAG_PREFIX "tag:"

#endif
