#include "images/facts.h"

#include <jansson.h>
#include <stdlib.h>

/* Each structure is described by a table: reading, writing and freeing all go by it. */
typedef enum { STRING, NUMBER, SIZE, FLAG, OBJECT, OBJECTS, STRINGS } field_kind;

typedef struct shape shape;

typedef struct {
    const char *key; /* NULL ends a table */
    field_kind kind;
    gsize offset;
    const shape *of; /* of an OBJECT, or each of OBJECTS */
} field;

struct shape {
    gsize size;
    const field *fields;
    GDestroyNotify free; /* of an object; only for those that are in arrays */
};

#define FIELD(type, name, kind)                                                                    \
    {                                                                                              \
#name, kind, G_STRUCT_OFFSET(type, name), NULL                                             \
    }
#define FIELD_OF(type, name, kind, of)                                                             \
    {                                                                                              \
#name, kind, G_STRUCT_OFFSET(type, name), of                                               \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, STRING, 0, NULL                                                                      \
    }

#define MEMBER(object, field, type) (*(type *)((char *)(object) + (field)->offset))

/* GPtrArray's free functions get no more than the element. */
static void partition_free(gpointer element);
static void loader_free(gpointer element);
static void kernel_free(gpointer element);
static void fstab_free(gpointer element);

static const field partition_fields[] = {FIELD(partition_facts, number, NUMBER),
                                         FIELD(partition_facts, start, SIZE),
                                         FIELD(partition_facts, size, SIZE),
                                         FIELD(partition_facts, type, STRING),
                                         FIELD(partition_facts, active, FLAG),
                                         FIELD(partition_facts, esp, FLAG),
                                         FIELD(partition_facts, bios_boot, FLAG),
                                         FIELD(partition_facts, filesystem, STRING),
                                         FIELD(partition_facts, label, STRING),
                                         FIELD(partition_facts, uuid, STRING),
                                         END};
static const shape partition_shape = {sizeof(partition_facts), partition_fields, partition_free};

static const field loader_fields[] = {FIELD(loader_facts, path, STRING),
                                      FIELD(loader_facts, partition, NUMBER),
                                      FIELD(loader_facts, kind, STRING),
                                      FIELD(loader_facts, title, STRING),
                                      FIELD(loader_facts, root, STRING),
                                      FIELD(loader_facts, kernel, STRING),
                                      FIELD(loader_facts, arguments, STRING),
                                      FIELD(loader_facts, initrd, STRING),
                                      FIELD(loader_facts, chain, STRING),
                                      FIELD(loader_facts, way, STRING),
                                      FIELD(loader_facts, timeout, STRING),
                                      FIELD(loader_facts, kernel_found, STRING),
                                      FIELD(loader_facts, kernel_partition, NUMBER),
                                      FIELD(loader_facts, kernel_path, STRING),
                                      FIELD(loader_facts, initrd_found, STRING),
                                      FIELD(loader_facts, modules, STRINGS),
                                      FIELD(loader_facts, unknown, STRINGS),
                                      END};
static const shape loader_shape = {sizeof(loader_facts), loader_fields, loader_free};

static const field kernel_fields[] = {FIELD(kernel_facts, path, STRING),
                                      FIELD(kernel_facts, partition, NUMBER),
                                      FIELD(kernel_facts, version, STRING),
                                      FIELD(kernel_facts, compression, STRING),
                                      FIELD(kernel_facts, bits, NUMBER),
                                      FIELD(kernel_facts, initramfs, STRING),
                                      FIELD(kernel_facts, xen_pv, STRING),
                                      FIELD(kernel_facts, xen_pvh, STRING),
                                      FIELD(kernel_facts, virtio_blk, STRING),
                                      FIELD(kernel_facts, virtio_net, STRING),
                                      FIELD(kernel_facts, nvme, STRING),
                                      FIELD(kernel_facts, ahci, STRING),
                                      FIELD(kernel_facts, ata_piix, STRING),
                                      FIELD(kernel_facts, e1000, STRING),
                                      FIELD(kernel_facts, xen_blkfront, STRING),
                                      FIELD(kernel_facts, xen_netfront, STRING),
                                      END};
static const shape kernel_shape = {sizeof(kernel_facts), kernel_fields, kernel_free};

static const field fstab_fields[] = {FIELD(fstab_entry, device, STRING),
                                     FIELD(fstab_entry, mount_point, STRING),
                                     FIELD(fstab_entry, type, STRING), END};
static const shape fstab_shape = {sizeof(fstab_entry), fstab_fields, fstab_free};

