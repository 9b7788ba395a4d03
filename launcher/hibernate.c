/* Hibernation: a guest's memory is saved, and its next start goes on where it was. */
#include "common/error.h"
#include "launcher/recover.h"

GPtrArray *
launcher_hibernate(launcher *self G_GNUC_UNUSED, const char *const *ids G_GNUC_UNUSED,
                   gboolean by_guest G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}

gboolean
recover_hibernate(launcher *self G_GNUC_UNUSED, const operation *cut G_GNUC_UNUSED, GError **error)
{
    return error_set(error, ERROR_INTERNAL, "not built yet");
}
