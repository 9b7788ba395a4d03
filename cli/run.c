#include "cli/boot_stop.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/metadata_options.h"
#include "cli/network_text.h"
#include "cli/print.h"
#include "cli/tags.h"
#include "cli/user_data.h"
#include "common/error.h"
#include "common/size.h"

#include <stdio.h>

static char *type;
static int count = 1;
static char **map;
static char *memory_limit;
static char *shutdown_word;
static char *user_data_file;
static char *kernel_id;
static char *pv;
static char *zone;
static char *user_data_base64;
static char *key;
static char **publish;
static char *imds;
static char *imds_hop_limit;
static gboolean imds_tags;
static gboolean seed;
static gboolean hibernate;
static gboolean protect;
static gboolean protect_stop;
static char **tags;
static gboolean wait_for_login;
static int timeout_s = 300;
static gboolean dry_run;

static const GOptionEntry options[] = {
    {"type", 't', 0, G_OPTION_ARG_STRING, &type,
     "instance type, or a family for its smallest (m1.small)", "TYPE"},
    {"count", 'n', 0, G_OPTION_ARG_INT, &count, "how many instances (1)", "N"},
    {"map", 0, 0, G_OPTION_ARG_STRING_ARRAY, &map,
     "what a device is, instead of what the image says; again for each device", "DEVICE=WHAT"},
    {"zone", 0, 0, G_OPTION_ARG_STRING, &zone,
     "availability zone, e.g. us-east-1b (the region's first)", "ZONE"},
    {"memory-limit", 0, 0, G_OPTION_ARG_STRING, &memory_limit,
     "cap on what the guest really gets, e.g. 512M", "SIZE"},
    {"shutdown", 0, 0, G_OPTION_ARG_STRING, &shutdown_word,
     "what the guest's own poweroff does: stop or terminate (stop)", "WHAT"},
    {"user-data", 0, 0, G_OPTION_ARG_STRING, &user_data_file,
     "user data, 16 KiB at most; - for standard input", "FILE"},
    {"user-data-base64", 0, 0, G_OPTION_ARG_STRING, &user_data_base64,
     "the same, as text in base64", "TEXT"},
    {"key", 'k', 0, G_OPTION_ARG_STRING, &key,
     "key pair whose owner is let in; publishes a port for ssh", "NAME"},
    {"publish", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &publish,
     "port of this host's loopback for one of the guest's; again for each", "[HOST:]PORT"},
    {"imds", 0, 0, G_OPTION_ARG_STRING, &imds,
     "metadata service: optional, required (tokens) or disabled (optional)", "HOW"},
    {"imds-hop-limit", 0, 0, G_OPTION_ARG_STRING, &imds_hop_limit,
     "hop limit of its answers to token requests, 1 to 64 (1)", "N"},
    {"imds-tags", 0, 0, G_OPTION_ARG_NONE, &imds_tags, "tags can be read there", NULL},
    {"seed", 0, 0, G_OPTION_ARG_NONE, &seed,
     "a NoCloud disk, for images that don't know the metadata service", NULL},
    {"kernel", 0, 0, G_OPTION_ARG_STRING, &kernel_id,
     "kernel image of a paravirtual AMI: aki-... (the AMI's)", "AKI"},
    {"pv", 0, 0, G_OPTION_ARG_STRING, &pv,
     "how a paravirtual AMI is run: xen, grub, direct or shim (xen)", "WAY"},
    {"hibernate", 0, 0, G_OPTION_ARG_NONE, &hibernate,
     "it can be hibernated; needs an encrypted root", NULL},
    {"protect", 0, 0, G_OPTION_ARG_NONE, &protect, "refuse to terminate it until that is modified",
     NULL},
    {"protect-stop", 0, 0, G_OPTION_ARG_NONE, &protect_stop,
     "refuse to stop or terminate it until that is modified", NULL},
    TAG_OPTION(&tags),
    {"wait", 'w', 0, G_OPTION_ARG_NONE, &wait_for_login,
     "wait until the guest asks for a login on its console", NULL},
    {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, "seconds that --wait waits (300)", "S"},
    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "only say whether it would be done", NULL},
    {NULL},
};

static const char *
instance_at(const GPtrArray *views, guint index)
{
    return ((instance_view *)g_ptr_array_index(views, index))->vm->id;
}

/* Waits for all, one after the other; *FAILED is the index of the first that doesn't come up. */
static gboolean
wait_for_all(app *self, const GPtrArray *views, guint *failed, boot_stop **stop, GError **error)
{
    for (guint i = 0; i < views->len; i++) {
        *failed = i;
        if (!launcher_wait_login(self->engine, instance_at(views, i), (guint)timeout_s, stop,
                                 error))
            return FALSE;
    }
    return TRUE;
}

