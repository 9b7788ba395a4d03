#include "images/vmdk.h"

#include "images/bytes.h"

#define HEADER_SIZE 79
#define VERSION_MAX 3
#define FLAG_ZERO_GRAINS (1u << 2)
#define FLAG_COMPRESSED (1u << 16)
#define FLAG_MARKERS (1u << 17)
#define DEFLATE 1
#define GD_AT_END G_MAXUINT64 /* the real header is a footer */
#define MARKER_FOOTER 3
#define FOOTER_SIZE (3 * SECTOR_SIZE) /* marker, header again, end-of-stream marker */
/* QEMU wants at most this, so has every writer. */
#define GTES_MAX 512
#define GRAIN_SECTORS_MAX 65536 /* 32 MiB; usual is 64 KiB */
#define DESCRIPTOR_MAX (64 << 10)
#define GRAIN_ZERO 1 /* a grain "at sector 1" is one of zeros, if the flags know such ones */
#define GRAIN_MARKER_SIZE 12
/* Where QEMU looks for a parent's name, whatever the header says (block/vmdk.c). */
#define PARENT_LOOK_AT SECTOR_SIZE
#define PARENT_LOOK_SIZE (20 * SECTOR_SIZE)
#define PARENT_NAME "parentFileNameHint"

typedef struct {
    guint64 sectors;       /* the disk's */
    guint64 grain_sectors; /* in each grain */
    guint64 gd_at;         /* the grain directory, in sectors */
    guint32 gtes;          /* entries of a grain table */
    gboolean compressed;
    gboolean zero_grains;
    guint64 spent; /* bytes of the file that the grains take up */
} layout;

/* QEMU goes by the algorithm, others by the flags: with but one of them they read two disks. */
static gboolean
read_flags(const guint8 *header, layout *self, GError **error)
{
    guint32 flags = le32(header + 8);

    self->zero_grains = (flags & FLAG_ZERO_GRAINS) != 0;
    self->compressed = (flags & FLAG_COMPRESSED) != 0;
    return (self->compressed == (le16(header + 77) == DEFLATE) &&
            (!self->compressed || (flags & FLAG_MARKERS) != 0)) ||
           error_set(error, ERROR_DISK_FORMAT,
                     "its header contradicts itself in whether it is compressed");
}

static gboolean
read_header(const guint8 *header, layout *self, GError **error)
{
    self->sectors = le64(header + 12);
    self->grain_sectors = le64(header + 20);
    self->gtes = le32(header + 44);
    self->gd_at = le64(header + 56);
    if (le32(header + 4) < 1 || le32(header + 4) > VERSION_MAX)
        return error_set(error, ERROR_DISK_FORMAT, "its vmdk version %u is not known here",
                         le32(header + 4));
    if (memcmp(header + 73, "\n \r\n", 4) != 0)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it was damaged by a transfer that changes line ends");
    if (self->sectors == 0)
        return error_set(error, ERROR_DISK_FORMAT,
                         "its data is in other files: convert the whole set with qemu-img convert, "
                         "or with VMware's vmware-vdiskmanager -t 0");
    if (self->sectors > DISK_SIZE_MAX / SECTOR_SIZE)
        return error_set(error, ERROR_DISK_FORMAT,
                         "it says that its disk has %" G_GUINT64_FORMAT
                         " sectors, which no disk here may have",
                         self->sectors);
    if (self->gtes == 0 || self->gtes > GTES_MAX || self->grain_sectors == 0 ||
        self->grain_sectors > GRAIN_SECTORS_MAX)
        return error_set(error, ERROR_DISK_FORMAT, "its grain tables cannot be right");
    return read_flags(header, self, error);
}

/* The value of KEY=VALUE in a line of the descriptor, without quotes; NULL if there is none. */
static char *
descriptor_value(const char *text, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (int i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(lines[i], "=", 2);
        if (pair[0] == NULL || pair[1] == NULL || strcmp(g_strstrip(pair[0]), key) != 0)
            continue;
        g_strdelimit(pair[1], "\"\r", ' ');
        return g_strdup(g_strstrip(pair[1]));
    }
    return NULL;
}

static gboolean
refuse_parent(GError **error)
{
    return error_set(error, ERROR_DISK_FORMAT,
                     "it is a difference to a parent disk: qemu-img convert it by itself");
}

static gboolean
descriptor_allows(const char *text, GError **error)
{
    g_autofree char *type = descriptor_value(text, "createType");
    g_autofree char *parent = descriptor_value(text, "parentCID");

    /* QEMU looks for the name of the parent as a bare string, wherever it stands. */
    if ((parent != NULL && g_ascii_strcasecmp(parent, "ffffffff") != 0) ||
        strstr(text, PARENT_NAME) != NULL)
        return refuse_parent(error);
    if (type == NULL || (g_ascii_strcasecmp(type, "monolithicSparse") != 0 &&
                         g_ascii_strcasecmp(type, "streamOptimized") != 0))
        return error_set(
            error, ERROR_DISK_FORMAT,
            "it is a vmdk of the type %.40s; only monolithicSparse and streamOptimized "
            "hold a whole disk: qemu-img convert it to one of these",
            type != NULL ? type : "that an extent of several has");
    return TRUE;
}

static gboolean
names_no_parent(const extent *file, GError **error)
{
    guint8 look[PARENT_LOOK_AT + PARENT_LOOK_SIZE];
    gssize length = extent_read_head(file, look, sizeof(look), error);

    if (length < 0)
        return FALSE;
    return !bytes_hold(look, (gsize)length, PARENT_NAME) || refuse_parent(error);
}

