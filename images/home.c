#include "images/home.h"
#include "common/files.h"

#include <string.h>

#define OWNER_ONLY 0700

gboolean
home_make(const char *home, GError **error)
{
    static const char *const parts[] = {"snapshots", "volumes", "instances", "secrets",
                                        "templates", "bundles", "boot",      "keys"};

    if (!folder_make(home, OWNER_ONLY, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *part = g_build_filename(home, parts[i], NULL);
        if (!folder_make(part, OWNER_ONLY, error))
            return FALSE;
    }
    return TRUE;
}

char *
home_snapshot_path(const char *home, const char *id)
{
    return g_strdup_printf("%s/snapshots/%s.qcow2", home, id);
}

char *
home_volume_path(const char *home, const char *id)
{
    return g_strdup_printf("%s/volumes/%s.qcow2", home, id);
}

char *
home_instance_folder(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s", home, id);
}

char *
home_console_log(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s/console.log", home, id);
}

char *
home_known_hosts(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s/known_hosts", home, id);
}

char *
home_appliance_log(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s/appliance.log", home, id);
}

char *
home_seed(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s/seed.img", home, id);
}

char *
home_nvram(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s/nvram.fd", home, id);
}

char *
home_store_disk_path(const char *home, const char *instance, const char *virtual_name)
{
    /* A blank disk is raw, a root an overlay. */
    const char *format = g_str_equal(virtual_name, STORE_ROOT) ? "qcow2" : "raw";

    return g_strdup_printf("%s/instances/%s/%s.%s", home, instance, virtual_name, format);
}

char *
home_volume_path_since(const char *home, const char *volume, const char *snapshot)
{
    return g_strdup_printf("%s/volumes/%s.%s.qcow2", home, volume, snapshot);
}

char *
home_secret_path(const char *home, const char *uuid)
{
    return g_strdup_printf("%s/secrets/%s", home, uuid);
}

/* "qcow2:sha256:HEX": a colon in a file's name would be a protocol to QEMU. */
char *
home_template_path(const char *home, const char *digest)
{
    g_autofree char *name = g_strdelimit(g_strdup(digest), ":", '-');

    return g_strdup_printf("%s/templates/%s.qcow2", home, name);
}

char *
home_boot_folder(const char *home, const char *digest)
{
    g_autofree char *name = g_strdelimit(g_strdup(digest), ":", '-');

    return g_strdup_printf("%s/boot/%s", home, name);
}

char *
home_boot_content(const char *home, const char *path)
{
    g_autofree char *boot = g_strdup_printf("%s/boot/", home);

    return g_str_has_prefix(path, boot) ? g_strdelimit(g_strdup(path + strlen(boot)), "-", ':')
                                        : NULL;
}

char *
home_bundle_folder(const char *home, const char *digest)
{
    g_autofree char *name = g_strdelimit(g_strdup(digest), ":", '-');

    return g_strdup_printf("%s/bundles/%s", home, name);
}

char *
home_bundle_scratch(const char *home, gint64 number)
{
    return g_strdup_printf("%s/bundles/op-%" G_GINT64_FORMAT, home, number);
}

char *
home_bundle_key_path(const char *home, const char *name)
{
    return g_strdup_printf("%s/bundles/keys/%s.pem", home, name);
}

char *
home_key_path(const char *home, const char *id)
{
    return g_strdup_printf("%s/keys/%s.pem", home, id);
}

char *
home_key_scratch(const char *home, gint64 number)
{
    return g_strdup_printf("%s/keys/op-%" G_GINT64_FORMAT, home, number);
}

char *
home_merge_path(const char *home, const char *folder, gint64 operation)
{
    return g_strdup_printf("%s/%s/merge-%" G_GINT64_FORMAT ".qcow2", home, folder, operation);
}

char *
home_memory_path(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s/memory", home, id);
}

char *
home_events(const char *home, const char *id)
{
    return g_strdup_printf("%s/instances/%s/events", home, id);
}

char *
home_identity_key_path(const char *home)
{
    return g_build_filename(home, "identity.key", NULL);
}

char *
home_identity_path(const char *home)
{
    return g_build_filename(home, "identity.pem", NULL);
}
