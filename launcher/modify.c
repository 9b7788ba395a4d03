/* Changing an instance's attributes. */
#include "common/error.h"
#include "launcher/internal.h"

instance_view *
launcher_modify(launcher *self G_GNUC_UNUSED, const char *id G_GNUC_UNUSED,
                const modify_request *request G_GNUC_UNUSED, GError **error)
{
    error_set(error, ERROR_INTERNAL, "not built yet");
    return NULL;
}