static gboolean
check_descriptor(const extent *file, const guint8 *header, GError **error)
{
    guint64 at = le64(header + 28), sectors = le64(header + 36);
    g_autofree char *text = NULL;

    if (at == 0 || sectors == 0)
        return descriptor_allows("", error);
    if (at > file->length / SECTOR_SIZE || sectors > DESCRIPTOR_MAX / SECTOR_SIZE)
        return error_set(error, ERROR_DISK_FORMAT, "its descriptor cannot be right");
    text = g_malloc0(sectors * SECTOR_SIZE + 1);
    return extent_read(file, at * SECTOR_SIZE, text, sectors * SECTOR_SIZE, "its descriptor",
                       error) &&
           descriptor_allows(text, error);
}

/* streamOptimized as VMware writes it: the real header stands near the end. */
static gboolean
read_footer(const extent *file, layout *self, GError **error)
{
    guint8 footer[FOOTER_SIZE];

    /* QEMU counts it back from the end of the last sector. */
    if (file->length < FOOTER_SIZE || file->length % SECTOR_SIZE != 0)
        return error_set(error, ERROR_DISK_FORMAT, "it is truncated: it has no footer");
    if (!extent_read(file, file->length - FOOTER_SIZE, footer, FOOTER_SIZE, "its footer", error))
        return FALSE;
    if (le32(footer + 12) != MARKER_FOOTER || memcmp(footer + SECTOR_SIZE, "KDMV", 4) != 0)
        return error_set(error, ERROR_DISK_FORMAT, "it is truncated: its footer is not at its end");
    if (!read_header(footer + SECTOR_SIZE, self, error))
        return FALSE;
    return self->gd_at != GD_AT_END ||
           error_set(error, ERROR_DISK_FORMAT, "its footer names no grain directory");
}

/* SIZE: the grain's bytes that are within the disk. */
static gboolean
grain_lies_within(const extent *file, layout *self, guint64 at, guint64 size, GError **error)
{
    guint8 marker[GRAIN_MARKER_SIZE];

    if (!self->compressed)
        return extent_need(file, at, size, "a grain of the disk", error) &&
               extent_spend(file, &self->spent, size, error);
    return extent_read(file, at, marker, sizeof(marker), "a grain of the disk", error) &&
           extent_need(file, at + GRAIN_MARKER_SIZE, le32(marker + 8), "a grain of the disk",
                       error) &&
           extent_spend(file, &self->spent, GRAIN_MARKER_SIZE + (guint64)le32(marker + 8), error);
}

static gboolean
grain_table_is_whole(const extent *file, layout *self, guint64 at, guint64 guest_sector,
                     GError **error)
{
    guint8 table[GTES_MAX * 4];

    if (!extent_read(file, at, table, self->gtes * 4, "a grain table", error))
        return FALSE;
    for (guint32 i = 0; i < self->gtes && guest_sector < self->sectors; i++) {
        guint64 grain = le32(table + i * 4);
        guint64 left = MIN(self->grain_sectors, self->sectors - guest_sector);
        if (grain != 0 && !(grain == GRAIN_ZERO && self->zero_grains) &&
            !grain_lies_within(file, self, grain * SECTOR_SIZE, left * SECTOR_SIZE, error))
            return FALSE;
        guest_sector += self->grain_sectors;
    }
    return TRUE;
}

static gboolean
grains_lie_within(const extent *file, layout *self, GError **error)
{
    guint64 reach = self->grain_sectors * self->gtes;
    guint64 count = self->sectors / reach + (self->sectors % reach != 0);
    g_autofree guint8 *directory = NULL;
    guint64 tables = 0;

    if (count > TABLE_ENTRIES_MAX)
        return error_set(error, ERROR_DISK_FORMAT,
                         "its grain directory of %" G_GUINT64_FORMAT " entries cannot be right",
                         count);
    if (self->gd_at > file->length / SECTOR_SIZE ||
        !extent_holds(file, self->gd_at * SECTOR_SIZE, count * 4))
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is truncated or damaged: its grain directory lies beyond its end");
    directory = g_malloc(count * 4);
    if (!extent_read(file, self->gd_at * SECTOR_SIZE, directory, count * 4, "its grain directory",
                     error))
        return FALSE;
    for (guint64 i = 0; i < count; i++) {
        guint64 at = le32(directory + i * 4);
        if (at == 0)
            continue;
        /* A table that stands in for many makes a small file into endless work. */
        if (++tables > file->length / SECTOR_SIZE)
            return error_set(error, ERROR_DISK_FORMAT, "it is damaged: grain tables overlap");
        if (!grain_table_is_whole(file, self, at * SECTOR_SIZE, i * reach, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
vmdk_check(const extent *file, guint64 *virtual_size, GError **error)
{
    guint8 header[HEADER_SIZE];
    layout self = {0};

    if (!extent_read(file, 0, header, sizeof(header), "its header", error) ||
        !read_header(header, &self, error) || !names_no_parent(file, error) ||
        !check_descriptor(file, header, error))
        return FALSE;
    if (self.gd_at == GD_AT_END && !read_footer(file, &self, error))
        return FALSE;
    if (!grains_lie_within(file, &self, error))
        return FALSE;
    *virtual_size = self.sectors * SECTOR_SIZE;
    return TRUE;
}
