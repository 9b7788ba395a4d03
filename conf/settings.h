/* What a person may settle once instead of with every command, from amilaunch.conf. A setting that
 * is absent from the file, or an absent file, means the default. */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include "common/error.h"

typedef enum {
    ACCEL_AUTO, /* KVM where it really works, else TCG */
    ACCEL_KVM,
    ACCEL_TCG
} accel_choice;

typedef enum {
    STORE_DISKS_ALL,   /* an instance whose mappings say nothing of them has all of its type's */
    STORE_DISKS_MAPPED /* only those that a mapping names, as with EC2's API */
} store_disks_choice;

typedef enum { SCREENS_AUTO, SCREENS_ALWAYS } screens_choice;

typedef struct {
    char *connect;            /* libvirt's URI; NULL, the default: chosen by who runs us */
    char *region;             /* lower-case letters, digits and dashes; "us-east-1" */
    char *account;            /* the owner's 12 digits; "123456789012" */
    accel_choice accel;       /* ACCEL_AUTO */
    guint64 memory_limit_mib; /* most that one guest really gets, whatever its type says; 0, the
                                 default: no cap */
    guint cpu_limit;      /* vCPUs most that one guest really gets, whatever its type says; 0, the
                             default: no cap */
    guint stop_timeout;   /* seconds a guest has to stop before its power is cut; 240 */
    guint reboot_timeout; /* the same for a reboot; 240 */
    guint hibernate_timeout; /* seconds a guest that is asked to hibernate has for it, before it is
                                shut down instead; 120 */
    char *amazon;            /* accounts that EC2 calls amazon, with commas; "137112412989" */
    char *aws_marketplace;   /* accounts that EC2 calls aws-marketplace; "679593333241" */
    store_disks_choice store_disks; /* instance-store disks of a launch; STORE_DISKS_ALL */
    screens_choice screens;         /* who has a screen; SCREENS_AUTO: who has no serial console */

    guint64 download_limit_mib; /* most that a file from the web may have; 0: as there is room;
                                   256 GiB */
    guint download_timeout;     /* seconds that a server may send next to nothing; 30 */
    guint download_retries;     /* how often to try again what broke off; 4 */

    /* The file of instance types to use; NULL, the default: the one that is installed. Relative
     * names in the settings file are resolved from its folder. */
    char *instance_types;
    char *kernel_images; /* the same of kernel images */
    char *prices;        /* the same of prices */

    /* OVMF's two files, for guests that boot by UEFI: both, or NULL, the default: where the
     * distribution has them. Relative names as above. */
    char *ovmf_code;
    char *ovmf_vars;
} settings;

/* Reads the settings file PATH. Where it isn't there, all settings have their defaults, unless it
 * MUST_EXIST. NULL with ERROR_CONFIG ("FILE:LINE: ...") on an unknown setting, a value that isn't
 * allowed or a syntax error. The caller frees the result. */
settings *settings_load(const char *path, gboolean must_exist, GError **error);

/* Whether TEXT can be a region (lower-case letters, digits, dashes) or an account (12 digits). */
gboolean settings_is_region(const char *text);
gboolean settings_is_account(const char *text);

/* The name under which EC2 shows an account as an owner, "amazon" or "aws-marketplace"; NULL if it
 * has none. */
const char *settings_owner_alias(const settings *self, const char *account);

/* SELF may be NULL. */
void settings_free(settings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(settings, settings_free)

#endif
