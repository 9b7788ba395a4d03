/* libFuzzer's entry: AMILAUNCH_FUZZ_TARGET says which parser gets the bytes; without it, all are
 * told, each with the files that it is about. */
#include "tests/fuzz/targets.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *__lsan_default_suppressions(void);

/* libconfig forgets what it has of a string that doesn't end. */
const char *
__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

static const fuzz_target *chosen;

int
LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
    const char *name = getenv("AMILAUNCH_FUZZ_TARGET");

    for (gsize i = 0; i < fuzz_target_count; i++)
        if (g_strcmp0(name, fuzz_targets[i].name) == 0)
            chosen = &fuzz_targets[i];
    if (chosen != NULL)
        return 0;
    for (gsize i = 0; i < fuzz_target_count; i++)
        g_print("%s %s\n", fuzz_targets[i].name, fuzz_targets[i].parsers);
    exit(0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    chosen->run(data, size);
    return 0;
}
