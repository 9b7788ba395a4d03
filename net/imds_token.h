/* Session tokens of the metadata service (IMDSv2). Nobody keeps them: a token says until when it is
 * good, and a code (HMAC-SHA256) that only who has the secret can make says that this is true, and
 * of whom. So there is no end to how many there can be, and they outlive the process that gave
 * them. Pure but for the random part. */
#ifndef NET_IMDS_TOKEN_H
#define NET_IMDS_TOKEN_H

#include <glib.h>

#define IMDS_TOKEN_LENGTH 56 /* characters, as on EC2 */

/* Source: Amazon EC2 User Guide, "How Instance Metadata Service Version 2 works". */
#define IMDS_TOKEN_SECONDS_MOST 21600

/* "1" to "21600" as a number; 0 for anything else. TEXT may be NULL. */
gint64 imds_token_seconds(const char *text);

/* A token for OWNER, good until EXPIRES (seconds since 1970). The caller frees it. */
char *imds_token_new(const char *secret, const char *owner, gint64 expires);

/* How many seconds a token is still good for NOW; 0 if it isn't, or isn't OWNER's. TOKEN is
 * anything. */
gint64 imds_token_left(const char *secret, const char *owner, const char *token, gint64 now);

#endif
