#include "images/probe.h"

#include "images/bytes.h"
#include "images/ova.h"
#include "images/qcow2.h"
#include "images/raw.h"
#include "images/vhd.h"
#include "images/vhdx.h"
#include "images/vmdk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_SIZE 512

typedef struct {
    const char *name; /* as QEMU and people name it */
    gboolean (*check)(const extent *file, guint64 *virtual_size, GError **error);
} disk_format;

static gboolean
raw_check_stated(const extent *file, guint64 *virtual_size, GError **error)
{
    /* QEMU takes the last sector for complete. */
    *virtual_size = (file->length + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
    return raw_check(file, TRUE, error);
}

static const disk_format format_raw = {"raw", raw_check_stated};
static const disk_format format_qcow2 = {"qcow2", qcow2_check};
static const disk_format format_vmdk = {"vmdk", vmdk_check};
static const disk_format format_vpc = {"vpc", vhd_check};
static const disk_format format_vhdx = {"vhdx", vhdx_check};
static const disk_format format_ova = {"ova", NULL};

static const struct {
    const char *said;
    const disk_format *meant;
} formats[] = {
    {"raw", &format_raw}, {"qcow2", &format_qcow2}, {"vmdk", &format_vmdk}, {"vpc", &format_vpc},
    {"vhd", &format_vpc}, {"vhdx", &format_vhdx},   {"ova", &format_ova},
};

/* What cannot be imported, but is known well enough to say what to do with it. */
static const struct {
    gsize at;
    const char *magic;
    gsize size;
    const char *name, *advice;
} strangers[] = {
    {0, "\x1f\x8b", 2, "compressed with gzip", "gunzip -k"},
    {0,
     "\xfd"
     "7zXZ\0",
     6, "compressed with xz", "unxz -k"},
    {0, "BZh", 3, "compressed with bzip2", "bunzip2 -k"},
    {0, "\x28\xb5\x2f\xfd", 4, "compressed with zstd", "unzstd"},
    {0, "PK\3\4", 4, "a zip archive", "unzip"},
    {0, "7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive", "7z x"},
    {64, "\x7f\x10\xda\xbe", 4, "a VirtualBox VDI", "qemu-img convert -f vdi -O qcow2"},
    {0, "QED\0", 4, "a QED image", "qemu-img convert -f qed -O qcow2"},
};

static const disk_format *
format_of_content(const extent *file, const guint8 *head, gsize length)
{
    if (bytes_stand_at(head, length, 0, "QFI\xfb", 4))
        return &format_qcow2;
    if (bytes_stand_at(head, length, 0, "KDMV", 4))
        return &format_vmdk;
    if (bytes_stand_at(head, length, 0, "vhdxfile", 8))
        return &format_vhdx;
    if (ova_recognise(file))
        return &format_ova;
    return vhd_recognise(file) ? &format_vpc : &format_raw;
}

static gboolean
is_web_page(const guint8 *head, gsize length)
{
    static const char *const tags[] = {"<!doctype html", "<html", "<head", "<?xml"};
    g_autofree char *text = g_strndup((const char *)head, length);
    const char *at = text;

    if (g_str_has_prefix(at, "\xef\xbb\xbf"))
        at += 3;
    at += strspn(at, " \t\r\n");
    for (gsize i = 0; i < G_N_ELEMENTS(tags); i++)
        if (g_ascii_strncasecmp(at, tags[i], strlen(tags[i])) == 0)
            return TRUE;
    return FALSE;
}

gboolean
disk_source_check_start(const guint8 *head, gsize length, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(strangers); i++)
        if (bytes_stand_at(head, length, strangers[i].at, strangers[i].magic, strangers[i].size))
            return error_set(error, ERROR_DISK_FORMAT, "it is %s: %s it first", strangers[i].name,
                             strangers[i].advice);
    if (is_web_page(head, length))
        return error_set(error, ERROR_DISK_FORMAT,
                         "it is a web page, not a disk image: that page may tell the image's own "
                         "address");
    return TRUE;
}

static const disk_format *
format_stated(const char *said, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (g_str_equal(said, formats[i].said))
            return formats[i].meant;
    error_set(error, ERROR_PARAMETER_VALUE,
              "the format %s is not known; it is one of raw, qcow2, vmdk, vhd, vhdx, ova", said);
    return NULL;
}

/* The format of FILE, which must be what is STATED, if anything is. NULL on error. */
static const disk_format *
choose_format(const extent *file, const disk_format *stated, GError **error)
{
    guint8 head[HEAD_SIZE];
    gssize length = extent_read_head(file, head, sizeof(head), error);
    const disk_format *found;

    if (length < 0 || !disk_source_check_start(head, (gsize)length, error))
        return NULL;
    found = format_of_content(file, head, (gsize)length);
    if (stated == NULL || stated == found)
        return found;
    error_set(error, ERROR_DISK_FORMAT, "its format is stated to be %s, but its content is %s",
              stated->name, found == &format_raw ? "not" : found->name);
    return NULL;
}

