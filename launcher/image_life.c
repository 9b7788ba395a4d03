#include "launcher/image_life.h"
#include "common/error.h"
#include "common/times.h"
#include "launcher/id_list.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"
#include "store/permission.h"

#define MINUTE_S 60
#define YEARS_MOST 10
#define YEARS_MOST_PUBLIC 2

typedef gboolean (*image_change)(launcher *self, image *ami, gconstpointer data, GError **error);

/* Does CHANGE in a transaction. */
static image *
change_image(launcher *self, const char *id, image_change change, gconstpointer data,
             GError **error)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(transaction) result = NULL;
    g_autoptr(image) ami = NULL;

    if (!id_list_check("ami", ids, error) || !reconcile_images(self, error))
        return NULL;
    result = transaction_begin(self->db, error);
    ami = result != NULL ? scope_own_image(self, id, error) : NULL;
    if (ami == NULL)
        return NULL;
    if (ami->operation != 0 || (ami->state != IMAGE_AVAILABLE && ami->state != IMAGE_DISABLED)) {
        error_set(error, ERROR_AMI_UNAVAILABLE,
                  "The image ID '%s' is %s: try again when it is available", id,
                  image_state_words[ami->state]);
        return NULL;
    }
    if (!change(self, ami, data, error) || !image_update(self->db, ami, error) ||
        !transaction_commit(result, error))
        return NULL;
    return g_steal_pointer(&ami);
}

/* ---- deprecate ---- */

static gint64
years_after(gint64 when, int years)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(when);
    g_autoptr(GDateTime) later = g_date_time_add_years(time, years);

    return g_date_time_to_unix(later);
}

static gboolean
check_deprecation(const image *ami, gint64 when, GError **error)
{
    gint64 now = time_now();
    g_autofree char *last = NULL;

    if (when < now)
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "The specified deprecation time is in the past: an image is deprecated "
                         "from a time in the future on");
    if (when > years_after(now, YEARS_MOST))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "The specified deprecation time is more than %d years ahead", YEARS_MOST);
    if (ami->public == 0 || when <= years_after(ami->created, YEARS_MOST_PUBLIC))
        return TRUE;
    last = time_spelled(years_after(ami->created, YEARS_MOST_PUBLIC));
    return error_set(error, ERROR_PARAMETER_VALUE,
                     "A public image is deprecated %d years after it was made at the latest: by %s",
                     YEARS_MOST_PUBLIC, last);
}

static gboolean
deprecate(launcher *self G_GNUC_UNUSED, image *ami, gconstpointer data, GError **error)
{
    const char *text = data;
    gint64 when;

    if (text == NULL) {
        ami->deprecated = 0;
        return TRUE;
    }
    if (!time_parse(text, &when))
        return error_set(error, ERROR_PARAMETER_VALUE,
                         "Invalid value '%s' for a time: such as 2030-12-31 or "
                         "2030-12-31T23:59:00Z",
                         text);
    if (!check_deprecation(ami, when, error))
        return FALSE;
    ami->deprecated = (when + MINUTE_S / 2) / MINUTE_S * MINUTE_S;
    return TRUE;
}

image *
launcher_image_deprecate(launcher *self, const char *id, const char *time, GError **error)
{
    return change_image(self, id, deprecate, time, error);
}

/* ---- disable and enable ---- */

static gboolean
disable(launcher *self, image *ami, gconstpointer data G_GNUC_UNUSED, GError **error)
{
    ami->state = IMAGE_DISABLED;
    ami->public = FALSE;
    return permission_clear(self->db, ami->id, error);
}

static gboolean
enable(launcher *self G_GNUC_UNUSED, image *ami, gconstpointer data G_GNUC_UNUSED,
       GError **error G_GNUC_UNUSED)
{
    ami->state = IMAGE_AVAILABLE;
    return TRUE;
}

gboolean
image_check_launchable(const image *ami, GError **error)
{
    if (ami->state == IMAGE_AVAILABLE)
        return TRUE;
    if (ami->state == IMAGE_DISABLED)
        return error_set(error, ERROR_AMI_UNAVAILABLE,
                         "The image ID '%s' is no longer available: it is disabled; `amilaunch "
                         "image enable %s` lets it be launched again",
                         ami->id, ami->id);
    if (ami->state == IMAGE_PENDING)
        return error_set(error, ERROR_AMI_UNAVAILABLE,
                         "The image ID '%s' is pending: try again when it is available", ami->id);
    return error_set(error, ERROR_AMI_UNAVAILABLE, "The image ID '%s' is no longer available",
                     ami->id);
}

image *
launcher_image_disable(launcher *self, const char *id, GError **error)
{
    return change_image(self, id, disable, NULL, error);
}

image *
launcher_image_enable(launcher *self, const char *id, GError **error)
{
    return change_image(self, id, enable, NULL, error);
}

/* ---- protect ---- */

image_protection
image_protected(const image *ami, gint64 now)
{
    if (ami->protected <= PROTECTION_COOLDOWN)
        return (image_protection)ami->protected;
    return ami->protected > now ? PROTECTION_COOLDOWN : PROTECTION_OFF;
}

/* Nothing but time ends a cool-down, not even another protection that has none. */
static gboolean
protect(launcher *self G_GNUC_UNUSED, image *ami, gconstpointer data, GError **error G_GNUC_UNUSED)
{
    image_protection wanted = *(const image_protection *)data;
    gint64 now = time_now();
    gboolean cools_down =
        ami->protected > PROTECTION_COOLDOWN && image_protected(ami, now) != PROTECTION_OFF;

    if (wanted != PROTECTION_OFF)
        ami->protected = MAX(wanted, image_protected(ami, now));
    else if (ami->protected == PROTECTION_COOLDOWN)
        ami->protected = now + COOLDOWN_S;
    else if (!cools_down)
        ami->protected = PROTECTION_OFF;
    return TRUE;
}

image *
launcher_image_protect(launcher *self, const char *id, image_protection protection, GError **error)
{
    return change_image(self, id, protect, &protection, error);
}

gboolean
image_check_unprotected(const image *ami, gint64 now, GError **error)
{
    g_autofree char *until = NULL;

    if (image_protected(ami, now) == PROTECTION_OFF)
        return TRUE;
    if (ami->protected <= PROTECTION_COOLDOWN)
        return error_set(error, ERROR_NOT_PERMITTED,
                         "The image '%s' may not be deregistered. Take its protection back with "
                         "`amilaunch image protect %s --cancel` and try again.",
                         ami->id, ami->id);
    until = time_spelled(ami->protected);
    return error_set(error, ERROR_NOT_PERMITTED,
                     "The image '%s' may not be deregistered. Its protection was taken back, and "
                     "goes on until %s.",
                     ami->id, until);
}
