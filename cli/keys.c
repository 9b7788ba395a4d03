#include "launcher/keys.h"
#include "cli/commands.h"
#include "cli/filters.h"
#include "cli/json.h"
#include "cli/json_put.h"
#include "cli/table.h"
#include "cli/tags.h"
#include "common/error.h"
#include "common/times.h"
#include "images/public_key.h"
#include "launcher/filter_names.h"
#include "launcher/filtering.h"

#include <errno.h>
#include <stdio.h>

/* One byte more than a key may have, so that the engine refuses it; a device may never end. */
#define ENOUGH (PUBLIC_KEY_MOST + 1)

static char *type;
static char *output;
static char **tags;
static char **filters;

static const GOptionEntry create_options[] = {
    {"type", 't', 0, G_OPTION_ARG_STRING, &type, "rsa or ed25519 (rsa)", "TYPE"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
     "new file for the private key, instead of HOME", "FILE"},
    TAG_OPTION(&tags),
    {NULL},
};

static const GOptionEntry import_options[] = {
    TAG_OPTION(&tags),
    {NULL},
};

static const GOptionEntry ls_options[] = {
    FILTER_OPTIONS(&filters),
    {NULL},
};

/* ---- as EC2 describes them ---- */

static json_t *
pair_object(const key_view *view)
{
    json_t *object = json_object();

    json_put_text(object, "KeyPairId", view->pair->id);
    json_put_text(object, "KeyName", view->pair->name);
    json_put_text(object, "KeyFingerprint", view->pair->fingerprint);
    json_put_tags(object, view->tags);
    return object;
}

static json_t *
listed_object(const key_view *view)
{
    json_t *object = pair_object(view);

    json_put_text(object, "KeyType", key_type_words[view->pair->type]);
    json_put_time(object, "CreateTime", view->pair->created);
    if (json_object_get(object, "Tags") == NULL)
        json_object_set_new(object, "Tags", json_array());
    return object;
}

/* ---- create ---- */

static gboolean
run_create(app *self, const char *const *args, GError **error)
{
    const key_request request = {
        .name = args[0], .type = type, .output = output, .tags = (const char *const *)tags};
    g_autofree char *material = NULL;
    g_autoptr(key_view) view = launcher_key_create(self->engine, &request, &material, error);

    if (view == NULL)
        return FALSE;
    if (self->json) {
        json_t *object = pair_object(view);
        json_put_text(object, "KeyMaterial", material);
        ec2_print(object);
        return TRUE;
    }
    printf("%s (%s)\n", view->pair->name, view->pair->id);
    printf("  private key    %s\n", view->file);
    printf("  fingerprint    %s\n", view->pair->fingerprint);
    return TRUE;
}

/* ---- import ---- */

static gboolean
read_some(const char *path, guint8 *data, gsize *length, GError **error)
{
    gboolean standard = g_str_equal(path, "-");
    FILE *file = standard ? stdin : fopen(path, "re");
    gboolean read;

    if (file == NULL)
        return error_set_errno(error, errno, "can't read %s", path);
    *length = fread(data, 1, ENOUGH, file);
    read = !ferror(file) || error_set_errno(error, errno, "can't read %s", path);
    if (!standard)
        fclose(file);
    return read;
}

static gboolean
run_import(app *self, const char *const *args, GError **error)
{
    const key_request request = {.name = args[0], .tags = (const char *const *)tags};
    guint8 data[ENOUGH];
    gsize length = 0;
    g_autoptr(key_view) view = NULL;

    if (!read_some(args[1], data, &length, error))
        return FALSE;
    view = launcher_key_import(self->engine, &request, data, length, error);
    if (view == NULL)
        return FALSE;
    if (self->json) {
        ec2_print(pair_object(view));
        return TRUE;
    }
    printf("%s (%s)\n", view->pair->name, view->pair->id);
    printf("  fingerprint    %s\n", view->pair->fingerprint);
    return TRUE;
}

