/* Requests to the metadata service: paths, tokens and their seconds are a guest's own words. */
#include "net/imds_answer.h"
#include "net/imds_token.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/phony_metadata.h"

#define SECRET "secret"
#define NOW 1000000

static guint
status_of(const imds_request *request, int access)
{
    metadata *about = phony_metadata_ebs();
    const imds_source source = {.about = about};
    g_autoptr(imds_answer) answer = NULL;

    about->what->vm->imds = access;
    answer = imds_answer_request(&source, SECRET, request, NOW);
    MUST(answer->left >= 0 && answer->left <= IMDS_TOKEN_SECONDS_MOST);
    MUST(answer->content != NULL && g_bytes_get_size(answer->content) < 1 << 16);
    return answer->status;
}

/* The lines are the method, the path, the token and the token's seconds. */
void
fuzz_imds(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 4);
    guint count = g_strv_length(lines);
    g_autofree char *good = imds_token_new(SECRET, "i-0123456789abcdef0 3", NOW + 60);
    imds_request request = {.method = count > 0 ? lines[0] : "",
                            .path = count > 1 ? lines[1] : "",
                            .token = count > 2 ? lines[2] : NULL,
                            .ttl = count > 3 ? lines[3] : NULL};
    guint without;

    MUST(status_of(&request, IMDS_DISABLED) == 403);
    MUST(status_of(&request, IMDS_REQUIRED) != 500);
    request.token = NULL;
    without = status_of(&request, IMDS_OPTIONAL);
    request.token = good;
    MUST(status_of(&request, IMDS_REQUIRED) == without);
}
