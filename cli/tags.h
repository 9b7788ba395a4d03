/* Tags on the command line. */
#ifndef CLI_TAGS_H
#define CLI_TAGS_H

#include "launcher/tagging.h"

/* The option of a command that makes something; PLACE is a char ** variable. */
#define TAG_OPTION(place)                                                                          \
    {                                                                                              \
        "tag", 0, 0, G_OPTION_ARG_STRING_ARRAY, place, "tag it; again for each tag", "KEY=VALUE"   \
    }

/* Prints tags and product codes (either may be NULL) as lines of a `show`. */
void tags_print(const GPtrArray *tags, const GPtrArray *product_codes);

#endif
