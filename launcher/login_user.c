#include "launcher/login_user.h"

#include <glib.h>
#include <string.h>

#define DEFAULT_USER "ec2-user" /* Amazon's own, RHEL, SUSE, the BSDs */

typedef struct {
    const char *word;
    const char *user;
} named_user;

const char *
login_user(const char *distribution, const char *name)
{
    /* Whoever made an image on another's distribution says so in its name. */
    static const named_user makers[] = {{"bitnami", "bitnami"}, {NULL, NULL}};
    /* As libguestfs names them. */
    static const named_user distributions[] = {
        {"debian", "admin"},   {"ubuntu", "ubuntu"},  {"fedora", "fedora"},
        {"centos", "centos"},  {"rocky", "rocky"},    {"alpinelinux", "alpine"},
        {"archlinux", "arch"}, {"cirros", "cirros"},  {"coreos", "core"},
        {"kalilinux", "kali"}, {"voidlinux", "void"}, {"windows", "Administrator"},
        {NULL, NULL}};
    g_autofree char *lower = g_ascii_strdown(name != NULL ? name : "", -1);

    for (const named_user *each = makers; each->word != NULL; each++)
        if (strstr(lower, each->word) != NULL)
            return each->user;
    for (const named_user *each = distributions; each->word != NULL; each++)
        if (g_strcmp0(distribution, each->word) == 0)
            return each->user;
    return DEFAULT_USER;
}
