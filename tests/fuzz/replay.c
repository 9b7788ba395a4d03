/* Gives each target its seeds, and those of all others: nothing must fall over. Prints TAP. */
#include "tests/fuzz/targets.h"

#include <stdlib.h>

static guint
replay_file(const fuzz_target *target, const char *path)
{
    g_autofree char *text = NULL;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, NULL))
        return 0;
    target->run((const guint8 *)text, length);
    /* In memory of its own, so that tools see a read beyond it. */
    for (gsize part = 2; part <= 4; part++) {
        g_autofree guint8 *cut = g_memdup2(text, length / part);
        target->run(cut, length / part);
    }
    return 1;
}

static guint
replay_folder(const fuzz_target *target, const char *corpus, const char *name)
{
    g_autofree char *path = g_build_filename(corpus, name, NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *file;
    guint count = 0;

    while (folder != NULL && (file = g_dir_read_name(folder)) != NULL) {
        g_autofree char *seed = g_build_filename(path, file, NULL);
        count += replay_file(target, seed);
    }
    return count;
}

int
main(void)
{
    const char *corpus = getenv("AMILAUNCH_CORPUS_DIR");
    gboolean all = TRUE;

    for (gsize i = 0; i < fuzz_target_count; i++) {
        guint own = 0, others = 0;
        for (gsize j = 0; corpus != NULL && j < fuzz_target_count; j++)
            *(i == j ? &own : &others) +=
                replay_folder(&fuzz_targets[i], corpus, fuzz_targets[j].name);
        all &= own > 0;
        g_print("%sok %u - %s: %u seeds of its own, %u of others\n", own > 0 ? "" : "not ",
                (guint)i + 1, fuzz_targets[i].name, own, others);
    }
    g_print("1..%u\n", (guint)fuzz_target_count);
    return all ? 0 : 1;
}