static const field image_fields[] = {FIELD(image_facts, inspection, NUMBER),
                                     FIELD(image_facts, incomplete, FLAG),
                                     FIELD(image_facts, format, STRING),
                                     FIELD(image_facts, virtual_size, SIZE),
                                     FIELD(image_facts, scheme, NUMBER),
                                     FIELD(image_facts, signature, FLAG),
                                     FIELD(image_facts, active, NUMBER),
                                     FIELD(image_facts, boot_code, STRING),
                                     FIELD(image_facts, boot_code_after, STRING),
                                     FIELD_OF(image_facts, partitions, OBJECTS, &partition_shape),
                                     FIELD(image_facts, os_type, STRING),
                                     FIELD(image_facts, distribution, STRING),
                                     FIELD(image_facts, product, STRING),
                                     FIELD(image_facts, version, STRING),
                                     FIELD(image_facts, hostname, STRING),
                                     FIELD(image_facts, package_format, STRING),
                                     FIELD(image_facts, architecture, STRING),
                                     FIELD(image_facts, root_device, STRING),
                                     FIELD(image_facts, root_partition, NUMBER),
                                     FIELD(image_facts, root_filesystem, STRING),
                                     FIELD_OF(image_facts, loader, OBJECT, &loader_shape),
                                     FIELD_OF(image_facts, menu_lsts, OBJECTS, &loader_shape),
                                     FIELD(image_facts, efi_loader, STRING),
                                     FIELD(image_facts, efi_partition, NUMBER),
                                     FIELD_OF(image_facts, kernels, OBJECTS, &kernel_shape),
                                     FIELD_OF(image_facts, fstab, OBJECTS, &fstab_shape),
                                     FIELD(image_facts, windows_virtio, STRING),
                                     FIELD(image_facts, boot_kernel, STRING),
                                     FIELD(image_facts, boot_initrd, STRING),
                                     FIELD(image_facts, notes, STRINGS),
                                     END};
static const shape image_shape = {sizeof(image_facts), image_fields, NULL};

static void
object_free(gpointer object, const shape *of)
{
    if (object == NULL)
        return;
    for (const field *f = of->fields; f->key != NULL; f++) {
        if (f->kind == STRING)
            g_free(MEMBER(object, f, char *));
        else if (f->kind == OBJECT)
            object_free(MEMBER(object, f, gpointer), f->of);
        else if (f->kind == OBJECTS || f->kind == STRINGS)
            g_ptr_array_unref(MEMBER(object, f, GPtrArray *));
    }
    g_free(object);
}

