#include "images/gpt.h"

#include "images/bytes.h"

#define HEADER_MIN 92
#define ENTRY_MIN 128
#define ENTRY_MAX 4096
#define NAME_OFFSET 56
#define NAME_UNITS 36
#define SECTORS_MAX (G_MAXINT64 / SECTOR_SIZE)

#define TYPE_UNUSED "00000000-0000-0000-0000-000000000000"
#define TYPE_ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define TYPE_BIOS_BOOT "21686148-6449-6e6f-744e-656564454649"

/* The CRC of zip and Ethernet. SKIPPED bytes from SKIP on count as zero: the header holds its own
 * CRC. */
static guint32
crc32(const guint8 *data, gsize length, gsize skip, gsize skipped)
{
    guint32 crc = 0xffffffff;

    for (gsize i = 0; i < length; i++) {
        crc ^= i >= skip && i - skip < skipped ? 0 : data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* The first three groups of a GUID are little-endian, the rest is as written. */
static void
guid_text(const guint8 *at, char text[37])
{
    g_snprintf(text, 37, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", le32(at), le16(at + 4),
               le16(at + 6), at[8], at[9], at[10], at[11], at[12], at[13], at[14], at[15]);
}

static char *
name_text(const guint8 *at)
{
    gunichar2 units[NAME_UNITS];
    g_autofree char *name = NULL;

    for (int i = 0; i < NAME_UNITS; i++)
        units[i] = le16(at + 2 * i);
    name = g_utf16_to_utf8(units, NAME_UNITS, NULL, NULL, NULL);
    return name != NULL ? g_steal_pointer(&name) : g_strdup("");
}

static gboolean
read_entry(const guint8 *at, int number, gpt_entry *entry, GError **error)
{
    guint64 first = le64(at + 32), last = le64(at + 40);

    if (first > last || last >= SECTORS_MAX)
        return error_set(error, ERROR_DISK_FORMAT,
                         "the GPT is damaged: partition %d begins at sector %" G_GUINT64_FORMAT
                         " and ends at %" G_GUINT64_FORMAT,
                         number, first, last);
    entry->number = number;
    entry->start = first * SECTOR_SIZE;
    entry->size = (last - first + 1) * SECTOR_SIZE;
    guid_text(at, entry->type);
    entry->name = name_text(at + NAME_OFFSET);
    entry->esp = g_str_equal(entry->type, TYPE_ESP);
    entry->bios_boot = g_str_equal(entry->type, TYPE_BIOS_BOOT);
    return TRUE;
}

static gboolean
read_entries(const guint8 *at, guint32 count, guint32 size, GArray *entries, GError **error)
{
    for (guint32 i = 0; i < count; i++, at += size) {
        gpt_entry entry = {0};
        char type[37];

        guid_text(at, type);
        if (g_str_equal(type, TYPE_UNUSED))
            continue;
        if (!read_entry(at, (int)i + 1, &entry, error))
            return FALSE;
        g_array_append_val(entries, entry);
    }
    return TRUE;
}

static gboolean
header_is_sound(const guint8 *header, gsize length, GError **error)
{
    guint32 size = le32(header + 12);

    if (size < HEADER_MIN || size > SECTOR_SIZE || size > length)
        return error_set(error, ERROR_DISK_FORMAT, "the GPT's header says it has %u bytes", size);
    if (crc32(header, size, 16, 4) != le32(header + 16))
        return error_set(error, ERROR_DISK_FORMAT, "the GPT's header has a wrong checksum");
    if (le64(header + 32) >= SECTORS_MAX)
        return error_set(error, ERROR_DISK_FORMAT, "the GPT's backup lies beyond any disk");
    return TRUE;
}

static void
entry_clear(gpointer entry)
{
    g_free(((gpt_entry *)entry)->name);
}

gpt *
gpt_parse(const guint8 *data, gsize length, GError **error)
{
    g_autoptr(gpt) self = g_new0(gpt, 1);
    const guint8 *header = data + SECTOR_SIZE;
    guint64 at;
    guint32 count, size;

    self->entries = g_array_new(FALSE, FALSE, sizeof(gpt_entry));
    g_array_set_clear_func(self->entries, entry_clear);
    if (length < 2 * SECTOR_SIZE || memcmp(header, "EFI PART", 8) != 0) {
        error_set(error, ERROR_DISK_FORMAT, "there is no GPT header in sector 1");
        return NULL;
    }
    if (!header_is_sound(header, length - SECTOR_SIZE, error))
        return NULL;
    at = le64(header + 72);
    count = le32(header + 80);
    size = le32(header + 84);
    if (size < ENTRY_MIN || size > ENTRY_MAX || count > length / size ||
        at > length / SECTOR_SIZE || (guint64)count * size > length - at * SECTOR_SIZE) {
        error_set(error, ERROR_DISK_FORMAT,
                  "the GPT's %u entries of %u bytes do not lie at the disk's beginning", count,
                  size);
        return NULL;
    }
    data += at * SECTOR_SIZE;
    if (crc32(data, (gsize)count * size, 0, 0) != le32(header + 88)) {
        error_set(error, ERROR_DISK_FORMAT, "the GPT's entries have a wrong checksum");
        return NULL;
    }
    self->disk_size = (le64(header + 32) + 1) * SECTOR_SIZE;
    return read_entries(data, count, size, self->entries, error) ? g_steal_pointer(&self) : NULL;
}

void
gpt_free(gpt *self)
{
    if (self == NULL)
        return;
    g_array_unref(self->entries);
    g_free(self);
}

partition_scheme
partition_scheme_found(const mbr *record, const gpt *guid)
{
    gboolean protects = FALSE, others = FALSE;

    for (int i = 0; i < MBR_ENTRIES; i++) {
        protects |= record->entries[i].type == MBR_TYPE_PROTECTIVE;
        others |= record->entries[i].type != 0 && record->entries[i].type != MBR_TYPE_PROTECTIVE;
    }
    if (guid == NULL || !protects)
        return record->table ? PARTITIONS_MBR : PARTITIONS_NONE;
    return others ? PARTITIONS_HYBRID : PARTITIONS_GPT;
}
