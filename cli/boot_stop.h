/* Why an instance doesn't come up, for people and for programs. */
#ifndef CLI_BOOT_STOP_H
#define CLI_BOOT_STOP_H

#include "cli/command.h"

#include <jansson.h>

/* On standard error: the end of the console of the instance ID, the line that shows where it
 * stopped, and what its plan says of that. STOP may be NULL, as if nothing were known. */
void boot_stop_print(app *self, const char *id, const boot_stop *stop);

/* {"Stopped", "Link", "Reason", "Line", "Foreseen": {"Name", "Text", "Remedy"}, "ConsoleTail"};
 * what isn't known isn't in it. */
json_t *boot_stop_json(app *self, const char *id, const boot_stop *stop);

#endif
