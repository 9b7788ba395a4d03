#include "cli/completion.h"
#include "launcher/map_spec.h"
#include "launcher/plan.h"
#include "store/image_query.h"
#include "store/key_pair.h"
#include "store/retention.h"

#include <string.h>

typedef struct {
    const char *command; /* NULL: of every command */
    const char *name;    /* of an option, or an argument's or a value's in the command table */
    complete_kind kind;
    const char *const *words;
    offer_kind offers;
} guess;

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Options whose values are known, the particular before the general. */
static const guess option_guesses[] = {
    {"volume create", "type", COMPLETE_WORDS, volume_type_words, 0},
    {"volume modify", "type", COMPLETE_WORDS, volume_type_words, 0},
    {"key create", "type", COMPLETE_WORDS, key_type_words, 0},
    {NULL, "type", COMPLETE_RECORDS, NULL, OFFER_TYPES},
    {"run", "key", COMPLETE_RECORDS, NULL, OFFER_KEYS},
    {NULL, "virt", COMPLETE_WORDS, virtualization_words, 0},
    {NULL, "root-device-type", COMPLETE_WORDS, root_device_type_words, 0},
    {NULL, "arch", COMPLETE_WORDS, WORDS("x86_64", "i386", "arm64"), 0},
    {NULL, "boot-mode", COMPLETE_WORDS, WORDS("legacy-bios", "uefi", "uefi-preferred"), 0},
    {NULL, "format", COMPLETE_WORDS, WORDS("raw", "qcow2", "vmdk", "vhd", "vhdx", "ova"), 0},
    {NULL, "shutdown", COMPLETE_WORDS, shutdown_behavior_words, 0},
    {NULL, "imds", COMPLETE_WORDS, imds_words, 0},
    {NULL, "pv", COMPLETE_WORDS, pv_words, 0},
    {NULL, "for", COMPLETE_WORDS, instance_state_words, 0},
    {NULL, "view", COMPLETE_WORDS, image_view_words, 0},
    {NULL, "owner", COMPLETE_WORDS, WORDS("self", "amazon", "aws-marketplace"), 0},
    {NULL, "executable-by", COMPLETE_WORDS, WORDS("self", "all"), 0},
    {NULL, "add", COMPLETE_WORDS, WORDS("all"), 0},
    {NULL, "remove", COMPLETE_WORDS, WORDS("all"), 0},
};

