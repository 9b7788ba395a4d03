#include "common/error.h"
#include "images/picture.h"
#include "launcher/claim.h"
#include "launcher/internal.h"
#include "launcher/reconcile.h"
#include "launcher/scope.h"

GBytes *
launcher_screenshot(launcher *self, const char *id, GError **error)
{
    const char *const ids[] = {id, NULL};
    g_autoptr(instance) vm = NULL;
    g_autoptr(GBytes) picture = NULL;
    hypervisor *driver;

    if (!claim_check_ids(ids, error) || !reconcile(self, error))
        return NULL;
    vm = scope_instance(self, id, error);
    if (vm == NULL)
        return NULL;
    if (vm->state != INSTANCE_RUNNING && vm->state != INSTANCE_STOPPING) {
        error_set(error, ERROR_INSTANCE_STATE, "The instance '%s' is %s: there is no screen to see",
                  id, instance_state_words[vm->state]);
        return NULL;
    }
    driver = launcher_hypervisor(self, error);
    picture = driver != NULL ? hypervisor_screenshot(driver, id, error) : NULL;
    return picture != NULL ? picture_to_png(picture, error) : NULL;
}
