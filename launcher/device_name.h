/* Device names of block device mappings: "/dev/sda1", "/dev/xvdf". EC2 takes them without "/dev/",
 * too. Pure.
 * Source: Amazon EC2 User Guide, "Device names for volumes on Amazon EC2 instances". */
#ifndef LAUNCHER_DEVICE_NAME_H
#define LAUNCHER_DEVICE_NAME_H

#include "store/image.h"

/* Whether a disk other than the root can have NAME on an instance of this kind. HVM: /dev/sd[b-z],
 * /dev/xvd[b-z], /dev/xvd[a-d][a-z]. PV: /dev/sd[a-z] and /dev/hd[a-z], also with a partition's
 * number from 1 to 15. */
gboolean device_name_is_valid(virtualization kind, const char *name);

/* Whether a root disk can have NAME on one: /dev/sda, with or without a partition's number, or for
 * HVM /dev/xvda. */
gboolean device_name_is_root(virtualization kind, const char *name);

/* device_name_is_valid() for attaching a volume: FALSE with InvalidParameterValue. */
gboolean device_name_check(virtualization kind, const char *name, GError **error);

/* Whether an instance can't have both: sdb and xvdb are one disk to a guest, and a disk (sdc) can't
 * be there together with a partition of it (sdc1). */
gboolean device_name_same_disk(const char *one, const char *other);

/* Whether one is a partition and the other the disk that it would be on, under any names. */
gboolean device_name_mixed(const char *one, const char *other);

/* In which order a guest gets them: sdb, sdc, ..., sdz, sdaa; xvdb is where sdb is. */
int device_name_compare(const char *one, const char *other);

/* The first of /dev/sdFIRST, ..., /dev/sdz, /dev/xvdba, ..., /dev/xvddz that is the same disk as
 * none of TAKEN (char *). EC2 recommends 'f' for volumes, and its own instance-store disks start at
 * 'b'. NULL if all are taken; the caller frees it. */
char *device_name_choose(const GPtrArray *taken, char first);

#endif
