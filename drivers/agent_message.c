#include "drivers/agent_message.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEM_MOST 200

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

void
agent_reply_clear(agent_reply *reply)
{
    g_clear_pointer(&reply->problem, g_free);
}

char *
agent_request(guint32 id, const char *action, const char *device, gboolean force)
{
    g_autoptr(json_t) request =
        json_pack("{s:I, s:s, s:b}", "id", (json_int_t)id, "do", action, "force", force);
    char *text;
    char *line;

    if (device != NULL)
        json_object_set_new(request, "device", json_string(device));
    text = json_dumps(request, JSON_COMPACT);
    line = g_strconcat(text, "\n", NULL);
    free(text);
    return line;
}

/* It ends up in an error message. */
static char *
printable(const char *words)
{
    char *text = g_strndup(words != NULL ? words : "it gives no reason", PROBLEM_MOST);

    for (char *at = text; *at != '\0'; at++)
        if (!g_ascii_isprint(*at))
            *at = '?';
    return text;
}

static gboolean
is_answer_to(json_t *answer, guint32 id)
{
    json_t *number = json_object_get(answer, "id");

    return json_is_integer(number) && json_integer_value(number) == (json_int_t)id &&
           json_is_boolean(json_object_get(answer, "ok"));
}

void
agent_answer(const char *line, guint32 id, agent_reply *reply)
{
    g_autoptr(json_t) answer = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

    *reply = (agent_reply){.verdict = AGENT_SILENT};
    if (!is_answer_to(answer, id))
        return;
    reply->boots = json_integer_value(json_object_get(answer, "boots"));
    reply->verdict = json_is_true(json_object_get(answer, "ok")) ? AGENT_DONE : AGENT_REFUSED;
    if (reply->verdict == AGENT_REFUSED)
        reply->problem = printable(json_string_value(json_object_get(answer, "error")));
}

char *
agent_next_line(GString *heard)
{
    const char *end = memchr(heard->str, '\n', heard->len);
    gsize length = end != NULL ? (gsize)(end - heard->str) : 0;
    char *line;

    if (end == NULL) {
        if (heard->len > AGENT_LINE_MOST)
            g_string_truncate(heard, 0);
        return NULL;
    }
    /* A line with a NUL in it ends there, and is no JSON then. */
    line = length <= AGENT_LINE_MOST ? g_strndup(heard->str, length) : g_strdup("");
    g_string_erase(heard, 0, (gssize)length + 1);
    return line;
}
