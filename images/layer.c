#include "images/layer.h"
#include "common/copy.h"
#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/process.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_EVERY_US 50000

layer *
layer_new(const char *path, const char *secret_file)
{
    layer *self = g_new0(layer, 1);

    self->path = g_strdup(path);
    self->secret_file = g_strdup(secret_file);
    return self;
}

void
layer_free(layer *self)
{
    g_free(self->path);
    g_free(self->secret_file);
    g_free(self);
}

/* ---- how QEMU's storage daemon is told of the chain ---- */

static char *
dump(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    char *copy = g_strdup(text);

    free(text);
    json_decref(object);
    return copy;
}

static void
add_option(GPtrArray *argv, const char *name, json_t *value)
{
    g_ptr_array_add(argv, g_strdup(name));
    g_ptr_array_add(argv, dump(value));
}

/* Each node has a passphrase of its own, by the node's name with an s in front. */
static void
add_node(GPtrArray *argv, const char *path, const char *secret_file, guint number, gboolean last)
{
    g_autofree char *name = g_strdup_printf("n%u", number);
    g_autofree char *secret = g_strdup_printf("sn%u", number);
    g_autofree char *below = g_strdup_printf("n%u", number + 1);
    json_t *node = json_pack("{s:s, s:s, s:b, s:{s:s, s:s}}", "driver", "qcow2", "node-name", name,
                             "read-only", number != 0, "file", "driver", "file", "filename", path);

    json_object_set_new(node, "backing", last ? json_null() : json_string(below));
    if (secret_file != NULL) {
        json_object_set_new(node, "encrypt",
                            json_pack("{s:s, s:s}", "format", "luks", "key-secret", secret));
        add_option(argv, "--object",
                   json_pack("{s:s, s:s, s:s, s:s}", "qom-type", "secret", "id", secret, "format",
                             "raw", "file", secret_file));
    }
    add_option(argv, "--blockdev", node);
}

/* From the bottom up: each names what is there already. The formats are stated; what a file says of
 * what it stands on isn't asked. */
static GPtrArray *
words_of(const layer_merge *what, const char *path)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup("qemu-storage-daemon"));
    for (guint i = what->chain->len; i > 0; i--) {
        const layer *one = g_ptr_array_index(what->chain, i - 1);
        add_node(argv, i == 1 ? path : one->path, one->secret_file, i - 1, i == what->chain->len);
    }
    g_ptr_array_add(argv, g_strdup("--chardev"));
    g_ptr_array_add(argv, g_strdup("stdio,id=c"));
    g_ptr_array_add(argv, g_strdup("--monitor"));
    g_ptr_array_add(argv, g_strdup("chardev=c"));
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* ---- talking to it ---- */

typedef struct {
    process *daemon;
    char *problem; /* what the job failed of; NULL if it didn't */
} talk;

static void
note_event(talk *self, const json_t *message)
{
    const char *event = json_string_value(json_object_get(message, "event"));
    const char *problem =
        json_string_value(json_object_get(json_object_get(message, "data"), "error"));

    if (g_strcmp0(event, "BLOCK_JOB_COMPLETED") == 0 && problem != NULL) {
        g_free(self->problem);
        self->problem = g_strdup(problem);
    }
}

/* What was returned; a new reference. NULL with an error. */
static json_t *
hear_answer(talk *self, GError **error)
{
    for (;;) {
        g_autofree char *line = process_hear(self->daemon, error);
        json_t *message = line != NULL ? json_loads(line, 0, NULL) : NULL;
        json_t *answer = json_incref(json_object_get(message, "return"));
        const char *refusal =
            json_string_value(json_object_get(json_object_get(message, "error"), "desc"));
        if (refusal != NULL)
            error_set(error, ERROR_HOST_DISK, "qemu-storage-daemon: %s", refusal);
        note_event(self, message);
        if (line == NULL || answer != NULL || refusal != NULL) {
            json_decref(message);
            return answer;
        }
        json_decref(message);
    }
}

