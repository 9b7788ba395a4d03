#include "images/origin.h"
#include "images/url.h"

#include <string.h>

#define LIST_MOST (1 << 20)

gboolean
origin_init(origin *self, const import_context *context, const import_request *request,
            GError **error)
{
    const char *asked = request->path;

    self->context = (fetch_context){.home = context->home,
                                    .limit = context->download_limit,
                                    .timeout_s = context->download_timeout_s,
                                    .retries = context->download_retries,
                                    .listener = context->listener};
    if (request->checksum != NULL && request->checksums != NULL)
        return error_set(error, ERROR_PARAMETER_COMBINATION,
                         "one of --checksum and --checksums is enough");
    self->has_sum = request->checksum != NULL;
    if (self->has_sum && !checksum_parse(request->checksum, &self->sum, error))
        return FALSE;
    if (!url_is(asked)) {
        self->label = g_strdup(asked);
        self->name = g_path_get_basename(asked);
        return TRUE;
    }
    self->label = url_shown(asked);
    self->name = url_file_name(asked);
    return url_check(asked, error);
}

/* As text: a NUL would hide what comes after it. */
static char *
read_list(const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *text = NULL;
    gsize length;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        error_set(error, ERROR_PARAMETER_VALUE, "%s: there is no such file", path);
    else if (!g_file_get_contents(path, &text, &length, &problem))
        error_set(error, ERROR_HOST_DISK, "%s", problem->message);
    else if (length > LIST_MOST || strlen(text) != length)
        error_set(error, ERROR_PARAMETER_VALUE, "%s is no list of checksums", path);
    else
        return g_steal_pointer(&text);
    return NULL;
}

static gboolean
find_sum(origin *self, const char *list, GError **error)
{
    gboolean is_url = url_is(list);
    g_autofree char *label = is_url ? url_shown(list) : g_strdup(list);
    g_autofree char *text =
        is_url ? fetch_text(&self->context, list, error) : read_list(list, error);

    self->has_sum = text != NULL && checksum_find(text, label, self->name, &self->sum, error);
    return self->has_sum;
}

gboolean
origin_fetch(origin *self, const import_request *request, GError **error)
{
    if (request->checksums != NULL && !find_sum(self, request->checksums, error))
        return FALSE;
    if (!url_is(request->path)) {
        self->path = g_strdup(request->path);
        return TRUE;
    }
    self->file = fetch_file(&self->context, request->path, error);
    if (self->file == NULL)
        return FALSE;
    self->path = g_strdup(fetched_path(self->file));
    return TRUE;
}

gboolean
origin_verify(const origin *self, GError **error)
{
    return !self->has_sum ||
           checksum_verify(&self->sum, self->path, self->label, self->context.listener, error);
}

gboolean
origin_explain(const origin *self, GError **error)
{
    g_autoptr(GString) text = NULL;

    if (self->file == NULL || error == NULL || *error == NULL)
        return FALSE;
    text = g_string_new((*error)->message);
    g_string_replace(text, self->path, self->label, 0);
    g_free((*error)->message);
    (*error)->message = g_strdup(text->str);
    return FALSE;
}

/* Whether no other try could make an image of it. */
static gboolean
is_of_file(const GError *problem)
{
    return error_is(problem, ERROR_DISK_FORMAT) || error_is(problem, ERROR_DIGEST) ||
           error_is(problem, ERROR_PARAMETER_VALUE);
}

void
origin_end(origin *self, GError **problem)
{
    g_autofree char *said = NULL;

    if (self->file == NULL)
        return;
    if (*problem == NULL || is_of_file(*problem)) {
        fetched_remove(self->file, NULL);
        return;
    }
    said = (*problem)->message;
    (*problem)->message = g_strdup_printf(
        "%s; the file is fetched, and the same command need not do that again for %d days", said,
        FETCH_KEEP_DAYS);
}

void
origin_clear(origin *self)
{
    fetched_free(self->file);
    g_free(self->path);
    g_free(self->label);
    g_free(self->name);
}
