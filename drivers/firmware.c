#include "drivers/firmware.h"
#include "common/error.h"

#include <errno.h>
#include <unistd.h>

/* The files of 4 MiB come first: newer packages have no others (Debian: ovmf's README.Debian). */
static const struct {
    const char *code;
    const char *variables;
} places[] = {
    {"usr/share/OVMF/OVMF_CODE_4M.fd", "usr/share/OVMF/OVMF_VARS_4M.fd"},
    {"usr/share/OVMF/OVMF_CODE.fd", "usr/share/OVMF/OVMF_VARS.fd"},
};

void
firmware_free(firmware *self)
{
    if (self == NULL)
        return;
    g_free(self->code);
    g_free(self->variables);
    g_free(self);
}

static firmware *
firmware_new(const char *root, const char *code, const char *variables)
{
    firmware *self = g_new0(firmware, 1);

    self->code = g_build_filename(root, code, NULL);
    self->variables = g_build_filename(root, variables, NULL);
    return self;
}

static gboolean
is_there(const firmware *self)
{
    return access(self->code, R_OK) == 0 && access(self->variables, R_OK) == 0;
}

static gboolean
can_read(const char *path, const char *setting, GError **error)
{
    return access(path, R_OK) == 0 ||
           error_set(error, ERROR_HOST_QEMU, "%s, which the setting %s names, can't be read: %s",
                     path, setting, g_strerror(errno));
}

firmware *
firmware_find(const char *root, const char *code, const char *variables, GError **error)
{
    if (code != NULL && variables != NULL)
        return can_read(code, "ovmf_code", error) && can_read(variables, "ovmf_vars", error)
                   ? firmware_new("/", code, variables)
                   : NULL;
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(firmware) found = firmware_new(root, places[i].code, places[i].variables);
        if (is_there(found))
            return g_steal_pointer(&found);
    }
    return NULL;
}
