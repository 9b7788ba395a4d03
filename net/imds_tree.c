#include "net/imds_tree.h"
#include "net/imds_leaves.h"

#include <string.h>

/* Source: what the service lists at /; EC2's cloud-init and others ask by some of these. */
static const char *const versions[] = {
    "1.0",        "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15",
    "2008-02-01", "2008-09-01", "2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12",
    "2014-02-25", "2014-11-05", "2015-10-20", "2016-04-19", "2016-06-30", "2016-09-02",
    "2018-03-28", "2018-08-17", "2018-09-24", "2019-10-01", "2020-10-27", "2021-01-03",
    "2021-03-23", "2021-07-15", "2022-07-09", "2022-09-24", "2024-04-11", "latest",
    NULL};

void
imds_page_free(imds_page *self)
{
    if (self == NULL)
        return;
    g_bytes_unref(self->content);
    g_free(self);
}

/* Takes CONTENT. */
static imds_page *
page_new(GBytes *content, const char *type)
{
    imds_page *self = g_new0(imds_page, 1);

    self->content = content;
    self->type = type != NULL ? type : "text/plain";
    return self;
}

/* Takes TEXT. */
static imds_page *
page_of_text(char *text)
{
    return page_new(g_bytes_new_take(text, strlen(text)), NULL);
}

/* ---- one leaf under one of its names ---- */

typedef struct {
    const imds_source *source;
    const imds_leaf *leaf;
    const char *name; /* what its * is; NULL: it has none */
} place;

static char *
place_path(const place *self)
{
    const char *star = self->name != NULL ? strchr(self->leaf->path, '*') : NULL;

    if (star == NULL)
        return g_strdup(self->leaf->path);
    return g_strdup_printf("%.*s%s%s", (int)(star - self->leaf->path), self->leaf->path, self->name,
                           star + 1);
}

static GBytes *
place_content(const place *self)
{
    return self->leaf->content(self->source, self->leaf, self->name);
}

static gboolean
place_exists(const place *self)
{
    g_autoptr(GBytes) content = place_content(self);

    return content != NULL;
}

/* ---- a listing ---- */

typedef struct {
    const char *folder; /* below a version; "" for that itself */
    GPtrArray *names;   /* char * */
} listing;

/* How the directory lists what leads to the leaf; the rest of the leaf's path is REST. EC2 shows no
 * / for what is in a version itself. */
static char *
listed_name(const listing *self, const place *at, const char *rest)
{
    gsize length = strcspn(rest, "/");
    g_autofree char *name = g_strndup(rest, length);

    if (at->leaf->label != NULL && g_strcmp0(name, at->name) == 0)
        return at->leaf->label(at->source, at->name);
    if (rest[length] == '\0' || *self->folder == '\0')
        return g_steal_pointer(&name);
    return g_strconcat(name, "/", NULL);
}

/* What REST of PATH is below FOLDER; NULL if it isn't there. */
static const char *
path_below(const char *path, const char *folder)
{
    gsize length = strlen(folder);

    if (length == 0)
        return path;
    return g_str_has_prefix(path, folder) && path[length] == '/' ? path + length + 1 : NULL;
}

/* Whether the leaf is there isn't asked where another leads to the same name already: that is much
 * work for a signature. */
static void
listing_add(listing *self, const place *at, const char *path)
{
    const char *rest = path_below(path, self->folder);
    g_autofree char *name = rest != NULL ? listed_name(self, at, rest) : NULL;

    if (name != NULL && !g_ptr_array_find_with_equal_func(self->names, name, g_str_equal, NULL) &&
        place_exists(at))
        g_ptr_array_add(self->names, g_steal_pointer(&name));
}

static imds_page *
listing_page(const listing *self)
{
    if (self->names->len == 0)
        return NULL;
    g_ptr_array_add(self->names, NULL);
    return page_of_text(g_strjoinv("\n", (char **)self->names->pdata));
}

/* ---- all leaves ---- */

/* The leaf at PATH, or NULL; adds it to ALSO, too. */
static imds_page *
visit(const place *at, const char *path, listing *also)
{
    g_autofree char *own = place_path(at);
    GBytes *content;

    listing_add(also, at, own);
    if (!g_str_equal(own, path))
        return NULL;
    content = place_content(at);
    return content != NULL ? page_new(content, at->leaf->type) : NULL;
}

static imds_page *
visit_names(place at, const char *path, listing *also)
{
    g_autoptr(GPtrArray) names = at.leaf->names != NULL ? at.leaf->names(at.source) : NULL;
    imds_page *found = NULL;

    if (names == NULL)
        return visit(&at, path, also);
    for (guint i = 0; found == NULL && i < names->len; i++) {
        at.name = g_ptr_array_index(names, i);
        found = visit(&at, path, also);
    }
    return found;
}

/* PATH is below a version. */
static imds_page *
find_in_version(const imds_source *source, const char *path)
{
    gsize length = strlen(path);
    gboolean slash = length > 1 && path[length - 1] == '/';
    g_autofree char *folder = g_strndup(path, slash ? length - 1 : length);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    listing also = {.folder = folder, .names = names};

    for (gsize i = 0; i < imds_leaf_count; i++) {
        imds_page *found =
            visit_names((place){.source = source, .leaf = &imds_leaves[i]}, path, &also);
        if (found != NULL)
            return found;
    }
    return listing_page(&also);
}

imds_page *
imds_tree_find(const imds_source *source, const char *path)
{
    const char *rest;
    g_autofree char *version = NULL;

    if (*path != '/')
        return NULL;
    if (path[1] == '\0')
        return page_of_text(g_strjoinv("\n", (char **)versions));
    rest = path + 1 + strcspn(path + 1, "/");
    version = g_strndup(path + 1, (gsize)(rest - path - 1));
    if (!g_strv_contains(versions, version))
        return NULL;
    return find_in_version(source, *rest == '/' ? rest + 1 : rest);
}
