#include "drivers/save_image.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* libvirt's src/qemu/qemu_saveimage.h: the file begins with "LibvirtQemudPart" until all is
 * written. */
#define MAGIC "LibvirtQemudSave"

gboolean
save_image_is_whole(const char *path)
{
    char found[sizeof(MAGIC) - 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;

    if (fd < 0)
        return FALSE;
    got = pread(fd, found, sizeof(found), 0);
    close(fd);
    return got == (ssize_t)sizeof(found) && memcmp(found, MAGIC, sizeof(found)) == 0;
}
