/* Where things are in HOME, the folder that holds all that one amilaunch knows:
 *
 *     HOME/amilaunch.db             what is remembered (store/)
 *     HOME/snapshots/snap-*.qcow2   never written again once made
 *     HOME/volumes/vol-*.qcow2      overlay over a snapshot, or an empty volume
 *     HOME/instances/i-...           instance-store disks, console log
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

/* An instance's instance-store disk, e.g. "ephemeral0". */
char *home_store_disk_path(const char *home, const char *instance, const char *virtual_name);

#endif