#define DEFINE_ELEMENT_FREE(name)                                                                  \
    static void name##_free(gpointer element)                                                      \
    {                                                                                              \
        object_free(element, &name##_shape);                                                       \
    }

DEFINE_ELEMENT_FREE(partition)
DEFINE_ELEMENT_FREE(loader)
DEFINE_ELEMENT_FREE(kernel)
DEFINE_ELEMENT_FREE(fstab)

/* All empty, with its arrays. */
static gpointer
object_new(const shape *of)
{
    gpointer object = g_malloc0(of->size);

    for (const field *f = of->fields; f->key != NULL; f++)
        if (f->kind == OBJECTS || f->kind == STRINGS)
            MEMBER(object, f, GPtrArray *) =
                g_ptr_array_new_with_free_func(f->kind == OBJECTS ? f->of->free : g_free);
    return object;
}

image_facts *
image_facts_new(void)
{
    image_facts *self = object_new(&image_shape);

    self->inspection = INSPECTION_VERSION;
    return self;
}

loader_facts *
loader_facts_new(void)
{
    return object_new(&loader_shape);
}

kernel_facts *
kernel_facts_new(void)
{
    return object_new(&kernel_shape);
}

gboolean
image_facts_are_paravirtual(const image_facts *self)
{
    return self->scheme == PARTITIONS_NONE && self->boot_code == NULL && self->menu_lsts->len > 0;
}

void
image_facts_free(image_facts *self)
{
    object_free(self, &image_shape);
}

void
loader_facts_free(loader_facts *self)
{
    object_free(self, &loader_shape);
}

void
kernel_facts_free(kernel_facts *self)
{
    object_free(self, &kernel_shape);
}

/* ---- writing ---- */

static json_t *object_to_json(gconstpointer object, const shape *of);

static json_t *
string_to_json(const char *text)
{
    g_autofree char *valid = text == NULL ? NULL : g_utf8_make_valid(text, -1);

    return valid == NULL ? NULL : json_string(valid);
}

static json_t *
array_to_json(const GPtrArray *array, const field *f)
{
    json_t *value = json_array();

    for (guint i = 0; i < array->len; i++)
        json_array_append_new(value, f->kind == STRINGS ? string_to_json(array->pdata[i])
                                                        : object_to_json(array->pdata[i], f->of));
    return value;
}

/* NULL for a member that has nothing, and need not be written. */
static json_t *
member_to_json(gconstpointer object, const field *f)
{
    switch (f->kind) {
    case STRING:
        return string_to_json(MEMBER(object, f, const char *));
    case NUMBER:
        return json_integer(MEMBER(object, f, guint));
    case SIZE:
        return json_integer((json_int_t)MEMBER(object, f, guint64));
    case FLAG:
        return json_boolean(MEMBER(object, f, gboolean));
    case OBJECT:
        return MEMBER(object, f, gpointer) == NULL
                   ? NULL
                   : object_to_json(MEMBER(object, f, gpointer), f->of);
    default:
        return array_to_json(MEMBER(object, f, const GPtrArray *), f);
    }
}

static json_t *
object_to_json(gconstpointer object, const shape *of)
{
    json_t *value = json_object();

    for (const field *f = of->fields; f->key != NULL; f++) {
        json_t *member = member_to_json(object, f);
        if (member != NULL)
            json_object_set_new(value, f->key, member);
    }
    return value;
}

char *
image_facts_to_json(const image_facts *self)
{
    json_t *value = object_to_json(self, &image_shape);
    char *dumped = json_dumps(value, JSON_COMPACT);
    char *text = g_strdup(dumped);

    free(dumped);
    json_decref(value);
    return text;
}

/* ---- reading ---- */

static gboolean object_from_json(gpointer object, const shape *of, const json_t *value,
                                 GError **error);

static gboolean
wrong(GError **error, const char *key)
{
    return error_set(error, ERROR_HOST_DATABASE, "stored image facts: the value of %s is wrong",
                     key);
}

static gboolean
element_from_json(GPtrArray *array, const field *f, const json_t *value, GError **error)
{
    if (f->kind == STRINGS) {
        if (!json_is_string(value))
            return wrong(error, f->key);
        g_ptr_array_add(array, g_strdup(json_string_value(value)));
        return TRUE;
    }
    g_ptr_array_add(array, object_new(f->of));
    return object_from_json(array->pdata[array->len - 1], f->of, value, error);
}

static gboolean
array_from_json(GPtrArray *array, const field *f, const json_t *value, GError **error)
{
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!element_from_json(array, f, json_array_get(value, i), error))
            return FALSE;
    return json_is_array(value) || wrong(error, f->key);
}

static gboolean
number_from_json(guint64 *number, guint64 max, const field *f, const json_t *value, GError **error)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (guint64)json_integer_value(value) > max)
        return wrong(error, f->key);
    *number = (guint64)json_integer_value(value);
    return TRUE;
}

static gboolean
member_from_json(gpointer object, const field *f, const json_t *value, GError **error)
{
    guint64 number = 0;

    switch (f->kind) {
    case STRING:
        MEMBER(object, f, char *) = g_strdup(json_string_value(value));
        return json_is_string(value) || wrong(error, f->key);
    case NUMBER:
        if (!number_from_json(&number, G_MAXINT, f, value, error))
            return FALSE;
        MEMBER(object, f, guint) = (guint)number;
        return TRUE;
    case SIZE:
        return number_from_json(&MEMBER(object, f, guint64), G_MAXINT64, f, value, error);
    case FLAG:
        MEMBER(object, f, gboolean) = json_is_true(value);
        return json_is_boolean(value) || wrong(error, f->key);
    case OBJECT:
        MEMBER(object, f, gpointer) = object_new(f->of);
        return object_from_json(MEMBER(object, f, gpointer), f->of, value, error);
    default:
        return array_from_json(MEMBER(object, f, GPtrArray *), f, value, error);
    }
}

static gboolean
object_from_json(gpointer object, const shape *of, const json_t *value, GError **error)
{
    if (!json_is_object(value))
        return error_set(error, ERROR_HOST_DATABASE, "stored image facts: this is no object");
    for (const field *f = of->fields; f->key != NULL; f++) {
        const json_t *member = json_object_get(value, f->key);
        if (member != NULL && !json_is_null(member) && !member_from_json(object, f, member, error))
            return FALSE;
    }
    return TRUE;
}

image_facts *
image_facts_from_json(const char *text, GError **error)
{
    g_autoptr(image_facts) self = object_new(&image_shape);
    json_error_t problem;
    json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
    gboolean good;

    if (value == NULL) {
        error_set(error, ERROR_HOST_DATABASE, "stored image facts: %s", problem.text);
        return NULL;
    }
    good = object_from_json(self, &image_shape, value, error);
    json_decref(value);
    return good ? g_steal_pointer(&self) : NULL;
}
