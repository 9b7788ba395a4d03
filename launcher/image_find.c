#include "launcher/image_find.h"
#include "common/error.h"
#include "common/filter.h"
#include "launcher/kernel_find.h"
#include "launcher/reconcile.h"
#include "store/image_query.h"

/* ---- what is asked ---- */

/* As many as a filter may have values. */
#define MOST_ACCOUNTS 200

static gboolean
check_count(const char *const *list, const char *what, GError **error)
{
    guint count = g_strv_length((char **)list);

    return count <= MOST_ACCOUNTS ||
           error_set(error, ERROR_FILTER_LIMIT, "%u %s, and %d are the most that there can be",
                     count, what, MOST_ACCOUNTS);
}

/* The accounts that WHO stands for are added to ACCOUNTS. */
static gboolean
add_accounts(const launcher *self, const char *who, GPtrArray *accounts, GError **error)
{
    const char *alias = g_str_equal(who, "amazon")            ? self->conf->amazon
                        : g_str_equal(who, "aws-marketplace") ? self->conf->aws_marketplace
                                                              : NULL;
    g_auto(GStrv) several = alias != NULL ? g_strsplit(alias, ",", -1) : NULL;

    for (gsize i = 0; several != NULL && several[i] != NULL; i++)
        g_ptr_array_add(accounts, g_strdup(several[i]));
    if (alias != NULL)
        return TRUE;
    if (g_str_equal(who, "self"))
        who = self->conf->account;
    if (!settings_is_account(who))
        return error_set(error, ERROR_USER_MALFORMED,
                         "Invalid user id: \"%s\" (expecting self, amazon, aws-marketplace or an "
                         "account of 12 digits)",
                         who);
    g_ptr_array_add(accounts, g_strdup(who));
    return TRUE;
}

static GPtrArray *
find_owners(const launcher *self, const char *const *owners, GError **error)
{
    g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func(g_free);

    if (!check_count(owners, "owners", error))
        return NULL;
    for (; *owners != NULL; owners++)
        if (!add_accounts(self, *owners, accounts, error))
            return NULL;
    return g_steal_pointer(&accounts);
}

static GPtrArray *
find_users(const launcher *self, const char *const *users, GError **error)
{
    g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func(g_free);

    if (!check_count(users, "users", error))
        return NULL;
    for (; *users != NULL; users++) {
        const char *who = g_str_equal(*users, "self") ? self->conf->account : *users;
        if (!g_str_equal(who, "all") && !settings_is_account(who)) {
            error_set(error, ERROR_USER_MALFORMED,
                      "Invalid user id: \"%s\" (expecting self, all or an account of 12 digits)",
                      who);
            return NULL;
        }
        g_ptr_array_add(accounts, g_strdup(who));
    }
    return g_steal_pointer(&accounts);
}

static gboolean
parse_view(const char *name, image_view_kind *view, GError **error)
{
    *view = IMAGE_VIEW_ALL;
    for (int i = 0; name != NULL && image_view_words[i] != NULL; i++) {
        if (!g_str_equal(name, image_view_words[i]))
            continue;
        *view = (image_view_kind)i;
        return TRUE;
    }
    return name == NULL ||
           error_set(error, ERROR_PARAMETER_VALUE,
                     "'%s' is no view: all, quickstart, mine, marketplace or community", name);
}

/* Also gives the kernel images that match, in *KERNELS. They belong to nobody else's list. */
static GPtrArray *
find_rows(launcher *self, const image_find_request *request, GPtrArray **kernels, GError **error)
{
    g_autoptr(GPtrArray) filters = filters_parse(request->filters, error);
    g_autoptr(GPtrArray) owners = NULL;
    g_autoptr(GPtrArray) users = NULL;
    image_query query = {.region = self->conf->region,
                         .account = self->conf->account,
                         .amazon = self->conf->amazon,
                         .aws_marketplace = self->conf->aws_marketplace,
                         .filters = filters,
                         .deprecated = request->include_deprecated,
                         .disabled = request->include_disabled};

    if (filters == NULL || !parse_view(request->view, &query.view, error))
        return NULL;
    if (request->owners != NULL && (owners = find_owners(self, request->owners, error)) == NULL)
        return NULL;
    if (request->executable_by != NULL &&
        (users = find_users(self, request->executable_by, error)) == NULL)
        return NULL;
    query.owners = owners;
    query.executable_by = users;
    *kernels = users == NULL && query.view == IMAGE_VIEW_ALL
                   ? kernel_find(self, filters, owners, error)
                   : g_ptr_array_new();
    return *kernels != NULL && reconcile_images(self, error) ? image_find(self->db, &query, error)
                                                             : NULL;
}

/* ---- what is answered ---- */

/* Each row with what EC2 calls its owner. ROWS loses them. */
static GPtrArray *
views_of(const launcher *self, GPtrArray *rows)
{
    GPtrArray *views = g_ptr_array_new_with_free_func((GDestroyNotify)image_view_free);

    g_ptr_array_set_free_func(rows, NULL);
    for (guint i = 0; i < rows->len; i++) {
        image_view *view = g_new0(image_view, 1);
        view->ami = g_ptr_array_index(rows, i);
        view->owner_alias = settings_owner_alias(self->conf, view->ami->owner);
        g_ptr_array_add(views, view);
    }
    return views;
}

/* The rows that MAP has for an id; none if it isn't in it. */
static GPtrArray *
rows_of(GHashTable *map, const char *id)
{
    GPtrArray *rows = g_hash_table_lookup(map, id);

    return rows != NULL ? g_ptr_array_ref(rows) : g_ptr_array_new();
}

/* One query for each kind of thing, however many images there are. Tags are their owner's only. */
static gboolean
load_belongings(launcher *self, GPtrArray *views, GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();
    g_autoptr(GPtrArray) own = g_ptr_array_new();
    g_autoptr(GHashTable) mappings = NULL;
    g_autoptr(GHashTable) tags = NULL;
    g_autoptr(GHashTable) codes = NULL;

    for (guint i = 0; i < views->len; i++) {
        const image *ami = ((image_view *)g_ptr_array_index(views, i))->ami;
        g_ptr_array_add(ids, ami->id);
        if (g_str_equal(ami->owner, self->conf->account))
            g_ptr_array_add(own, ami->id);
    }
    mappings = image_mapping_list_of_many(self->db, ids, error);
    tags = mappings != NULL ? tag_list_of_many(self->db, own, error) : NULL;
    codes = tags != NULL ? product_code_list_of_many(self->db, ids, error) : NULL;
    if (codes == NULL)
        return FALSE;
    for (guint i = 0; i < views->len; i++) {
        image_view *view = g_ptr_array_index(views, i);
        view->mapping = rows_of(mappings, view->ami->id);
        view->tags = rows_of(tags, view->ami->id);
        view->product_codes = rows_of(codes, view->ami->id);
    }
    return TRUE;
}

GPtrArray *
launcher_image_find(launcher *self, const image_find_request *request, GError **error)
{
    g_autoptr(GPtrArray) kernels = NULL;
    g_autoptr(GPtrArray) rows = find_rows(self, request, &kernels, error);
    g_autoptr(GPtrArray) views = NULL;

    if (rows == NULL)
        return NULL;
    views = views_of(self, rows);
    if (request->whole && !load_belongings(self, views, error))
        return NULL;
    g_ptr_array_extend_and_steal(views, g_steal_pointer(&kernels));
    return g_steal_pointer(&views);
}
