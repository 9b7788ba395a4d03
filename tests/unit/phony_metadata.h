/* What the metadata service would be told of two instances, for tests of what it tells. */
#ifndef TESTS_UNIT_PHONY_METADATA_H
#define TESTS_UNIT_PHONY_METADATA_H

#include "launcher/metadata.h"

/* An HVM instance with a root on EBS, volumes, instance-store disks, a key, tags, user data. It is
 * made once, and nobody frees it; a test that changes it puts it back. */
metadata *phony_metadata_ebs(void);

/* A paravirtual one with its root on instance store, and none of these but a disk. */
metadata *phony_metadata_store(void);

#endif
