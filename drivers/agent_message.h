/* What is said to the agent in a guest's Xen appliance, and what it answers: one object of JSON in
 * a line each. Pure. Requests:
 *
 *     {"id":7,"do":"reboot","force":false}
 *     {"id":8,"do":"detach","device":"sdf","force":false}
 *     {"id":9,"do":"attached","device":"sdf","force":false}     and so on
 *
 * An answer repeats the request's id, so that nobody takes for its own what an earlier command
 * asked and didn't live to hear: {"id":7,"ok":true} or {"id":7,"ok":false,"error":"..."}.
 *
 * The agent is ours, but a guest may have broken into it: an answer is never trusted to be one. */
#ifndef DRIVERS_AGENT_MESSAGE_H
#define DRIVERS_AGENT_MESSAGE_H

#include <glib.h>

/* More than this in one line, and it is no answer. */
#define AGENT_LINE_MOST 4096

typedef enum {
    AGENT_SILENT,  /* it has not answered, or not in a way that can be understood */
    AGENT_DONE,    /* it did what was asked */
    AGENT_REFUSED, /* it could not */
} agent_verdict;

typedef struct {
    agent_verdict verdict;
    char *problem; /* AGENT_REFUSED: its words for people, printable and short */
    gint64 boots;  /* how often it has built the guest, if it says so; else 0 */
} agent_reply;

/* Frees what REPLY points to. */
void agent_reply_clear(agent_reply *reply);

/* DEVICE (the guest's name of it, without /dev/) may be NULL. The line ends with a newline. The
 * caller frees it. */
char *agent_request(guint32 id, const char *action, const char *device, gboolean force);

/* What LINE, without its newline, says to the request ID: AGENT_SILENT if it is the answer to
 * another one, or none. *reply, whose old content is not freed, is set in any case. */
void agent_answer(const char *line, guint32 id, agent_reply *reply);

/* Takes the first line from HEARD, the bytes that have come so far: NULL if none is complete. What
 * is longer than AGENT_LINE_MOST is dropped. The caller frees it. */
char *agent_next_line(GString *heard);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(agent_reply, agent_reply_clear)

#endif
