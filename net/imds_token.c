#include "net/imds_token.h"

#include <string.h>

#define VERSION 1
#define RANDOM_BYTES 9
#define CODE_BYTES 24 /* of the HMAC's 32 */

/* As base64 these are IMDS_TOKEN_LENGTH characters, without padding. */
typedef struct {
    guint8 version;
    guint8 expires[8]; /* big endian */
    guint8 random[RANDOM_BYTES];
    guint8 code[CODE_BYTES];
} content;

G_STATIC_ASSERT(sizeof(content) * 4 / 3 == IMDS_TOKEN_LENGTH && sizeof(content) % 3 == 0);

gint64
imds_token_seconds(const char *text)
{
    guint64 seconds = 0;

    if (text == NULL ||
        !g_ascii_string_to_unsigned(text, 10, 1, IMDS_TOKEN_SECONDS_MOST, &seconds, NULL))
        return 0;
    return (gint64)seconds;
}

/* ---- base64 with - and _, as is fit for headers ---- */

static void
swap(char *text, const char *from, const char *to)
{
    for (; *text != '\0'; text++)
        for (gsize i = 0; from[i] != '\0'; i++)
            if (*text == from[i]) {
                *text = to[i];
                break;
            }
}

static char *
encode(const content *what)
{
    char *text = g_base64_encode((const guchar *)what, sizeof *what);

    swap(text, "+/", "-_");
    return text;
}

/* There is one way only to write a token. */
static gboolean
decode(const char *token, content *what)
{
    g_autofree char *text = NULL;
    g_autofree guchar *bytes = NULL;
    g_autofree char *again = NULL;
    gsize length = 0;

    if (strnlen(token, IMDS_TOKEN_LENGTH + 1) != IMDS_TOKEN_LENGTH)
        return FALSE;
    text = g_strdup(token);
    swap(text, "-_", "+/");
    bytes = g_base64_decode(text, &length);
    if (length != sizeof *what)
        return FALSE;
    memcpy(what, bytes, sizeof *what);
    again = encode(what);
    return g_str_equal(again, token);
}

/* ---- what is in it ---- */

static void
make_code(const char *secret, const char *owner, const content *what, guint8 code[CODE_BYTES])
{
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *)secret, strlen(secret));
    guint8 digest[32];
    gsize length = sizeof digest;

    g_hmac_update(hmac, (const guchar *)what, G_STRUCT_OFFSET(content, code));
    g_hmac_update(hmac, (const guchar *)owner, (gssize)strlen(owner));
    g_hmac_get_digest(hmac, digest, &length);
    g_hmac_unref(hmac);
    memcpy(code, digest, CODE_BYTES);
}

/* Takes as long for a code that is all but right. */
static gboolean
is_same_code(const guint8 one[CODE_BYTES], const guint8 other[CODE_BYTES])
{
    guint8 difference = 0;

    for (gsize i = 0; i < CODE_BYTES; i++)
        difference |= one[i] ^ other[i];
    return difference == 0;
}

char *
imds_token_new(const char *secret, const char *owner, gint64 expires)
{
    content what = {.version = VERSION};

    for (guint i = 0; i < sizeof what.expires; i++)
        what.expires[i] = (guint8)((guint64)expires >> (56 - 8 * i));
    /* So that no two are the same; that they can't be guessed is the code's matter. */
    for (guint i = 0; i < RANDOM_BYTES; i++)
        what.random[i] = (guint8)g_random_int();
    make_code(secret, owner, &what, what.code);
    return encode(&what);
}

gint64
imds_token_left(const char *secret, const char *owner, const char *token, gint64 now)
{
    content what;
    guint8 code[CODE_BYTES];
    guint64 expires = 0;

    if (!decode(token, &what) || what.version != VERSION)
        return 0;
    make_code(secret, owner, &what, code);
    if (!is_same_code(code, what.code))
        return 0;
    for (guint i = 0; i < sizeof what.expires; i++)
        expires = expires << 8 | what.expires[i];
    return (gint64)expires > now ? (gint64)expires - now : 0;
}
