/* One suite for each object that has unit tests; main.c runs them all. */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H

#include <check.h>

Suite *suite_common(void);
Suite *suite_gpt(void);
Suite *suite_mbr(void);

#endif
