#include "conf/kernel_images.h"
#include "conf/data_path.h"
#include "conf/reader.h"

#include <string.h>

#define KERNEL_IMAGES_FILE "kernel-images.conf"
#define PREFIX "aki-"

struct kernel_images {
    GPtrArray *ordered; /* of kernel_image, which it owns */
    GHashTable *by_id;  /* the same */
};

static void
image_free(void *item)
{
    kernel_image *self = item;

    g_free(self->id);
    g_free(self->region);
    g_free(self->name);
    g_free(self->version);
    g_free(self->architecture);
    g_free(self);
}

static void *
image_new(void)
{
    return g_new0(kernel_image, 1);
}

static gboolean
is_id(const char *text)
{
    const char *digits = text + strlen(PREFIX);
    gsize count = g_str_has_prefix(text, PREFIX) ? strspn(digits, "0123456789abcdef") : 0;

    return (count == 8 || count == 17) && digits[count] == '\0';
}

static gboolean
is_architecture(const char *text)
{
    return g_str_equal(text, "i386") || g_str_equal(text, "x86_64");
}

/* Takes "pv-grub-hd0_1.05-x86_64.gz" apart; SELF may be NULL to ask only whether it can be. */
static gboolean
read_name(const char *name, kernel_image *self)
{
    static const char disk[] = "pv-grub-hd0_", partitions[] = "pv-grub-hd00_";
    gboolean partitioned = g_str_has_prefix(name, partitions);
    const char *version = name + strlen(partitioned ? partitions : disk);
    gsize length;
    g_autofree char *architecture = NULL;

    if (!partitioned && !g_str_has_prefix(name, disk))
        return FALSE;
    length = strspn(version, "0123456789.");
    if (length == 0 || version[length] != '-' || !g_str_has_suffix(name, ".gz"))
        return FALSE;
    architecture = g_strndup(version + length + 1, strlen(version + length + 1) - strlen(".gz"));
    if (!is_architecture(architecture))
        return FALSE;
    if (self != NULL) {
        self->partitioned = partitioned;
        self->version = g_strndup(version, length);
        self->architecture = g_steal_pointer(&architecture);
    }
    return TRUE;
}

static gboolean
is_name(const char *text)
{
    return read_name(text, NULL);
}

static char *
add_image(void *target, void *item)
{
    kernel_images *self = target;
    kernel_image *one = item;

    read_name(one->name, one);
    g_ptr_array_add(self->ordered, one);
    if (!g_hash_table_insert(self->by_id, one->id, one))
        return g_strdup_printf("the kernel image %s is here twice; each is allowed once", one->id);
    return NULL;
}

#define AT(member) .offset = G_STRUCT_OFFSET(kernel_image, member)

static const field_rule image_fields[] = {
    {"id", FIELD_TEXT, AT(id), .required = TRUE, .valid = is_id,
     .allowed = "aki- and 8 or 17 hexadecimal digits, in quotes"},
    {"region", FIELD_TEXT, AT(region), .required = TRUE, .valid = settings_is_region,
     .allowed = "a region in quotes"},
    {"name", FIELD_TEXT, AT(name), .required = TRUE, .valid = is_name,
     .allowed = "a name like \"pv-grub-hd0_1.05-x86_64.gz\": hd0 or hd00, a version, i386 or "
                "x86_64"},
    {"one_place", FIELD_BOOLEAN, AT(one_place)},
    {.name = NULL}};

static const field_rule fields[] = {{"kernel_images", FIELD_LIST, .required = TRUE,
                                     .fields = image_fields, .item_new = image_new,
                                     .item_add = add_image, .item_free = image_free},
                                    {.name = NULL}};

kernel_images *
kernel_images_load(const char *path, GError **error)
{
    g_autoptr(kernel_images) self = g_new0(kernel_images, 1);

    self->ordered = g_ptr_array_new_with_free_func(image_free);
    self->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return reader_read(path, fields, self, error) ? g_steal_pointer(&self) : NULL;
}

void
kernel_images_free(kernel_images *self)
{
    if (self == NULL)
        return;
    g_hash_table_unref(self->by_id);
    g_ptr_array_unref(self->ordered);
    g_free(self);
}

const kernel_image *
kernel_images_get(const kernel_images *self, const char *id)
{
    return g_hash_table_lookup(self->by_id, id);
}

const kernel_image *
kernel_images_newest(const kernel_images *self, const char *region, const char *architecture,
                     gboolean partitioned)
{
    const kernel_image *newest = NULL;

    for (guint i = 0; i < self->ordered->len; i++) {
        const kernel_image *one = g_ptr_array_index(self->ordered, i);
        if (one->partitioned == partitioned && g_str_equal(one->region, region) &&
            g_str_equal(one->architecture, architecture) &&
            (newest == NULL || strverscmp(one->version, newest->version) > 0))
            newest = one;
    }
    return newest;
}

const kernel_image *
kernel_images_like(const kernel_images *self, const char *region, const kernel_image *other)
{
    for (guint i = 0; i < self->ordered->len; i++) {
        const kernel_image *one = g_ptr_array_index(self->ordered, i);
        if (g_str_equal(one->region, region) && g_str_equal(one->name, other->name))
            return one;
    }
    return kernel_images_newest(self, region, other->architecture, other->partitioned);
}

guint
kernel_images_count(const kernel_images *self)
{
    return self->ordered->len;
}

const kernel_image *
kernel_images_at(const kernel_images *self, guint index)
{
    g_return_val_if_fail(index < self->ordered->len, NULL);
    return g_ptr_array_index(self->ordered, index);
}

char *
kernel_images_path(const settings *chosen)
{
    return data_path(chosen->kernel_images, KERNEL_IMAGES_FILE);
}
