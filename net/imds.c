#include "net/imds.h"
#include "common/error.h"
#include "common/times.h"
#include "launcher/internal.h"
#include "net/imds_port.h"

/* ---- answers ---- */

/* A signature takes long, and who asks for it all the time must not keep others waiting: what is
 * signed stays the same nearly always. */
static char *
sign(gpointer signer, identity_form form, const char *text)
{
    imds_port *self = signer;
    imds_signed *last = &self->last[form];

    if (g_strcmp0(last->text, text) != 0) {
        g_free(last->text);
        g_free(last->signature);
        last->text = g_strdup(text);
        last->signature = identity_sign(self->service->signer, form, text);
    }
    return g_strdup(last->signature);
}

/* Brings what is known of the instance up to date. */
static gboolean
look(imds_port *self)
{
    launcher *engine = self->service->engine;
    gint64 version = launcher_records_version(engine);

    if (self->about != NULL && version != 0 && version == self->version)
        return TRUE;
    g_clear_pointer(&self->about, metadata_free);
    self->about = launcher_metadata(engine, self->instance, NULL);
    self->version = version;
    return self->about != NULL;
}

static imds_answer *
answer(gpointer data, const imds_request *request)
{
    const imds_connection *asker = data;
    imds_source source = {.sign = sign};

    if (asker == NULL || asker->port == NULL)
        return NULL;
    if (!look(asker->port))
        return imds_answer_status(500);
    source.about = asker->port->about;
    source.signer = asker->port;
    return imds_answer_request(&source, asker->service->secret, request, time_now());
}

static void
completed(gpointer data)
{
    imds_connection *asker = data;

    asker->since = g_get_monotonic_time();
}

static void
closed(gpointer data)
{
    imds_connection_free(data);
}

/* ---- instances ---- */

gboolean
imds_open(imds *self, const char *id, const char *path, GError **error)
{
    imds_port *made;

    imds_close(self, id);
    made = imds_port_new(self, id, path, error);
    if (made != NULL)
        g_hash_table_insert(self->ports, made->instance, made);
    return made != NULL;
}

void
imds_accept(imds *self, const char *id)
{
    imds_port *found = g_hash_table_lookup(self->ports, id);

    if (found != NULL)
        imds_port_accept(found);
}

void
imds_close(imds *self, const char *id)
{
    g_hash_table_remove(self->ports, id);
}

/* ---- the service ---- */

static gboolean
read_key(imds *self, GError **error)
{
    if (launcher_store(self->engine, error) == NULL)
        return FALSE;
    self->signer = identity_open(self->engine->home, error);
    if (self->signer == NULL)
        return FALSE;
    self->secret = identity_secret(self->signer, "metadata tokens");
    return self->secret != NULL ||
           error_set(error, ERROR_INTERNAL, "libcrypto makes no secret for tokens");
}

imds *
imds_new(launcher *engine, GError **error)
{
    static const imds_server_user user = {answer, completed, closed};
    g_autoptr(imds) self = g_new0(imds, 1);

    self->engine = engine;
    self->ports =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)imds_port_free);
    /* Who becomes another user may not be able to read them later; without them less is told. */
    launcher_types(engine, NULL);
    self->server = read_key(self, error) ? imds_server_new(&user, error) : NULL;
    return self->server != NULL ? g_steal_pointer(&self) : NULL;
}

void
imds_free(imds *self)
{
    if (self == NULL)
        return;
    g_hash_table_destroy(self->ports);
    imds_server_free(self->server);
    if (self->sweep != NULL) {
        g_source_destroy(self->sweep);
        g_source_unref(self->sweep);
    }
    identity_free(self->signer);
    g_free(self->secret);
    g_free(self);
}
