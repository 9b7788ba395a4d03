/* The parsers of foreign bytes, each behind a function that takes any bytes: for libFuzzer
 * (scripts/fuzz) and for a replay of the seeds in the usual build (tests/fuzz/replay.c, run-seeds).
 */
#ifndef TESTS_FUZZ_TARGETS_H
#define TESTS_FUZZ_TARGETS_H

#include <glib.h>

typedef struct {
    const char *name; /* and that of its folder of seeds */
    void (*run)(const guint8 *data, gsize length);
} fuzz_target;

extern const fuzz_target fuzz_targets[];
extern const gsize fuzz_target_count;

/* What must hold whatever the bytes are: in fuzzing and in the replay, whose build has asserts of
 * its own. */
#define MUST(what)                                                                                 \
    do {                                                                                           \
        if (!(what))                                                                               \
            g_error("%s doesn't hold", #what);                                                     \
    } while (0)

/* ---- imds.c ---- */

void fuzz_imds(const guint8 *data, gsize length);

#endif
