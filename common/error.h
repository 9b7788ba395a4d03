/* Errors as GError: every error has a code that scripts can match on and a kind that decides the
 * exit status. Where EC2 has a code for a refusal, the same code is used.
 *
 * Source of the EC2 codes: Amazon EC2 API Reference, "Error codes for the Amazon EC2 API".
 */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <glib.h>

typedef enum {
    KIND_REFUSED = 1, /* what was asked is against the rules, as EC2 would say */
    KIND_USAGE = 2,   /* the command line or the configuration can't be understood */
    KIND_HOST = 3     /* the host can't: libvirt, QEMU, disk, permissions */
} error_kind;

/* X(enumerator suffix, code as printed, kind) */
#define ERROR_TABLE(X)                                                                             \
    X(AMI_NOT_FOUND, "InvalidAMIID.NotFound", KIND_REFUSED)                                        \
    X(AMI_UNAVAILABLE, "InvalidAMIID.Unavailable", KIND_REFUSED)                                   \
    X(AMI_MALFORMED, "InvalidAMIID.Malformed", KIND_REFUSED)                                       \
    X(AMI_ATTRIBUTE_ITEM, "InvalidAMIAttributeItemValue", KIND_REFUSED)                            \
    X(AMI_NAME_DUPLICATE, "InvalidAMIName.Duplicate", KIND_REFUSED)                                \
    X(AMI_NAME_MALFORMED, "InvalidAMIName.Malformed", KIND_REFUSED)                                \
    X(INSTANCE_NOT_FOUND, "InvalidInstanceID.NotFound", KIND_REFUSED)                              \
    X(INSTANCE_MALFORMED, "InvalidInstanceID.Malformed", KIND_REFUSED)                             \
    X(INSTANCE_STATE, "IncorrectInstanceState", KIND_REFUSED)                                      \
    X(SNAPSHOT_NOT_FOUND, "InvalidSnapshot.NotFound", KIND_REFUSED)                                \
    X(SNAPSHOT_MALFORMED, "InvalidSnapshotID.Malformed", KIND_REFUSED)                             \
    X(SNAPSHOT_LIMIT, "SnapshotLimitExceeded", KIND_REFUSED)                                       \
    X(SNAPSHOT_IN_USE, "InvalidSnapshot.InUse", KIND_REFUSED)                                      \
    X(RULE_NOT_FOUND, "ResourceNotFoundException", KIND_REFUSED)                                   \
    X(VOLUME_NOT_FOUND, "InvalidVolume.NotFound", KIND_REFUSED)                                    \
    X(VOLUME_MALFORMED, "InvalidVolumeID.Malformed", KIND_REFUSED)                                 \
    X(VOLUME_IN_USE, "VolumeInUse", KIND_REFUSED)                                                  \
    X(VOLUME_STATE, "IncorrectState", KIND_REFUSED)                                                \
    X(ATTACHMENT_NOT_FOUND, "InvalidAttachment.NotFound", KIND_REFUSED)                            \
    X(ATTACHMENT_LIMIT, "AttachmentLimitExceeded", KIND_REFUSED)                                   \
    X(VOLUME_ZONE, "InvalidVolume.ZoneMismatch", KIND_REFUSED)                                     \
    X(NOT_PERMITTED, "OperationNotPermitted", KIND_REFUSED)                                        \
    X(REQUEST, "InvalidRequest", KIND_REFUSED)                                                     \
    X(AUTH_FAILURE, "AuthFailure", KIND_REFUSED)                                                   \
    X(HIBERNATION, "UnsupportedHibernationConfiguration", KIND_REFUSED)                            \
    X(ATTRIBUTE_VALUE, "InvalidInstanceAttributeValue", KIND_REFUSED)                              \
    X(USER_DATA, "InvalidUserData.Malformed", KIND_REFUSED)                                        \
    X(KEY_NOT_FOUND, "InvalidKeyPair.NotFound", KIND_REFUSED)                                      \
    X(KEY_DUPLICATE, "InvalidKeyPair.Duplicate", KIND_REFUSED)                                     \
    X(KEY_FORMAT, "InvalidKey.Format", KIND_REFUSED)                                               \
    X(PORT_IN_USE, "PortInUse", KIND_REFUSED)                                                      \
    X(ADDRESSES, "InsufficientFreeAddressesInSubnet", KIND_REFUSED)                                \
    X(BLOCK_DEVICE_MAPPING, "InvalidBlockDeviceMapping", KIND_REFUSED)                             \
    X(PARAMETER_VALUE, "InvalidParameterValue", KIND_REFUSED)                                      \
    X(ID_INVALID, "InvalidID", KIND_REFUSED)                                                       \
    X(USER_MALFORMED, "InvalidUserID.Malformed", KIND_REFUSED)                                     \
    X(TAG_LIMIT, "TagLimitExceeded", KIND_REFUSED)                                                 \
    X(FILTER_LIMIT, "FilterLimitExceeded", KIND_REFUSED)                                           \
    X(PARAMETER_COMBINATION, "InvalidParameterCombination", KIND_REFUSED)                          \
    X(PARAMETER_MISSING, "MissingParameter", KIND_REFUSED)                                         \
    X(MANIFEST, "InvalidManifest", KIND_REFUSED)                                                   \
    X(DISK_FORMAT, "InvalidFormat", KIND_REFUSED)                                                  \
    X(DIGEST, "BadDigest", KIND_REFUSED)                                                           \
    X(UNSUPPORTED, "UnsupportedOperation", KIND_REFUSED)                                           \
    X(CUSTOMIZATION, "CustomizationFailed", KIND_REFUSED)                                          \
    X(CAPACITY, "InsufficientInstanceCapacity", KIND_REFUSED)                                      \
    X(INTERNAL, "InternalError", KIND_HOST)                                                        \
    X(USAGE, "Usage", KIND_USAGE)                                                                  \
    X(CONFIG, "Configuration", KIND_USAGE)                                                         \
    X(HOST_LIBVIRT, "Host.Libvirt", KIND_HOST)                                                     \
    X(HOST_QEMU, "Host.QEMU", KIND_HOST)                                                           \
    X(HOST_INSPECTION, "Host.Inspection", KIND_HOST)                                               \
    X(HOST_DISK, "Host.Disk", KIND_HOST)                                                           \
    X(HOST_PERMISSION, "Host.Permission", KIND_HOST)                                               \
    X(HOST_DATABASE, "Host.Database", KIND_HOST)                                                   \
    X(HOST_INCOMPLETE, "Host.Incomplete", KIND_HOST)                                               \
    X(HOST_NETWORK, "Host.Network", KIND_HOST)                                                     \
    X(HOST_TIMEOUT, "Host.Timeout", KIND_HOST)                                                     \
    X(GUEST_STOPPED, "Host.GuestStopped", KIND_HOST)

