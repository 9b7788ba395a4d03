/* What a file of instance types may say of one type. Only for types.c. */
#ifndef CONF_TYPE_FIELDS_H
#define CONF_TYPE_FIELDS_H

#include "conf/reader.h"

/* Into an instance_type. */
extern const field_rule type_fields[];

/* A new instance_type with the defaults that instance-types.conf promises. */
void *type_new(void);

/* ITEM is an instance_type, may be half filled, may be NULL. */
void type_free(void *item);

#endif
