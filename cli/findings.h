/* What a check of an image has found, for people. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "launcher/checking.h"

#include <stdio.h>

/* Prints it to TO: each finding, how many there are, and the command that mends all that can be
 * mended from outside. */
void findings_print(const check_report *report, FILE *to);

#endif
