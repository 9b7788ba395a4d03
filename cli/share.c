#include "cli/share.h"
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/json.h"
#include "common/error.h"

#include <stdio.h>
#include <unistd.h>

#define EVERYBODY "all"

static char **add;
static char **take;
static gboolean make_public;
static gboolean make_private;
static gboolean reset;

#define SHARE_OPTIONS                                                                              \
    {"add",    0,                                                                                  \
     0,        G_OPTION_ARG_STRING_ARRAY,                                                          \
     &add,     "account that may use it, or all for everybody; again for each",                    \
     "ACCOUNT"},                                                                                   \
        {"remove", 0,                                                                              \
         0,        G_OPTION_ARG_STRING_ARRAY,                                                      \
         &take,    "account that may not any more, or all; again for each",                        \
         "ACCOUNT"},                                                                               \
        {"public", 0, 0, G_OPTION_ARG_NONE, &make_public, "the same as --add all", NULL},          \
        {"private", 0, 0, G_OPTION_ARG_NONE, &make_private, "the same as --remove all", NULL},     \
    {                                                                                              \
        "reset", 0, 0, G_OPTION_ARG_NONE, &reset, "take back all that was given before", NULL      \
    }

static gboolean go_on;
static gboolean no_check;

static const GOptionEntry image_options[] = {
    SHARE_OPTIONS,
    {"yes", 'y', 0, G_OPTION_ARG_NONE, &go_on,
     "make it public whatever is found in it, without asking", NULL},
    {"no-check", 0, 0, G_OPTION_ARG_NONE, &no_check, "don't look into it before", NULL},
    {NULL},
};

static const GOptionEntry snapshot_options[] = {
    SHARE_OPTIONS,
    {NULL},
};

/* ---- what is so ---- */

/* "everybody, 222222222222" */
static char *
spell(const sharing *who)
{
    GString *text = g_string_new(who->public ? "everybody" : NULL);

    for (guint i = 0; i < who->accounts->len; i++)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                               (char *)g_ptr_array_index(who->accounts, i));
    return g_string_free(text, FALSE);
}

void
print_sharing(sharing *who)
{
    g_autoptr(sharing) mine = who;
    g_autofree char *text = mine != NULL ? spell(mine) : NULL;

    if (mine != NULL)
        printf("  shared with    %s\n", *text != '\0' ? text : "nobody");
}

void
put_sharing(json_t *object, const char *key, sharing *who)
{
    g_autoptr(sharing) mine = who;
    json_t *list;

    if (mine == NULL)
        return;
    list = json_array();
    if (mine->public)
        json_array_append_new(list, json_pack("{s:s}", "Group", EVERYBODY));
    for (guint i = 0; i < mine->accounts->len; i++)
        json_array_append_new(list,
                              json_pack("{s:s}", "UserId", g_ptr_array_index(mine->accounts, i)));
    json_object_set_new(object, key, list);
}

/* ---- the commands ---- */

/* LIST and, if ALL, everybody; the caller frees the list, but not what is in it. */
static const char **
with_all(char **list, gboolean all)
{
    guint count = list != NULL ? g_strv_length(list) : 0;
    const char **both = g_new0(const char *, count + 2);

    for (guint i = 0; i < count; i++)
        both[i] = list[i];
    if (all)
        both[count] = EVERYBODY;
    return both;
}

typedef sharing *(*sharer)(launcher *self, const char *id, const share_request *asked,
                           GError **error);

static sharing *
ask(app *self, const char *id, sharer share, gboolean dry_run, GError **error)
{
    g_autofree const char **given = with_all(add, make_public);
    g_autofree const char **taken = with_all(take, make_private);
    const share_request asked = {.add = given, .remove = taken, .reset = reset, .dry_run = dry_run};

    return share(self->engine, id, &asked, error);
}

/* Says what is so afterwards; ID_KEY and KEY are EC2's. */
static gboolean
run(app *self, const char *id, sharer share, const char *id_key, const char *key, GError **error)
{
    g_autoptr(sharing) now = ask(self, id, share, FALSE, error);
    json_t *object;

    if (now == NULL)
        return FALSE;
    if (!self->json) {
        g_autofree char *text = spell(now);
        printf("%s  shared with %s\n", id, *text != '\0' ? text : "nobody");
        return TRUE;
    }
    object = json_pack("{s:s}", id_key, id);
    put_sharing(object, key, g_steal_pointer(&now));
    ec2_print(object);
    return TRUE;
}

/* ---- looking before everybody else does ---- */

static gboolean
confirms(const char *id)
{
    char answer[16] = "";

    fprintf(stderr, "\nMake %s public nevertheless? [y/N] ", id);
    return fgets(answer, sizeof answer, stdin) != NULL && (*answer == 'y' || *answer == 'Y');
}

static gboolean
may_be_seen(const check_report *report, GError **error)
{
    guint count = report->findings->len;

    findings_print(report, stderr);
    if (count == 0 || go_on ||
        (isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && confirms(report->image)))
        return TRUE;
    return error_set(error, ERROR_NOT_PERMITTED,
                     "%s is not made public: there %s %u finding%s; mend %s, or share it "
                     "nevertheless with --yes",
                     report->image, count == 1 ? "is" : "are", count, count == 1 ? "" : "s",
                     count == 1 ? "it" : "them");
}

static gboolean
asks_for_all(void)
{
    return make_public || (add != NULL && g_strv_contains((const char *const *)add, EVERYBODY));
}

/* One that isn't public yet, and is to be. What can't be done at all is told at once. */
static gboolean
look_before(app *self, const char *id, GError **error)
{
    static const share_request nothing = {0};
    g_autoptr(sharing) now = NULL;
    g_autoptr(sharing) then = NULL;
    g_autoptr(check_report) report = NULL;

    if (no_check || !asks_for_all())
        return TRUE;
    now = launcher_image_share(self->engine, id, &nothing, error);
    then = now != NULL ? ask(self, id, launcher_image_share, TRUE, error) : NULL;
    if (then == NULL || now->public)
        return then != NULL;
    report = launcher_image_check(self->engine, id, error);
    terminal_clear(self->screen);
    if (report == NULL)
        return error_prefix(error, "what is in %s can't be seen (--no-check shares it unseen)", id);
    return may_be_seen(report, error);
}

static gboolean
run_image(app *self, const char *const *args, GError **error)
{
    return look_before(self, args[0], error) &&
           run(self, args[0], launcher_image_share, "ImageId", "LaunchPermissions", error);
}

static gboolean
run_snapshot(app *self, const char *const *args, GError **error)
{
    return run(self, args[0], launcher_snapshot_share, "SnapshotId", "CreateVolumePermissions",
               error);
}

const command command_image_share = {
    .name = "image share",
    .arguments = "AMI",
    .summary = "Say who, besides its owner, may launch an image",
    .details =
        "Without options it only tells. Who may launch an image needn't see its snapshots. "
        "Instances go\non when their image isn't shared any more. An image with a product "
        "code or an encrypted snapshot\ncan be shared with accounts, but not be public. Before "
        "one is made public, what image check finds in\nit is shown; if that is anything, a "
        "terminal is asked, and a script needs --yes.",
    .least = 1,
    .most = 1,
    .options = image_options,
    .run = run_image,
};

const command command_snapshot_share = {
    .name = "snapshot share",
    .arguments = "SNAPSHOT",
    .summary = "Say who, besides its owner, may make volumes of a snapshot",
    .details = "Without options it only tells. An encrypted snapshot can be shared with accounts, "
               "but not be public.",
    .least = 1,
    .most = 1,
    .options = snapshot_options,
    .run = run_snapshot,
};