/* What the command table calls arguments and values, the same way. */
static const guess name_guesses[] = {
    {"start", "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_STOPPED},
    {"stop", "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_RUNNING},
    {"hibernate", "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_RUNNING},
    {"reboot", "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_RUNNING},
    {"console", "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_RUNNING},
    {"ssh", "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_RUNNING},
    {"screenshot", "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_RUNNING},
    {NULL, "INSTANCE", COMPLETE_RECORDS, NULL, OFFER_INSTANCES},
    {"image restore", "AMI", COMPLETE_RECORDS, NULL, OFFER_BINNED_IMAGES},
    {NULL, "AMI", COMPLETE_RECORDS, NULL, OFFER_IMAGES},
    {"volume attach", "VOLUME", COMPLETE_RECORDS, NULL, OFFER_FREE_VOLUMES},
    {"volume rm", "VOLUME", COMPLETE_RECORDS, NULL, OFFER_FREE_VOLUMES},
    {"volume detach", "VOLUME", COMPLETE_RECORDS, NULL, OFFER_USED_VOLUMES},
    {NULL, "VOLUME", COMPLETE_RECORDS, NULL, OFFER_VOLUMES},
    {"snapshot restore", "SNAPSHOT", COMPLETE_RECORDS, NULL, OFFER_BINNED_SNAPSHOTS},
    {NULL, "SNAPSHOT", COMPLETE_RECORDS, NULL, OFFER_SNAPSHOTS},
    {NULL, "SNAP", COMPLETE_RECORDS, NULL, OFFER_SNAPSHOTS},
    {"key rm", "NAME", COMPLETE_RECORDS, NULL, OFFER_KEYS},
    {NULL, "RULE", COMPLETE_RECORDS, NULL, OFFER_RULES},
    {NULL, "RESOURCE", COMPLETE_RECORDS, NULL, OFFER_RESOURCES},
    {NULL, "TYPE", COMPLETE_RECORDS, NULL, OFFER_TYPES},
    {NULL, "AKI", COMPLETE_RECORDS, NULL, OFFER_KERNELS},
    {NULL, "REGION", COMPLETE_RECORDS, NULL, OFFER_REGIONS},
    {NULL, "ZONE", COMPLETE_RECORDS, NULL, OFFER_ZONES},
    {NULL, "FILTER", COMPLETE_FILTERS, NULL, 0},
    {NULL, "FILE", COMPLETE_FILES, NULL, 0},
    {NULL, "MANIFEST", COMPLETE_FILES, NULL, 0},
    {NULL, "LIST", COMPLETE_FILES, NULL, 0},
    {NULL, "SCRIPT", COMPLETE_FILES, NULL, 0},
    {NULL, "DIR", COMPLETE_FOLDERS, NULL, 0},
    {NULL, "image|snapshot", COMPLETE_WORDS, retained_type_words, 0},
};

static gboolean
take_guess(completion *self, const guess *guesses, gsize count, const char *name)
{
    for (gsize i = 0; i < count; i++) {
        if (!g_str_equal(guesses[i].name, name) ||
            (guesses[i].command != NULL && !g_str_equal(guesses[i].command, self->which->name)))
            continue;
        self->kind = guesses[i].kind;
        self->words = guesses[i].words;
        self->offers = guesses[i].offers;
        return TRUE;
    }
    return FALSE;
}

/* "INSTANCE|FILE" is either; the first that is known is offered. */
static void
guess_name(completion *self, const char *name)
{
    g_auto(GStrv) either = g_strsplit(name, "|", -1);

    if (take_guess(self, name_guesses, G_N_ELEMENTS(name_guesses), name))
        return;
    for (gsize i = 0; either[i] != NULL; i++)
        if (take_guess(self, name_guesses, G_N_ELEMENTS(name_guesses), either[i]))
            return;
}

/* ---- what was typed ---- */

static const GOptionEntry *
find_in(const GOptionEntry *options, const char *name, gsize length)
{
    for (; options != NULL && options->long_name != NULL; options++)
        if (strncmp(options->long_name, name, length) == 0 && options->long_name[length] == '\0')
            return options;
    return NULL;
}

static const GOptionEntry *
find_letter(const GOptionEntry *options, char letter)
{
    for (; options != NULL && options->long_name != NULL; options++)
        if (options->short_name == letter)
            return options;
    return NULL;
}

/* The option that TYPED, which begins with a dash, names; NULL if there is none. */
static const GOptionEntry *
find_option(const command *which, const char *typed)
{
    const GOptionEntry *own = which != NULL ? which->options : NULL;
    const GOptionEntry *found;

    if (typed[1] == '-') {
        gsize length = strcspn(typed + 2, "=");
        found = find_in(own, typed + 2, length);
        return found != NULL ? found : find_in(global_options, typed + 2, length);
    }
    found = find_letter(own, typed[1]);
    return found != NULL ? found : find_letter(global_options, typed[1]);
}

static gboolean
is_option(const char *typed)
{
    return typed[0] == '-' && typed[1] != '\0';
}

/* What stands before the word that is being typed. */
typedef struct {
    const command *which;
    const char *first;            /* a command's first word, while there isn't a second */
    const GOptionEntry *unvalued; /* the option whose value comes next; NULL: none */
    guint position;               /* how many arguments */
    gboolean helped;              /* "help" came first: no options and arguments follow */
    gboolean ended;               /* by "--" */
} line;

static void
take_word(line *self, const char *typed)
{
    int words;

    if (self->which != NULL) {
        self->position++;
    } else if (self->first == NULL && !self->helped && g_str_equal(typed, "help")) {
        self->helped = TRUE;
    } else {
        const char *const named[] = {self->first != NULL ? self->first : typed,
                                     self->first != NULL ? typed : NULL, NULL};
        self->which = command_find(named, &words);
        self->first = typed;
    }
}

static line
read_line(const char *const *words)
{
    line self = {0};

    for (; words[0] != NULL && words[1] != NULL; words++) {
        if (self.unvalued != NULL) {
            self.unvalued = NULL;
        } else if (g_str_equal(*words, "--")) {
            self.ended = TRUE;
        } else if (!self.ended && is_option(*words)) {
            const GOptionEntry *option = find_option(self.which, *words);
            if (option != NULL && option->arg != G_OPTION_ARG_NONE && strchr(*words, '=') == NULL)
                self.unvalued = option;
        } else {
            take_word(&self, *words);
        }
    }
    return self;
}

/* ---- what is wanted ---- */

static void
want_value(completion *self, const GOptionEntry *option)
{
    static const command none = {.name = ""};
    const command *which = self->which;

    self->which = which != NULL ? which : &none;
    if (!take_guess(self, option_guesses, G_N_ELEMENTS(option_guesses), option->long_name))
        guess_name(self, option->arg_description);
    self->which = which;
}

/* "VOLUME INSTANCE", "INSTANCE...", "INSTANCE [FILE]": the one at POSITION, or the last that may be
 * there again. */
static void
want_argument(completion *self, guint position)
{
    g_auto(GStrv) names = g_strsplit(self->which->arguments, " ", -1);
    guint count = g_strv_length(names);
    char *name;

    if (position >= count && count > 0 && strstr(names[count - 1], "...") != NULL)
        position = count - 1;
    if (position >= count)
        return;
    name = g_strdelimit(names[position], "[].", ' ');
    guess_name(self, g_strstrip(name));
}

static void
want_option(completion *self, const char *typed)
{
    const char *sign = strchr(typed, '=');
    const GOptionEntry *option = sign != NULL ? find_option(self->which, typed) : NULL;

    if (sign == NULL) {
        self->kind = COMPLETE_OPTIONS;
    } else if (option != NULL) {
        self->before_length = (gsize)(sign + 1 - typed);
        self->typed = sign + 1;
        want_value(self, option);
    }
}

completion
completion_of(const char *const *words)
{
    const char *last = words[0] != NULL ? words[g_strv_length((char **)words) - 1] : "";
    const line before = read_line(words);
    completion self = {.which = before.which, .typed = last, .before = last};

    if (before.unvalued != NULL) {
        want_value(&self, before.unvalued);
    } else if (!before.ended && *last == '-' && !before.helped) {
        want_option(&self, last);
    } else if (before.which == NULL) {
        self.kind = COMPLETE_COMMANDS;
        self.first = before.first;
    } else if (!before.helped && !before.ended) {
        want_argument(&self, before.position);
    }
    return self;
}
