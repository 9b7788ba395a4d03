#include "launcher/keys.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/ids.h"
#include "common/process.h"
#include "common/times.h"
#include "images/home.h"
#include "images/public_key.h"
#include "launcher/key_work.h"
#include "launcher/recover.h"
#include "launcher/tagging.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RSA_BITS "2048"

void
key_view_free(key_view *self)
{
    if (self == NULL)
        return;
    key_pair_free(self->pair);
    g_clear_pointer(&self->tags, g_ptr_array_unref);
    g_free(self->file);
    g_free(self);
}

/* ---- what is asked ---- */

static gboolean
check_name(const char *name, GError **error)
{
    gsize length = strlen(name);

    for (const char *at = name; *at != '\0'; at++)
        if (!g_ascii_isprint(*at))
            length = 0;
    if (length > 0 && length <= KEY_NAME_MOST && name[0] != ' ' && name[length - 1] != ' ')
        return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "Invalid value for parameter KeyName: 1 to %d printable ASCII characters, no "
                     "blanks at its ends",
                     KEY_NAME_MOST);
}

static gboolean
parse_type(const char *text, int *type, GError **error)
{
    for (*type = 0; key_type_words[*type] != NULL; (*type)++)
        if (text == NULL || g_str_equal(key_type_words[*type], text))
            return TRUE;
    return error_set(error, ERROR_PARAMETER_VALUE, "Invalid value '%s' for KeyType: rsa or ed25519",
                     text);
}

static key_pair *
pair_of_request(launcher *self, const key_request *request, GError **error)
{
    g_autoptr(key_pair) pair = g_new0(key_pair, 1);

    if (!check_name(request->name, error) || !parse_type(request->type, &pair->type, error))
        return NULL;
    pair->id = id_new("key");
    pair->name = g_strdup(request->name);
    pair->owner = g_strdup(self->conf->account);
    pair->region = g_strdup(self->conf->region);
    pair->created = time_now();
    return g_steal_pointer(&pair);
}

static key_view *
view_of_request(launcher *self, const key_request *request, GError **error)
{
    g_autoptr(key_view) view = g_new0(key_view, 1);

    view->pair = pair_of_request(self, request, error);
    view->tags = view->pair != NULL ? tags_parse(request->tags, error) : NULL;
    return view->tags != NULL ? g_steal_pointer(&view) : NULL;
}

/* As instances and their guests get it: EC2 puts the name where the comment was. */
static void
take_public(key_pair *pair, const public_key *key)
{
    pair->public_key = g_strdup_printf("%s %s", key->line, pair->name);
    pair->fingerprint = g_strdup(key->fingerprint);
    pair->type = key->type;
}

/* Early, so that nothing is made in vain; the record has the last word. */
static gboolean
check_free(launcher *self, const char *name, GError **error)
{
    g_autoptr(key_pair) other =
        key_pair_find(self->db, self->conf->account, self->conf->region, name, NULL);

    return other == NULL ||
           error_set(error, ERROR_KEY_DUPLICATE, "The keypair '%s' already exists.", name);
}

static gboolean
insert(launcher *self, const key_view *view, GError **error)
{
    return key_pair_insert(self->db, view->pair, error) &&
           tags_put(self->db, view->pair->id, view->tags, error);
}

static gboolean
open_records(launcher *self, GError **error)
{
    return recover_operations(self, TRUE, error);
}

/* ---- create ---- */

/* Early, too: a link that leads nowhere is something as well. */
static gboolean
check_output(const char *path, GError **error)
{
    g_autofree char *folder = path != NULL ? g_path_get_dirname(path) : NULL;
    struct stat info;

    if (path == NULL)
        return TRUE;
    if (lstat(path, &info) == 0)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "%s is there already, and a private key is written over nothing: name "
                         "another file",
                         path);
    return access(folder, W_OK | X_OK) == 0 || error_set_errno(error, errno, "can't make %s", path);
}

static gboolean
run_keygen(const key_pair *pair, const char *path, GError **error)
{
    const char *const rsa[] = {"ssh-keygen", "-q", "-t", "rsa",      "-b", RSA_BITS, "-m", "PEM",
                               "-N",         "",   "-C", pair->name, "-f", path,     NULL};
    const char *const ed25519[] = {"ssh-keygen", "-q",       "-t", "ed25519", "-N", "",
                                   "-C",         pair->name, "-f", path,      NULL};

    return process_run(pair->type == KEY_RSA ? rsa : ed25519, ERROR_HOST_INCOMPLETE, NULL, error) &&
           file_sync(path, error);
}

