#include "launcher/image_undo.h"
#include "images/boot_files.h"
#include "images/snapshot_file.h"
#include "images/template.h"
#include "store/image.h"
#include "store/operation.h"
#include "store/snapshot.h"

/* It may have been the last one of a template: the image that it was made of can be gone by now. */
static gboolean
forget_image(launcher *self, const image *ami, GError **error)
{
    return image_delete(self->db, ami->id, error) &&
           boot_files_remove(self->db, self->home, ami->content, error) &&
           (ami->root_device_type == ROOT_EBS ||
            template_remove(self->db, self->home, ami->content, error));
}

static gboolean
forget_rows(launcher *self, const GPtrArray *images, const GPtrArray *disks, gint64 number,
            GError **error)
{
    g_autoptr(transaction) change = transaction_begin(self->db, error);

    if (change == NULL)
        return FALSE;
    for (guint i = 0; i < images->len; i++)
        if (!forget_image(self, g_ptr_array_index(images, i), error))
            return FALSE;
    for (guint i = 0; i < disks->len; i++)
        if (!snapshot_delete(self->db, ((snapshot *)g_ptr_array_index(disks, i))->id, error))
            return FALSE;
    return operation_end(self->db, number, error) && transaction_commit(change, error);
}

/* The files go first: one without a record would never be found again. */
gboolean
image_undo(launcher *self, gint64 number, GError **error)
{
    g_autoptr(GPtrArray) images = image_list_of_operation(self->db, number, error);
    g_autoptr(GPtrArray) disks =
        images != NULL ? snapshot_list_of_operation(self->db, number, error) : NULL;

    for (guint i = 0; disks != NULL && i < disks->len; i++) {
        const snapshot *disk = g_ptr_array_index(disks, i);
        if (!snapshot_file_remove(self->home, disk->id, error))
            return FALSE;
    }
    return disks != NULL && forget_rows(self, images, disks, number, error);
}
