#include "launcher/diagnosis.h"
#include "launcher/console_evidence.h"
#include "launcher/console_text.h"

#include <string.h>

/* Seconds of silence: beyond GRUB's 10 s for a key; and enough for the next link to show itself on
 * a busy host, where the plan says that it won't. */
#define WAITS_S 20
#define FORESEEN_S 10

/* In boot order. */
static const char *const order[] = {
    BOOT_LINK_FIRMWARE, BOOT_LINK_MBR,         BOOT_LINK_BOOT_CODE,    BOOT_LINK_ACTIVE,
    BOOT_LINK_ESP,      BOOT_LINK_PARAVIRTUAL, BOOT_LINK_KERNEL_IMAGE, BOOT_LINK_LOADER,
    BOOT_LINK_MENU,     BOOT_LINK_KERNEL,      BOOT_LINK_RAMDISK,      BOOT_LINK_ROOT,
    BOOT_LINK_INIT,     BOOT_LINK_SYSTEM,      BOOT_LINK_DEVICES,
};

/* Something that a line told. */
typedef struct {
    const char *link;
    const char *what;
    GString *line;
} finding;

typedef struct {
    boot_kind kind;
    boot_progress progress;
    finding at;    /* where it is */
    finding cause; /* why it will stop, if it does; its link is NULL if nothing is known */
} reading;

static guint
rank(const char *link)
{
    guint i = 0;

    while (i < G_N_ELEMENTS(order) && !g_str_equal(order[i], link))
        i++;
    return i;
}

static void
note(finding *self, const char *link, const char *what, const char *line)
{
    self->link = link;
    self->what = what;
    g_string_assign(self->line, line);
}

/* A chain without a boot loader begins with its kernel. */
static const char *
link_in(const reading *self, const char *link)
{
    if (self->kind == BOOT_DIRECT && g_strcmp0(link, BOOT_LINK_LOADER) == 0)
        return BOOT_LINK_KERNEL;
    return link;
}

static const char *
where_it_is(const reading *self)
{
    return self->at.link != NULL ? self->at.link : link_in(self, BOOT_LINK_LOADER);
}

static void
begins(reading *self, const char *link, const char *line)
{
    self->progress = BOOT_GOES_ON;
    self->cause.link = NULL;
    note(&self->at, link, NULL, line);
}

/* What was wrong in a link that it has left behind is of no more interest. */
static void
reached(reading *self, const char *link, const char *line)
{
    if (self->progress == BOOT_COMPLETE ||
        (self->progress > BOOT_GOES_ON && rank(link) <= rank(self->at.link)))
        return;
    self->progress = BOOT_GOES_ON;
    if (self->cause.link != NULL && rank(link) > rank(self->cause.link))
        self->cause.link = NULL;
    note(&self->at, link, NULL, line);
}

/* The first is the reason for those that follow. */
static void
has_cause(reading *self, const console_evidence *what, const char *link, const char *line)
{
    if (self->cause.link != NULL || self->progress > BOOT_GOES_ON)
        return;
    if (self->progress == BOOT_UNKNOWN)
        begins(self, link, line);
    note(&self->cause, link, what->what, line);
}

/* A prompt that comes after a message says only that there is nothing more to come. */
static void
stops(reading *self, const console_evidence *what, const char *link, const char *line)
{
    boot_progress how = what->kind == EVIDENCE_WAITS ? BOOT_WAITS : BOOT_STOPPED;

    if (self->progress == BOOT_STOPPED || (self->progress == BOOT_WAITS && how == BOOT_WAITS))
        return;
    if (self->progress != BOOT_WAITS) {
        if (self->cause.link != NULL)
            note(&self->at, self->cause.link, self->cause.what, self->cause.line->str);
        else
            note(&self->at, link, what->what, line);
    }
    self->progress = how;
}

static void
completes(reading *self, const char *line)
{
    self->progress = BOOT_COMPLETE;
    self->cause.link = NULL;
    note(&self->at, BOOT_LINK_SYSTEM, NULL, line);
}

