/* Where things are in HOME, the folder that holds all that one amilaunch knows:
 *
 *     HOME/amilaunch.db             what is remembered (store/)
 *     HOME/snapshots/snap-*.qcow2   never written again once made
 *     HOME/volumes/vol-*.qcow2      overlay over a snapshot, or an empty volume
 *     HOME/secrets/UUID             passphrases of encrypted volumes and snapshots
 *     HOME/templates/DIGEST.qcow2   what roots on instance store are made of; never written again
 *     HOME/boot/DIGEST/             kernel and initramfs of an image's menu.lst (boot_files.h)
 *     HOME/bundles/DIGEST/          registered instance-store bundles, and what opens them
 *     HOME/bundles/keys/            HOME's own keys for bundles
 *     HOME/bundles/op-N/            what an operation is at work on with them
 *     HOME/keys/key-*.pem           private keys of key pairs that were made here
 *     HOME/keys/op-N/               what an operation is at work on with them
 *     HOME/downloads/               files from the web that aren't imported yet (fetch.h)
 *     HOME/identity.key             what instance identity documents are signed with (identity.h)
 *     HOME/identity.pem             and the certificate to check them by
 *     HOME/instances/i-...          instance-store disks, console log, saved memory, QEMU's events,
 *                                   the variables of its UEFI firmware
 *
 * All paths are absolute; the caller frees them. */
#ifndef IMAGES_HOME_H
#define IMAGES_HOME_H

#include <glib.h>

/* Makes HOME and its folders for their owner only, if they aren't there. */
gboolean home_make(const char *home, GError **error);

char *home_snapshot_path(const char *home, const char *id);
char *home_volume_path(const char *home, const char *id);
char *home_instance_folder(const char *home, const char *id);
char *home_console_log(const char *home, const char *id);
char *home_known_hosts(const char *home, const char *id);
char *home_seed(const char *home, const char *id);
char *home_nvram(const char *home, const char *id);
char *home_appliance_log(const char *home, const char *id);

/* A volume's file while a snapshot of it is being taken, and as a running guest knows it until it
 * is off: the same file as home_volume_path() by another name. */
char *home_volume_path_since(const char *home, const char *volume, const char *snapshot);

/* The LUKS passphrase of that UUID: the file's bytes, which are text (see secret.h). */
char *home_secret_path(const char *home, const char *uuid);

/* DIGEST is the key of an image's content. */
char *home_template_path(const char *home, const char *digest);

/* Where the files are that image_facts' boot_kernel and boot_initrd name. */
char *home_boot_folder(const char *home, const char *digest);
/* The digest of which PATH is that folder; NULL if it is none's. */
char *home_boot_content(const char *home, const char *path);

/* The parts of a registered bundle; what operation NUMBER is at work on; the PEM file of a pair of
 * HOME's own. */
char *home_bundle_folder(const char *home, const char *digest);
char *home_bundle_scratch(const char *home, gint64 number);
char *home_bundle_key_path(const char *home, const char *name);

/* The private key of a key pair; what operation NUMBER is at work on. */
char *home_key_path(const char *home, const char *id);
char *home_key_scratch(const char *home, gint64 number);

/* The private key with its certificate, and the certificate alone. */
char *home_identity_key_path(const char *home);
char *home_identity_path(const char *home);

/* What the operation of that number makes anew in the folder "volumes" or "snapshots". */
char *home_merge_path(const char *home, const char *folder, gint64 operation);

/* A hibernated instance's memory; boot_plan's EVENTS. */
char *home_memory_path(const char *home, const char *id);
char *home_events(const char *home, const char *id);

/* An instance's instance-store disk, e.g. "ephemeral0", or its root there, STORE_ROOT. */
#define STORE_ROOT "root"
char *home_store_disk_path(const char *home, const char *instance, const char *virtual_name);

#endif
