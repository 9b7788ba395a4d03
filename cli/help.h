/* Help and the manual's list of commands, from the command table. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

void help_print_overview(void); /* what a newcomer needs */
void help_print_commands(void); /* every command and the global options */
void help_print_command(const command *which);
void help_print_man(void); /* the COMMANDS and OPTIONS sections, in roff */

#endif
