#include "net/imds_answer.h"
#include "net/imds_token.h"

#include <string.h>

#define TOKEN_PATH "/latest/api/token"

void
imds_answer_free(imds_answer *self)
{
    if (self == NULL)
        return;
    g_bytes_unref(self->content);
    g_free(self);
}

static const char *
reason_of(guint status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Content Too Large";
    default:
        return "Internal Server Error";
    }
}

/* Takes CONTENT. */
static imds_answer *
answer_new(guint status, const char *type, GBytes *content)
{
    imds_answer *self = g_new0(imds_answer, 1);

    self->status = status;
    self->type = type;
    self->content = content;
    return self;
}

imds_answer *
imds_answer_status(guint status)
{
    const char *reason = reason_of(status);
    char *page = g_strdup_printf("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                                 "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n"
                                 "<head><title>%u - %s</title></head>\n"
                                 "<body><h1>%u - %s</h1></body>\n"
                                 "</html>\n",
                                 status, reason, status, reason);

    return answer_new(status, "text/html", g_bytes_new_take(page, strlen(page)));
}

/* Programs ask for tokens, and nobody reads a page: as on EC2 there is none. */
static imds_answer *
refuse_token(guint status)
{
    return answer_new(status, "text/plain", g_bytes_new(NULL, 0));
}

static imds_answer *
refuse_method(const char *allow)
{
    imds_answer *self = imds_answer_status(405);

    self->allow = allow;
    return self;
}

/* A token is of one life of an instance. */
static char *
owner_of(const imds_source *source)
{
    const instance *vm = source->about->what->vm;

    return g_strdup_printf("%s %" G_GINT64_FORMAT, vm->id, vm->starts);
}

static imds_answer *
put(const imds_source *source, const char *secret, const imds_request *request, gint64 now)
{
    gint64 seconds = imds_token_seconds(request->ttl);
    g_autofree char *owner = owner_of(source);
    imds_answer *answer;
    char *token;

    if (!g_str_equal(request->path, TOKEN_PATH) || request->forwarded)
        return refuse_token(403);
    if (seconds == 0)
        return refuse_token(400);
    token = imds_token_new(secret, owner, now + seconds);
    answer = answer_new(200, "text/plain", g_bytes_new_take(token, strlen(token)));
    answer->left = seconds;
    return answer;
}

static imds_answer *
get(const imds_source *source, const imds_request *request)
{
    g_autoptr(imds_page) page = imds_tree_find(source, request->path);

    if (page == NULL)
        return imds_answer_status(404);
    return answer_new(200, page->type, g_bytes_ref(page->content));
}

static imds_answer *
get_with_token(const imds_source *source, const char *secret, const imds_request *request,
               gint64 now)
{
    g_autofree char *owner = owner_of(source);
    gint64 left = imds_token_left(secret, owner, request->token, now);
    imds_answer *answer;

    if (left == 0)
        return imds_answer_status(401);
    answer = get(source, request);
    answer->left = left;
    return answer;
}

imds_answer *
imds_answer_request(const imds_source *source, const char *secret, const imds_request *request,
                    gint64 now)
{
    int access = source->about->what->vm->imds;

    if (access == IMDS_DISABLED)
        return imds_answer_status(403);
    if (g_str_equal(request->method, "PUT"))
        return put(source, secret, request, now);
    if (!g_str_equal(request->method, "GET") && !g_str_equal(request->method, "HEAD"))
        return refuse_method("GET, HEAD");
    if (g_str_equal(request->path, TOKEN_PATH))
        return refuse_method("PUT");
    if (request->token != NULL)
        return get_with_token(source, secret, request, now);
    return access == IMDS_REQUIRED ? imds_answer_status(401) : get(source, request);
}
