#include "drivers/libvirt_hollow.h"

#include <jansson.h>
#include <libvirt/libvirt-qemu.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

/* What QEMU's monitor answers to COMMAND, whose reference is taken; NULL if it refuses. FALSE in
 * *heard, which may be NULL, if it doesn't answer at all. */
static json_t *
ask_qemu(virDomainPtr domain, json_t *command, gboolean *heard)
{
    g_autoptr(json_t) taken = command;
    g_autoptr(json_t) answer = NULL;
    char *asked = json_dumps(taken, 0);
    char *text = NULL;

    if (virDomainQemuMonitorCommand(domain, asked, &text, 0) == 0)
        answer = json_loads(text, 0, NULL);
    free(asked);
    free(text);
    if (heard != NULL)
        *heard = answer != NULL;
    return json_incref(json_object_get(answer, "return"));
}

static gboolean
tell_qemu(virDomainPtr domain, json_t *command)
{
    g_autoptr(json_t) answer = ask_qemu(domain, command, NULL);

    return answer != NULL;
}

/* Of the empty node behind a disk: QEMU takes names of 31 characters. */
static char *
hollow_name(const char *alias)
{
    return g_strdup_printf("gone-%.26s", alias);
}

static char *
device_path(const char *alias)
{
    return g_strdup_printf("/machine/peripheral/%s", alias);
}

gboolean
libvirt_ask_hollow(virDomainPtr domain, const char *alias, gboolean *hollow)
{
    g_autofree char *path = device_path(alias);
    g_autofree char *name = hollow_name(alias);
    gboolean heard;
    g_autoptr(json_t) answer = ask_qemu(domain,
                                        json_pack("{s:s, s:{s:s, s:s}}", "execute", "qom-get",
                                                  "arguments", "path", path, "property", "drive"),
                                        &heard);

    *hollow = g_strcmp0(json_string_value(answer), name) == 0;
    return heard;
}

gboolean
libvirt_is_hollow(virDomainPtr domain, const char *alias)
{
    gboolean hollow;

    return libvirt_ask_hollow(domain, alias, &hollow) && hollow;
}

/* The node's size is 0: what a guest asks for is beyond its end, and refused at once. An error of
 * the node's own would make the guest wait, as disk_xml.c has it. */
static gboolean
put_nothing_behind(virDomainPtr domain, const char *alias)
{
    g_autofree char *path = device_path(alias);
    g_autofree char *hollow = hollow_name(alias);

    /* It may be there from an interrupted call. */
    tell_qemu(domain, json_pack("{s:s, s:{s:s, s:s, s:i}}", "execute", "blockdev-add", "arguments",
                                "driver", "null-co", "node-name", hollow, "size", 0));
    return tell_qemu(domain,
                     json_pack("{s:s, s:{s:s, s:s, s:s}}", "execute", "qom-set", "arguments",
                               "path", path, "property", "drive", "value", hollow));
}

/* libvirt's names for the nodes of an image: of its format, and below that of its file. */
static void
close_image(virDomainPtr domain, gint image)
{
    static const char *const kinds[] = {"format", "storage"};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *node = g_strdup_printf("libvirt-%d-%s", image, kinds[i]);
        tell_qemu(domain, json_pack("{s:s, s:{s:s}}", "execute", "blockdev-del", "arguments",
                                    "node-name", node));
    }
}

static gboolean
has_image(json_t *nodes, gint image)
{
    g_autofree char *prefix = g_strdup_printf("libvirt-%d-", image);
    json_t *node;
    gsize i;

    json_array_foreach(nodes, i, node)
    {
        const char *name = json_string_value(json_object_get(node, "node-name"));
        if (name != NULL && g_str_has_prefix(name, prefix))
            return TRUE;
    }
    return FALSE;
}

gboolean
libvirt_hollow_out(virDomainPtr domain, const live_disk *disk)
{
    g_autoptr(json_t) nodes = NULL;

    if (!put_nothing_behind(domain, disk->alias))
        return FALSE;
    /* From the top down, as each is held by the one above it. */
    for (guint i = 0; i < disk->images->len; i++)
        close_image(domain, g_array_index(disk->images, gint, i));
    nodes = ask_qemu(domain,
                     json_pack("{s:s, s:{s:b}}", "execute", "query-named-block-nodes", "arguments",
                               "flat", TRUE),
                     NULL);
    if (nodes == NULL)
        return FALSE;
    for (guint i = 0; i < disk->images->len; i++)
        if (has_image(nodes, g_array_index(disk->images, gint, i)))
            return FALSE;
    return disk->images->len > 0;
}
