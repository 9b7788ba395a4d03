#include "appliance/job.h"
#include "appliance/say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT "/run/job.out"

static pid_t running;
static long deadline;
static job_done when_done;

/* In the child. */
static void
become(const char *const *argv, int output)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (output >= 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
    }
    execv(argv[0], (char *const *)argv);
    _exit(127);
}

bool
job_is_running(void)
{
    return running > 0;
}

bool
job_start(const char *const *argv, long ms, job_done done)
{
    int output;

    if (job_is_running())
        return false;
    output = open(OUTPUT, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    running = fork();
    if (running == 0)
        become(argv, output);
    if (output >= 0)
        close(output);
    deadline = now_ms() + ms;
    when_done = done;
    if (running < 0) {
        say("fork: %s", strerror(errno));
        done(false, "");
    }
    return true;
}

void
job_ended(pid_t child, int status)
{
    char text[JOB_OUTPUT_MOST];
    ssize_t length;
    int output;

    if (child != running || running <= 0)
        return;
    running = 0;
    output = open(OUTPUT, O_RDONLY | O_CLOEXEC);
    length = output < 0 ? 0 : read(output, text, sizeof text - 1);
    if (output >= 0)
        close(output);
    text[length > 0 ? length : 0] = '\0';
    when_done(WIFEXITED(status) && WEXITSTATUS(status) == 0, text);
}

void
job_tick(void)
{
    if (job_is_running() && now_ms() > deadline)
        kill(running, SIGKILL);
}

bool
job_run(const char *const *argv)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0)
        become(argv, -1);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
