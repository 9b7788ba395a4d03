#include "cli/commands.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/share.h"
#include "cli/tags.h"
#include "cli/text.h"
#include "common/times.h"
#include "launcher/image_life.h"

#include <stdio.h>

static image_create_request creation;

#define TEXT(name, place, text, what)                                                              \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)(place), text, what                             \
    }

static const GOptionEntry create_options[] = {
    TEXT("name", &creation.name, "name of the AMI (the instance's id and the time)", "NAME"),
    TEXT("description", &creation.description, "words about it", "TEXT"),
    TAG_OPTION(&creation.tags),
    {"no-reboot", 0, 0, G_OPTION_ARG_NONE, &creation.no_reboot,
     "don't reboot a running guest first: the image is as after a power failure", NULL},
    {NULL},
};

/* ---- show ---- */

/* Facts are in the words of whoever made the image. */
static void G_GNUC_PRINTF(1, 2) print_foreign(const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *clean = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    clean = text_clean(text);
    fputs(clean, stdout);
}

static void
print_partition(const partition_facts *part)
{
    g_autofree char *size = print_size(part->size);
    const char *content = part->filesystem != NULL ? part->filesystem : part->type;

    print_foreign("    partition %u  %s, %s%s%s%s\n", part->number, size,
                  content != NULL ? content : "unknown", part->label != NULL ? ", " : "",
                  part->label != NULL ? part->label : "", part->active ? ", active" : "");
}

static void
print_facts(const image_facts *facts)
{
    static const char *const schemes[] = {"no partition table", "MBR", "GPT", "hybrid MBR and GPT"};
    g_autofree char *size = print_size(facts->virtual_size);
    const char *system = facts->product != NULL ? facts->product : facts->os_type;

    print_foreign("  imported from  %s, %s\n", facts->format, size);
    print_foreign("  system         %s\n", system != NULL ? system : "none found");
    print_foreign("  disk           %s, boot code: %s\n", schemes[facts->scheme],
                  facts->boot_code != NULL ? facts->boot_code : "none");
    for (guint i = 0; i < facts->partitions->len; i++)
        print_partition(g_ptr_array_index(facts->partitions, i));
    if (facts->loader != NULL && facts->loader->kernel != NULL)
        print_foreign("  boots          %s by %s\n", facts->loader->kernel, facts->loader->path);
}

static void
print_mapping(const image_view *view)
{
    static const char *const headings[] = {"DEVICE", "SIZE", "FROM", "ON TERMINATION", NULL};
    text_table *table = text_table_new(headings);

    for (guint i = 0; i < view->mapping->len; i++) {
        const image_mapping *entry = g_ptr_array_index(view->mapping, i);
        text_table_add(table, entry->device);
        if (entry->size_gib != 0)
            text_table_printf(table, "%" G_GINT64_FORMAT " GiB", entry->size_gib);
        else
            text_table_add(table, NULL);
        text_table_add(table, entry->virtual_name != NULL ? entry->virtual_name : entry->snapshot);
        text_table_add(table, image_mapping_is_nothing(entry) ? NULL
                              : entry->virtual_name != NULL   ? "lost"
                              : entry->delete_on_termination  ? "deleted"
                                                              : "kept");
    }
    text_table_print(table, "no mapping");
}

static void
print_life(const image *ami)
{
    g_autofree char *created = time_spelled(ami->created);
    g_autofree char *deprecated = time_spelled(ami->deprecated);
    g_autofree char *until = time_spelled(ami->protected);
    gboolean cools_down = ami->protected > PROTECTION_COOLDOWN;
    gint64 now = time_now();

    printf("  created        %s\n", created);
    if (ami->deprecated != 0)
        printf("  deprecated     %s %s\n", ami->deprecated > now ? "from" : "since", deprecated);
    if (image_protected(ami, now) != PROTECTION_OFF)
        printf("  protected      from being deregistered%s%s\n", cools_down ? ", until " : "",
               cools_down ? until : "");
}