static gboolean
check_disk(const extent *disk, const disk_format *format, gboolean stated, guint64 *virtual_size,
           GError **error)
{
    if (format == &format_raw && !stated && !raw_check(disk, FALSE, error))
        return FALSE;
    return format->check(disk, virtual_size, error);
}

/* The disk in an archive must be a vmdk by its content, too. */
static gboolean
enter_archive(const extent *file, disk_source *self, extent *disk, GError **error)
{
    return ova_find_disk(file, disk, &self->member, error) &&
           choose_format(disk, &format_vmdk, error) != NULL;
}

static gboolean
examine(const extent *file, const disk_format *stated, disk_source *self, GError **error)
{
    const disk_format *format = choose_format(file, stated, error);
    extent disk = *file;

    if (format == NULL)
        return FALSE;
    if (format == &format_ova) {
        if (!enter_archive(file, self, &disk, error))
            return FALSE;
        format = &format_vmdk;
    }
    self->format = format->name;
    self->offset = disk.start;
    self->length = disk.length;
    return check_disk(&disk, format, stated != NULL, &self->virtual_size, error);
}

/* Opens PATH if it is a file with content. O_NONBLOCK: a FIFO must not make us wait. */
static int
open_file(const char *path, guint64 *size, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat info;
    const char *why = NULL;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        error_set(error, ERROR_PARAMETER_VALUE, "%s: there is no such file", path);
    else if (fd < 0 && (errno == ENXIO || errno == ENODEV))
        error_set(error, ERROR_PARAMETER_VALUE, "%s is no file", path);
    else if (fd < 0)
        error_set_errno(error, errno, "can't open %s", path);
    if (fd < 0)
        return -1;
    if (fstat(fd, &info) != 0)
        why = g_strerror(errno);
    else if (S_ISDIR(info.st_mode))
        why = "is a folder, not a disk image";
    else if (!S_ISREG(info.st_mode))
        why = "is a device or a pipe, not a file";
    else if (info.st_size == 0)
        why = "is empty";
    if (why == NULL) {
        *size = (guint64)info.st_size;
        return fd;
    }
    error_set(error, ERROR_PARAMETER_VALUE, "%s %s", path, why);
    close(fd);
    return -1;
}

disk_source *
disk_source_probe(const char *path, const char *format, GError **error)
{
    g_autoptr(disk_source) self = g_new0(disk_source, 1);
    const disk_format *stated = NULL;
    extent file = {0};
    gboolean good;

    if (format != NULL && (stated = format_stated(format, error)) == NULL)
        return NULL;
    file.fd = open_file(path, &file.length, error);
    if (file.fd < 0)
        return NULL;
    self->path = g_strdup(path);
    good = examine(&file, stated, self, error);
    close(file.fd);
    if (!good)
        error_prefix(error, "%s", path);
    return good ? g_steal_pointer(&self) : NULL;
}

/* In QEMU's option lists a comma ends a value unless it is doubled. */
static char *
double_commas(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    return g_strjoinv(",,", parts);
}

/* A VHD's size is what vhd_check() found, as it is for Hyper-V and VirtualBox. QEMU would take that
 * of the cylinders, heads and sectors, which may be less, unless it knows who wrote the file. */
static const char *
format_options(const disk_source *self)
{
    return g_str_equal(self->format, format_vpc.name) ? ",force_size_calc=current_size" : "";
}

char *
disk_source_image_opts(const disk_source *self)
{
    g_autofree char *path = double_commas(self->path);

    if (self->member == NULL)
        return g_strdup_printf("driver=%s%s,file.driver=file,file.filename=%s", self->format,
                               format_options(self), path);
    return g_strdup_printf("driver=%s,file.driver=raw,file.offset=%" G_GUINT64_FORMAT
                           ",file.size=%" G_GUINT64_FORMAT
                           ",file.file.driver=file,file.file.filename=%s",
                           self->format, self->offset, self->length, path);
}

gboolean
disk_source_blame(GError **error)
{
    g_autofree char *said = NULL;

    /* Of what it writes to, it names the file; of what it reads, the options. */
    if (error == NULL || *error == NULL ||
        (strstr((*error)->message, ": Could not open 'driver=") == NULL &&
         strstr((*error)->message, ": error while reading") == NULL))
        return FALSE;
    said = g_strdup((*error)->message);
    g_clear_error(error);
    return error_set(error, ERROR_DISK_FORMAT, "it is damaged: %s", said);
}

void
disk_source_free(disk_source *self)
{
    if (self == NULL)
        return;
    g_free(self->path);
    g_free(self->member);
    g_free(self);
}
