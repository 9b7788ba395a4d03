/* The host as libvirt sees it. */
#include "common/error.h"
#include "drivers/libvirt.h"
#include "drivers/xml_in.h"

#include <stdio.h>
#include <unistd.h>

/* What an expression says of libvirt's capabilities, as text. The caller frees it. */
static char *
ask_capabilities(const char *capabilities, const char *expression)
{
    g_autoptr(xmlDoc) document = xml_in_parse(capabilities);
    g_autoptr(xmlXPathContext) context = document != NULL ? xmlXPathNewContext(document) : NULL;
    g_autoptr(xmlXPathObject) said =
        context != NULL ? xmlXPathEvalExpression(BAD_CAST expression, context) : NULL;

    return said != NULL ? g_strdup((const char *)said->stringval) : NULL;
}

/* The capabilities name it "+UID:+GID", under the model "dac". */
static gboolean
owner_parse(const char *capabilities, uid_t *uid, gid_t *gid)
{
    g_autofree char *label = ask_capabilities(
        capabilities, "string(/capabilities/host/secmodel[model='dac']/baselabel[1])");
    unsigned int user, group;

    if (label == NULL || sscanf(label, "+%u:+%u", &user, &group) != 2)
        return FALSE;
    *uid = user;
    *gid = group;
    return TRUE;
}

gboolean
libvirt_guest_user(hypervisor *base, guest_user *user, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autofree char *capabilities = virConnectGetCapabilities(self->connection);
    g_autofree char *confiner = NULL;

    if (capabilities == NULL)
        return libvirt_failed("can't ask libvirt for its capabilities", error);
    user->other = owner_parse(capabilities, &user->uid, &user->gid) && user->uid != geteuid();
    confiner = ask_capabilities(
        capabilities, "string(/capabilities/host/secmodel/model[.='apparmor' or .='selinux'])");
    user->confined = confiner != NULL && *confiner != '\0';
    return TRUE;
}

static char *
version_text(unsigned long version)
{
    return g_strdup_printf("%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
}

char *
libvirt_describe(hypervisor *base, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    g_autofree char *library = NULL;
    g_autofree char *emulator = NULL;
    unsigned long libvirt = 0;
    unsigned long qemu = 0;

    if (virConnectGetLibVersion(self->connection, &libvirt) < 0 ||
        virConnectGetVersion(self->connection, &qemu) < 0) {
        libvirt_failed("can't ask libvirt for versions", error);
        return NULL;
    }
    library = version_text(libvirt);
    emulator = version_text(qemu);
    return g_strdup_printf("libvirt %s, QEMU %s, at %s", library, emulator, self->uri);
}
