#include "launcher/ending.h"
#include "common/files.h"
#include "drivers/guest_events.h"
#include "images/home.h"
#include "launcher/reason.h"

#include <sys/stat.h>

typedef struct {
    guest_end end;
    gboolean heard; /* QEMU wrote something: its silence about the end means something */
} last_words;

static last_words
last_words_of(launcher *self, const instance *vm)
{
    g_autofree char *events = home_events(self->home, vm->id);
    g_autofree char *out = g_strdup_printf("%s.out", events);
    struct stat info;

    return (last_words){.end = guest_events_read(events),
                        .heard = stat(out, &info) == 0 && info.st_size > 0};
}

static const char *
off_message(const domain_status *status, const last_words *said)
{
    switch (status->reason) {
    case OFF_CRASHED:
        return said->heard ? "Its QEMU process ended"
                           : "Its QEMU process ended, or the guest crashed";
    case OFF_DESTROYED:
        return "Its domain was destroyed through libvirt";
    case OFF_FAILED:
        return "Its domain failed";
    case OFF_SAVED:
        return "Its memory was saved through libvirt";
    case OFF_MOVED:
        return "libvirt gave its guest up";
    case OFF_UNKNOWN:
        return said->heard ? "Its QEMU process ended" : NULL;
    default:
        return NULL;
    }
}

static ending
ended_by_host(const char *message)
{
    return (ending){.code = REASON_INTERNAL, .message = message};
}

ending
ending_of_guest(launcher *self, const instance *vm, const domain_status *status)
{
    last_words said = last_words_of(self, vm);
    const char *message;

    if (said.end == GUEST_HIBERNATED)
        return (ending){.code = REASON_GUEST_SHUTDOWN,
                        .message = "The guest hibernated by itself",
                        .hibernated = TRUE};
    if (status == NULL)
        return ended_by_host("Its domain is gone from libvirt");
    /* A host that goes down may tell its guests to do so: that isn't their own will. */
    if (g_strcmp0(vm->host_boot, host_boot_id()) != 0)
        return ended_by_host("The host was restarted");
    if (said.end == GUEST_PANICKED)
        return ended_by_host("The guest crashed");
    /* libvirt takes any orderly end of QEMU for the guest's. */
    if (said.end == GUEST_CUT_OFF && status->reason == OFF_SHUTDOWN)
        return ended_by_host("Its QEMU process was told to end");
    message = off_message(status, &said);
    if (said.end == GUEST_POWERED_OFF || message == NULL)
        return (ending){.code = REASON_GUEST_SHUTDOWN,
                        .powered_off =
                            said.end == GUEST_POWERED_OFF || status->reason == OFF_SHUTDOWN};
    return ended_by_host(message);
}

ending
ending_of_stop(launcher *self, const instance *vm)
{
    last_words said = last_words_of(self, vm);
    gboolean asked = g_strcmp0(vm->reason_code, REASON_USER_HIBERNATE) == 0;

    /* One that was asked to hibernate and only powered off has been stopped in the ordinary way. */
    return (ending){.code = asked && said.end != GUEST_HIBERNATED ? REASON_USER_SHUTDOWN : NULL,
                    .hibernated = said.end == GUEST_HIBERNATED};
}
