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
    "--filter name=NAME,values=A,B keeps what is A or B; with several filters, what matches all. " \
    "In a value * stands for any text and ? for any character; \\ before one of them takes its "   \
    "meaning away. Case matters. The names are EC2's:"

/* Of the entries of a table of filters, for the text after it. */
#define FILTER_NAME(name, ...) " " name ","

#endif
