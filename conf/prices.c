#include "conf/prices.h"
#include "conf/data_path.h"
#include "conf/reader.h"

#define PRICES_FILE "prices.conf"
#define DEAREST 1000000 /* dollars: what is more is a slip */

typedef struct {
    char *type;
    double price;
} priced;

struct prices {
    char *date;
    char *region;
    GHashTable *instances; /* of priced, by type; each owns them */
    GHashTable *volumes;
    double snapshot;
    double bundle;
};

static void
priced_free(void *item)
{
    priced *self = item;

    g_free(self->type);
    g_free(self);
}

static void *
priced_new(void)
{
    return g_new0(priced, 1);
}

static char *
add(GHashTable *to, void *item)
{
    priced *one = item;

    if (g_hash_table_contains(to, one->type)) {
        char *problem =
            g_strdup_printf("the type %s is here twice; each is allowed once", one->type);
        priced_free(one);
        return problem;
    }
    g_hash_table_insert(to, one->type, one);
    return NULL;
}

static char *
add_instance(void *target, void *item)
{
    return add(((prices *)target)->instances, item);
}

static char *
add_volume(void *target, void *item)
{
    return add(((prices *)target)->volumes, item);
}

static gboolean
is_filled(const char *text)
{
    return *text != '\0';
}

static const field_rule instance_fields[] = {{"type", FIELD_TEXT, G_STRUCT_OFFSET(priced, type),
                                              .required = TRUE, .valid = is_filled,
                                              .allowed = "an instance type in quotes"},
                                             {"hour", FIELD_NUMBER, G_STRUCT_OFFSET(priced, price),
                                              .required = TRUE, .max = DEAREST, .unit = "dollars"},
                                             {.name = NULL}};

static const field_rule volume_fields[] = {
    {"type", FIELD_TEXT, G_STRUCT_OFFSET(priced, type), .required = TRUE, .valid = is_filled,
     .allowed = "a volume type in quotes"},
    {"gb_month", FIELD_NUMBER, G_STRUCT_OFFSET(priced, price), .required = TRUE, .max = DEAREST,
     .unit = "dollars"},
    {.name = NULL}};

#define AT(member) .offset = G_STRUCT_OFFSET(prices, member)

static const field_rule fields[] = {
    {"date", FIELD_TEXT, AT(date), .required = TRUE, .valid = is_filled,
     .allowed = "when these were the prices, in quotes"},
    {"region", FIELD_TEXT, AT(region), .required = TRUE, .valid = settings_is_region,
     .allowed = "a region in quotes"},
    {"instances", FIELD_LIST, .required = TRUE, .fields = instance_fields, .item_new = priced_new,
     .item_add = add_instance, .item_free = priced_free},
    {"volumes", FIELD_LIST, .required = TRUE, .fields = volume_fields, .item_new = priced_new,
     .item_add = add_volume, .item_free = priced_free},
    {"snapshot_gb_month", FIELD_NUMBER, AT(snapshot), .max = DEAREST, .unit = "dollars"},
    {"bundle_gb_month", FIELD_NUMBER, AT(bundle), .max = DEAREST, .unit = "dollars"},
    {.name = NULL}};

prices *
prices_load(const char *path, GError **error)
{
    g_autoptr(prices) self = g_new0(prices, 1);

    self->instances = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, priced_free);
    self->volumes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, priced_free);
    self->snapshot = self->bundle = -1;
    return reader_read(path, fields, self, error) ? g_steal_pointer(&self) : NULL;
}

void
prices_free(prices *self)
{
    if (self == NULL)
        return;
    g_hash_table_unref(self->instances);
    g_hash_table_unref(self->volumes);
    g_free(self->date);
    g_free(self->region);
    g_free(self);
}

const char *
prices_date(const prices *self)
{
    return self->date;
}

const char *
prices_region(const prices *self)
{
    return self->region;
}

static double
find(GHashTable *in, const char *type)
{
    const priced *one = type != NULL ? g_hash_table_lookup(in, type) : NULL;

    return one != NULL ? one->price : -1;
}

double
prices_instance(const prices *self, const char *type)
{
    return find(self->instances, type);
}

double
prices_volume(const prices *self, const char *type)
{
    return find(self->volumes, type);
}

double
prices_snapshot(const prices *self)
{
    return self->snapshot;
}

double
prices_bundle(const prices *self)
{
    return self->bundle;
}

char *
prices_path(const settings *chosen)
{
    return data_path(chosen->prices, PRICES_FILE);
}