/* ARGUMENTS is taken; NULL for none. */
static json_t *
ask(talk *self, const char *command, json_t *arguments, GError **error)
{
    json_t *message = json_pack("{s:s}", "execute", command);
    g_autofree char *line = NULL;

    if (arguments != NULL)
        json_object_set_new(message, "arguments", arguments);
    line = dump(message);
    return process_say(self->daemon, line, error) ? hear_answer(self, error) : NULL;
}

static gboolean
tell(talk *self, const char *command, json_t *arguments, GError **error)
{
    json_t *answer = ask(self, command, arguments, error);

    json_decref(answer);
    return answer != NULL;
}

static double
fraction_of(const json_t *job)
{
    json_int_t length = json_integer_value(json_object_get(job, "len"));
    json_int_t offset = json_integer_value(json_object_get(job, "offset"));

    return length > 0 ? (double)offset / (double)length : -1.0;
}

static gboolean
wait_for_job(talk *self, progress *listener, const char *phase, GError **error)
{
    for (;;) {
        json_t *jobs = ask(self, "query-block-jobs", NULL, error);
        gsize count = json_array_size(jobs);
        gboolean heard = jobs != NULL;
        if (count > 0)
            progress_at(listener, phase, fraction_of(json_array_get(jobs, 0)));
        json_decref(jobs);
        if (!heard)
            return FALSE;
        if (count == 0)
            break;
        g_usleep(LOOK_EVERY_US);
    }
    return self->problem == NULL ||
           error_set(error, ERROR_HOST_DISK, "qemu-storage-daemon: %s", self->problem);
}

static json_t *
arguments_of_stream(const layer_merge *what)
{
    g_autofree char *base = g_strdup_printf("n%u", what->base);
    json_t *arguments = json_pack("{s:s, s:s}", "job-id", "merge", "device", "n0");

    if (what->base < what->chain->len) {
        json_object_set_new(arguments, "base-node", json_string(base));
        json_object_set_new(arguments, "backing-file", json_string(what->base_name));
    }
    return arguments;
}

/* Copies what the file at PATH takes from the layers between into it, and names the base in it. */
static gboolean
pull(const layer_merge *what, const char *path, progress *listener, const char *phase,
     GError **error)
{
    g_autoptr(GPtrArray) argv = words_of(what, path);
    g_autoptr(process) daemon =
        process_start_talk((const char *const *)argv->pdata, ERROR_HOST_DISK, error);
    talk to = {.daemon = daemon};
    gboolean done = daemon != NULL && tell(&to, "qmp_capabilities", NULL, error) &&
                    tell(&to, "block-stream", arguments_of_stream(what), error) &&
                    wait_for_job(&to, listener, phase, error) && tell(&to, "quit", NULL, error);

    g_free(to.problem);
    return done && process_finish(g_steal_pointer(&daemon), NULL, error);
}

/* ---- as a whole ---- */

static gboolean
take_after(const char *path, const char *model, GError **error)
{
    FAILPOINT_AROUND("chmod");
    struct stat info;

    if (stat(model, &info) != 0)
        return error_set_errno(error, errno, "can't look at %s", model);
    if (((info.st_uid != geteuid() || info.st_gid != getegid()) &&
         chown(path, info.st_uid, info.st_gid) != 0) ||
        chmod(path, info.st_mode & 0777) != 0)
        return error_set_errno(error, errno, "can't give %s the rights of %s", path, model);
    return TRUE;
}

gboolean
layer_merge_to(const layer_merge *what, const char *path, progress *listener, const char *phase,
               GError **error)
{
    const layer *top = g_ptr_array_index(what->chain, 0);
    g_autofree char *folder = g_path_get_dirname(path);

    return file_copy(top->path, path, listener, phase, error) &&
           pull(what, path, listener, phase, error) && take_after(path, top->path, error) &&
           file_sync(path, error) && file_sync(folder, error);
}

guint64
layer_merge_bytes(const layer_merge *what)
{
    guint64 bytes = 0;

    for (guint i = 0; i < what->base && i < what->chain->len; i++)
        bytes += file_bytes(((layer *)g_ptr_array_index(what->chain, i))->path);
    return bytes;
}
