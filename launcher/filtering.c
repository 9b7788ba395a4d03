#include "launcher/filtering.h"
#include "common/error.h"
#include "common/filter.h"
#include "common/times.h"
#include "launcher/filter_names.h"
#include "launcher/internal.h"
#include "launcher/keys.h"
#include "launcher/states.h"
#include "launcher/subnet.h"
#include "launcher/tagging.h"

#include <string.h>

#define TAG_PREFIX "tag:"

/* ---- whether one thing matches ---- */

static gboolean
text(const filter *wanted, const char *value)
{
    return filter_matches(wanted, value);
}

static gboolean
flag(const filter *wanted, gboolean value)
{
    return filter_matches(wanted, value ? "true" : "false");
}

static gboolean
number(const filter *wanted, gint64 value)
{
    g_autofree char *spelled = g_strdup_printf("%" G_GINT64_FORMAT, value);

    return filter_matches(wanted, spelled);
}

static gboolean
date(const filter *wanted, gint64 when)
{
    g_autofree char *spelled = time_iso8601(when);

    return filter_matches(wanted, spelled);
}

static gboolean
attach_time(const filter *wanted, const volume *what)
{
    return what->attached != 0 && date(wanted, what->attached);
}

static gboolean
deleted(const filter *wanted, const volume *what)
{
    return flag(wanted, what->delete_on_termination != 0);
}

static gboolean
device(const filter *wanted, const volume *what)
{
    return text(wanted, what->device);
}

static gboolean
attachment_status(const filter *wanted, const volume *what)
{
    return text(wanted, what->attached != 0 ? "attached" : "attaching");
}

static gboolean
volume_id(const filter *wanted, const volume *what)
{
    return text(wanted, what->id);
}

static gboolean
any_volume(const filter *wanted, const GPtrArray *volumes,
           gboolean (*matches)(const filter *, const volume *))
{
    for (guint i = 0; i < volumes->len; i++)
        if (matches(wanted, g_ptr_array_index(volumes, i)))
            return TRUE;
    return FALSE;
}

static gboolean
any_code(const filter *wanted, const GPtrArray *codes, gboolean kind)
{
    for (guint i = 0; codes != NULL && i < codes->len; i++) {
        const product_code *one = g_ptr_array_index(codes, i);
        if (text(wanted, kind ? one->kind : one->code))
            return TRUE;
    }
    return FALSE;
}

static gboolean
any_key(const filter *wanted, const GPtrArray *tags)
{
    for (guint i = 0; tags != NULL && i < tags->len; i++)
        if (text(wanted, ((tag *)g_ptr_array_index(tags, i))->key))
            return TRUE;
    return FALSE;
}

/* The filter "tag:KEY". */
static gboolean
any_tag(const filter *wanted, const GPtrArray *tags)
{
    for (guint i = 0; tags != NULL && i < tags->len; i++) {
        const tag *one = g_ptr_array_index(tags, i);
        if (g_str_equal(one->key, wanted->name + strlen(TAG_PREFIX)) && text(wanted, one->value))
            return TRUE;
    }
    return FALSE;
}

/* Of an instance's interface; nothing matches if it has none. SPELLED is taken over. */
static gboolean
of_nic(const filter *wanted, const instance_view *view, char *spelled)
{
    g_autofree char *owned = spelled;

    return view->nic != NULL && text(wanted, owned);
}

static guint32
address_of(const instance_view *view)
{
    return view->nic != NULL ? (guint32)view->nic->address : 0;
}

static gboolean
address(const filter *wanted, const instance_view *view)
{
    return of_nic(wanted, view, subnet_text(address_of(view)));
}

static gboolean
dns_name(const filter *wanted, const instance_view *view)
{
    return of_nic(wanted, view, subnet_host_name(address_of(view), view->vm->region));
}

static gboolean
subnet(const filter *wanted, const instance_view *view)
{
    return of_nic(wanted, view, subnet_id(view->vm->owner, view->vm->region));
}

static gboolean
vpc(const filter *wanted, const instance_view *view)
{
    return of_nic(wanted, view, subnet_vpc_id(view->vm->owner, view->vm->region));
}

static gboolean
group_id(const filter *wanted, const instance_view *view)
{
    return of_nic(wanted, view, subnet_group_id(view->vm->owner, view->vm->region));
}

static gboolean
any_word(const filter *wanted, guint set, const word *words)
{
    for (; words->text != NULL; words++)
        if ((set & (guint)words->value) != 0 && text(wanted, words->text))
            return TRUE;
    return FALSE;
}

/* ---- whether a row does ---- */

/* What all rows are compared by. */
typedef struct {
    const launcher *engine;
    GHashTable *tags; /* of each id, or NULL */
} context;

typedef gboolean (*row_match)(const context *where, const filter *wanted, gconstpointer row);

#define MATCH(spelled, test)                                                                       \
    if (g_str_equal(wanted->name, spelled))                                                        \
        return test;

static gboolean
is_tag(const filter *wanted)
{
    return g_str_has_prefix(wanted->name, TAG_PREFIX);
}

static gboolean
instance_matches(const context *where G_GNUC_UNUSED, const filter *wanted, gconstpointer row)
{
    const instance_view *view = row;
    const instance *vm = view->vm;

    if (is_tag(wanted))
        return any_tag(wanted, view->tags);
    INSTANCE_FILTERS(MATCH)
    return FALSE;
}

static gboolean
volume_matches(const context *where, const filter *wanted, gconstpointer row)
{
    const volume *what = row;
    const GPtrArray *tags = g_hash_table_lookup(where->tags, what->id);

    if (is_tag(wanted))
        return any_tag(wanted, tags);
    VOLUME_FILTERS(MATCH)
    return FALSE;
}