static gboolean
read_public(key_pair *pair, const char *path, GError **error)
{
    g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;
    g_autoptr(public_key) key = NULL;
    gsize length;

    if (!g_file_get_contents(public_path, &text, &length, &problem))
        return error_set(error, ERROR_HOST_DISK, "%s", problem->message);
    key = public_key_parse((const guint8 *)text, length, error);
    if (key == NULL)
        return FALSE;
    take_public(pair, key);
    if (pair->type != KEY_RSA)
        return TRUE;
    g_free(pair->fingerprint);
    pair->fingerprint = public_key_fingerprint_made(path, error);
    return pair->fingerprint != NULL;
}

static gboolean
read_private(const char *path, char **material, GError **error)
{
    g_autoptr(GError) problem = NULL;

    return g_file_get_contents(path, material, NULL, &problem) ||
           error_set(error, ERROR_HOST_DISK, "%s", problem->message);
}

/* Its private key is in place before the record is there, and goes if that doesn't come. */
static gboolean
record(launcher *self, key_view *view, const char *made, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);

    view->file = home_key_path(self->home, view->pair->id);
    return result != NULL && insert(self, view, error) && file_link(made, view->file, error) &&
           transaction_commit(result, error);
}

static gboolean
make(launcher *self, const key_work *work, key_view *view, char **material, GError **error)
{
    g_autofree char *name = g_strconcat(view->pair->id, ".pem", NULL);
    g_autofree char *path = g_build_filename(work->folder, name, NULL);

    return run_keygen(view->pair, path, error) && read_public(view->pair, path, error) &&
           read_private(path, material, error) && record(self, view, path, error);
}

static gboolean
write_new(const char *path, const char *text, GError **error)
{
    FAILPOINT_AROUND("write");
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    gsize length = strlen(text);
    gboolean written;

    if (file < 0)
        return error_set_errno(error, errno, "can't make %s", path);
    written = write(file, text, length) == (gssize)length && fsync(file) == 0;
    if (close(file) == 0 && written)
        return TRUE;
    error_set_errno(error, errno, "can't write %s", path);
    unlink(path);
    return FALSE;
}

/* From here on the key pair is there: what goes wrong leaves its private key in HOME. */
static gboolean
put_out(key_view *view, const char *output, const char *material, GError **error)
{
    if (output == NULL)
        return TRUE;
    if (!write_new(output, material, error))
        return error_prefix(error, "the key pair '%s' is made, and its private key is in %s",
                            view->pair->name, view->file);
    if (!file_remove(view->file, error))
        return FALSE;
    g_free(view->file);
    view->file = g_strdup(output);
    return TRUE;
}

key_view *
launcher_key_create(launcher *self, const key_request *request, char **material, GError **error)
{
    g_autoptr(key_view) view = view_of_request(self, request, error);
    g_auto(key_work) work = {0};
    g_autofree char *text = NULL;

    if (view == NULL || !check_output(request->output, error) || !open_records(self, error) ||
        !check_free(self, request->name, error) ||
        !key_work_begin(self, &work, "key-create", error))
        return NULL;
    if (!key_work_end(self, &work, make(self, &work, view, &text, error), error) ||
        !put_out(view, request->output, text, error))
        return NULL;
    *material = g_steal_pointer(&text);
    return g_steal_pointer(&view);
}

/* ---- import ---- */

key_view *
launcher_key_import(launcher *self, const key_request *request, const guint8 *data, gsize length,
                    GError **error)
{
    g_autoptr(key_view) view = view_of_request(self, request, error);
    g_autoptr(public_key) key = view != NULL ? public_key_parse(data, length, error) : NULL;
    g_autoptr(transaction) change = NULL;

    if (key == NULL || launcher_store(self, error) == NULL)
        return NULL;
    take_public(view->pair, key);
    change = transaction_begin(self->db, error);
    return change != NULL && insert(self, view, error) && transaction_commit(change, error)
               ? g_steal_pointer(&view)
               : NULL;
}

