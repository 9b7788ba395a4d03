/* What becomes of an image: deprecated, disabled, protected, deregistered. */
#include "cli/commands.h"
#include "cli/json.h"
#include "common/error.h"
#include "common/times.h"
#include "launcher/deregister.h"
#include "launcher/image_life.h"

#include <stdio.h>

static char *at;
static gboolean cancel_deprecation;
static gboolean cooldown;
static gboolean cancel_protection;
static gboolean delete_snapshots;

static const GOptionEntry deprecate_options[] = {
    {"at", 0, 0, G_OPTION_ARG_STRING, &at,
     "from when on: 2030-12-31 or 2030-12-31T23:59:00Z, to the minute", "TIME"},
    {"cancel", 0, 0, G_OPTION_ARG_NONE, &cancel_deprecation, "it isn't deprecated any more", NULL},
    {NULL},
};

static const GOptionEntry protect_options[] = {
    {"cooldown", 0, 0, G_OPTION_ARG_NONE, &cooldown, "go on for 24 hours after it is taken back",
     NULL},
    {"cancel", 0, 0, G_OPTION_ARG_NONE, &cancel_protection, "take the protection back", NULL},
    {NULL},
};

static const GOptionEntry deregister_options[] = {
    {"delete-snapshots", 0, 0, G_OPTION_ARG_NONE, &delete_snapshots,
     "delete its snapshots, too, but those that another image uses", NULL},
    {NULL},
};

