/* Steps at which a test can stop the process dead, as kill -9 or a power cut would. They stand at
 * the edges where all changes go through: the database's commits, files, programs, the hypervisor.
 * Only a build with --enable-failpoints has them; in any other nothing is left of them.
 *
 * AMILAUNCH_FAILPOINT_LOG=FILE: each step that is reached adds a line "NUMBER NAME" to FILE.
 * AMILAUNCH_FAILPOINT=NUMBER: the process kills itself when it gets to that step. */
#ifndef COMMON_FAILPOINT_H
#define COMMON_FAILPOINT_H

#ifdef ENABLE_FAILPOINTS

void failpoint_reach(const char *name);
void failpoint_leave(const char *const *name);

/* Two steps: here, and where the block ends that this stands in. NAME is a string literal. */
#define FAILPOINT_AROUND(name)                                                                     \
    failpoint_reach("before " name);                                                               \
    __attribute__((cleanup(failpoint_leave), unused)) const char *const failpoint_name =           \
        "after " name

/* An environment (as g_get_environ() gives it, which is taken over and given back) for a program
 * that outlives its command: the steps of the command are counted, not those of what it leaves. */
char **failpoint_free_environment(char **environment);

#else
#define FAILPOINT_AROUND(name) ((void)0)
#define failpoint_free_environment(environment) (environment)
#endif

#endif
