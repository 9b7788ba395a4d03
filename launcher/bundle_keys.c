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

bundle_key *
bundle_own_key(launcher *self, const char *name, GError **error)
{
    g_autofree char *path = home_bundle_key_path(self->home, name);

    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !make_own(self, name, error))
        return NULL;
    return bundle_key_private(path, error);
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
    if (keys->len == 0 && !add_key(keys, bundle_own_key(self, "user", error)))
        return NULL;
    return g_steal_pointer(&keys);
}

GPtrArray *
bundle_openers(launcher *self, const bundle_keys *given, GError **error)
{
    g_autoptr(GPtrArray) keys = keys_new();

    if (given->key != NULL)
        return add_key(keys, bundle_key_private(given->key, error)) ? g_steal_pointer(&keys) : NULL;
    if (!add_key(keys, bundle_own_key(self, "user", error)) ||
        !add_key(keys, bundle_own_key(self, "cloud", error)))
        return NULL;
    return g_steal_pointer(&keys);
}
