#include "launcher/offers.h"
#include "common/filter.h"
#include "launcher/internal.h"
#include "launcher/scope.h"
#include "launcher/zone.h"
#include "store/image_query.h"
#include "store/retention.h"

#include <string.h>
#include <unistd.h>

/* What is being gathered, and for whom. */
typedef struct {
    launcher *engine;
    offer_kind what;
    const char *prefix;
    GPtrArray *found;
} offering;

void
offer_free(offer *self)
{
    g_free(self->text);
    g_free(self->about);
    g_free(self);
}

static void offer_one(const offering *self, const char *text, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void
offer_one(const offering *self, const char *text, const char *format, ...)
{
    va_list args;
    offer *made;

    if (text == NULL || !g_str_has_prefix(text, self->prefix))
        return;
    made = g_new0(offer, 1);
    made->text = g_strdup(text);
    va_start(args, format);
    made->about = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(self->found, made);
}

/* ---- of the database ---- */

/* Of many thousand images the database finds those that begin right. */
static GPtrArray *
filters_of_prefix(const char *prefix)
{
    GPtrArray *filters = g_ptr_array_new_with_free_func((GDestroyNotify)filter_free);
    filter *begins = g_new0(filter, 1);

    begins->name = g_strdup("image-id");
    begins->values = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(begins->values, g_strconcat(prefix, "*", NULL));
    g_ptr_array_add(filters, begins);
    return filters;
}

static gboolean
offer_images(const offering *self, GError **error)
{
    const settings *conf = self->engine->conf;
    g_autoptr(GPtrArray) filters = filters_of_prefix(self->prefix);
    const image_query query = {
        .region = conf->region,
        .account = conf->account,
        .amazon = conf->amazon,
        .aws_marketplace = conf->aws_marketplace,
        .filters = filters,
        .disabled = TRUE,
    };
    g_autoptr(GPtrArray) all = NULL;

    /* What has a meaning in a pattern is in no id. */
    if (strpbrk(self->prefix, "*?\\") != NULL)
        return TRUE;
    all = image_find(self->engine->db, &query, error);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const image *ami = all->pdata[i];
        offer_one(self, ami->id, "%s", ami->name);
    }
    return all != NULL;
}

static gboolean
offer_binned_images(const offering *self, GError **error)
{
    const settings *conf = self->engine->conf;
    g_autoptr(GPtrArray) all = image_list_binned(self->engine->db, conf->region, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const image *ami = all->pdata[i];
        if (g_strcmp0(ami->owner, conf->account) == 0)
            offer_one(self, ami->id, "%s", ami->name);
    }
    return all != NULL;
}

static gboolean
is_wanted_state(offer_kind what, int state)
{
    switch (what) {
    case OFFER_RUNNING:
        return state == INSTANCE_RUNNING || state == INSTANCE_PENDING || state == INSTANCE_STOPPING;
    case OFFER_STOPPED:
        return state == INSTANCE_STOPPED;
    default:
        return state != INSTANCE_TERMINATED;
    }
}

static gboolean
offer_instances(const offering *self, GError **error)
{
    g_autoptr(GPtrArray) all = scope_instances(self->engine, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const instance *vm = all->pdata[i];
        if (is_wanted_state(self->what, vm->state))
            offer_one(self, vm->id, "%s, %s", instance_state_words[vm->state], vm->type);
    }
    return all != NULL;
}

static gboolean
offer_volumes(const offering *self, GError **error)
{
    g_autoptr(GPtrArray) all = scope_volumes(self->engine, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const volume *what = all->pdata[i];
        if ((self->what == OFFER_FREE_VOLUMES && what->instance != NULL) ||
            (self->what == OFFER_USED_VOLUMES && what->instance == NULL))
            continue;
        if (what->instance != NULL)
            offer_one(self, what->id, "%" G_GINT64_FORMAT " GiB, %s of %s", what->size_gib,
                      what->device, what->instance);
        else
            offer_one(self, what->id, "%" G_GINT64_FORMAT " GiB, %s", what->size_gib,
                      volume_state_words[what->state]);
    }
    return all != NULL;
}

static gboolean
offer_snapshots(const offering *self, GError **error)
{
    const settings *conf = self->engine->conf;
    gboolean binned = self->what == OFFER_BINNED_SNAPSHOTS;
    g_autoptr(GPtrArray) all = binned ? snapshot_list_binned(self->engine->db, conf->region, error)
                                      : scope_snapshots(self->engine, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const snapshot *what = all->pdata[i];
        if (!binned || g_strcmp0(what->owner, conf->account) == 0)
            offer_one(self, what->id, "%" G_GINT64_FORMAT " GiB, %s", what->size_gib,
                      what->description != NULL ? what->description : "");
    }
    return all != NULL;
}

