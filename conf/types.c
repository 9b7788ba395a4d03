#include "common/distance.h"
#include "conf/data_path.h"
#include "conf/plain.h"
#include "conf/reader.h"
#include "conf/type_fields.h"
#include "conf/types.h"

#include <string.h>

#define TYPES_FILE "instance-types.conf"

struct instance_types {
    GPtrArray *ordered;  /* of instance_type, which it owns */
    GHashTable *by_name; /* the same */
};

static char *
add_type(void *target, void *item)
{
    instance_types *self = target;
    instance_type *type = item;

    type->family = g_strndup(type->name, strcspn(type->name, "."));
    type->bare_metal = type->hypervisor == HYPERVISOR_NONE;
    g_ptr_array_add(self->ordered, type);
    if (!g_hash_table_insert(self->by_name, type->name, type))
        return g_strdup_printf("the type %s is here twice; each is allowed once", type->name);
    return NULL;
}

static const field_rule fields[] = {{"types", FIELD_LIST, .required = TRUE, .fields = type_fields,
                                     .item_new = type_new, .item_add = add_type,
                                     .item_free = type_free},
                                    {.name = NULL}};

static int
compare_counts(guint one, guint other)
{
    return (one > other) - (one < other);
}

static int
compare_types(gconstpointer a, gconstpointer b)
{
    const instance_type *one = *(const instance_type *const *)a;
    const instance_type *other = *(const instance_type *const *)b;
    int order = strverscmp(one->family, other->family);

    if (order == 0)
        order = compare_counts(one->vcpus, other->vcpus);
    if (order == 0)
        order = compare_counts(one->memory_mib, other->memory_mib);
    if (order == 0)
        order = compare_counts(one->bare_metal, other->bare_metal);
    return order != 0 ? order : strverscmp(one->name, other->name);
}

static instance_types *
types_new(void)
{
    instance_types *self = g_new0(instance_types, 1);

    self->ordered = g_ptr_array_new_with_free_func(type_free);
    self->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    return self;
}

instance_types *
instance_types_load(const char *path, GError **error)
{
    g_autoptr(instance_types) self = types_new();

    if (!plain_read(path, fields, self)) {
        instance_types_free(self);
        self = types_new();
        if (!reader_read(path, fields, self, error))
            return NULL;
    }
    g_ptr_array_sort(self->ordered, compare_types);
    return g_steal_pointer(&self);
}

void
instance_types_free(instance_types *self)
{
    if (self == NULL)
        return;
    g_hash_table_unref(self->by_name);
    g_ptr_array_unref(self->ordered);
    g_free(self);
}

guint
instance_types_count(const instance_types *self)
{
    return self->ordered->len;
}

const instance_type *
instance_types_at(const instance_types *self, guint index)
{
    g_return_val_if_fail(index < self->ordered->len, NULL);
    return g_ptr_array_index(self->ordered, index);
}

static const instance_type *
smallest_of(const instance_types *self, const char *family)
{
    for (guint i = 0; i < self->ordered->len; i++) {
        const instance_type *type = g_ptr_array_index(self->ordered, i);
        if (strcmp(type->family, family) == 0)
            return type;
    }
    return NULL;
}

/* Names the sizes of the family that NAME begins with; NULL if there is no such family. */
static char *
hint_sizes(const instance_types *self, const char *name)
{
    g_autofree char *family = g_strndup(name, strcspn(name, "."));
    g_autoptr(GString) sizes = g_string_new(NULL);

    for (guint i = 0; i < self->ordered->len; i++) {
        const instance_type *type = g_ptr_array_index(self->ordered, i);
        if (strcmp(type->family, family) == 0)
            g_string_append_printf(sizes, "%s%s", sizes->len > 0 ? ", " : "",
                                   type->name + strlen(family) + 1);
    }
    return sizes->len > 0 ? g_strdup_printf("The sizes of %s are %s.", family, sizes->str) : NULL;
}

/* The type whose name is almost NAME, or NULL. */
static const instance_type *
nearest(const instance_types *self, const char *name)
{
    const instance_type *best = NULL;
    guint limit = 3; /* two typing errors are a typing error; three are another name */

    for (guint i = 0; i < self->ordered->len; i++) {
        const instance_type *type = g_ptr_array_index(self->ordered, i);
        guint distance = edit_distance(name, type->name);
        if (distance < limit) {
            limit = distance;
            best = type;
        }
    }
    return best;
}

static char *
hint_for(const instance_types *self, const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    char *sizes = hint_sizes(self, lower);
    const instance_type *near;

    if (sizes != NULL)
        return sizes;
    near = nearest(self, lower);
    return near != NULL ? g_strdup_printf("Did you mean %s?", near->name)
                        : g_strdup("'amilaunch type ls' lists them.");
}

const instance_type *
instance_types_find(const instance_types *self, const char *name, GError **error)
{
    const instance_type *type = g_hash_table_lookup(self->by_name, name);
    g_autofree char *hint = NULL;

    if (type == NULL)
        type = smallest_of(self, name);
    if (type != NULL)
        return type;
    hint = hint_for(self, name);
    error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for InstanceType. %s", name, hint);
    return NULL;
}

char *
instance_types_path(const settings *chosen)
{
    return data_path(chosen->instance_types, TYPES_FILE);
}
