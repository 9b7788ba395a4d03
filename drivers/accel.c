#include "drivers/accel.h"
#include "drivers/kvm_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Far above the millisecond of a processor that has to share itself, far below the second of one
 * that is emulated. */
#define LOOP_LIMIT_US 200000

static const char *const verdicts[] = {[KVM_ABSENT] = "absent",
                                       [KVM_DENIED] = "denied",
                                       [KVM_PRETENDS] = "pretends",
                                       [KVM_WORKS] = "works"};

typedef enum {
    CHILD_ANSWERED,
    CHILD_LATE,
    CHILD_DIED,
    CHILD_ABSENT /* there is none: fork() or pipe() failed */
} child_end;

/* Between fork() and the end: nothing that could wait for a lock of a thread that isn't here. */
static void G_GNUC_NORETURN
be_child(const char *device, int out, pid_t parent)
{
    loop_result result;
    ssize_t written;
    sigset_t all;

    /* The parent's handlers are not meant to run here. */
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    result = kvm_loop_run(device);
    written = write(out, &result, sizeof result);
    _exit(written == sizeof result ? 0 : 1);
}

/* Waits for the child's answer on the pipe IN. */
static child_end
await_answer(int in, guint deadline_ms, loop_result *result)
{
    gint64 deadline = g_get_monotonic_time() + deadline_ms * G_GINT64_CONSTANT(1000);
    struct pollfd waited = {.fd = in, .events = POLLIN};
    int ready;

    do {
        gint64 left_ms = (deadline - g_get_monotonic_time()) / 1000;
        ready = poll(&waited, 1, (int)CLAMP(left_ms, 0, G_MAXINT));
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return CHILD_LATE;
    /* So few bytes come through a pipe in one piece. */
    return read(in, result, sizeof *result) == sizeof *result ? CHILD_ANSWERED : CHILD_DIED;
}

static void
end_child(pid_t child)
{
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static child_end
ask_child(const char *device, guint deadline_ms, loop_result *result)
{
    pid_t parent = getpid(), child;
    child_end end;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return CHILD_ABSENT;
    child = fork();
    if (child == 0)
        be_child(device, ends[1], parent);
    close(ends[1]);
    if (child > 0) {
        end = await_answer(ends[0], deadline_ms, result);
        end_child(child);
    } else
        end = CHILD_ABSENT;
    close(ends[0]);
    return end;
}

static kvm_verdict
judge_open(const char *device, int problem, char **detail)
{
    if (problem == EACCES || problem == EPERM) {
        *detail =
            g_strdup_printf("%s is there, but this user may not open it; members of the group "
                            "that owns it (often kvm) may",
                            device);
        return KVM_DENIED;
    }
    *detail = problem == ENOENT
                  ? g_strdup_printf("there is no %s", device)
                  : g_strdup_printf("%s does not open: %s", device, g_strerror(problem));
    return KVM_ABSENT;
}

static kvm_verdict
judge_speed(const char *device, gint64 microseconds, char **detail)
{
    gboolean fast = microseconds <= LOOP_LIMIT_US;

    *detail = g_strdup_printf("%s runs a million loop iterations in %.1f ms%s", device,
                              microseconds / 1000.0, fast ? "" : ": instructions are emulated");
    return fast ? KVM_WORKS : KVM_PRETENDS;
}

static kvm_verdict
judge_answer(const char *device, const loop_result *result, char **detail)
{
    static const char *const steps[] = {[LOOP_VERSION] = "does not speak KVM's language",
                                        [LOOP_MACHINE] = "makes no virtual machine",
                                        [LOOP_MEMORY] = "gives it no memory",
                                        [LOOP_PROCESSOR] = "gives it no processor",
                                        [LOOP_REGISTERS] = "can't set its processor to 64 bits",
                                        [LOOP_RUN] = "does not run it"};

    switch (result->step) {
    case LOOP_UNSUPPORTED:
        *detail = g_strdup("this host's processor is not an x86-64 one: KVM can't run x86 guests");
        return KVM_ABSENT;
    case LOOP_OPEN:
        return judge_open(device, result->problem, detail);
    case LOOP_HALT:
        *detail =
            g_strdup_printf("%s opens, but its guest stops before its end (KVM's exit reason %d)",
                            device, result->problem);
        return KVM_PRETENDS;
    case LOOP_DONE:
        return judge_speed(device, result->microseconds, detail);
    default:
        *detail = g_strdup_printf("%s opens, but %s: %s", device, steps[result->step],
                                  g_strerror(result->problem));
        return KVM_PRETENDS;
    }
}

kvm_verdict
accel_probe_device(const char *device, guint deadline_ms, char **detail)
{
    g_autofree char *seen = NULL;
    kvm_verdict verdict = KVM_PRETENDS;
    loop_result result;

    switch (ask_child(device, deadline_ms, &result)) {
    case CHILD_ANSWERED:
        verdict = judge_answer(device, &result, &seen);
        break;
    case CHILD_LATE:
        seen = g_strdup_printf("%s opens, but does not run a million loop iterations in %u ms: "
                               "instructions are emulated",
                               device, deadline_ms);
        break;
    case CHILD_DIED:
        seen = g_strdup_printf("%s ended the process that tried it", device);
        break;
    case CHILD_ABSENT:
        seen = g_strdup_printf("%s can't be tried: no process for it", device);
        break;
    }
    if (detail != NULL)
        *detail = g_steal_pointer(&seen);
    return verdict;
}

kvm_verdict
accel_probe_kvm(guint deadline_ms, char **detail)
{
    return accel_probe_device("/dev/kvm", deadline_ms, detail);
}

const char *
accel_verdict_text(kvm_verdict verdict)
{
    return verdicts[verdict];
}

gboolean
accel_verdict_parse(const char *text, kvm_verdict *verdict)
{
    for (guint i = 0; i < G_N_ELEMENTS(verdicts); i++)
        if (g_strcmp0(text, verdicts[i]) == 0) {
            *verdict = i;
            return TRUE;
        }
    return FALSE;
}
