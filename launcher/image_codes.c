#include "launcher/image_codes.h"
#include "common/error.h"
#include "common/times.h"

#include <string.h>

#define CODE_MOST 64
#define CODE_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define MARKETPLACE "marketplace"
#define DEVPAY "devpay"

static product_code *
parse_one(const char *spec, GError **error)
{
    g_autoptr(product_code) self = g_new0(product_code, 1);
    const char *colon = strchr(spec, ':');
    gsize length;

    self->code = colon != NULL ? g_strndup(spec, (gsize)(colon - spec)) : g_strdup(spec);
    self->kind = g_strdup(colon != NULL ? colon + 1 : MARKETPLACE);
    length = strlen(self->code);
    if (length >= 1 && length <= CODE_MOST && strspn(self->code, CODE_CHARACTERS) == length &&
        (g_str_equal(self->kind, MARKETPLACE) || g_str_equal(self->kind, DEVPAY)))
        return g_steal_pointer(&self);
    error_set(error, ERROR_PARAMETER_VALUE,
              "Invalid value '%s' for a product code: CODE, CODE:" MARKETPLACE " or CODE:" DEVPAY
              ", with a code of at most %d letters, digits and -_.",
              spec, CODE_MOST);
    return NULL;
}

GPtrArray *
product_codes_parse(const char *const *specs, GError **error)
{
    g_autoptr(GPtrArray) codes = g_ptr_array_new_with_free_func((GDestroyNotify)product_code_free);

    for (gsize i = 0; specs != NULL && specs[i] != NULL; i++) {
        product_code *one = parse_one(specs[i], error);
        if (one == NULL)
            return NULL;
        g_ptr_array_add(codes, one);
        for (guint j = 0; j + 1 < codes->len; j++)
            if (g_str_equal(((product_code *)g_ptr_array_index(codes, j))->code, one->code)) {
                error_set(error, ERROR_PARAMETER_VALUE, "The product code %s is given twice",
                          one->code);
                return NULL;
            }
    }
    return g_steal_pointer(&codes);
}

gboolean
product_codes_put(store *db, const char *resource, const GPtrArray *codes, GError **error)
{
    for (guint i = 0; i < codes->len; i++) {
        const product_code *one = g_ptr_array_index(codes, i);
        const product_code row = {(char *)resource, one->code, one->kind};
        if (!product_code_insert(db, &row, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
has_snapshot(const image_view *source, const char *id)
{
    for (guint i = 0; i < source->mapping->len; i++)
        if (g_strcmp0(((image_mapping *)g_ptr_array_index(source->mapping, i))->snapshot, id) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
codes_of_volume(store *db, const image_view *source, const volume *what, GError **error)
{
    if (what->snapshot == NULL)
        return TRUE;
    return product_code_copy(db, what->snapshot, what->id, error) &&
           (!has_snapshot(source, what->snapshot) ||
            product_code_copy(db, source->ami->id, what->id, error));
}

gboolean
image_codes_of_launch(store *db, const image_view *source, instance_view *view, GError **error)
{
    if (!product_code_copy(db, source->ami->id, view->vm->id, error))
        return FALSE;
    for (guint i = 0; i < view->volumes->len; i++)
        if (!codes_of_volume(db, source, g_ptr_array_index(view->volumes, i), error))
            return FALSE;
    g_clear_pointer(&view->product_codes, g_ptr_array_unref);
    view->product_codes = product_code_list(db, view->vm->id, error);
    return view->product_codes != NULL;
}

void
image_tell_terms(launcher *self, const image_view *source)
{
    const image *ami = source->ami;
    g_autofree char *since = time_spelled(ami->deprecated);

    for (guint i = 0; source->product_codes != NULL && i < source->product_codes->len; i++) {
        const product_code *one = g_ptr_array_index(source->product_codes, i);
        progress_note(self->listener,
                      "%s has the product code %s (%s): its seller's terms apply; on EC2 it costs "
                      "what they say, here nothing",
                      ami->id, one->code, one->kind);
    }
    if (ami->deprecated != 0 && ami->deprecated <= time_now())
        progress_note(self->listener,
                      "%s is deprecated since %s: its owner wants it not to be used any more",
                      ami->id, since);
}
