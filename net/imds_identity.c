/* dynamic/instance-identity: who an instance is, signed.
 * Source: Amazon EC2 User Guide, "Instance identity documents". */
#include "launcher/subnet.h"
#include "net/imds_leaves.h"

#include <string.h>

/* A text in JSON, or null. */
static void
put_text(GString *json, const char *text)
{
    if (text == NULL) {
        g_string_append(json, "null");
        return;
    }
    g_string_append_c(json, '"');
    for (; *text != '\0'; text++) {
        if ((guchar)*text < 0x20)
            g_string_append_printf(json, "\\u%04x", *text);
        else if (*text == '"' || *text == '\\')
            g_string_append_printf(json, "\\%c", *text);
        else
            g_string_append_c(json, *text);
    }
    g_string_append_c(json, '"');
}

static void
put_key(GString *json, const char *key)
{
    g_string_append_printf(json, "%s\n  \"%s\" : ", json->len > 1 ? "," : "", key);
}

static void
put(GString *json, const char *key, const char *text)
{
    put_key(json, key);
    put_text(json, text);
}

static void
put_codes(GString *json, const char *key, const GPtrArray *codes, const char *kind)
{
    gboolean any = FALSE;

    put_key(json, key);
    for (guint i = 0; i < codes->len; i++) {
        const product_code *code = g_ptr_array_index(codes, i);
        if (g_strcmp0(code->kind, kind) != 0)
            continue;
        g_string_append(json, any ? ", " : "[ ");
        put_text(json, code->code);
        any = TRUE;
    }
    g_string_append(json, any ? " ]" : "null");
}

static char *
time_text(gint64 when)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(when);

    return time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

static char *
document(const instance_view *what)
{
    const instance *vm = what->vm;
    g_autofree char *pending = time_text(vm->launched);
    g_autofree char *address = what->nic != NULL ? subnet_text((guint32)what->nic->address) : NULL;
    GString *json = g_string_new("{");

    put(json, "accountId", vm->owner);
    put(json, "architecture", vm->architecture);
    put(json, "availabilityZone", vm->zone);
    put(json, "billingProducts", NULL);
    put_codes(json, "devpayProductCodes", what->product_codes, "devpay");
    put_codes(json, "marketplaceProductCodes", what->product_codes, "marketplace");
    put(json, "imageId", vm->image);
    put(json, "instanceId", vm->id);
    put(json, "instanceType", vm->type);
    put(json, "kernelId", vm->kernel);
    put(json, "pendingTime", pending);
    put(json, "privateIp", address);
    put(json, "ramdiskId", vm->ramdisk);
    put(json, "region", vm->region);
    put(json, "version", "2017-09-30");
    g_string_append(json, "\n}");
    return g_string_free(json, FALSE);
}

GBytes *
imds_identity_document(const imds_source *source, const imds_leaf *self G_GNUC_UNUSED,
                       const char *name G_GNUC_UNUSED)
{
    char *text = document(source->about->what);

    return g_bytes_new_take(text, strlen(text));
}

GBytes *
imds_identity_signature(const imds_source *source, const imds_leaf *self,
                        const char *name G_GNUC_UNUSED)
{
    g_autofree char *text = document(source->about->what);
    char *signature = source->sign != NULL ? source->sign(source->signer, self->form, text) : NULL;

    return signature != NULL ? g_bytes_new_take(signature, strlen(signature)) : NULL;
}
