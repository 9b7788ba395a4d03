#include "images/boot_files.h"

#include "common/error.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "images/home.h"
#include "store/image.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* Guests of another user read them; HOME itself tells who gets this far. */
#define ALL_PASS 0711
#define ALL_READ 0644

static gboolean
change_rights(const char *path, mode_t mode, GError **error)
{
    FAILPOINT_AROUND("chmod");
    return chmod(path, mode) == 0 ||
           error_set_errno(error, errno, "can't let guests read %s", path);
}

static gboolean
keep(const char *folder, const char *scratch, const char *name, GError **error)
{
    g_autofree char *from = g_build_filename(scratch, name, NULL);
    g_autofree char *to = g_build_filename(folder, name, NULL);

    if (!change_rights(from, ALL_READ, error) || !file_sync(from, error))
        return FALSE;
    FAILPOINT_AROUND("rename");
    if (rename(from, to) != 0)
        return error_set_errno(error, errno, "can't move %s to %s", from, to);
    return TRUE;
}

gboolean
boot_files_keep(const char *home, const char *content, const char *scratch,
                const image_facts *facts, GError **error)
{
    g_autofree char *folder = home_boot_folder(home, content);
    g_autofree char *parent = g_path_get_dirname(folder);

    if (facts->boot_kernel == NULL)
        return TRUE;
    return folder_make(folder, ALL_PASS, error) && change_rights(folder, ALL_PASS, error) &&
           keep(folder, scratch, facts->boot_kernel, error) &&
           (facts->boot_initrd == NULL || keep(folder, scratch, facts->boot_initrd, error)) &&
           file_sync(folder, error) && file_sync(parent, error);
}

gboolean
boot_files_remove(store *db, const char *home, const char *content, GError **error)
{
    g_autofree char *folder = NULL;
    gboolean used = FALSE;

    if (content == NULL)
        return TRUE;
    folder = home_boot_folder(home, content);
    /* Most contents have none. */
    if (!g_file_test(folder, G_FILE_TEST_EXISTS))
        return TRUE;
    return image_find_boot_use(db, content, &used, error) && (used || folder_remove(folder, error));
}

static gboolean
is_there(const char *folder, const char *name)
{
    g_autofree char *path = name != NULL ? g_build_filename(folder, name, NULL) : NULL;

    return path == NULL || g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

void
boot_files_forget_gone(const char *home, const char *content, image_facts *facts)
{
    g_autofree char *folder = home_boot_folder(home, content);

    if (is_there(folder, facts->boot_kernel) && is_there(folder, facts->boot_initrd))
        return;
    g_clear_pointer(&facts->boot_kernel, g_free);
    g_clear_pointer(&facts->boot_initrd, g_free);
}

image_facts *
boot_files_known_facts(store *db, const char *home, const char *content)
{
    g_autofree char *text = content_facts_get(db, content);
    g_autoptr(image_facts) facts = text != NULL ? image_facts_from_json(text, NULL) : NULL;
    g_autofree char *folder = home_boot_folder(home, content);

    return facts != NULL && facts->inspection >= INSPECTION_VERSION && !facts->incomplete &&
                   is_there(folder, facts->boot_kernel) && is_there(folder, facts->boot_initrd)
               ? g_steal_pointer(&facts)
               : NULL;
}
