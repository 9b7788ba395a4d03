#include "images/download.h"
#include "images/download_answer.h"
#include "images/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define REDIRECTIONS_MOST 10
#define CONNECT_S 30L
#define SLOW_BYTES 1024L      /* in a second */
#define BUFFER 524288L        /* a larger one than curl's saves calls */
#define HEAD_MOST (256 << 10) /* a server could send headers for ever */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURL, curl_easy_cleanup)
typedef struct curl_slist curl_list;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(curl_list, curl_slist_free_all)

/* One exchange. */
typedef struct {
    const download_request *request;
    CURL *handle;
    gsize head_size;
    long status;
    download_answer said;
    gboolean begun;
    GError *problem; /* the sink's, or ours with the answer */
    char words[CURL_ERROR_SIZE];
} exchange;

static void
exchange_clear(exchange *self)
{
    download_answer_clear(&self->said);
    curl_easy_cleanup(self->handle);
    g_clear_error(&self->problem);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(exchange, exchange_clear)

/* ---- what the server answers ---- */

static gboolean
is_fine(const exchange *self)
{
    return self->status == 200 || self->status == 206;
}

static gboolean
is_redirection(const exchange *self)
{
    return self->said.location != NULL &&
           (self->status == 301 || self->status == 302 || self->status == 303 ||
            self->status == 307 || self->status == 308);
}

static size_t
take_header(char *bytes, size_t size, size_t count, void *opaque)
{
    exchange *self = opaque;

    self->head_size += size * count;
    if (self->head_size > HEAD_MOST)
        return 0;
    download_answer_line(&self->said, bytes, size * count);
    return size * count;
}

/* HEAD borrows what it points to. */
static gboolean
read_head(const exchange *self, download_head *head, GError **error)
{
    const download_answer *said = &self->said;
    curl_off_t length = -1;

    if (said->encoding != NULL && g_ascii_strcasecmp(said->encoding, "identity") != 0)
        return error_set(error, ERROR_HOST_NETWORK,
                         "the server sends it with Content-Encoding %.32s, which it was not asked "
                         "for: fetch it by other means and import the file",
                         said->encoding);
    head->etag = download_answer_is_strong(said) ? said->etag : NULL;
    head->modified = said->modified;
    if (self->status == 206)
        return (self->request->first > 0 &&
                download_answer_range(said, &head->first, &head->total)) ||
               error_set(error, ERROR_HOST_NETWORK,
                         "the server sends a part that it was not asked for");
    curl_easy_getinfo(self->handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    head->first = 0;
    head->total = length;
    return TRUE;
}

static gboolean
begin(exchange *self)
{
    const download_request *request = self->request;
    download_head head = {0};

    curl_easy_getinfo(self->handle, CURLINFO_RESPONSE_CODE, &self->status);
    if (self->begun || !is_fine(self))
        return is_fine(self);
    self->begun = TRUE;
    return read_head(self, &head, &self->problem) &&
           request->begin(request->sink, &head, &self->problem);
}

static size_t
take_bytes(char *bytes, size_t size, size_t count, void *opaque)
{
    exchange *self = opaque;
    const download_request *request = self->request;

    if (!begin(self) || !request->take(request->sink, bytes, size * count, &self->problem))
        return 0;
    return size * count;
}

/* ---- asking ---- */

/* Which schemes curl itself may speak; redirections are followed here and not by curl. */
static void
allow_schemes(CURL *handle)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

static curl_list *
ask_for_rest(CURL *handle, const download_request *request)
{
    g_autofree char *range = g_strdup_printf("%" G_GUINT64_FORMAT "-", request->first);
    g_autofree char *condition = g_strdup_printf("If-Range: %s", request->validator);

    if (request->first == 0)
        return NULL;
    curl_easy_setopt(handle, CURLOPT_RANGE, range);
    return curl_slist_append(NULL, condition);
}

static void
prepare(exchange *self, const char *url)
{
    CURL *handle = self->handle;
    const char *authorities = g_getenv("CURL_CA_BUNDLE"); /* as the program curl has it */

    allow_schemes(handle);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "amilaunch");
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, self->words);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, (long)self->request->timeout_s);
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, BUFFER);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, self);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, self);
    if (authorities != NULL && *authorities != '\0')
        curl_easy_setopt(handle, CURLOPT_CAINFO, authorities);
}

/* ---- what came of it ---- */

