/* Whose keys open and sign bundles. */
#include "images/home.h"
#include "launcher/bundle_work.h"

/* An operation of its own, so that nothing half made stays. */
static gboolean
make_own(launcher *self, const char *name, GError **error)
{
    g_auto(bundle_work) work = {0};
    g_autofree char *unfinished = NULL;
    gboolean made;

    progress_phase(self->listener, "making keys");
    if (!bundle_work_begin(self, &work, "bundle-keys", error))
        return FALSE;
    unfinished = g_build_filename(work.folder, name, NULL);
    made = bundle_key_make(self->home, name, unfinished, error);
    return bundle_work_end(self, &work, made, error);
}

static bundle_key *
own_key(launcher *self, const char *name, GError **error)
{
    g_autofree char *path = home_bundle_key_path(self->home, name);

    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !make_own(self, name, error))
        return NULL;
    return bundle_key_private(path, error);
}

bundle_key *
bundle_user_key(launcher *self, GError **error)
{
    return own_key(self, self->conf->account, error);
}

bundle_key *
bundle_cloud_key(launcher *self, GError **error)
{
    return own_key(self, "cloud", error);
}

static gboolean
add_key(GPtrArray *keys, bundle_key *key)
{
    if (key != NULL)
        g_ptr_array_add(keys, key);
    return key != NULL;
}

static GPtrArray *
keys_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)bundle_key_free);
}

/* A private key has the public half, too. */
GPtrArray *
bundle_signers(launcher *self, const bundle_keys *given, GError **error)
{
    g_autoptr(GPtrArray) keys = keys_new();

    if (given->certificate != NULL &&
        !add_key(keys, bundle_key_certificate(given->certificate, error)))
        return NULL;
    if (given->key != NULL && !add_key(keys, bundle_key_private(given->key, error)))
        return NULL;
    if (keys->len == 0 && !add_key(keys, bundle_user_key(self, error)))
        return NULL;
    return g_steal_pointer(&keys);
}

/* The cloud opens what somebody bundled for this account, not whatever it is given; who it is for
 * can be told by a signature only. */
static gboolean
is_for_account(const launcher *self, const manifest *what)
{
    return what->signature != NULL && g_str_equal(what->user, self->conf->account);
}

GPtrArray *
bundle_openers(launcher *self, const manifest *what, const bundle_keys *given, GError **error)
{
    g_autoptr(GPtrArray) keys = keys_new();

    if (given->key != NULL)
        return add_key(keys, bundle_key_private(given->key, error)) ? g_steal_pointer(&keys) : NULL;
    if (!add_key(keys, bundle_user_key(self, error)) ||
        (is_for_account(self, what) && !add_key(keys, bundle_cloud_key(self, error))))
        return NULL;
    return g_steal_pointer(&keys);
}