static void
print_kind(const image *ami)
{
    printf("  kind           %s, %s, root %s on %s%s%s%s\n", ami->architecture,
           virtualization_words[ami->virtualization], ami->root_device,
           root_device_type_words[ami->root_device_type], ami->boot_mode != NULL ? ", " : "",
           ami->boot_mode != NULL ? ami->boot_mode : "",
           g_strcmp0(ami->platform, "windows") == 0 ? ", Windows" : "");
    if (ami->kernel != NULL)
        printf("  kernel image   %s\n", ami->kernel);
    if (ami->ramdisk != NULL)
        printf("  ramdisk        %s\n", ami->ramdisk);
    if (ami->location != NULL)
        print_foreign("  manifest       %s\n", ami->location);
}

static void
print_image(app *self, const image_view *view)
{
    const image *ami = view->ami;
    g_autoptr(boot_plan) doubts = launcher_image_doubts(self->engine, view);

    printf("%s  %s\n", ami->id, ami->name);
    if (ami->description != NULL)
        print_foreign("  %s\n", ami->description);
    printf("  state          %s, owner %s%s%s%s, %s\n", image_state_words[ami->state], ami->owner,
           view->owner_alias != NULL ? " (" : "",
           view->owner_alias != NULL ? view->owner_alias : "", view->owner_alias != NULL ? ")" : "",
           ami->region);
    print_sharing(launcher_image_sharing(self->engine, ami));
    print_life(ami);
    if (ami->source_image != NULL)
        printf("  copy of        %s in %s\n", ami->source_image, ami->source_region);
    print_kind(ami);
    tags_print(view->tags, view->product_codes);
    if (view->facts != NULL)
        print_facts(view->facts);
    putchar('\n');
    print_mapping(view);
    if (doubts != NULL && doubts->warnings->len > 0) {
        puts("\nDoubtful:");
        print_warnings(doubts, FALSE);
    }
}

/* Of a kernel image little is to be told. */
static void
print_kernel_image(const image *ami)
{
    printf("%s  %s\n  %s\n  kind           kernel, %s, %s\n", ami->id, ami->name, ami->description,
           ami->architecture, ami->region);
}

static json_t *
facts_object(const image_facts *facts)
{
    g_autofree char *text = image_facts_to_json(facts);

    return json_loads(text, 0, NULL);
}

static gboolean
run_show(app *self, const char *const *args, GError **error)
{
    g_autoptr(image_view) view = launcher_image_show(self->engine, args[0], error);
    gboolean kernel;
    json_t *object;

    if (view == NULL)
        return FALSE;
    kernel = g_str_has_prefix(view->ami->id, "aki-");
    if (!self->json) {
        if (kernel)
            print_kernel_image(view->ami);
        else
            print_image(self, view);
        return TRUE;
    }
    object = ec2_image(view);
    if (view->facts != NULL)
        json_object_set_new(object, "Facts", facts_object(view->facts));
    if (!kernel)
        put_sharing(object, "LaunchPermissions", launcher_image_sharing(self->engine, view->ami));
    ec2_print(json_pack("{s:[o]}", "Images", object));
    return TRUE;
}

/* ---- create ---- */

static gboolean
run_create(app *self, const char *const *args, GError **error)
{
    g_autofree char *id = NULL;

    creation.instance = args[0];
    id = launcher_image_create(self->engine, &creation, error);
    terminal_clear(self->screen);
    if (id == NULL)
        return FALSE;
    if (self->json)
        ec2_print(json_pack("{s:s}", "ImageId", id));
    else
        puts(id);
    return TRUE;
}

const command command_image_show = {
    .name = "image show",
    .arguments = "AMI",
    .summary = "Show an image: what was found in it, its mapping, what is doubtful",
    .least = 1,
    .most = 1,
    .run = run_show,
};

const command command_image_create = {
    .name = "image create",
    .arguments = "INSTANCE",
    .summary = "Make an image (AMI) of an instance: snapshots of all its volumes at one moment",
    .details =
        "A running guest is rebooted, and the snapshots are taken when it has shut down, so that "
        "its "
        "file\nsystems are clean. It has to be a running or stopped instance with its root on EBS.",
    .least = 1,
    .most = 1,
    .options = create_options,
    .run = run_create,
};
