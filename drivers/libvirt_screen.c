/* A picture of a guest's screen. */
#include "common/error.h"
#include "drivers/libvirt.h"

#include <string.h>

#define PICTURE_MOST (64 * 1024 * 1024) /* bytes; a VGA card has 16 MiB of memory */

static gboolean
has_screen(virDomainPtr domain)
{
    g_autofree char *xml = virDomainGetXMLDesc(domain, 0);

    return xml != NULL && strstr(xml, "<video>") != NULL;
}

static GBytes *
receive(virStreamPtr stream, GError **error)
{
    g_autoptr(GByteArray) picture = g_byte_array_new();
    g_autofree char *buffer = g_malloc(64 * 1024);
    int got;

    while (picture->len < PICTURE_MOST && (got = virStreamRecv(stream, buffer, 64 * 1024)) != 0) {
        if (got < 0) {
            libvirt_failed("the picture of the screen broke off", error);
            return NULL;
        }
        g_byte_array_append(picture, (const guint8 *)buffer, (guint)got);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&picture));
}

GBytes *
libvirt_screenshot(hypervisor *base, const char *name, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autoptr(virDomain) domain = libvirt_find_existing(self, name, error);
    g_autoptr(virStream) stream = NULL;
    g_autofree char *kind = NULL;
    g_autoptr(GBytes) picture = NULL;

    if (domain == NULL)
        return NULL;
    if (!has_screen(domain)) {
        error_set(error, ERROR_UNSUPPORTED,
                  "The instance '%s' has no screen, its console is a serial one: amilaunch log %s "
                  "shows it; with screens = \"always\" in the configuration it has a screen from "
                  "its next start on",
                  name, name);
        return NULL;
    }
    stream = virStreamNew(self->connection, 0);
    kind = stream != NULL ? virDomainScreenshot(domain, stream, 0, 0) : NULL;
    if (kind == NULL) {
        libvirt_failed("can't look at the screen", error);
        return NULL;
    }
    picture = receive(stream, error);
    if (picture == NULL)
        virStreamAbort(stream);
    else
        virStreamFinish(stream);
    return g_steal_pointer(&picture);
}
