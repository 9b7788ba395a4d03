/* Texts that are compared with a file under tests/golden. With AMILAUNCH_GOLDEN=write the file is
 * written instead; look at the difference with git before you keep it. */
#ifndef TESTS_UNIT_GOLDEN_H
#define TESTS_UNIT_GOLDEN_H

/* Fails the running test unless TEXT is the content of tests/golden/NAME. */
void golden_check(const char *name, const char *text);

/* What is in tests/golden/NAME, which is a recording and never written; the caller frees it. */
char *golden_read(const char *name);

#endif
