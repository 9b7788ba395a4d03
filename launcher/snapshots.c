/* Snapshots, and images of instances. */
#include "common/error.h"
#include "launcher/recover.h"

snapshot *
launcher_snapshot_create(launcher *self G_GNUC_UNUSED, const char *id G_GNUC_UNUSED,
                         const char *description G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

GPtrArray *
launcher_snapshots(launcher *self G_GNUC_UNUSED, const char *const *ids G_GNUC_UNUSED,
                   GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

gboolean
launcher_snapshot_delete(launcher *self G_GNUC_UNUSED, const char *const *ids G_GNUC_UNUSED,
                         GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

char *
launcher_image_create(launcher *self G_GNUC_UNUSED,
                      const image_create_request *request G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

gboolean
recover_snapshot(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

gboolean
recover_snapshot_delete(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED,
                        GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}

gboolean
recover_image_create(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED,
                     GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}
