#include "drivers/libvirt_xen.h"
#include "common/error.h"
#include "drivers/libvirt_agent.h"

#define LOOK_EVERY_MS 300

/* An appliance that is only just booting answers when it is up: on a busy host under emulation that
 * is most of a minute. */
#define PATIENCE_MS 90000

/* With an agent that is at work this is long; with one that isn't, somebody waits. */
#define BRIEF_MS 15000

static gint64
left_ms(gint64 deadline)
{
    return MAX((deadline - g_get_monotonic_time()) / 1000, 0);
}

/* ---- reboot ---- */

static gboolean
ask_boots(libvirt_driver *self, virDomainPtr domain, gint64 deadline, gint64 *boots,
          gboolean *answered, GError **error)
{
    g_auto(agent_reply) reply = {0};
    agent_question state = {.action = "state"};

    if (!libvirt_agent_ask(self, domain, &state, left_ms(deadline), &reply, error))
        return FALSE;
    *answered = reply.verdict == AGENT_DONE;
    if (*answered)
        *boots = reply.boots;
    return TRUE;
}

gboolean
xen_rebuild(libvirt_driver *self, virDomainPtr domain)
{
    g_auto(agent_reply) reply = {0};
    agent_question reboot = {.action = "reboot", .force = TRUE};

    return libvirt_agent_ask(self, domain, &reboot, BRIEF_MS, &reply, NULL) &&
           reply.verdict == AGENT_DONE;
}

/* The guest that was built last is another one than that of BEFORE. */
static gboolean
wait_rebuilt(libvirt_driver *self, virDomainPtr domain, gint64 before, gint64 deadline,
             reboot_result *result, GError **error)
{
    *result = REBOOT_TIMED_OUT;
    while (left_ms(deadline) > 0) {
        gint64 boots = before;
        gboolean answered;
        if (virDomainIsActive(domain) != 1) {
            *result = REBOOT_OFF;
            return TRUE;
        }
        if (!ask_boots(self, domain, deadline, &boots, &answered, error))
            return FALSE;
        if (boots != before) {
            *result = REBOOT_DONE;
            return TRUE;
        }
        g_usleep(LOOK_EVERY_MS * 1000);
    }
    return TRUE;
}

static gboolean
ask_and_wait(libvirt_driver *self, virDomainPtr domain, gint64 before, gint64 deadline,
             reboot_result *result, GError **error)
{
    g_auto(agent_reply) reply = {0};
    agent_question reboot = {.action = "reboot"};

    if (!libvirt_agent_ask(self, domain, &reboot, left_ms(deadline), &reply, error))
        return FALSE;
    if (reply.verdict == AGENT_DONE)
        return wait_rebuilt(self, domain, before, deadline, result, error);
    /* One that is dead has nothing to end. */
    *result = reply.verdict == AGENT_REFUSED && xen_rebuild(self, domain) ? REBOOT_DONE
                                                                          : REBOOT_TIMED_OUT;
    return TRUE;
}

gboolean
xen_reboot(libvirt_driver *self, virDomainPtr domain, gint64 timeout_ms, reboot_result *result,
           GError **error)
{
    gint64 deadline = g_get_monotonic_time() + timeout_ms * 1000;
    gint64 boots = 0;
    gboolean answered;

    if (!ask_boots(self, domain, deadline, &boots, &answered, error))
        return FALSE;
    if (answered)
        return ask_and_wait(self, domain, boots, deadline, result, error);
    *result = virDomainIsActive(domain) == 1 ? REBOOT_TIMED_OUT : REBOOT_OFF;
    return TRUE;
}

/* ---- disks ---- */

gboolean
xen_wait_attached(libvirt_driver *self, virDomainPtr domain, const char *device, GError **error)
{
    g_auto(agent_reply) reply = {0};
    agent_question attached = {.action = "attached", .device = device};

    if (!libvirt_agent_ask(self, domain, &attached, PATIENCE_MS, &reply, error))
        return FALSE;
    if (reply.verdict == AGENT_DONE)
        return TRUE;
    if (reply.verdict == AGENT_REFUSED)
        return error_set(error, ERROR_HOST_LIBVIRT, "the guest does not get the disk %s: %s",
                         device, reply.problem);
    return error_set(error, ERROR_HOST_TIMEOUT,
                     "the guest's Xen appliance does not answer, so the guest may not get the disk "
                     "%s: look at appliance.log in the instance's folder, or reboot with --force",
                     device);
}

gboolean
xen_take_back(libvirt_driver *self, virDomainPtr domain, const char *device, gint64 timeout_ms,
              gboolean force, gboolean *given, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + timeout_ms * 1000;
    agent_question detach = {.action = "detach", .device = device, .force = force};

    *given = FALSE;
    /* The agent gives a guest less time than we do. */
    while (!*given && left_ms(deadline) > 0 && virDomainIsActive(domain) == 1) {
        g_auto(agent_reply) reply = {0};
        if (!libvirt_agent_ask(self, domain, &detach, left_ms(deadline), &reply, error))
            return FALSE;
        *given = reply.verdict == AGENT_DONE;
        if (!*given)
            g_usleep(LOOK_EVERY_MS * 1000);
    }
    return TRUE;
}

void
xen_tell_resized(libvirt_driver *self, virDomainPtr domain, const char *device)
{
    g_auto(agent_reply) reply = {0};
    agent_question resized = {.action = "resized", .device = device};

    libvirt_agent_ask(self, domain, &resized, BRIEF_MS, &reply, NULL);
}
