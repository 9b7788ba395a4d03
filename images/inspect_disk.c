/* Partition tables and boot code. */
#include "images/inspection.h"

#include "common/error.h"
#include "images/bytes.h"
#include "images/gpt.h"
#include "images/mbr.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_SIZE (63 * SECTOR_SIZE) /* of the disk: boot code, partition tables */

static void
replace(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static partition_facts *
add_partition(image_facts *facts, guint number, guint64 at, guint64 size, const char *type)
{
    partition_facts *partition = g_new0(partition_facts, 1);

    partition->number = number;
    partition->start = at;
    partition->size = size;
    partition->type = g_strdup(type);
    g_ptr_array_add(facts->partitions, partition);
    return partition;
}

static void
add_gpt_partitions(image_facts *facts, const gpt *table)
{
    for (guint i = 0; i < table->entries->len; i++) {
        const gpt_entry *entry = &g_array_index(table->entries, gpt_entry, i);
        const char *type = entry->esp ? "EFI system" : entry->bios_boot ? "BIOS boot" : entry->type;
        partition_facts *partition =
            add_partition(facts, (guint)entry->number, entry->start, entry->size, type);
        partition->esp = entry->esp;
        partition->bios_boot = entry->bios_boot;
    }
}

static void
add_mbr_partitions(image_facts *facts, const mbr *record)
{
    for (guint i = 0; i < MBR_ENTRIES; i++) {
        const mbr_entry *entry = &record->entries[i];
        g_autofree char *type = g_strdup_printf("%02x", entry->type);
        partition_facts *partition;
        if (entry->type == 0)
            continue;
        partition = add_partition(facts, i + 1, entry->start, entry->size,
                                  mbr_entry_is_extended(entry) ? "extended" : type);
        partition->active = entry->active;
        partition->esp = entry->type == 0xef;
    }
}

static gboolean
has_extended(const mbr *record)
{
    for (guint i = 0; i < MBR_ENTRIES; i++)
        if (mbr_entry_is_extended(&record->entries[i]))
            return TRUE;
    return FALSE;
}

/* Logical partitions are in a chain of tables all over the disk; libguestfs has followed it. */
static void
add_logical_partitions(inspection *self)
{
    struct guestfs_partition_list *list = guestfs_part_list(self->g, APPLIANCE_DISK);

    for (guint32 i = 0; list != NULL && i < list->len; i++) {
        const struct guestfs_partition *found = &list->val[i];
        if (found->part_num > MBR_ENTRIES)
            add_partition(self->facts, (guint)found->part_num, found->part_start, found->part_size,
                          "logical");
    }
    guestfs_free_partition_list(list);
}

static void
read_tables(inspection *self, const guint8 *head, gsize length)
{
    image_facts *facts = self->facts;
    g_autoptr(GError) damage = NULL;
    g_autoptr(gpt) table = gpt_parse(head, length, &damage);
    mbr record;

    mbr_parse(head, length, &record);
    facts->scheme = (int)partition_scheme_found(&record, table);
    facts->signature = record.signature;
    facts->active = (guint)record.active;
    facts->boot_code = g_strdup(boot_code_owner(record.code));
    if (facts->scheme != PARTITIONS_NONE)
        facts->boot_code_after = g_strdup(boot_code_owner(mbr_code_after(&record, head, length)));
    if (record.entries[0].type == MBR_TYPE_PROTECTIVE && table == NULL)
        inspection_note(self, "the MBR protects a GPT, but %s", damage->message);
    if (facts->scheme == PARTITIONS_GPT || facts->scheme == PARTITIONS_HYBRID) {
        add_gpt_partitions(facts, table);
    } else if (facts->scheme == PARTITIONS_MBR) {
        add_mbr_partitions(facts, &record);
        if (has_extended(&record))
            add_logical_partitions(self);
    }
}

/* GRUB 2 on a GPT keeps there what doesn't fit in sector 0. */
static void
look_into_bios_boot(inspection *self)
{
    for (guint i = 0; i < self->facts->partitions->len; i++) {
        const partition_facts *partition = self->facts->partitions->pdata[i];
        size_t length = 0;
        char *head;
        if (!partition->bios_boot)
            continue;
        head = guestfs_pread_device(self->g, APPLIANCE_DISK, HEAD_SIZE, (int64_t)partition->start,
                                    &length);
        if (head != NULL)
            replace(&self->facts->boot_code_after,
                    boot_code_owner(boot_code_of_core((const guint8 *)head, length)));
        free(head);
        return;
    }
}

gboolean
inspect_disk(inspection *self, GError **error)
{
    int64_t size = guestfs_blockdev_getsize64(self->g, APPLIANCE_DISK);
    size_t length = 0;
    char *head = size < 0 ? NULL
                          : guestfs_pread_device(self->g, APPLIANCE_DISK, (int)MIN(size, HEAD_SIZE),
                                                 0, &length);

    if (head == NULL)
        return error_set(error, ERROR_HOST_INSPECTION, "can't read the disk: %s",
                         appliance_error(self->inside));
    self->facts->virtual_size = (guint64)size;
    read_tables(self, (const guint8 *)head, length);
    free(head);
    look_into_bios_boot(self);
    return TRUE;
}

partition_facts *
inspect_find_partition(const image_facts *facts, int number)
{
    for (guint i = 0; i < facts->partitions->len; i++) {
        partition_facts *partition = facts->partitions->pdata[i];
        if (number >= 0 && partition->number == (guint)number)
            return partition;
    }
    return NULL;
}

void
inspect_describe(inspection *self, const filesystem *at)
{
    partition_facts *partition = inspect_find_partition(self->facts, at->number);

    if (partition == NULL && at->number == 0)
        partition = add_partition(self->facts, 0, 0, self->facts->virtual_size, NULL);
    if (partition == NULL || partition->filesystem != NULL)
        return;
    partition->filesystem = appliance_take(strdup(at->type));
    partition->label = appliance_take(guestfs_vfs_label(self->g, at->device));
    partition->uuid = appliance_take(guestfs_vfs_uuid(self->g, at->device));
}