/* ---- ls ---- */

static GPtrArray *
pairs_here(launcher *self, GError **error)
{
    return key_pair_list(self->db, self->conf->account, self->conf->region, error);
}

/* Takes PAIR. */
static key_view *
view_of_pair(launcher *self, key_pair *pair, GError **error)
{
    g_autoptr(key_view) view = g_new0(key_view, 1);
    g_autofree char *path = home_key_path(self->home, pair->id);

    view->pair = pair;
    view->tags = tag_list(self->db, pair->id, error);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        view->file = g_steal_pointer(&path);
    return view->tags != NULL ? g_steal_pointer(&view) : NULL;
}

GPtrArray *
launcher_keys(launcher *self, GError **error)
{
    g_autoptr(GPtrArray) pairs = open_records(self, error) ? pairs_here(self, error) : NULL;
    g_autoptr(GPtrArray) views = g_ptr_array_new_with_free_func((GDestroyNotify)key_view_free);

    if (pairs == NULL)
        return NULL;
    while (pairs->len > 0) {
        key_view *view = view_of_pair(self, g_ptr_array_steal_index(pairs, 0), error);
        if (view == NULL)
            return NULL;
        g_ptr_array_add(views, view);
    }
    return g_steal_pointer(&views);
}

/* ---- rm ---- */

/* A name comes first: one may look like another's id. */
static key_pair *
take_named(GPtrArray *pairs, const char *name)
{
    for (guint i = 0; i < pairs->len; i++)
        if (g_str_equal(((key_pair *)g_ptr_array_index(pairs, i))->name, name))
            return g_ptr_array_steal_index(pairs, i);
    for (guint i = 0; i < pairs->len; i++)
        if (g_str_equal(((key_pair *)g_ptr_array_index(pairs, i))->id, name))
            return g_ptr_array_steal_index(pairs, i);
    return NULL;
}

static GPtrArray *
find_all(launcher *self, const char *const *names, GError **error)
{
    g_autoptr(GPtrArray) pairs = pairs_here(self, error);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)key_pair_free);

    for (gsize i = 0; pairs != NULL && names[i] != NULL; i++) {
        key_pair *one = take_named(pairs, names[i]);
        if (one == NULL) {
            error_set(error, ERROR_KEY_NOT_FOUND,
                      "The key pair '%s' does not exist: `amilaunch key ls` lists those there are",
                      names[i]);
            return NULL;
        }
        g_ptr_array_add(found, one);
    }
    return pairs != NULL ? g_steal_pointer(&found) : NULL;
}

/* The folder has the private keys that go, by another name, until their records are gone. */
static gboolean
hold_files(launcher *self, const key_work *work, const GPtrArray *pairs, GError **error)
{
    for (guint i = 0; i < pairs->len; i++) {
        const key_pair *one = g_ptr_array_index(pairs, i);
        g_autofree char *path = home_key_path(self->home, one->id);
        g_autofree char *name = g_path_get_basename(path);
        g_autofree char *held = g_build_filename(work->folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS) && !file_link(path, held, error))
            return FALSE;
    }
    return TRUE;
}

static GPtrArray *
delete_records(launcher *self, const key_work *work, const char *const *names, GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);
    g_autoptr(GPtrArray) pairs = change != NULL ? find_all(self, names, error) : NULL;

    if (pairs == NULL || !hold_files(self, work, pairs, error))
        return NULL;
    for (guint i = 0; i < pairs->len; i++) {
        const key_pair *one = g_ptr_array_index(pairs, i);
        if (!tag_clear(self->db, one->id, error) || !key_pair_delete(self->db, one->id, error))
            return NULL;
    }
    return transaction_commit(change, error) ? g_steal_pointer(&pairs) : NULL;
}

GPtrArray *
launcher_key_delete(launcher *self, const char *const *names, GError **error)
{
    g_auto(key_work) work = {0};
    g_autoptr(GPtrArray) pairs = NULL;

    if (!open_records(self, error) || !key_work_begin(self, &work, "key-delete", error))
        return NULL;
    pairs = delete_records(self, &work, names, error);
    return key_work_end(self, &work, pairs != NULL, error) ? g_steal_pointer(&pairs) : NULL;
}
