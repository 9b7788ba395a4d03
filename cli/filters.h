/* --filter on the command line: the same for all that is listed. */
#ifndef CLI_FILTERS_H
#define CLI_FILTERS_H

/* PLACE is a char ** variable. --filters is how `aws` calls it. */
#define FILTER_OPTIONS(place)                                                                      \
    {"filter",                                                                                     \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_STRING_ARRAY,                                                                    \
     (gpointer)(place),                                                                            \
     "only what matches: name=NAME,values=VALUE,...; again for each",                              \
     "FILTER"},                                                                                    \
    {                                                                                              \
        "filters", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING_ARRAY, (gpointer)(place), "",      \
            "FILTER"                                                                               \
    }

/* What comes before the names. */
#define FILTER_HELP                                                                                \
    "--filter name=architecture,values=x86_64,i386 keeps what has one of the values; with "        \
    "several "                                                                                     \
    "filters, what matches all of them. In a value * stands for any text and ? for any "           \
    "character; "                                                                                  \
    "\\ before one of them takes its meaning away. Case matters. The names are EC2's:"

#endif
