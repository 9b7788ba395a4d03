#include "cli/attributes.h"
#include "launcher/attributes.h"

static char *
on_poweroff(const instance_view *view)
{
    return g_strdup(shutdown_behavior_words[view->vm->shutdown_behavior]);
}

static char *
protection(const instance_view *view)
{
    const instance *vm = view->vm;

    if (!vm->no_api_termination && !vm->no_api_stop)
        return NULL;
    if (!vm->no_api_stop)
        return g_strdup("terminate");
    return g_strdup(vm->no_api_termination ? "terminate and stop" : "stop, and so terminate");
}

static char *
hibernation(const instance_view *view)
{
    return view->vm->hibernation_configured ? g_strdup("configured") : NULL;
}

static char *
kernel(const instance_view *view)
{
    return g_strdup(view->vm->kernel);
}

static char *
ramdisk(const instance_view *view)
{
    return g_strdup(view->vm->ramdisk);
}

char *
attribute_user_data(const instance_view *view)
{
    gsize bytes = user_data_length(view->user_data);

    return bytes > 0 ? g_strdup_printf("%" G_GSIZE_FORMAT " bytes", bytes) : NULL;
}

static char *
ebs_optimized(const instance_view *view)
{
    return view->vm->ebs_optimized ? g_strdup("yes") : NULL;
}

static char *
key(const instance_view *view)
{
    return g_strdup(view->vm->key_name);
}

static char *
metadata_service(const instance_view *view)
{
    const instance *vm = view->vm;

    if (vm->imds == IMDS_DISABLED)
        return g_strdup("disabled");
    return g_strdup_printf("tokens %s, hop limit %d%s", imds_words[vm->imds],
                           (int)vm->imds_hop_limit, vm->imds_tags ? ", with tags" : "");
}

static char *
seed(const instance_view *view)
{
    return view->vm->seed ? g_strdup("a NoCloud disk") : NULL;
}

const attribute attributes[] = {
    {"key", key},
    {"metadata", metadata_service},
    {"seed", seed},
    {"on poweroff", on_poweroff},
    {"protected from", protection},
    {"hibernation", hibernation},
    {"kernel", kernel},
    {"ramdisk", ramdisk},
    {"user data", attribute_user_data},
    {"EBS-optimized", ebs_optimized},
    {NULL, NULL},
};

const char *
attribute_on_termination(const volume *what)
{
    return what->delete_on_termination ? "deleted" : "kept";
}
