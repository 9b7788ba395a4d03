/* A program that runs beside the agent: xl. One at a time. */
#ifndef APPLIANCE_JOB_H
#define APPLIANCE_JOB_H

#include <stdbool.h>
#include <sys/types.h>

#define JOB_OUTPUT_MOST 4096

/* Called when it has ended: GOOD if by itself and with status 0. OUTPUT is what it printed, or the
 * first part of it. */
typedef void (*job_done)(bool good, const char *output);

/* Starts ARGV, which has MS milliseconds. False if one is running. DONE may be called at once. */
bool job_start(const char *const *argv, long ms, job_done done);
bool job_is_running(void);

/* To be told of each child that has ended, and now and then that time passes. */
void job_ended(pid_t child, int status);
void job_tick(void);

/* Runs ARGV to its end; true if that was a good one. */
bool job_run(const char *const *argv);

#endif
