/* Which attributes an instance can have, at its launch and later. Pure.
 * Sources: Amazon EC2 User Guide, "Hibernate your instance", "Instance user data"; API Reference,
 * RunInstances, ModifyInstanceAttribute and ModifyInstanceMetadataOptions. */
#ifndef LAUNCHER_ATTRIBUTES_H
#define LAUNCHER_ATTRIBUTES_H

#include "conf/types.h"
#include "store/image.h"
#include "store/instance.h"
#include "store/volume.h"

/* TRUE if VM with VOLUMES (volume*) can be hibernated on TYPE, where its guest really gets
 * MEMORY_MIB; else UnsupportedHibernationConfiguration. */
gboolean hibernation_check(const instance *vm, const GPtrArray *volumes, const instance_type *type,
                           guint64 memory_mib, GError **error);

/* "stop" or "terminate", which only an EBS root can be asked for; ASKED NULL is
 * "stop", or "terminate" for a root on instance store.
 * InvalidParameterCombination, InvalidParameterValue. */
gboolean shutdown_behavior_parse(const char *asked, root_device_type root,
                                 shutdown_behavior *behavior, GError **error);

/* TRUE if BASE64 (NULL: none) can be an instance's user data. InvalidUserData.Malformed, or
 * InvalidParameterValue if it is more than 16 KiB. */
gboolean user_data_check(const char *base64, GError **error);

/* How many bytes BASE64 (NULL: none) stands for. */
gsize user_data_length(const char *base64);

/* How the metadata service can be reached: ASKED is one of imds_words[], NULL for optional, and
 * HOP_LIMIT at most IMDS_HOPS_MOST (0: nothing is said of it). InvalidParameterValue. */
#define IMDS_HOPS_MOST 64
gboolean imds_check(const char *asked, guint hop_limit, imds_access *access, GError **error);

/* TRUE if ID, which begins with PREFIX ("aki", "ari"; NULL: none is asked for), can be given to an
 * instance of this virtualization: HVM guests boot from their disk. InvalidAMIID.Malformed,
 * InvalidParameterCombination. */
gboolean boot_image_check(const char *prefix, const char *id, virtualization kind, GError **error);

/* Reads "/dev/sdb=::true", an entry of a mapping that changes DeleteOnTermination only. The caller
 * frees *DEVICE. InvalidParameterValue. */
gboolean delete_flag_parse(const char *entry, char **device, gboolean *deleted, GError **error);

#endif
