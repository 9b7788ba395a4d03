/* Templates, HOME/templates/DIGEST.qcow2: what roots on instance store are made of. One is shared
 * by all images of the same content and by the instances that run from them, and is never written
 * again. */
#ifndef IMAGES_TEMPLATE_H
#define IMAGES_TEMPLATE_H

#include "store/store.h"

/* EC2's limit for a root on instance store. */
#define STORE_ROOT_GIB_MOST 10

/* Makes the durable file PATH the template of CONTENT; if there is one already, PATH goes instead.
 * To be called within the transaction that records who uses it: see template_remove(). */
gboolean template_adopt(const char *home, const char *content, const char *path, GError **error);

/* Removes the template of CONTENT, unless an image or a live instance is recorded to use it, and
 * the bundle that it comes from, unless an image is; what isn't there is fine. To be called within
 * a transaction, so that nobody is just about to record it. */
gboolean template_remove(store *db, const char *home, const char *content, GError **error);

/* Makes an instance's root file PATH, which must be in its folder: an overlay of SIZE bytes over
 * the template of CONTENT, in constant time. A file that is there already is replaced. */
gboolean template_overlay(const char *content, const char *path, guint64 size, GError **error);

#endif
