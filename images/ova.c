#include "images/ova.h"

#include "images/bytes.h"

#define NAME_SIZE 100
#define SIZE_OFFSET 124
#define SIZE_SIZE 12
#define CHECKSUM_OFFSET 148
#define CHECKSUM_SIZE 8
#define TYPE_OFFSET 156
#define MAGIC_OFFSET 257
#define PREFIX_OFFSET 345
#define PREFIX_SIZE 155
#define MEMBERS_MAX 10000
#define LONG_NAME_MAX (64 << 10) /* and pax headers */
#define LISTED_MAX 8

enum {
    TYPE_FILE = '0',
    TYPE_FILE_OLD = '\0',
    TYPE_CONTIGUOUS = '7',
    TYPE_GNU_LONG_NAME = 'L',
    TYPE_PAX = 'x',
};

typedef struct {
    char type;
    guint64 size; /* bytes of content */
    char *name;   /* as the header has it */
} member;

typedef struct {
    const extent *file;
    guint64 at;        /* of the next header */
    char *long_name;   /* for the next member, from a header before it; or NULL */
    GPtrArray *disks;  /* names of .vmdk members */
    GPtrArray *others; /* names of the rest, some of them */
    extent disk;       /* of the last .vmdk member */
} walk;

/* A big-endian number behind 0x80 (GNU). FALSE if it is 2^55 or more. */
static gboolean
read_binary(const guint8 *at, gsize size, guint64 *number)
{
    guint64 value = 0;

    for (gsize i = 1; i < size; i++) {
        if (value >> 47 != 0)
            return FALSE;
        value = value << 8 | at[i];
    }
    *number = value;
    return TRUE;
}

/* Octal digits, blanks before and blanks or zeros after; at most 12, which no guint64 overflows. */
static gboolean
read_octal(const guint8 *at, gsize size, guint64 *number)
{
    guint64 value = 0;
    gsize i = 0;

    while (i < size && at[i] == ' ')
        i++;
    for (; i < size && at[i] >= '0' && at[i] <= '7'; i++)
        value = value << 3 | (guint64)(at[i] - '0');
    while (i < size && (at[i] == ' ' || at[i] == '\0'))
        i++;
    *number = value;
    return i == size;
}

static gboolean
read_number(const guint8 *at, gsize size, guint64 *number)
{
    return at[0] == 0x80 ? read_binary(at, size, number) : read_octal(at, size, number);
}

/* The sum of the header's bytes, those of the checksum itself taken as blanks. */
static gboolean
checksum_is_right(const guint8 *header)
{
    guint64 sum = 0, wanted;

    for (int i = 0; i < SECTOR_SIZE; i++)
        sum += i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + CHECKSUM_SIZE ? ' ' : header[i];
    return read_number(header + CHECKSUM_OFFSET, CHECKSUM_SIZE, &wanted) && sum == wanted;
}

static char *
header_name(const guint8 *header)
{
    g_autofree char *name = g_strndup((const char *)header, NAME_SIZE);

    /* GNU tar's own headers have times where ustar has the prefix. */
    if (memcmp(header + MAGIC_OFFSET, "ustar", 6) != 0 || header[PREFIX_OFFSET] == '\0')
        return g_steal_pointer(&name);
    return g_strdup_printf("%.*s/%s", PREFIX_SIZE, (const char *)header + PREFIX_OFFSET, name);
}

gboolean
ova_recognise(const extent *file)
{
    guint8 header[SECTOR_SIZE];

    return extent_read(file, 0, header, sizeof(header), "", NULL) &&
           memcmp(header + MAGIC_OFFSET, "ustar", 5) == 0 && checksum_is_right(header);
}

/* The value of KEY in a pax header, whose records are "LENGTH KEY=VALUE\n"; NULL if there is none
 * or they cannot be read. */
static char *
pax_value(const char *text, gsize length, const char *key)
{
    gsize key_length = strlen(key);

    while (length > 0) {
        char *after;
        guint64 size = g_ascii_strtoull(text, &after, 10);
        if (*after != ' ' || size > length || size <= (gsize)(after + 1 - text))
            return NULL;
        after++;
        if (strncmp(after, key, key_length) == 0 && after[key_length] == '=' &&
            after + key_length + 1 < text + size)
            return g_strndup(after + key_length + 1,
                             (gsize)(text + size - 1 - (after + key_length + 1)));
        text += size;
        length -= size;
    }
    return NULL;
}

