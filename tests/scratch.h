/* One folder for all that a test program makes in the folder for temporary files, so that a test
 * that fails or is killed leaves nothing: its own tear-down never ran. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

/* Before anything asks for that folder; TMPDIR is another from here on, for children, too. */
void scratch_begin(void);
/* Removes it, with all that is left in it. */
void scratch_end(void);

#endif