static const char *
status_text(long status)
{
    static const struct {
        long status;
        const char *text;
    } known[] = {{400, " Bad Request"},
                 {401, " Unauthorized"},
                 {403, " Forbidden"},
                 {404, " Not Found"},
                 {410, " Gone"},
                 {416, " Range Not Satisfiable"},
                 {429, " Too Many Requests"},
                 {500, " Internal Server Error"},
                 {502, " Bad Gateway"},
                 {503, " Service Unavailable"},
                 {504, " Gateway Timeout"}};

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i].status == status)
            return known[i].text;
    return "";
}

static download_result
judge_status(const exchange *self, GError **error)
{
    gboolean may_pass = self->status == 408 || self->status == 429 || self->status >= 500;
    gboolean denied = self->status == 401 || self->status == 403;

    error_set(error, self->status >= 400 && !may_pass ? ERROR_PARAMETER_VALUE : ERROR_HOST_NETWORK,
              "the server says %ld%s%s", self->status, status_text(self->status),
              denied                ? ": fetch it with what it asks for, and import the file"
              : self->status == 404 ? ": look at the address again"
                                    : "");
    return may_pass ? DOWNLOAD_CUT : DOWNLOAD_REFUSED;
}

static download_result
judge_trouble(const exchange *self, CURLcode code, GError **error)
{
    error_set(error, ERROR_HOST_NETWORK, "%s",
              *self->words != '\0' ? self->words : curl_easy_strerror(code));
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return DOWNLOAD_UNREACHED;
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return DOWNLOAD_CUT;
    default:
        return DOWNLOAD_REFUSED;
    }
}

static download_result
judge(exchange *self, CURLcode code, GError **error)
{
    if (self->problem != NULL) {
        g_propagate_error(error, g_steal_pointer(&self->problem));
        return DOWNLOAD_REFUSED;
    }
    curl_easy_getinfo(self->handle, CURLINFO_RESPONSE_CODE, &self->status);
    /* The rest of an answer that isn't wanted was not listened to. */
    if (code == CURLE_WRITE_ERROR && self->head_size <= HEAD_MOST)
        code = CURLE_OK;
    if (code != CURLE_OK)
        return judge_trouble(self, code, error);
    if (is_redirection(self))
        return DOWNLOAD_DONE;
    if (!is_fine(self))
        return judge_status(self, error);
    if (begin(self)) /* a file without a byte */
        return DOWNLOAD_DONE;
    g_propagate_error(error, g_steal_pointer(&self->problem));
    return DOWNLOAD_REFUSED;
}

/* *LOCATION is where it goes on, if that is elsewhere. */
static download_result
ask(const download_request *request, const char *url, char **location, GError **error)
{
    g_auto(exchange) self = {.request = request, .handle = curl_easy_init()};
    g_autoptr(curl_list) headers = NULL;
    download_result result;

    prepare(&self, url);
    headers = ask_for_rest(self.handle, request);
    curl_easy_setopt(self.handle, CURLOPT_HTTPHEADER, headers);
    result = judge(&self, curl_easy_perform(self.handle), error);
    if (result == DOWNLOAD_DONE && is_redirection(&self))
        *location = g_steal_pointer(&self.said.location);
    return result;
}

/* Takes *URL to LOCATION, if that is allowed. */
static gboolean
follow(char **url, const char *location, GError **error)
{
    g_autofree char *next = url_resolve(*url, location);
    g_autofree char *shown = url_shown(next != NULL ? next : location);

    if (next == NULL || !url_check(next, NULL))
        return error_set(error, ERROR_HOST_NETWORK,
                         "the server redirects to %s, which can't be fetched", shown);
    if (url_is_secure(*url) && !url_is_secure(next))
        return error_set(error, ERROR_HOST_NETWORK,
                         "the server redirects from https to %s: http can't be trusted with it",
                         shown);
    g_free(*url);
    *url = g_steal_pointer(&next);
    return TRUE;
}

download_result
download_try(const download_request *request, GError **error)
{
    static gsize ready = 0;
    g_autofree char *url = g_strdup(request->url);

    if (g_once_init_enter(&ready))
        g_once_init_leave(&ready, curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 1 : 2);
    for (int i = 0; i <= REDIRECTIONS_MOST; i++) {
        g_autofree char *location = NULL;
        download_result result = ask(request, url, &location, error);
        if (result != DOWNLOAD_DONE || location == NULL)
            return result;
        if (!follow(&url, location, error))
            return DOWNLOAD_REFUSED;
    }
    error_set(error, ERROR_HOST_NETWORK, "the server redirects more than %d times",
              REDIRECTIONS_MOST);
    return DOWNLOAD_REFUSED;
}
