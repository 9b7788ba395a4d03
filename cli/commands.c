#include "cli/commands.h"
#include "cli/command.h"

#include <string.h>

const command *const commands[] = {
    &command_run,
    &command_plan,
    &command_ls,
    &command_show,
    &command_start,
    &command_stop,
    &command_hibernate,
    &command_reboot,
    &command_terminate,
    &command_wait,
    &command_modify,
    &command_console,
    &command_log,
    &command_screenshot,
    &command_ssh,
    &command_image_ls,
    &command_image_show,
    &command_image_import,
    &command_image_create,
    &command_image_copy,
    &command_image_share,
    &command_image_check,
    &command_image_customize,
    &command_image_deprecate,
    &command_image_disable,
    &command_image_enable,
    &command_image_protect,
    &command_image_deregister,
    &command_image_restore,
    &command_image_register,
    &command_image_bundle,
    &command_image_unbundle,
    &command_snapshot_ls,
    &command_snapshot_show,
    &command_snapshot_create,
    &command_snapshot_copy,
    &command_snapshot_share,
    &command_snapshot_rm,
    &command_snapshot_restore,
    &command_retention_ls,
    &command_retention_set,
    &command_retention_rm,
    &command_type_ls,
    &command_type_show,
    &command_volume_ls,
    &command_volume_show,
    &command_volume_create,
    &command_volume_attach,
    &command_volume_detach,
    &command_volume_modify,
    &command_volume_rm,
    &command_key_create,
    &command_key_import,
    &command_key_ls,
    &command_key_rm,
    &command_tag_add,
    &command_tag_rm,
    &command_appliance_build,
    &command_appliance_show,
    &command_appliance_rm,
    &command_gc,
    &command_cost,
    &command_doctor,
    NULL,
};

/* How many words of NAME the first of ARGS are; 0 if they aren't it. */
static int
matches(const char *name, const char *const *args)
{
    const char *space = strchr(name, ' ');

    if (space == NULL)
        return g_str_equal(name, args[0]) ? 1 : 0;
    if (strlen(args[0]) != (gsize)(space - name) || !g_str_has_prefix(name, args[0]) ||
        args[1] == NULL)
        return 0;
    return g_str_equal(space + 1, args[1]) ? 2 : 0;
}

const command *
command_find(const char *const *args, int *words)
{
    for (int i = 0; commands[i] != NULL; i++) {
        *words = matches(commands[i]->name, args);
        if (*words > 0)
            return commands[i];
    }
    return NULL;
}