static gboolean
offer_keys(const offering *self, GError **error)
{
    const settings *conf = self->engine->conf;
    g_autoptr(GPtrArray) all = key_pair_list(self->engine->db, conf->account, conf->region, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const key_pair *pair = all->pdata[i];
        offer_one(self, self->what == OFFER_KEYS ? pair->name : pair->id, "%s, %s",
                  key_type_words[pair->type], self->what == OFFER_KEYS ? pair->id : pair->name);
    }
    return all != NULL;
}

static gboolean
offer_rules(const offering *self, GError **error)
{
    const settings *conf = self->engine->conf;
    g_autoptr(GPtrArray) all =
        retention_rule_list(self->engine->db, conf->account, conf->region, error);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const retention_rule *rule = all->pdata[i];
        offer_one(self, rule->id, "%ss for %" G_GINT64_FORMAT " days",
                  retained_type_words[rule->resource_type], rule->days);
    }
    return all != NULL;
}

static gboolean
offer_recorded(const offering *self, GError **error)
{
    switch (self->what) {
    case OFFER_IMAGES:
        return offer_images(self, error);
    case OFFER_BINNED_IMAGES:
        return offer_binned_images(self, error);
    case OFFER_VOLUMES:
    case OFFER_FREE_VOLUMES:
    case OFFER_USED_VOLUMES:
        return offer_volumes(self, error);
    case OFFER_SNAPSHOTS:
    case OFFER_BINNED_SNAPSHOTS:
        return offer_snapshots(self, error);
    case OFFER_KEYS:
        return offer_keys(self, error);
    case OFFER_RULES:
        return offer_rules(self, error);
    case OFFER_RESOURCES:
        return offer_instances(self, error) && offer_images(self, error) &&
               offer_volumes(self, error) && offer_snapshots(self, error) &&
               offer_keys(self, error);
    default:
        return offer_instances(self, error);
    }
}

/* ---- of what is known everywhere ---- */

static gboolean
offer_types(const offering *self, GError **error)
{
    const instance_types *types = launcher_types(self->engine, error);

    for (guint i = 0; types != NULL && i < instance_types_count(types); i++) {
        const instance_type *type = instance_types_at(types, i);
        offer_one(self, type->name, "%u vCPU, %.3g GiB", type->vcpus, type->memory_mib / 1024.0);
    }
    return types != NULL;
}

static gboolean
offer_kernels(const offering *self, GError **error)
{
    const kernel_images *kernels = launcher_kernel_images(self->engine, error);

    for (guint i = 0; kernels != NULL && i < kernel_images_count(kernels); i++) {
        const kernel_image *kernel = kernel_images_at(kernels, i);
        if (g_str_equal(kernel->region, self->engine->conf->region))
            offer_one(self, kernel->id, "%s", kernel->name);
    }
    return kernels != NULL;
}

static void
offer_zones(const offering *self)
{
    for (char letter = 'a'; letter <= 'f'; letter++) {
        g_autofree char *zone = g_strdup_printf("%s%c", self->engine->conf->region, letter);
        offer_one(self, zone, "%s", "");
    }
}

/* TRUE with *DONE unset: it is a matter of the database. */
static gboolean
offer_known(const offering *self, gboolean *done, GError **error)
{
    *done = TRUE;
    switch (self->what) {
    case OFFER_TYPES:
        return offer_types(self, error);
    case OFFER_KERNELS:
        return offer_kernels(self, error);
    case OFFER_ZONES:
        offer_zones(self);
        return TRUE;
    case OFFER_REGIONS:
        for (gsize i = 0; region_names[i] != NULL; i++)
            offer_one(self, region_names[i], "%s", "");
        return TRUE;
    default:
        *done = FALSE;
        return TRUE;
    }
}

static gboolean
has_records(const launcher *self)
{
    g_autofree char *path = g_build_filename(self->home, "amilaunch.db", NULL);

    return access(path, F_OK) == 0;
}

GPtrArray *
launcher_offers(launcher *self, offer_kind what, const char *prefix, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)offer_free);
    const offering all = {self, what, prefix, found};
    gboolean done = FALSE;

    if (!offer_known(&all, &done, error))
        return NULL;
    if (!done && has_records(self) &&
        (launcher_store(self, error) == NULL || !offer_recorded(&all, error)))
        return NULL;
    return g_steal_pointer(&found);
}
