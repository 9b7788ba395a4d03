#include "conf/type_fields.h"
#include "conf/types.h"

#include <string.h>

#define NAME_CHARACTERS G_CSET_a_2_z G_CSET_DIGITS "-"

const word type_architectures[] = {{"i386", ARCHITECTURE_I386},
                                   {"x86_64", ARCHITECTURE_X86_64},
                                   {"arm64", ARCHITECTURE_ARM64},
                                   {NULL, 0}};
const word type_virtualizations[] = {
    {"hvm", TYPE_HVM}, {"paravirtual", TYPE_PARAVIRTUAL}, {NULL, 0}};
const word type_roots[] = {
    {"ebs", TYPE_ROOT_EBS}, {"instance-store", TYPE_ROOT_INSTANCE_STORE}, {NULL, 0}};
const word type_boot_modes[] = {
    {"legacy-bios", BOOT_MODE_LEGACY_BIOS}, {"uefi", BOOT_MODE_UEFI}, {NULL, 0}};
const word type_hypervisors[] = {
    {"nitro", HYPERVISOR_NITRO}, {"xen", HYPERVISOR_XEN}, {"none", HYPERVISOR_NONE}, {NULL, 0}};
static const word generations[] = {{"current", TRUE}, {"previous", FALSE}, {NULL, 0}};

static gboolean
is_type_name(const char *text)
{
    size_t family = strspn(text, NAME_CHARACTERS);
    const char *size = text + family + 1;

    return family > 0 && text[family] == '.' && *size != '\0' &&
           size[strspn(size, NAME_CHARACTERS)] == '\0';
}

static gboolean
read_number(const char **at, guint *number)
{
    char *end;
    guint64 value;

    if (!g_ascii_isdigit(**at))
        return FALSE;
    value = g_ascii_strtoull(*at, &end, 10);
    if (value == 0 || value > G_MAXINT32)
        return FALSE;
    *number = value;
    *at = end;
    return TRUE;
}

/* "2x80 ssd", "24x2048 hdd", "1x118 ssd nvme" into an instance_type. */
static gboolean
parse_store(const char *text, void *out)
{
    static const struct {
        const char *text;
        gboolean ssd, nvme;
    } kinds[] = {{" ssd", TRUE, FALSE},
                 {" ssd nvme", TRUE, TRUE},
                 {" hdd", FALSE, FALSE},
                 {" hdd nvme", FALSE, TRUE}};
    instance_type *type = out;

    if (!read_number(&text, &type->store_count) || *text++ != 'x' ||
        !read_number(&text, &type->store_gb))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(text, kinds[i].text) == 0) {
            type->store_ssd = kinds[i].ssd;
            type->store_nvme = kinds[i].nvme;
            return TRUE;
        }
    return FALSE;
}

#define AT(member) .offset = G_STRUCT_OFFSET(instance_type, member)

const field_rule type_fields[] = {
    {"name", FIELD_TEXT, AT(name), .required = TRUE, .valid = is_type_name,
     .allowed = "FAMILY.SIZE in lower-case letters, digits and dashes, like \"m3.medium\""},
    {"vcpus", FIELD_COUNT, AT(vcpus), .required = TRUE, .min = 1, .max = 65536},
    {"memory", FIELD_COUNT, AT(memory_mib), .required = TRUE, .min = 1, .max = G_MAXINT32,
     .unit = "MiB"},
    {"max_ebs", FIELD_COUNT, AT(max_ebs), .required = TRUE, .min = 1, .max = 65536,
     .unit = "volumes"},
    {"store", FIELD_PARSED, .parse = parse_store,
     .allowed = "COUNTxGB, ssd or hdd, and perhaps nvme, like \"2x80 ssd\" or \"1x118 ssd nvme\""},
    {"formatted", FIELD_BOOLEAN, AT(store_formatted)},
    {"swap", FIELD_COUNT, AT(swap_mb), .min = 1, .max = G_MAXINT32, .unit = "MB"},
    {"architectures", FIELD_FLAGS, AT(architectures), .words = type_architectures},
    {"virtualization", FIELD_FLAGS, AT(virtualization), .words = type_virtualizations},
    {"roots", FIELD_FLAGS, AT(roots), .words = type_roots},
    {"hypervisor", FIELD_CHOICE, AT(hypervisor), .words = type_hypervisors},
    {"boot_modes", FIELD_FLAGS, AT(boot_modes), .words = type_boot_modes},
    {"hibernation", FIELD_BOOLEAN, AT(hibernation)},
    {"generation", FIELD_CHOICE, AT(current_generation), .words = generations},
    {.name = NULL}};

void *
type_new(void)
{
    instance_type *type = g_new0(instance_type, 1);

    type->architectures = ARCHITECTURE_X86_64;
    type->virtualization = TYPE_HVM;
    type->roots = TYPE_ROOT_EBS;
    type->boot_modes = BOOT_MODE_LEGACY_BIOS | BOOT_MODE_UEFI;
    type->hypervisor = HYPERVISOR_NITRO;
    type->current_generation = TRUE;
    return type;
}

void
type_free(void *item)
{
    instance_type *type = item;

    if (type == NULL)
        return;
    g_free(type->name);
    g_free(type->family);
    g_free(type);
}
