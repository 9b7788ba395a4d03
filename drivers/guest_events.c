#include "drivers/guest_events.h"
#include "common/files.h"

#include <jansson.h>
#include <string.h>

/* The end of the file tells the end of the guest; a guest that resets itself day and night may make
 * it long. */
#define ENOUGH 65536

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

typedef struct {
    guest_end end;
    gboolean suspending; /* its memory is on its disk; powering off comes next */
} story;

static guest_end
end_of_shutdown(const story *so_far, const char *reason, gboolean by_guest)
{
    if (g_strcmp0(reason, "guest-panic") == 0)
        return GUEST_PANICKED;
    if (by_guest)
        return so_far->suspending ? GUEST_HIBERNATED : GUEST_POWERED_OFF;
    return GUEST_CUT_OFF;
}

static void
tell(story *self, const char *event, const char *reason, gboolean by_guest)
{
    if (g_str_equal(event, "SUSPEND_DISK"))
        self->suspending = TRUE;
    else if (g_str_equal(event, "GUEST_PANICKED"))
        self->end = GUEST_PANICKED;
    else if (g_str_equal(event, "RESET"))
        /* It was not the end: libvirt resets a guest that powers off to reboot. */
        *self = (story){.end = GUEST_SILENT};
    else if (g_str_equal(event, "SHUTDOWN") && self->end == GUEST_SILENT)
        /* The first word counts: libvirt ends QEMU's process after the guest's own end. */
        self->end = end_of_shutdown(self, reason, by_guest);
}

static void
read_line(story *self, const char *line)
{
    g_autoptr(json_t) object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    json_t *data = json_object_get(object, "data");
    const char *event = json_string_value(json_object_get(object, "event"));

    if (event != NULL)
        tell(self, event, json_string_value(json_object_get(data, "reason")),
             json_is_true(json_object_get(data, "guest")));
}

guest_end
guest_events_parse(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    story told = {.end = GUEST_SILENT};

    for (gsize i = 0; lines[i] != NULL; i++)
        read_line(&told, g_strchomp(lines[i]));
    return told.end;
}

guest_end
guest_events_read(const char *events)
{
    g_autofree char *path = events != NULL ? g_strconcat(events, ".out", NULL) : NULL;
    g_autofree char *text = path != NULL ? file_tail(path, ENOUGH) : NULL;

    return text != NULL ? guest_events_parse(text) : GUEST_SILENT;
}
