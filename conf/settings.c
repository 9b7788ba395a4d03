#include "common/size.h"
#include "conf/reader.h"
#include "conf/settings.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DAY_SECONDS (24 * 60 * 60)

static gboolean
is_filled(const char *text)
{
    return *text != '\0';
}

gboolean
settings_is_region(const char *text)
{
    return *text != '\0' && text[strspn(text, G_CSET_a_2_z G_CSET_DIGITS "-")] == '\0';
}

gboolean
settings_is_account(const char *text)
{
    return strlen(text) == 12 && strspn(text, G_CSET_DIGITS) == 12;
}

static gboolean
is_accounts(const char *text)
{
    g_auto(GStrv) accounts = g_strsplit(text, ",", -1);

    for (gsize i = 0; accounts[i] != NULL; i++)
        if (!settings_is_account(accounts[i]))
            return FALSE;
    return accounts[0] != NULL;
}

static gboolean
has_account(const char *accounts, const char *account)
{
    g_auto(GStrv) list = g_strsplit(accounts, ",", -1);

    return g_strv_contains((const char *const *)list, account);
}

const char *
settings_owner_alias(const settings *self, const char *account)
{
    return has_account(self->amazon, account)            ? "amazon"
           : has_account(self->aws_marketplace, account) ? "aws-marketplace"
                                                         : NULL;
}

static gboolean
parse_size(const char *text, void *mib)
{
    return size_parse_mib(text, mib);
}

static const word accels[] = {
    {"auto", ACCEL_AUTO}, {"kvm", ACCEL_KVM}, {"tcg", ACCEL_TCG}, {NULL, 0}};

static const word store_disks[] = {
    {"all", STORE_DISKS_ALL}, {"mapped", STORE_DISKS_MAPPED}, {NULL, 0}};

static const word screens[] = {{"auto", SCREENS_AUTO}, {"always", SCREENS_ALWAYS}, {NULL, 0}};

#define ACCOUNTS "accounts of 12 digits in quotes, with commas between them"
#define AT(member) .offset = G_STRUCT_OFFSET(settings, member)

static const field_rule fields[] = {
    {"connect", FIELD_TEXT, AT(connect), .valid = is_filled, .allowed = "a libvirt URI in quotes"},
    {"region", FIELD_TEXT, AT(region), .valid = settings_is_region,
     .allowed = "a name like \"us-east-1\": lower-case letters, digits and dashes"},
    {"account", FIELD_TEXT, AT(account), .valid = settings_is_account,
     .allowed = "12 digits in quotes"},
    {"accel", FIELD_CHOICE, AT(accel), .words = accels},
    {"memory_limit", FIELD_PARSED, AT(memory_limit_mib), .parse = parse_size,
     .allowed = "a size in quotes like \"512M\" or \"2G\" (\"0\": no limit)"},
    {"cpu_limit", FIELD_COUNT, AT(cpu_limit), .min = 0, .max = 65536, .unit = "vCPUs"},
    {"stop_timeout", FIELD_COUNT, AT(stop_timeout), .min = 1, .max = DAY_SECONDS,
     .unit = "seconds"},
    {"reboot_timeout", FIELD_COUNT, AT(reboot_timeout), .min = 1, .max = DAY_SECONDS,
     .unit = "seconds"},
    {"hibernate_timeout", FIELD_COUNT, AT(hibernate_timeout), .min = 1, .max = DAY_SECONDS,
     .unit = "seconds"},
    {"amazon", FIELD_TEXT, AT(amazon), .valid = is_accounts, .allowed = ACCOUNTS},
    {"aws_marketplace", FIELD_TEXT, AT(aws_marketplace), .valid = is_accounts, .allowed = ACCOUNTS},
    {"store_disks", FIELD_CHOICE, AT(store_disks), .words = store_disks},
    {"screens", FIELD_CHOICE, AT(screens), .words = screens},
    {"download_limit", FIELD_PARSED, AT(download_limit_mib), .parse = parse_size,
     .allowed = "a size in quotes like \"512M\" or \"2G\" (\"0\": as there is room)"},
    {"download_timeout", FIELD_COUNT, AT(download_timeout), .min = 1, .max = DAY_SECONDS,
     .unit = "seconds"},
    {"download_retries", FIELD_COUNT, AT(download_retries), .min = 0, .max = 1000},
    {"instance_types", FIELD_TEXT, AT(instance_types), .valid = is_filled,
     .allowed = "a file's name in quotes"},
    {"kernel_images", FIELD_TEXT, AT(kernel_images), .valid = is_filled,
     .allowed = "a file's name in quotes"},
    {"prices", FIELD_TEXT, AT(prices), .valid = is_filled, .allowed = "a file's name in quotes"},
    {"ovmf_code", FIELD_TEXT, AT(ovmf_code), .valid = is_filled,
     .allowed = "a file's name in quotes"},
    {"ovmf_vars", FIELD_TEXT, AT(ovmf_vars), .valid = is_filled,
     .allowed = "a file's name in quotes"},
    {.name = NULL}};

static settings *
defaults_new(void)
{
    settings *self = g_new0(settings, 1);

    self->region = g_strdup("us-east-1");
    self->account = g_strdup("123456789012");
    self->amazon = g_strdup("137112412989");
    self->aws_marketplace = g_strdup("679593333241");
    self->stop_timeout = 240;
    self->reboot_timeout = 240;
    self->hibernate_timeout = 120;
    self->download_limit_mib = 256 << 10;
    self->download_timeout = 30;
    self->download_retries = 4;
    return self;
}

/* Resolves a file's name that was written in the file SETTINGS_PATH. */
static void
resolve_path(char **name, const char *settings_path)
{
    g_autofree char *written = *name;
    g_autofree char *folder = g_path_get_dirname(settings_path);

    *name = written == NULL || g_path_is_absolute(written)
                ? g_steal_pointer(&written)
                : g_build_filename(folder, written, NULL);
}

/* The variables' size belongs to the code. */
static gboolean
check_firmware(const settings *self, const char *path, GError **error)
{
    return (self->ovmf_code == NULL) == (self->ovmf_vars == NULL) ||
           error_set(error, ERROR_CONFIG, "%s: ovmf_code and ovmf_vars go together: %s is missing",
                     path, self->ovmf_code == NULL ? "ovmf_code" : "ovmf_vars");
}

settings *
settings_load(const char *path, gboolean must_exist, GError **error)
{
    g_autoptr(settings) self = defaults_new();

    if (!must_exist && access(path, F_OK) != 0 && errno == ENOENT)
        return g_steal_pointer(&self);
    if (!reader_read(path, fields, self, error) || !check_firmware(self, path, error))
        return NULL;
    resolve_path(&self->instance_types, path);
    resolve_path(&self->kernel_images, path);
    resolve_path(&self->prices, path);
    resolve_path(&self->ovmf_code, path);
    resolve_path(&self->ovmf_vars, path);
    return g_steal_pointer(&self);
}

void
settings_free(settings *self)
{
    if (self == NULL)
        return;
    g_free(self->connect);
    g_free(self->region);
    g_free(self->account);
    g_free(self->amazon);
    g_free(self->aws_marketplace);
    g_free(self->instance_types);
    g_free(self->kernel_images);
    g_free(self->prices);
    g_free(self->ovmf_code);
    g_free(self->ovmf_vars);
    g_free(self);
}
