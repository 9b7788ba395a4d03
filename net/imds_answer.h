/* What the metadata service says to a request. Pure but for a token's random part.
 * Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata",
 * and what users saw. */
#ifndef NET_IMDS_ANSWER_H
#define NET_IMDS_ANSWER_H

#include "net/imds_tree.h"

typedef struct {
    const char *method;
    const char *path;
    const char *token;  /* that it came with; NULL: none */
    const char *ttl;    /* seconds that a new token is to be good for; NULL: none said */
    gboolean forwarded; /* it passed a proxy */
} imds_request;

typedef struct {
    guint status;      /* 200, 404 */
    GBytes *content;   /* may be empty */
    const char *type;  /* of the content */
    const char *allow; /* the methods that there are instead; NULL: none are told */
    gint64 left;       /* seconds that the request's, or the new, token is good for; 0: none */
} imds_answer;

/* SECRET makes SOURCE's tokens (imds_token.h); NOW is in seconds since 1970. The caller frees it.
 */
imds_answer *imds_answer_request(const imds_source *source, const char *secret,
                                 const imds_request *request, gint64 now);

/* One that tells nothing but its status. */
imds_answer *imds_answer_status(guint status);

void imds_answer_free(imds_answer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(imds_answer, imds_answer_free)

#endif
