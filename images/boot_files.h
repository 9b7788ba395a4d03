/* HOME/boot/DIGEST/: kernel and initramfs of an image's menu.lst, for boots without a boot loader.
 * Copied out once, when the image was looked into; shared by all images of the same content and
 * the instances that run from them. They can be had again from the image: none is ever data. */
#ifndef IMAGES_BOOT_FILES_H
#define IMAGES_BOOT_FILES_H

#include "images/facts.h"
#include "store/store.h"

/* Moves what the inspection that found FACTS left in SCRATCH, in the same file system, to where
 * FACTS are to be read; durable. To be called within the transaction that records FACTS as those
 * of CONTENT and who uses it. */
gboolean boot_files_keep(const char *home, const char *content, const char *scratch,
                         const image_facts *facts, GError **error);

/* Removes the files of CONTENT, unless an image or a live instance is recorded to be of it; what
 * isn't there is fine. To be called within a transaction, so that nobody is just about to record
 * it. */
gboolean boot_files_remove(store *db, const char *home, const char *content, GError **error);

/* Takes the copies of CONTENT out of its FACTS unless all of them are there. */
void boot_files_forget_gone(const char *home, const char *content, image_facts *facts);

/* What is known of CONTENT, if that is all that an inspection would find today, files included;
 * else NULL: look into it. The caller frees it. */
image_facts *boot_files_known_facts(store *db, const char *home, const char *content);

#endif
