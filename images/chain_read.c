#include "images/chain_read.h"
#include "common/error.h"
#include "common/process.h"

#include <jansson.h>

chain_layer *
chain_layer_new(const char *path, const char *secret)
{
    chain_layer *layer = g_new0(chain_layer, 1);

    layer->path = g_strdup(path);
    layer->secret = g_strdup(secret);
    return layer;
}

void
chain_layer_free(chain_layer *self)
{
    g_free(self->path);
    g_free(self->secret);
    g_free(self);
}

/* A comma in an option's value is written twice. */
static char *
secret_option(const chain_layer *layer, guint i)
{
    g_auto(GStrv) parts = g_strsplit(layer->secret, ",", -1);
    g_autofree char *escaped = g_strjoinv(",,", parts);

    return g_strdup_printf("secret,id=s%u,format=raw,file=%s", i, escaped);
}

static json_t *
node_of(const GPtrArray *layers, guint i)
{
    const chain_layer *layer = g_ptr_array_index(layers, i);
    json_t *node = json_pack("{s:s, s:{s:s, s:s}}", "driver", "qcow2", "file", "driver", "file",
                             "filename", layer->path);
    g_autofree char *secret = g_strdup_printf("s%u", i);

    if (layer->secret != NULL)
        json_object_set_new(node, "encrypt",
                            json_pack("{s:s, s:s}", "format", "luks", "key-secret", secret));
    json_object_set_new(node, "backing",
                        i + 1 < layers->len ? node_of(layers, i + 1) : json_null());
    return node;
}

static char *
name_of(const GPtrArray *layers)
{
    json_t *node = node_of(layers, 0);
    char *text = node != NULL ? json_dumps(node, JSON_COMPACT) : NULL;
    char *name = text != NULL ? g_strconcat("json:", text, NULL) : NULL;

    json_decref(node);
    free(text);
    return name;
}

gboolean
chain_to_raw(const GPtrArray *layers, const char *path, GError **error)
{
    static const char *const front[] = {"qemu-img", "convert", "-q", "-O", "raw"};
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    char *name = name_of(layers);

    if (name == NULL)
        return error_set(error, ERROR_HOST_DISK, "the names of the disk's files are no UTF-8");
    for (guint i = 0; i < G_N_ELEMENTS(front); i++)
        g_ptr_array_add(argv, g_strdup(front[i]));
    for (guint i = 0; i < layers->len; i++) {
        const chain_layer *layer = g_ptr_array_index(layers, i);
        if (layer->secret == NULL)
            continue;
        g_ptr_array_add(argv, g_strdup("--object"));
        g_ptr_array_add(argv, secret_option(layer, i));
    }
    g_ptr_array_add(argv, name);
    g_ptr_array_add(argv, g_strdup(path));
    g_ptr_array_add(argv, NULL);
    return process_run((const char *const *)argv->pdata, ERROR_HOST_DISK, NULL, error);
}
