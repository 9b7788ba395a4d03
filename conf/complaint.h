/* Complaints about a configuration file: ERROR_CONFIG, "FILE:LINE: what is wrong; what is allowed".
 * Only for reader.c. All return FALSE, as error_set() does. */
#ifndef CONF_COMPLAINT_H
#define CONF_COMPLAINT_H

#include "conf/reader.h"

#include <libconfig.h>

typedef struct {
    const char *path; /* the file */
    GError **error;   /* where complaints go */
} complainer;

/* What is wrong at AT, in words. */
gboolean complain(const complainer *self, const config_setting_t *at, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* SETTING's value is not what FIELD allows. */
gboolean complain_of_value(const complainer *self, const config_setting_t *setting,
                           const field_rule *field);

/* SETTING is none of FIELDS. */
gboolean complain_of_name(const complainer *self, const config_setting_t *setting,
                          const field_rule *fields);

/* libconfig could not read the text into CONFIG. */
gboolean complain_of_syntax(const complainer *self, const config_t *config);

#endif