/* A member that is there for the next one's sake. */
static gboolean
read_helper(walk *self, const member *helper, GError **error)
{
    g_autofree char *content = NULL;
    g_autofree char *size = NULL;

    if (helper->size > LONG_NAME_MAX)
        return error_set(error, ERROR_DISK_FORMAT, "its tar has a name that is too long");
    content = g_malloc0(helper->size + 1);
    if (!extent_read(self->file, self->at, content, helper->size, "the tar's content", error))
        return FALSE;
    g_free(self->long_name);
    if (helper->type == TYPE_GNU_LONG_NAME) {
        self->long_name = g_steal_pointer(&content);
        return TRUE;
    }
    self->long_name = pax_value(content, helper->size, "path");
    size = pax_value(content, helper->size, "size");
    return size == NULL || error_set(error, ERROR_DISK_FORMAT,
                                     "its tar has sizes in pax headers: make it with --format=gnu");
}

static gboolean
note_member(walk *self, const member *found, GError **error)
{
    g_autofree char *lower = g_ascii_strdown(found->name, -1);
    g_autofree char *escaped = g_strescape(found->name, NULL);
    gboolean is_file =
        found->type == TYPE_FILE || found->type == TYPE_FILE_OLD || found->type == TYPE_CONTIGUOUS;

    if (g_str_has_suffix(lower, ".vmdk.gz"))
        return error_set(error, ERROR_DISK_FORMAT,
                         "its disk %s is compressed: unpack the archive with tar -x, the disk with "
                         "gunzip, and import the disk",
                         escaped);
    if (!g_str_has_suffix(lower, ".vmdk")) {
        if (self->others->len < LISTED_MAX)
            g_ptr_array_add(self->others, g_strdup(found->name));
        return TRUE;
    }
    if (!is_file)
        return error_set(error, ERROR_DISK_FORMAT, "its member %s is no plain file", escaped);
    self->disk = (extent){self->file->fd, self->file->start + self->at,
                          (found->size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE};
    if (self->disks->len < LISTED_MAX)
        g_ptr_array_add(self->disks, g_strdup(found->name));
    return TRUE;
}

/* Reads the header at self->at and goes past the member. */
static gboolean
visit_member(walk *self, const guint8 *header, GError **error)
{
    g_autofree char *name = header_name(header);
    member found = {.type = (char)header[TYPE_OFFSET], .name = name};
    guint64 padded;
    gboolean is_helper, good;

    if (!checksum_is_right(header) || !read_number(header + SIZE_OFFSET, SIZE_SIZE, &found.size))
        return error_set(error, ERROR_DISK_FORMAT,
                         "its tar is damaged: no header at byte %" G_GUINT64_FORMAT, self->at);
    self->at += SECTOR_SIZE;
    padded = (found.size + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
    if (!extent_need(self->file, self->at, padded, "a member of the tar", error))
        return FALSE;
    is_helper = found.type == TYPE_GNU_LONG_NAME || found.type == TYPE_PAX;
    if (!is_helper && self->long_name != NULL)
        found.name = self->long_name;
    good = is_helper ? read_helper(self, &found, error) : note_member(self, &found, error);
    if (!is_helper)
        g_clear_pointer(&self->long_name, g_free);
    self->at += padded;
    return good;
}

/* An archive ends with sectors of zeros, or, with some writers, where the file does. */
static gboolean
visit_members(walk *self, GError **error)
{
    static const guint8 zeros[SECTOR_SIZE];
    guint8 header[SECTOR_SIZE];

    for (int i = 0; i < MEMBERS_MAX && self->at < self->file->length; i++) {
        if (!extent_read(self->file, self->at, header, sizeof(header), "a tar header", error))
            return FALSE;
        if (memcmp(header, zeros, sizeof(header)) == 0)
            return TRUE;
        if (!visit_member(self, header, error))
            return FALSE;
    }
    return self->at >= self->file->length ||
           error_set(error, ERROR_DISK_FORMAT, "its tar has too many members");
}

static char *
list_names(GPtrArray *names)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < names->len; i++) {
        g_autofree char *escaped = g_strescape(names->pdata[i], NULL);
        g_string_append_printf(text, "%s%s", i == 0 ? "" : ", ", escaped);
    }
    if (names->len == LISTED_MAX)
        g_string_append(text, ", ...");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean
is_one_disk(const walk *self, GError **error)
{
    g_autofree char *names = list_names(self->disks->len == 0 ? self->others : self->disks);

    if (self->disks->len == 0)
        return error_set(error, ERROR_DISK_FORMAT, "it is a tar without a .vmdk disk (it has: %s)",
                         names);
    return self->disks->len == 1 ||
           error_set(error, ERROR_DISK_FORMAT,
                     "it holds several disks (%s): unpack it with tar -x and import one by one",
                     names);
}

gboolean
ova_find_disk(const extent *file, extent *disk, char **name, GError **error)
{
    g_autoptr(GPtrArray) disks = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(g_free);
    walk self = {.file = file, .disks = disks, .others = others};
    gboolean good = visit_members(&self, error);

    g_free(self.long_name);
    if (!good || !is_one_disk(&self, error))
        return FALSE;
    *disk = self.disk;
    *name = g_strdup(disks->pdata[0]);
    return TRUE;
}
