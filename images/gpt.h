/* The GUID partition table: a header in sector 1, entries after it, both with a CRC.
 * Source: UEFI Specification, chapter 5, "GUID Partition Table (GPT) Disk Layout". Sectors are 512
 * bytes here, as on every disk that EC2 gives. */
#ifndef IMAGES_GPT_H
#define IMAGES_GPT_H

#include "common/error.h"
#include "images/facts.h"
#include "images/mbr.h"

#define GPT_HEAD_SIZE (34 * 512) /* bytes of a disk's beginning that hold a usual GPT */

typedef struct {
    int number;    /* from 1 on; numbers may be left out */
    guint64 start; /* bytes */
    guint64 size;  /* bytes */
    char type[37]; /* GUID in lower case */
    char *name;    /* valid UTF-8, perhaps "" */
    gboolean esp;  /* EFI system partition */
    gboolean bios_boot;
} gpt_entry;

typedef struct {
    guint64 disk_size; /* bytes: up to the end of the backup header */
    GArray *entries;   /* of gpt_entry, those in use */
} gpt;

/* Reads the GPT from DATA, the disk's first LENGTH bytes. NULL with InvalidFormat if there is none
 * or it is damaged. The partitions may lie beyond the disk's end. The caller frees it. */
gpt *gpt_parse(const guint8 *data, gsize length, GError **error);

void gpt_free(gpt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(gpt, gpt_free)

/* Which table counts; GUID is NULL if there is no sound GPT. A GPT that no MBR protects is a stale
 * one, and doesn't count; hybrid: the MBR protects a GPT and names partitions besides. */
partition_scheme partition_scheme_found(const mbr *record, const gpt *guid);

#endif