typedef enum {
#define X(name, text, kind) ERROR_##name,
    ERROR_TABLE(X)
#undef X
        ERROR_COUNT
} error_code;

/* The domain of every GError that this project makes. */
#define AMILAUNCH_ERROR (amilaunch_error_quark())
GQuark amilaunch_error_quark(void);

/* Sets *error (which may be NULL) to CODE with a printf-style message. Returns FALSE always, so
 * that a refusal is one line: return error_set(...). */
gboolean error_set(GError **error, error_code code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same from an errno value: Host.Permission for EACCES, EPERM and EROFS, else Host.Disk.
 * The message gets ": " and the system's text for ERRNUM. */
gboolean error_set_errno(GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Puts "prefix: " in front of *error's message; nothing if *error is NULL. FALSE always. */
gboolean error_prefix(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* TRUE if ERROR is ours and has this code. ERROR may be NULL. */
gboolean error_is(const GError *error, error_code code);

/* Of foreign domains GLib's errors about files are Host.Permission or Host.Disk, and all others
 * InternalError. */
error_code error_code_of(const GError *error);

/* The same as printed, e.g. "InvalidAMIID.NotFound". */
const char *error_code_text(const GError *error);

/* 1, 2 or 3: see error_kind. Errors of foreign domains are the host's. */
int error_exit_status(const GError *error);

#endif
