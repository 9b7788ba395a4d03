#include "launcher/launcher.h"
#include "common/error.h"
#include "images/home.h"
#include "launcher/internal.h"
#include "launcher/netd.h"
#include "launcher/zone.h"

#include <unistd.h>

/* The first of the two that is set; NULL if neither is. */
static const char *
either(const char *first, const char *second)
{
    return first != NULL && *first != '\0'     ? first
           : second != NULL && *second != '\0' ? second
                                               : NULL;
}

static char *
find_home(const char *asked)
{
    const char *named = either(asked, g_getenv("AMILAUNCH_HOME"));

    if (named != NULL)
        return g_canonicalize_filename(named, NULL);
    if (geteuid() == 0)
        return g_strdup("/var/lib/amilaunch");
    return g_build_filename(g_get_user_data_dir(), "amilaunch", NULL);
}

static char *
find_uri(const char *asked, const settings *conf)
{
    const char *named = either(either(asked, g_getenv("AMILAUNCH_CONNECT")), conf->connect);

    if (named != NULL)
        return g_strdup(named);
    return g_strdup(geteuid() == 0 ? "qemu:///system" : "qemu:///session");
}

static settings *
find_settings(const char *asked, const char *home, GError **error)
{
    g_autofree char *usual = g_build_filename(home, "amilaunch.conf", NULL);

    return settings_load(asked != NULL ? asked : usual, asked != NULL, error);
}

static gboolean
check_options(const launcher_options *options, GError **error)
{
    if (options->account != NULL && !settings_is_account(options->account))
        return error_set(error, ERROR_USAGE, "'%s' is no account: 12 digits", options->account);
    if (options->region != NULL && !settings_is_region(options->region))
        return error_set(error, ERROR_USAGE, "'%s' is no region: a name like us-east-1",
                         options->region);
    return TRUE;
}

static void
replace(char **place, const char *value)
{
    if (value == NULL)
        return;
    g_free(*place);
    *place = g_strdup(value);
}

launcher *
launcher_open(const launcher_options *options, GError **error)
{
    g_autoptr(launcher) self = g_new0(launcher, 1);

    if (!check_options(options, error))
        return NULL;
    self->home = find_home(options->home);
    self->conf = find_settings(options->config, self->home, error);
    if (self->conf == NULL)
        return NULL;
    self->uri = find_uri(options->connect, self->conf);
    self->config = g_strdup(options->config);
    /* Xen's own driver has no way to carry them. */
    self->start_netd = g_str_has_prefix(self->uri, "xen") ? NULL : netd_start;
    self->listener = options->listener;
    replace(&self->conf->region, options->region);
    if (options->region != NULL && !region_is_known(options->region))
        progress_note(self->listener, "%s is not one of EC2's regions", options->region);
    replace(&self->conf->account, options->account);
    return g_steal_pointer(&self);
}

void
launcher_free(launcher *self)
{
    if (self == NULL)
        return;
    network_tell(self);
    hypervisor_free(self->driver);
    store_free(self->db);
    instance_types_free(self->types);
    kernel_images_free(self->kernels);
    settings_free(self->conf);
    g_free(self->uri);
    g_free(self->config);
    g_free(self->home);
    g_free(self);
}

const instance_types *
launcher_types(launcher *self, GError **error)
{
    g_autofree char *path = NULL;

    if (self->types == NULL) {
        path = instance_types_path(self->conf);
        self->types = instance_types_load(path, error);
    }
    return self->types;
}

const kernel_images *
launcher_kernel_images(launcher *self, GError **error)
{
    g_autofree char *path = NULL;

    if (self->kernels == NULL) {
        path = kernel_images_path(self->conf);
        self->kernels = kernel_images_load(path, error);
    }
    return self->kernels;
}

store *
launcher_store(launcher *self, GError **error)
{
    if (self->db == NULL && home_make(self->home, error))
        self->db = store_open(self->home, error);
    return self->db;
}

hypervisor *
launcher_hypervisor(launcher *self, GError **error)
{
    if (self->driver == NULL)
        self->driver = libvirt_open(self->uri, error);
    return self->driver;
}
