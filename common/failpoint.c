#include "common/failpoint.h"

#ifdef ENABLE_FAILPOINTS

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
write_down(const char *path, unsigned long number, const char *name)
{
    FILE *log = fopen(path, "ae");

    if (log == NULL)
        abort();
    fprintf(log, "%lu %s\n", number, name);
    fclose(log);
}

void
failpoint_reach(const char *name)
{
    static unsigned long total; /* of all threads */
    const char *log = getenv("AMILAUNCH_FAILPOINT_LOG");
    const char *last = getenv("AMILAUNCH_FAILPOINT");
    int kept = errno; /* of the act that it stands behind */
    unsigned long reached = __atomic_add_fetch(&total, 1, __ATOMIC_RELAXED);

    if (log != NULL)
        write_down(log, reached, name);
    if (last != NULL && strtoul(last, NULL, 10) == reached) {
        kill(getpid(), SIGKILL);
        pause();
    }
    errno = kept;
}

void
failpoint_leave(const char *const *name)
{
    failpoint_reach(*name);
}

char **
failpoint_free_environment(char **environment)
{
    return g_environ_unsetenv(g_environ_unsetenv(environment, "AMILAUNCH_FAILPOINT"),
                              "AMILAUNCH_FAILPOINT_LOG");
}

#else
/* ISO C wants something in every file. */
typedef int failpoints_are_left_out;
#endif
