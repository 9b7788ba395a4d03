#include "tests/scratch.h"

#include "common/files.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

static char folder[4096];

void
scratch_begin(void)
{
    const char *parent = getenv("TMPDIR");

    /* Short, because paths of sockets are. */
    snprintf(folder, sizeof folder, "%s/t-XXXXXX", parent != NULL ? parent : "/tmp");
    if (g_mkdtemp(folder) == NULL || !g_setenv("TMPDIR", folder, TRUE))
        exit(EXIT_FAILURE);
}

void
scratch_end(void)
{
    g_autoptr(GError) error = NULL;

    if (!folder_remove(folder, &error))
        fprintf(stderr, "%s stays: %s\n", folder, error->message);
}
