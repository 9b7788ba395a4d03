/* One request, one answer, and a deadline. Neither a channel that is silent nor one that never
 * stops talking keeps a command longer than that. */
#include "drivers/libvirt_agent.h"
#include "common/error.h"
#include "drivers/domain_xml.h"
#include "drivers/live_xml.h"
#include "drivers/xen_xml.h"

#include <string.h>

#define OPEN_AGAIN_MS 200

typedef struct {
    virStreamPtr stream;
    guint32 id;
    GString *said; /* not sent yet */
    GString *heard;
    gint64 deadline; /* microseconds */
    gboolean done;
    agent_reply *reply;
} talk;

static void
read_lines(talk *self)
{
    while (!self->done) {
        g_autofree char *line = agent_next_line(self->heard);
        if (line == NULL)
            return;
        agent_answer(line, self->id, self->reply);
        self->done = self->reply->verdict != AGENT_SILENT;
    }
}

static void
hear(talk *self)
{
    char buffer[4096];
    int got = virStreamRecv(self->stream, buffer, sizeof buffer);

    if (got == -2)
        return;
    if (got <= 0) {
        self->done = TRUE;
        return;
    }
    g_string_append_len(self->heard, buffer, got);
    read_lines(self);
}

static void
say(talk *self)
{
    int sent = virStreamSend(self->stream, self->said->str, self->said->len);

    if (sent > 0)
        g_string_erase(self->said, 0, sent);
    else if (sent == -1)
        self->done = TRUE;
}

static void
on_stream(virStreamPtr stream, int events, void *opaque)
{
    talk *self = opaque;
    int wanted = VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP;

    if (events & VIR_STREAM_EVENT_READABLE)
        hear(self);
    else if (events & (VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP))
        self->done = TRUE;
    if (!self->done && (events & VIR_STREAM_EVENT_WRITABLE) && self->said->len > 0)
        say(self);
    if (self->said->len > 0)
        wanted |= VIR_STREAM_EVENT_WRITABLE;
    if (!self->done)
        virStreamEventUpdateCallback(stream, wanted);
}

static void
on_time(int timer G_GNUC_UNUSED, void *opaque)
{
    ((talk *)opaque)->done = TRUE;
}

static int
left_ms(gint64 deadline)
{
    return (int)CLAMP((deadline - g_get_monotonic_time()) / 1000, 1, G_MAXINT);
}

static void
wait_for_answer(talk *self)
{
    int timer = virEventAddTimeout(left_ms(self->deadline), on_time, self, NULL);

    virStreamEventAddCallback(self->stream,
                              VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_WRITABLE |
                                  VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP,
                              on_stream, self, NULL);
    while (!self->done && g_get_monotonic_time() < self->deadline && virEventRunDefaultImpl() == 0)
        ;
    if (timer >= 0)
        virEventRemoveTimeout(timer);
    virStreamEventRemoveCallback(self->stream);
    virStreamAbort(self->stream);
}

/* One at a time may have the channel; who has it doesn't keep it for long. NULL without an error if
 * the time is over, or the guest is off. */
static virStreamPtr
open_channel(libvirt_driver *self, virDomainPtr domain, gint64 deadline, GError **error)
{
    for (;;) {
        virStreamPtr stream = virStreamNew(self->connection, VIR_STREAM_NONBLOCK);
        if (stream == NULL) {
            libvirt_failed("can't ask the guest's appliance", error);
            return NULL;
        }
        if (virDomainOpenChannel(domain, XEN_CHANNEL, stream, 0) == 0)
            return stream;
        virStreamFree(stream);
        if (virGetLastErrorCode() != VIR_ERR_OPERATION_FAILED) {
            if (virDomainIsActive(domain) == 1)
                libvirt_failed("can't ask the guest's appliance", error);
            return NULL;
        }
        if (g_get_monotonic_time() + OPEN_AGAIN_MS * 1000 >= deadline)
            return NULL;
        g_usleep(OPEN_AGAIN_MS * 1000);
    }
}

gboolean
libvirt_agent_ask(libvirt_driver *self, virDomainPtr domain, const agent_question *question,
                  gint64 timeout_ms, agent_reply *reply, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + timeout_ms * 1000;
    g_autoptr(GError) refused = NULL;
    g_autoptr(virStream) stream = open_channel(self, domain, deadline, &refused);
    talk now = {.stream = stream, .id = g_random_int(), .deadline = deadline, .reply = reply};
    g_autofree char *request =
        agent_request(now.id, question->action, question->device, question->force);

    *reply = (agent_reply){.verdict = AGENT_SILENT};
    if (refused != NULL) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return FALSE;
    }
    if (stream == NULL)
        return TRUE;
    now.said = g_string_new(request);
    now.heard = g_string_new(NULL);
    wait_for_answer(&now);
    g_string_free(now.said, TRUE);
    g_string_free(now.heard, TRUE);
    return TRUE;
}

gboolean
libvirt_has_agent(virDomainPtr domain)
{
    g_autofree char *metadata = virDomainGetMetadata(
        domain, VIR_DOMAIN_METADATA_ELEMENT, DOMAIN_XML_NAMESPACE, VIR_DOMAIN_AFFECT_CURRENT);

    return metadata != NULL && live_is_xen(metadata);
}
