/* Volumes in a life of their own. */
#include "common/error.h"
#include "launcher/recover.h"

volume *
launcher_volume_create(launcher *self G_GNUC_UNUSED, const volume_request *request G_GNUC_UNUSED,
                       GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

GPtrArray *
launcher_volumes(launcher *self G_GNUC_UNUSED, const char *const *ids G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

volume *
launcher_volume_attach(launcher *self G_GNUC_UNUSED, const char *id G_GNUC_UNUSED,
                       const char *vm G_GNUC_UNUSED, const char *device G_GNUC_UNUSED,
                       GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

volume *
launcher_volume_detach(launcher *self G_GNUC_UNUSED, const char *id G_GNUC_UNUSED,
                       gboolean force G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

volume *
launcher_volume_modify(launcher *self G_GNUC_UNUSED, const char *id G_GNUC_UNUSED,
                       gint64 size_gib G_GNUC_UNUSED, const char *type G_GNUC_UNUSED,
                       GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

gboolean
launcher_volume_delete(launcher *self G_GNUC_UNUSED, const char *const *ids G_GNUC_UNUSED,
                       GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

gboolean
recover_volume_create(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED,
                      GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

gboolean
recover_volume_delete(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED,
                      GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

gboolean
recover_volume_modify(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED,
                      GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

gboolean
recover_attach(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

gboolean
recover_detach(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}