/* What was done, as EC2 says it, or a line for people. */
static void G_GNUC_PRINTF(2, 3) print_done(const app *self, const char *format, ...)
{
    va_list args;

    if (self->json) {
        ec2_print(json_pack("{s:b}", "Return", TRUE));
        return;
    }
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

/* ---- deprecate ---- */

static gboolean
run_deprecate(app *self, const char *const *args, GError **error)
{
    g_autoptr(image) ami = NULL;
    g_autofree char *from = NULL;

    if ((at != NULL) == cancel_deprecation)
        return error_set(error, ERROR_USAGE, "image deprecate needs --at TIME or --cancel");
    ami = launcher_image_deprecate(self->engine, args[0], at, error);
    if (ami == NULL)
        return FALSE;
    from = time_spelled(ami->deprecated);
    if (ami->deprecated != 0)
        print_done(self, "%s  deprecated from %s on", ami->id, from);
    else
        print_done(self, "%s  not deprecated", ami->id);
    return TRUE;
}

/* ---- disable, enable ---- */

static gboolean
print_state(const app *self, const image *ami)
{
    if (ami != NULL)
        print_done(self, "%s  %s", ami->id, image_state_words[ami->state]);
    return ami != NULL;
}

static gboolean
run_disable(app *self, const char *const *args, GError **error)
{
    g_autoptr(image) ami = launcher_image_disable(self->engine, args[0], error);

    return print_state(self, ami);
}

static gboolean
run_enable(app *self, const char *const *args, GError **error)
{
    g_autoptr(image) ami = launcher_image_enable(self->engine, args[0], error);

    return print_state(self, ami);
}

/* ---- protect ---- */

static gboolean
run_protect(app *self, const char *const *args, GError **error)
{
    image_protection wanted = cancel_protection ? PROTECTION_OFF
                              : cooldown        ? PROTECTION_COOLDOWN
                                                : PROTECTION_ON;
    g_autoptr(image) ami = NULL;
    g_autofree char *until = NULL;

    if (cancel_protection && cooldown)
        return error_set(error, ERROR_USAGE, "--cooldown and --cancel don't go together");
    ami = launcher_image_protect(self->engine, args[0], wanted, error);
    if (ami == NULL)
        return FALSE;
    if (ami->protected == PROTECTION_OFF)
        print_done(self, "%s  not protected", ami->id);
    else if (ami->protected <= PROTECTION_COOLDOWN)
        print_done(self, "%s  protected", ami->id);
    else {
        until = time_spelled(ami->protected);
        print_done(self, "%s  protected until %s", ami->id, until);
    }
    return TRUE;
}

/* ---- deregister ---- */

static void
print_snapshot_fate(const snapshot_fate *fate)
{
    g_autofree char *until = time_spelled(fate->bin_until);

    if (fate->bin_until != 0)
        printf("  %s  in the recycle bin until %s\n", fate->id, until);
    else if (fate->deleted)
        printf("  %s  deleted\n", fate->id);
    else if (fate->used_by != NULL)
        printf("  %s  kept: %s uses it\n", fate->id, fate->used_by);
    else
        printf("  %s  kept\n", fate->id);
}

static void
print_fates(const GPtrArray *fates)
{
    for (guint i = 0; i < fates->len; i++) {
        const image_fate *fate = g_ptr_array_index(fates, i);
        g_autofree char *until = time_spelled(fate->bin_until);
        if (fate->bin_until != 0)
            printf("%s  in the recycle bin until %s\n", fate->id, until);
        else
            printf("%s  deregistered\n", fate->id);
        for (guint j = 0; j < fate->snapshots->len; j++)
            print_snapshot_fate(g_ptr_array_index(fate->snapshots, j));
    }
}

static void
print_fates_json(const GPtrArray *fates)
{
    json_t *results = json_array();

    for (guint i = 0; i < fates->len; i++) {
        const image_fate *fate = g_ptr_array_index(fates, i);
        for (guint j = 0; j < fate->snapshots->len; j++) {
            const snapshot_fate *one = g_ptr_array_index(fate->snapshots, j);
            json_array_append_new(results,
                                  json_pack("{s:s, s:s}", "SnapshotId", one->id, "ReturnCode",
                                            one->deleted ? "success" : "skipped"));
        }
    }
    ec2_print(json_pack("{s:b, s:o}", "Return", TRUE, "DeleteSnapshotResults", results));
}

static gboolean
run_deregister(app *self, const char *const *args, GError **error)
{
    g_autoptr(GPtrArray) fates =
        launcher_image_deregister(self->engine, args, delete_snapshots, error);

    if (fates == NULL)
        return FALSE;
    if (self->json)
        print_fates_json(fates);
    else
        print_fates(fates);
    return TRUE;
}

const command command_image_deprecate = {
    .name = "image deprecate",
    .arguments = "AMI",
    .summary = "Hide an image from other accounts' lists from a date on",
    .details = "It can still be launched by its id, with a note. The date is in the future, at "
               "most ten years ahead;\nfor a public image, at most two years after it was made.",
    .least = 1,
    .most = 1,
    .options = deprecate_options,
    .run = run_deprecate,
};

const command command_image_disable = {
    .name = "image disable",
    .arguments = "AMI",
    .summary = "Let nobody launch an image, until it is enabled again",
    .details = "What shared it ends for good; its snapshots stay in use by it.",
    .least = 1,
    .most = 1,
    .run = run_disable,
};

const command command_image_enable = {
    .name = "image enable",
    .arguments = "AMI",
    .summary = "Let a disabled image be launched again, by its owner",
    .least = 1,
    .most = 1,
    .run = run_enable,
};

const command command_image_protect = {
    .name = "image protect",
    .arguments = "AMI",
    .summary = "Refuse to deregister an image until that is taken back",
    .least = 1,
    .most = 1,
    .options = protect_options,
    .run = run_protect,
};

const command command_image_deregister = {
    .name = "image deregister",
    .arguments = "AMI...",
    .summary = "Give images up: nobody can launch them any more; their instances stay",
    .details = "Where a retention rule is for it (see `amilaunch retention set`), an image goes "
               "into the recycle bin,\nfrom which it can be restored for a while, and which keeps "
               "its snapshots. One whose root is on\ninstance store is gone at once.",
    .least = 1,
    .most = -1,
    .options = deregister_options,
    .run = run_deregister,
};