/* ---- ls ---- */

static json_t *
list_json(const GPtrArray *views)
{
    json_t *list = json_array();

    for (guint i = 0; i < views->len; i++)
        json_array_append_new(list, listed_object(g_ptr_array_index(views, i)));
    return json_pack("{s:o}", "KeyPairs", list);
}

static void
print_list(const GPtrArray *views)
{
    static const char *const headings[] = {"NAME",        "KEY PAIR",    "TYPE", "MADE",
                                           "PRIVATE KEY", "FINGERPRINT", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < views->len; i++) {
        const key_view *view = g_ptr_array_index(views, i);
        g_autofree char *created = time_spelled(view->pair->created);
        text_table_add(table, view->pair->name);
        text_table_add(table, view->pair->id);
        text_table_add(table, key_type_words[view->pair->type]);
        text_table_add(table, created);
        text_table_add(table, view->file != NULL ? "in HOME" : "elsewhere");
        text_table_add(table, view->pair->fingerprint);
    }
    text_table_print(table, filters != NULL ? "no such key pairs"
                                            : "no key pairs; amilaunch key create NAME makes one");
}

static gboolean
run_ls(app *self, const char *const *args G_GNUC_UNUSED, GError **error)
{
    g_autoptr(GPtrArray) views = launcher_keys(self->engine, error);

    if (views == NULL ||
        !launcher_filter_keys(self->engine, views, (const char *const *)filters, error))
        return FALSE;
    if (self->json)
        ec2_print(list_json(views));
    else
        print_list(views);
    return TRUE;
}

/* ---- rm ---- */

static gboolean
run_rm(app *self, const char *const *args, GError **error)
{
    g_autoptr(GPtrArray) pairs = launcher_key_delete(self->engine, args, error);

    if (pairs == NULL)
        return FALSE;
    for (guint i = 0; i < pairs->len; i++) {
        const key_pair *one = g_ptr_array_index(pairs, i);
        if (self->json)
            ec2_print(json_pack("{s:b, s:s}", "Return", TRUE, "KeyPairId", one->id));
        else
            printf("%s (%s) is deleted\n", one->name, one->id);
    }
    return TRUE;
}

const command command_key_create = {
    .name = "key create",
    .arguments = "NAME",
    .summary = "Make a key pair for ssh",
    .details =
        "RSA of 2048 bits in PEM, which every guest takes, or ED25519, which older ones don't; by "
        "ssh-keygen.\nThe private key, without a passphrase, is kept in HOME for `amilaunch ssh`, "
        "and goes with `key rm`; with --output it is in that file only. With --json it is "
        "KeyMaterial, too.",
    .least = 1,
    .most = 1,
    .options = create_options,
    .run = run_create,
};

const command command_key_import = {
    .name = "key import",
    .arguments = "NAME FILE",
    .summary = "Take the public key of a key pair that you have; - for standard input",
    .details = "A line of OpenSSH's (id_ed25519.pub), RFC 4716's form, or RSA in PEM or base64 of "
               "DER: ED25519, or RSA of 1024, 2048 or 4096 bits. Options and a comment are left "
               "out.",
    .least = 2,
    .most = 2,
    .options = import_options,
    .run = run_import,
};

const command command_key_ls = {
    .name = "key ls",
    .arguments = "",
    .summary = "List key pairs",
    .details = FILTER_HELP KEY_FILTERS(FILTER_NAME) " tag:KEY.",
    .least = 0,
    .most = 0,
    .options = ls_options,
    .run = run_ls,
};

const command command_key_rm = {
    .name = "key rm",
    .arguments = "NAME|ID...",
    .summary = "Delete key pairs, with the private keys that HOME has of them",
    .details = "Instances keep the public key that they were launched with, and copies of the "
               "private key elsewhere still open them.",
    .least = 1,
    .most = -1,
    .run = run_rm,
};
