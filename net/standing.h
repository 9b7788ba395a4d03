/* How the network process stands towards the system: who it is, what it may do, where its words
 * go. */
#ifndef NET_STANDING_H
#define NET_STANDING_H

#include <glib.h>

/* "64055:107". FALSE if it isn't two numbers, or one of them is root's. */
gboolean standing_parse_user(const char *text, guint32 *uid, guint32 *gid);

/* Becomes that user for good, without further groups. */
gboolean standing_become(guint32 uid, guint32 gid, GError **error);

/* As many open files as may be, no new privileges, no ending by a signal because a reader has
 * gone. */
void standing_settle(void);

/* TRUE if nobody else holds PATH, which is made if it isn't there; it is held as long as the
 * process lives. *TAKEN: somebody does. */
gboolean standing_lock(const char *path, gboolean *taken, GError **error);

/* Whether PATH is still the file that standing_lock() locked: not if HOME was removed, and maybe
 * made anew. */
gboolean standing_holds(const char *path);

/* From now on what is said on standard output and standard error goes to the file PATH, which
 * belongs to UID and GID, and standard input is empty. If it can't be written to, it goes nowhere.
 */
gboolean standing_redirect(const char *path, guint32 uid, guint32 gid, GError **error);

/* What is logged gets a time and is kept short, whatever guests do: a few lines at once, and a line
 * a minute in the long run. */
void standing_log(void);

#endif
