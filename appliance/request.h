/* A request of the host's: one flat JSON object in a line. */
#ifndef APPLIANCE_REQUEST_H
#define APPLIANCE_REQUEST_H

#include <stdbool.h>

typedef struct {
    char verb[16];   /* "do" */
    char device[24]; /* "" if none is named */
    bool force;
    bool has_id;
    long id; /* given back with the answer */
} request;

/* Reads LINE; false if it isn't such an object. Keys that aren't known are passed over. */
bool request_parse(request *self, const char *line);

#endif