/* Boot loaders are gone when the ramdisk has done its work: what then looks like one's complaint is
 * something else's. */
static gboolean
is_too_late(const reading *self, const console_evidence *what)
{
    const char *link = what->link != NULL ? what->link : BOOT_LINK_LOADER;

    return (what->kind == EVIDENCE_CAUSE || what->kind == EVIDENCE_WAITS) &&
           self->at.link != NULL && rank(self->at.link) > rank(BOOT_LINK_RAMDISK) &&
           rank(link) <= rank(BOOT_LINK_RAMDISK);
}

static void
take(reading *self, const console_evidence *what, const char *line)
{
    const char *link = what->link != NULL ? link_in(self, what->link) : where_it_is(self);

    if (is_too_late(self, what))
        return;
    switch (what->kind) {
    case EVIDENCE_BEGINS:
        begins(self, link, line);
        break;
    case EVIDENCE_REACHED:
        reached(self, link, line);
        break;
    case EVIDENCE_CAUSE:
        has_cause(self, what, link, line);
        break;
    case EVIDENCE_WAITS:
    case EVIDENCE_STOPPED:
        stops(self, what, link, line);
        break;
    case EVIDENCE_UP:
        completes(self, line);
        break;
    }
}

static const char *
end_of(const char *text)
{
    gsize length = strlen(text);

    return length > DIAGNOSIS_LIMIT ? text + length - DIAGNOSIS_LIMIT : text;
}

static void
read_text(reading *self, const char *text, const console_evidence *(*find)(const char *))
{
    g_autoptr(GString) line = g_string_new(NULL);
    const char *at = end_of(text);

    while (console_line_next(&at, line)) {
        const console_evidence *what = find(line->str);
        if (what != NULL)
            take(self, what, line->str);
    }
}

/* Something is wrong already, though it hasn't stopped. */
static const finding *
worst(const reading *self)
{
    return self->progress == BOOT_GOES_ON && self->cause.link != NULL ? &self->cause : &self->at;
}

static diagnosis *
conclude(const reading *self)
{
    diagnosis *found = g_new0(diagnosis, 1);
    const finding *shown = worst(self);

    found->progress = self->progress;
    if (self->progress == BOOT_UNKNOWN)
        return found;
    found->line = g_utf8_make_valid(shown->line->str, (gssize)shown->line->len);
    if (self->progress == BOOT_COMPLETE)
        return found;
    found->link = shown->link;
    found->what = shown->what;
    return found;
}

diagnosis *
diagnosis_of(boot_kind kind, const char *console, const char *appliance)
{
    g_autoptr(GString) at = g_string_new(NULL);
    g_autoptr(GString) cause = g_string_new(NULL);
    reading self = {.kind = kind, .at.line = at, .cause.line = cause};

    read_text(&self, console, console_evidence_find);
    if (self.progress == BOOT_UNKNOWN && appliance != NULL)
        read_text(&self, appliance, appliance_evidence_find);
    return conclude(&self);
}

void
diagnosis_free(diagnosis *self)
{
    if (self == NULL)
        return;
    g_free(self->line);
    g_free(self);
}

const boot_warning *
diagnosis_foreseen(const diagnosis *self, const boot_plan *plan)
{
    if (self->link == NULL || self->progress == BOOT_COMPLETE)
        return NULL;
    for (guint i = 0; i < plan->warnings->len; i++) {
        const boot_warning *warning = g_ptr_array_index(plan->warnings, i);
        if (warning->fatal && g_strcmp0(warning->link, self->link) == 0)
            return warning;
    }
    return NULL;
}

gboolean
diagnosis_is_final(const diagnosis *self, gboolean foreseen, guint silent_s)
{
    switch (self->progress) {
    case BOOT_STOPPED:
        return TRUE;
    case BOOT_WAITS:
        return foreseen || silent_s >= WAITS_S;
    case BOOT_GOES_ON:
        return foreseen && silent_s >= FORESEEN_S;
    default:
        return FALSE;
    }
}
