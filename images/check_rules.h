/* What should not be in an image that others get: rules over what was seen in it. Pure functions;
 * no finding ever repeats a secret. */
#ifndef IMAGES_CHECK_RULES_H
#define IMAGES_CHECK_RULES_H

#include "images/check_facts.h"

typedef enum {
    SEVERITY_HIGH,   /* somebody can come in, or a secret goes out */
    SEVERITY_MEDIUM, /* instances of it can be attacked, or mistaken for each other */
    SEVERITY_LOW     /* tells of its maker, or is against good practice */
} severity;

extern const char *const severity_words[];

typedef struct {
    const char *id;     /* "authorized-keys" */
    int weight;         /* severity */
    char *path;         /* valid UTF-8; NULL: none */
    char *what;         /* a sentence without a full stop; valid UTF-8 */
    char *mend;         /* options of `image customize` that mend it; NULL: there are none */
    const char *advice; /* what to do, where MEND doesn't say it or isn't all; NULL: nothing more */
} finding;

void finding_free(finding *self);

/* What is to be found fault with, the worst first: finding*. The caller frees it. */
GPtrArray *check_judge(const check_facts *facts);

/* Adds a finding; PATH may be NULL. MEND is an option of `image customize` to which PATH is added,
 * "--delete " and the like, unless PATH isn't plain: then, and if it is NULL, there is only ADVICE.
 */
void G_GNUC_PRINTF(7, 8)
    finding_add(GPtrArray *findings, const char *id, severity weight, const char *path,
                const char *mend, const char *advice, const char *format, ...);

/* Says how to mend the last finding, whose words must be plain. */
void G_GNUC_PRINTF(2, 3) finding_mend(GPtrArray *findings, const char *format, ...);

/* TRUE if no shell and no shell pattern sees more in PATH than its characters. */
gboolean is_plain_path(const char *path);

/* The rules for who may come in, and for how old the system is; for check_judge(). */
void check_judge_access(const check_facts *facts, GPtrArray *findings);
void check_judge_age(const check_facts *facts, GPtrArray *findings);

#endif