static void
print_table(const GPtrArray *views)
{
    static const char *const headings[] = {"INSTANCE", "STATE", "TYPE", "IMAGE",
                                           "ADDRESS",  "PORTS", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < views->len; i++) {
        const instance_view *view = g_ptr_array_index(views, i);
        const instance *vm = view->vm;
        g_autofree char *address = network_address(view);
        g_autofree char *ports = network_ports_text(view);
        text_table_add(table, vm->id);
        text_table_add_coloured(table, instance_state_words[vm->state],
                                print_state_colour((instance_state)vm->state));
        text_table_add(table, vm->type);
        text_table_add(table, vm->image);
        text_table_add(table, address);
        text_table_add(table, ports);
    }
    text_table_print(table, "");
    fflush(stdout);
}

/* One JSON document, which says in the instance FAILED why it doesn't come up, if STOP isn't NULL.
 */
static void
print_json(app *self, const GPtrArray *views, guint failed, const boot_stop *stop)
{
    const instance_view *first = g_ptr_array_index(views, 0);
    json_t *reservation = ec2_reservation(views, first->vm->reservation);

    if (stop != NULL) {
        json_t *object = json_array_get(json_object_get(reservation, "Instances"), failed);
        json_object_set_new(object, "BootStop",
                            boot_stop_json(self, instance_at(views, failed), stop));
    }
    ec2_print(reservation);
}

static gboolean
print_launched(app *self, const GPtrArray *views, GError **error)
{
    g_autoptr(boot_stop) stop = NULL;
    guint failed = 0;
    gboolean up;

    if (!self->json)
        print_table(views);
    up = !wait_for_login || wait_for_all(self, views, &failed, &stop, error);
    terminal_clear(self->screen);
    if (self->json)
        print_json(self, views, failed, stop);
    else if (!up)
        boot_stop_print(self, instance_at(views, failed), stop);
    return up;
}

static gboolean
check_numbers(run_request *request, GError **error)
{
    if (count < 1)
        return error_set(error, ERROR_PARAMETER_VALUE, "--count must be at least 1, not %d", count);
    if (timeout_s < 0)
        return error_set(error, ERROR_PARAMETER_VALUE, "--timeout must be at least 0");
    request->count = (guint)count;
    if (memory_limit != NULL && !size_parse_mib(memory_limit, &request->memory_limit_mib))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "--memory-limit %s: expected a size such as 512M or 2G", memory_limit);
    return hop_limit_parse(imds_hop_limit, &request->imds_hop_limit, error);
}

static gboolean
run(app *self, const char *const *args, GError **error)
{
    run_request request = {.image = args[0],
                           .type = type,
                           .map = (const char *const *)map,
                           .shutdown = shutdown_word,
                           .kernel = kernel_id,
                           .pv = pv,
                           .zone = zone,
                           .hibernation = hibernate,
                           .protect = protect,
                           .protect_stop = protect_stop,
                           .tags = (const char *const *)tags,
                           .key = key,
                           .publish = (const char *const *)publish,
                           .imds = imds,
                           .imds_tags = imds_tags,
                           .seed = seed,
                           .dry_run = dry_run};
    g_autofree char *user_data = NULL;
    g_autoptr(GPtrArray) views = NULL;

    if (!check_numbers(&request, error))
        return FALSE;
    if (user_data_file != NULL && user_data_base64 != NULL)
        return error_set(error, ERROR_USAGE,
                         "--user-data and --user-data-base64 exclude each other");
    if (user_data_file != NULL && (user_data = user_data_read(user_data_file, error)) == NULL)
        return FALSE;
    request.user_data = user_data != NULL ? user_data : user_data_base64;
    views = launcher_run(self->engine, &request, error);
    terminal_clear(self->screen);
    if (views == NULL)
        return FALSE;
    if (dry_run) {
        if (self->json)
            ec2_print(json_pack("{s:b}", "DryRun", TRUE));
        else
            puts("Request would have succeeded, but this was a dry run.");
        return TRUE;
    }
    return print_launched(self, views, error);
}

const command command_run = {
    .name = "run",
    .arguments = "AMI",
    .summary = "Launch instances of an image",
    .details =
        "The root volume is an overlay over the image's snapshot; each instance-store disk of the "
        "type is a\nblank file. Returns when the hypervisor says that the guest runs; with --wait, "
        "when the guest says\nthat it is up, or is known to have stopped: then in which link of "
        "its chain (see plan), and why.\n\n"
        "--map says what a device is, instead of the image's entry for it:\n"
        "  /dev/sdb=ephemeral0  an instance-store disk, if the type has it; /dev/sdc=none  "
        "nothing\n"
        "  /dev/sdd=SNAPSHOT:SIZE:DELETE:TYPE:encrypted  a volume of SIZE GiB; DELETE is true or "
        "false; any\n"
        "                       part may be left out: /dev/sde=:100 is empty, /dev/sda1=:20 a "
        "larger root",
    .least = 1,
    .most = 1,
    .options = options,
    .run = run,
};
