#include "drivers/libvirt_secret.h"
#include "common/error.h"
#include "drivers/xml_out.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OURS "amilaunch"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(virSecret, virSecretFree)

/* When a process began, in the kernel's ticks: with its number that names it for good. 0 if there
 * is none. */
static guint64
process_begun(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *text = NULL;
    const char *after_name;
    guint64 begun = 0;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    /* The name stands in parentheses, and may hold anything. */
    after_name = strrchr(text, ')');
    if (after_name == NULL ||
        sscanf(after_name,
               ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
               "%" G_GUINT64_FORMAT,
               &begun) != 1)
        return 0;
    return begun;
}

/* "amilaunch UUID PID BEGUN OWN-UUID": unique, and tells whose it is. */
static char *
usage_text(const char *uuid, const char *own)
{
    return g_strdup_printf("%s %s %d %" G_GUINT64_FORMAT " %s", OURS, uuid, (int)getpid(),
                           process_begun(getpid()), own);
}

static char *
secret_xml(const char *uuid, const char *own)
{
    g_autoptr(xmlBuffer) buffer = xmlBufferCreate();
    g_autoptr(xmlTextWriter) out = xml_out_new(buffer);
    g_autofree char *usage = usage_text(uuid, own);

    xml_begin(out, "secret");
    xml_attribute(out, "ephemeral", "yes");
    xml_attribute(out, "private", "yes");
    xml_element(out, "uuid", own);
    xml_begin(out, "usage");
    xml_attribute(out, "type", "volume");
    xml_element(out, "volume", usage);
    xml_end(out);
    xml_end(out);
    return xml_out_text(out, buffer);
}

static gboolean
set_value(virSecretPtr secret, const char *file, GError **error)
{
    GError *problem = NULL;
    char *value = NULL;
    gsize length = 0;
    gboolean done;

    if (!g_file_get_contents(file, &value, &length, &problem)) {
        error_set(error, ERROR_HOST_DISK, "can't read a passphrase: %s", problem->message);
        g_error_free(problem);
        return FALSE;
    }
    done = virSecretSetValue(secret, (const unsigned char *)value, length, 0) == 0;
    explicit_bzero(value, length);
    g_free(value);
    return done || libvirt_failed("libvirt does not take a passphrase", error);
}

secret_scope *
secret_scope_new(libvirt_driver *self)
{
    secret_scope *scope = g_new0(secret_scope, 1);

    scope->connection = self->connection;
    scope->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return scope;
}

void
secret_scope_end(secret_scope *self)
{
    GHashTableIter all;
    void *own;

    if (self == NULL)
        return;
    g_hash_table_iter_init(&all, self->known);
    while (g_hash_table_iter_next(&all, NULL, &own)) {
        g_autoptr(virSecret) secret = virSecretLookupByUUIDString(self->connection, own);
        if (secret != NULL)
            virSecretUndefine(secret);
    }
    g_hash_table_unref(self->known);
    g_free(self);
}

gboolean
secret_scope_add(secret_scope *self, const char *uuid, const char *file, GError **error)
{
    g_autofree char *own = g_uuid_string_random();
    g_autofree char *xml = NULL;
    g_autoptr(virSecret) secret = NULL;

    if (uuid == NULL || g_hash_table_contains(self->known, uuid))
        return TRUE;
    if (file == NULL)
        return error_set(error, ERROR_INTERNAL, "the passphrase %s has no file", uuid);
    xml = secret_xml(uuid, own);
    secret = virSecretDefineXML(self->connection, xml, 0);
    if (secret == NULL)
        return libvirt_failed("libvirt does not take a passphrase", error);
    g_hash_table_insert(self->known, g_strdup(uuid), g_steal_pointer(&own));
    return set_value(secret, file, error);
}

gboolean
secret_scope_add_disk(secret_scope *self, const boot_disk *disk, GError **error)
{
    if (!secret_scope_add(self, disk->secret, disk->secret_file, error))
        return FALSE;
    for (guint i = 0; i < disk->layers->len; i++) {
        const boot_layer *layer = g_ptr_array_index(disk->layers, i);
        if (!secret_scope_add(self, layer->secret, layer->secret_file, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
secret_scope_add_plan(secret_scope *self, const boot_plan *plan, GError **error)
{
    for (guint i = 0; i < plan->disks->len; i++)
        if (!secret_scope_add_disk(self, g_ptr_array_index(plan->disks, i), error))
            return FALSE;
    return TRUE;
}

/* Another process that still runs will take it away itself. */
static gboolean
is_left_over(const char *usage, const char *uuid)
{
    g_auto(GStrv) words = g_strsplit(usage, " ", -1);
    pid_t owner;

    if (g_strv_length(words) != 5 || !g_str_equal(words[0], OURS) ||
        (uuid != NULL && !g_str_equal(words[1], uuid)))
        return FALSE;
    owner = (pid_t)g_ascii_strtoll(words[2], NULL, 10);
    return owner == getpid() || process_begun(owner) != g_ascii_strtoull(words[3], NULL, 10);
}

gboolean
libvirt_forget_secret(hypervisor *base, const char *uuid, GError **error)
{
    libvirt_driver *self = (libvirt_driver *)base;
    virSecretPtr *all = NULL;
    int count =
        virConnectListAllSecrets(self->connection, &all, VIR_CONNECT_LIST_SECRETS_EPHEMERAL);

    if (count < 0)
        return libvirt_failed("can't ask libvirt for its secrets", error);
    for (int i = 0; i < count; i++) {
        const char *usage = virSecretGetUsageID(all[i]);
        if (usage != NULL && is_left_over(usage, uuid))
            virSecretUndefine(all[i]);
        virSecretFree(all[i]);
    }
    /* libvirt's own memory; its documentation asks for free(). */
    free(all);
    return TRUE;
}
