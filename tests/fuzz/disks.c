/* Disks in every format that is imported, and archives and pictures: files, all of them. */
#include "drivers/save_image.h"
#include "images/backing.h"
#include "images/ova.h"
#include "images/picture.h"
#include "images/probe.h"
#include "images/qcow2.h"
#include "images/tar.h"
#include "images/vhd.h"
#include "images/vhdx.h"
#include "images/vmdk.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/phony.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef gboolean (*disk_check)(const extent *file, guint64 *virtual_size, GError **error);

static void
run_disk(const guint8 *data, gsize length, disk_check check)
{
    g_autoptr(GError) error = NULL;
    guint64 size = 0;
    int file = fuzz_file(data, length);
    const extent all = {.fd = file, .start = 0, .length = length};

    MUST(check(&all, &size, &error) == (error == NULL));
    MUST(error != NULL || size <= DISK_SIZE_MAX);
    close(file);
}

void
fuzz_qcow2(const guint8 *data, gsize length)
{
    run_disk(data, length, qcow2_check);
}

void
fuzz_vmdk(const guint8 *data, gsize length)
{
    run_disk(data, length, vmdk_check);
}

void
fuzz_vhd(const guint8 *data, gsize length)
{
    run_disk(data, length, vhd_check);
}

/* Its tables are far behind the file's beginning: 256 bytes of the region table and the rest from 1
 * MiB on, of a file of 4 MiB. */
static void
check_spread_vhdx(const guint8 *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    const gsize head = MIN(length, 256);
    const extent all = {.fd = fuzz_file(NULL, 0), .length = 4 << 20};
    guint64 size = 0;

    MUST(ftruncate(all.fd, 4 << 20) == 0);
    MUST(pwrite(all.fd, data, head, 192 << 10) == (gssize)head);
    MUST(pwrite(all.fd, data + head, length - head, 1 << 20) == (gssize)(length - head));
    MUST(vhdx_check(&all, &size, &error) == (error == NULL));
    MUST(error != NULL || size <= DISK_SIZE_MAX);
    close(all.fd);
}

void
fuzz_vhdx(const guint8 *data, gsize length)
{
    run_disk(data, length, vhdx_check);
    check_spread_vhdx(data, length);
}

/* The header of a tar, as it is summed up: no fuzzer finds that sum. */
static void
put_tar_checksum(guint8 *block)
{
    char text[8];
    guint sum = 0;

    for (guint i = 0; i < TAR_BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : block[i];
    g_snprintf(text, sizeof text, "%06o", sum & 0777777);
    memcpy(block + 148, text, 7);
    block[155] = ' ';
}

static void
find_disk(const guint8 *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = NULL;
    extent disk = {0};
    int file = fuzz_file(data, length);
    const extent all = {.fd = file, .start = 0, .length = length};

    ova_recognise(&all);
    if (ova_find_disk(&all, &disk, &name, &error))
        MUST(name != NULL && extent_holds(&all, disk.start, disk.length));
    else {
        MUST(error != NULL);
        must_be_text(error->message);
    }
    close(file);
}

/* Once as it is, once with sums that are right wherever a member begins. */
void
fuzz_ova(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(data, length);

    find_disk(data, length);
    for (gsize at = 0; length - at >= TAR_BLOCK && at < length; at += TAR_BLOCK)
        if (memcmp(copy + at + 257, "ustar", 5) == 0)
            put_tar_checksum(copy + at);
    find_disk(copy, length);
}

static gboolean
read_tar(const guint8 *data, gsize length, gsize piece, guint64 expected, guint64 *digest)
{
    g_autoptr(GError) error = NULL;
    int file = fuzz_file(NULL, 0);
    g_autoptr(tar_reader) reader = tar_reader_new(file, expected);
    gboolean good = TRUE;
    struct stat status;

    for (gsize at = 0; good && at < length; at += piece)
        good = tar_reader_take(reader, data + at, MIN(piece, length - at), &error);
    good = good && tar_reader_finish(reader, &error);
    MUST(good == (error == NULL));
    MUST(fstat(file, &status) == 0 && (guint64)status.st_size <= expected);
    MUST(!good || (guint64)status.st_size == expected);
    *digest = good ? (guint64)status.st_size : 0;
    close(file);
    return good;
}

/* What the manifest says of the image's size, 2 bytes, and a tar with a sum that is right. How it
 * is cut mustn't matter. */
void
fuzz_tar(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = NULL;
    guint64 expected, size = 0, same_size = 0;
    gboolean whole, cut;

    if (length < 2 + TAR_BLOCK)
        return;
    expected = (guint64)(data[0] << 8 | data[1]);
    copy = g_memdup2(data + 2, length - 2);
    put_tar_checksum(copy);
    whole = read_tar(copy, length - 2, G_MAXSIZE / 2, expected, &size);
    cut = read_tar(copy, length - 2, 129, expected, &same_size);
    MUST(whole == cut && size == same_size);
}

static void
probe(const char *path, const char *format)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(disk_source) source = disk_source_probe(path, format, &error);
    g_autofree char *options = source != NULL ? disk_source_image_opts(source) : NULL;

    MUST((source != NULL) == (error == NULL));
    if (error != NULL)
        must_be_text(error->message);
    else
        MUST(source->virtual_size <= DISK_SIZE_MAX && options != NULL);
}

/* Whatever else is looked at before QEMU may see a file. */
void
fuzz_probe(const guint8 *data, gsize length)
{
    static const char *const formats[] = {NULL, "raw", "qcow2", "vmdk", "vpc", "vhdx", "ova"};
    int file = fuzz_file(data, length);
    g_autofree char *path = fuzz_path(file);
    g_autofree char *name = backing_name(path, NULL);

    MUST(name == NULL || strchr(name, '/') == NULL || g_str_equal(name, "/"));
    save_image_is_whole(path);
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        probe(path, formats[i]);
    close(file);
}

void
fuzz_picture(const guint8 *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) picture = g_bytes_new(data, length);
    g_autoptr(GBytes) png = picture_to_png(picture, &error);

    MUST((png != NULL) == (error == NULL));
}
