/* Taking a snapshot of a volume's file, in constant time whatever its size. The file itself becomes
 * the snapshot, and the volume goes on in a fresh overlay over it:
 *
 *     volumes/vol-X.qcow2  ->  the file                the overlay over snapshots/snap-Y.qcow2
 *     snapshots/           ->                          snap-Y.qcow2: the file
 *
 * Each step is durable when it returns, and can be done again. Between the second and the third
 * the file has both names; a running guest changes over to the overlay there. It knows the overlay
 * by its first name, home_volume_path_since(), until it is off.
 *
 *     1 snapshot_file_overlay()   2 snapshot_file_link()   3 snapshot_file_change_over() */
#ifndef IMAGES_SNAPSHOT_FILE_H
#define IMAGES_SNAPSHOT_FILE_H

#include "store/snapshot.h"
#include "store/volume.h"

/* Makes the overlay of WHAT over the snapshot MADE, which isn't there yet, in place of one that is
 * left from before. Encrypted with WHAT's own passphrase if it has one. */
gboolean snapshot_file_overlay(const char *home, const volume *what, const snapshot *made,
                               GError **error);

/* Gives WHAT's file the snapshot's name, too. */
gboolean snapshot_file_link(const char *home, const volume *what, const snapshot *made,
                            GError **error);

/* Makes the overlay WHAT's file. Its first name stays. */
gboolean snapshot_file_change_over(const char *home, const volume *what, const snapshot *made,
                                   GError **error);

/* TRUE if steps 1 and 2 were done, so that step 3 can be, or was. */
gboolean snapshot_file_is_ready(const char *home, const volume *what, const snapshot *made);

/* Hides the overlay from whoever would open it by its name, and shows it again; both fine if it is
 * so already, or there is none. */
gboolean snapshot_file_hide(const char *home, const volume *what, const snapshot *made,
                            GError **error);
gboolean snapshot_file_show(const char *home, const volume *what, const snapshot *made,
                            GError **error);

/* Takes back steps 1 and 2. Fails, and does nothing, if step 3 was done: WHAT's data would go. */
gboolean snapshot_file_undo(const char *home, const volume *what, const snapshot *made,
                            GError **error);

/* TRUE if PATH is WHAT's file, by whichever name. */
gboolean snapshot_file_is_of(const char *home, const volume *what, const char *path);

/* Removes a snapshot's file; one that isn't there is fine. */
gboolean snapshot_file_remove(const char *home, const char *id, GError **error);

/* Gives the file of the snapshot FROM the name of the snapshot TO as well (see store/snapshot.h),
 * durably. */
gboolean snapshot_file_copy(const char *home, const char *from, const char *to, GError **error);

#endif
