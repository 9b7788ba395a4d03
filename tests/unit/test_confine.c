#include "net/confine.h"
#include "tests/unit/suites.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* One that was there before. */
static gpointer
try_to_mount(gpointer go)
{
    char byte;

    if (read(*(int *)go, &byte, 1) != 1 || mount("none", "/nowhere", "tmpfs", 0, NULL) != -1)
        return NULL;
    return GINT_TO_POINTER(errno);
}

/* What a confined child finds that it shouldn't, as its exit status; 0: nothing. */
static int
find_what_is_left(void)
{
    char *const argv[] = {"true", NULL};
    struct rlimit core;
    int go[2];
    GThread *before;

    if (pipe(go) != 0)
        return 20;
    before = g_thread_new("before", try_to_mount, go);
    if (!confine(NULL))
        return 1;
    if (execv("/bin/true", argv) != -1 || errno != EPERM)
        return 2;
    if (mount("none", "/nowhere", "tmpfs", 0, NULL) != -1 || errno != EPERM)
        return 3;
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != -1 || errno != EPERM)
        return 4;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return 5;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
        return 6;
    if (syscall(SYS_fsopen, "tmpfs", 0) != -1 || errno != EPERM)
        return 8;
    if (syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL) != -1 || errno != EPERM)
        return 9;
    if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
        return 10;
    if (write(go[1], "x", 1) != 1 || g_thread_join(before) != GINT_TO_POINTER(EPERM))
        return 11;
#if defined __x86_64__
    /* The same call by its other number. */
    if (syscall(0x40000000 | 520, "/bin/true", argv, NULL) != -1 || errno != EPERM)
        return 7;
#endif
    return 0;
}

static int
in_child(int (*what)(void))
{
    pid_t child = fork();
    int status = 0;

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(what());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(what_is_forbidden_fails)
{
#if defined __x86_64__ || defined __aarch64__
    ck_assert_int_eq(in_child(find_what_is_left), 0);
#endif
}
END_TEST

static gpointer
nothing(gpointer data)
{
    return data;
}

/* Threads, files and sockets are what it lives on. */
static int
find_what_is_missing(void)
{
    int ends[2];
    GThread *thread;

    if (!confine(NULL) || !confine(NULL))
        return 1;
    thread = g_thread_try_new("some", nothing, ends, NULL);
    if (thread == NULL || g_thread_join(thread) != ends)
        return 2;
    if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1 || access("/", R_OK) != 0)
        return 3;
    return 0;
}

START_TEST(the_rest_works)
{
    ck_assert_int_eq(in_child(find_what_is_missing), 0);
}
END_TEST

Suite *
suite_confine(void)
{
    Suite *suite = suite_create("confine");
    TCase *tcase = tcase_create("confine");

    tcase_add_test(tcase, what_is_forbidden_fails);
    tcase_add_test(tcase, the_rest_works);
    suite_add_tcase(suite, tcase);
    return suite;
}
