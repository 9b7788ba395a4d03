/* The channel to the agent in a guest's Xen appliance: a virtio-serial port whose other end is a
 * socket that libvirt keeps. */
#ifndef DRIVERS_LIBVIRT_AGENT_H
#define DRIVERS_LIBVIRT_AGENT_H

#include "drivers/agent_message.h"
#include "drivers/libvirt.h"

/* As in agent_message.h. */
typedef struct {
    const char *action;
    const char *device; /* may be NULL */
    gboolean force;
} agent_question;

/* Asks DOMAIN's agent and waits for its answer, at most TIMEOUT_MS, also for the channel if another
 * command is using it. AGENT_SILENT in *reply means that there was no answer in that time, or that
 * the domain is off. FALSE with Host.Libvirt only if libvirt doesn't let us at the channel of a
 * domain that runs. The caller clears *reply, whose old content is not freed. */
gboolean libvirt_agent_ask(libvirt_driver *self, virDomainPtr domain,
                           const agent_question *question, gint64 timeout_ms, agent_reply *reply,
                           GError **error);

/* TRUE if the domain is a guest under Xen in an appliance. */
gboolean libvirt_has_agent(virDomainPtr domain);

#endif