static gboolean
snapshot_matches(const context *where, const filter *wanted, gconstpointer row)
{
    const snapshot *what = row;
    const GPtrArray *tags = g_hash_table_lookup(where->tags, what->id);
    const char *alias = settings_owner_alias(where->engine->conf, what->owner);

    if (is_tag(wanted))
        return any_tag(wanted, tags);
    SNAPSHOT_FILTERS(MATCH)
    return FALSE;
}

static gboolean
key_matches(const context *where G_GNUC_UNUSED, const filter *wanted, gconstpointer row)
{
    const key_view *view = row;
    const key_pair *pair = view->pair;

    if (is_tag(wanted))
        return any_tag(wanted, view->tags);
    KEY_FILTERS(MATCH)
    return FALSE;
}

static gboolean
type_matches(const context *where G_GNUC_UNUSED, const filter *wanted, gconstpointer row)
{
    static const word hypervisors[] = {
        {"nitro", 1 << HYPERVISOR_NITRO}, {"xen", 1 << HYPERVISOR_XEN}, {NULL, 0}};
    const instance_type *type = row;
    gboolean disks = type->store_count > 0;

    TYPE_FILTERS(MATCH)
    return FALSE;
}

/* ---- which rows do ---- */

#define NAME(name, test) name,

static const char *const instance_names[] = {INSTANCE_FILTERS(NAME) NULL};
static const char *const volume_names[] = {VOLUME_FILTERS(NAME) NULL};
static const char *const snapshot_names[] = {SNAPSHOT_FILTERS(NAME) NULL};
static const char *const key_names[] = {KEY_FILTERS(NAME) NULL};
static const char *const type_names[] = {TYPE_FILTERS(NAME) NULL};

static GPtrArray *
parse(const char *const *texts, const char *const *names, gboolean with_tags, GError **error)
{
    g_autoptr(GPtrArray) filters = filters_parse(texts, error);

    for (guint i = 0; filters != NULL && i < filters->len; i++) {
        const filter *wanted = g_ptr_array_index(filters, i);
        if (g_strv_contains(names, wanted->name) || (with_tags && is_tag(wanted)))
            continue;
        error_set(error, ERROR_PARAMETER_VALUE, "The filter '%s' is invalid", wanted->name);
        return NULL;
    }
    return g_steal_pointer(&filters);
}

static gboolean
matches_all(const context *where, const GPtrArray *filters, row_match matches, gconstpointer row)
{
    for (guint i = 0; i < filters->len; i++)
        if (!matches(where, g_ptr_array_index(filters, i), row))
            return FALSE;
    return TRUE;
}

/* Those that stay change places with those that don't, which then go from the end. */
static void
keep(const context *where, GPtrArray *rows, const GPtrArray *filters, row_match matches)
{
    guint kept = 0;

    for (guint i = 0; i < rows->len; i++) {
        gpointer row = g_ptr_array_index(rows, i);
        if (!matches_all(where, filters, matches, row))
            continue;
        rows->pdata[i] = rows->pdata[kept];
        rows->pdata[kept++] = row;
    }
    g_ptr_array_set_size(rows, (int)kept);
}

gboolean
launcher_filter_instances(launcher *self, GPtrArray *rows, const char *const *filters,
                          GError **error)
{
    g_autoptr(GPtrArray) wanted = parse(filters, instance_names, TRUE, error);
    const context where = {.engine = self};

    if (wanted == NULL)
        return FALSE;
    keep(&where, rows, wanted, instance_matches);
    return TRUE;
}

gboolean
launcher_filter_volumes(launcher *self, GPtrArray *rows, const char *const *filters, GError **error)
{
    g_autoptr(GPtrArray) wanted = parse(filters, volume_names, TRUE, error);
    g_autoptr(GHashTable) tags = NULL;
    context where = {.engine = self};

    if (wanted == NULL || wanted->len == 0)
        return wanted != NULL;
    where.tags = tags = launcher_volume_tags(self, rows, error);
    if (tags == NULL)
        return FALSE;
    keep(&where, rows, wanted, volume_matches);
    return TRUE;
}

gboolean
launcher_filter_snapshots(launcher *self, GPtrArray *rows, const char *const *filters,
                          GError **error)
{
    g_autoptr(GPtrArray) wanted = parse(filters, snapshot_names, TRUE, error);
    g_autoptr(GHashTable) tags = NULL;
    context where = {.engine = self};

    if (wanted == NULL || wanted->len == 0)
        return wanted != NULL;
    where.tags = tags = launcher_snapshot_tags(self, rows, error);
    if (tags == NULL)
        return FALSE;
    keep(&where, rows, wanted, snapshot_matches);
    return TRUE;
}

gboolean
launcher_filter_types(launcher *self, GPtrArray *rows, const char *const *filters, GError **error)
{
    g_autoptr(GPtrArray) wanted = parse(filters, type_names, FALSE, error);
    const context where = {.engine = self};

    if (wanted == NULL)
        return FALSE;
    keep(&where, rows, wanted, type_matches);
    return TRUE;
}

gboolean
launcher_filter_keys(launcher *self, GPtrArray *rows, const char *const *filters, GError **error)
{
    g_autoptr(GPtrArray) wanted = parse(filters, key_names, TRUE, error);
    const context where = {.engine = self};

    if (wanted == NULL)
        return FALSE;
    keep(&where, rows, wanted, key_matches);
    return TRUE;
}
