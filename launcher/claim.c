#include "launcher/claim.h"
#include "common/error.h"
#include "common/ids.h"
#include "common/times.h"
#include "images/boot_files.h"
#include "images/template.h"
#include "launcher/scope.h"
#include "store/operation.h"

#include <string.h>

static claim *
claim_new(void)
{
    claim *self = g_new0(claim, 1);

    self->instances = g_ptr_array_new_with_free_func((GDestroyNotify)instance_free);
    self->changes = g_ptr_array_new_with_free_func((GDestroyNotify)state_change_free);
    return self;
}

void
claim_free(claim *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->instances);
    g_ptr_array_unref(self->changes);
    g_free(self);
}

gboolean
claim_check_ids(const char *const *ids, GError **error)
{
    for (gsize i = 0; ids[i] != NULL; i++) {
        if (!id_is("i", ids[i]))
            return error_set(error, ERROR_INSTANCE_MALFORMED,
                             "Invalid id: \"%s\" (expecting \"i-...\")", ids[i]);
        for (gsize j = 0; j < i; j++)
            if (g_str_equal(ids[i], ids[j]))
                return error_set(error, ERROR_PARAMETER_VALUE, "'%s' is given twice", ids[i]);
    }
    return TRUE;
}

/* All that are missing are named at once, as EC2 does. */
static gboolean
load_all(launcher *self, const char *const *ids, GPtrArray *loaded, GError **error)
{
    g_autoptr(GString) missing = g_string_new(NULL);
    guint count = 0;

    for (gsize i = 0; ids[i] != NULL; i++) {
        g_autoptr(GError) problem = NULL;
        instance *vm = scope_instance(self, ids[i], &problem);
        if (vm != NULL) {
            g_ptr_array_add(loaded, vm);
        } else if (error_is(problem, ERROR_INSTANCE_NOT_FOUND)) {
            g_string_append_printf(missing, "%s%s", count++ > 0 ? ", " : "", ids[i]);
        } else {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    }
    if (count > 0)
        return error_set(error, ERROR_INSTANCE_NOT_FOUND, "The instance ID%s '%s' do%s not exist",
                         count > 1 ? "s" : "", missing->str, count > 1 ? "" : "es");
    return TRUE;
}

gboolean
claim_check_idle(const instance *vm, GError **error)
{
    if (vm->operation == 0)
        return TRUE;
    return error_set(
        error, ERROR_INSTANCE_STATE,
        "The instance '%s' is %s: another command is at work on it. Try again when it is done.",
        vm->id, instance_state_words[vm->state]);
}

/* Terminating what another command is terminating already succeeds, as on EC2. */
static gboolean
is_done_elsewhere(const instance *vm, instance_action action)
{
    return action == ACTION_TERMINATE && vm->state == INSTANCE_SHUTTING_DOWN && vm->operation != 0;
}

static gboolean
consider(claim *made, instance *vm, instance_action action, GError **error)
{
    instance_state next;

    if (!is_done_elsewhere(vm, action) && !claim_check_idle(vm, error))
        return FALSE;
    if (!state_after(vm->id, vm->state, action, &next, error) ||
        !state_unprotected(vm, action, error))
        return FALSE;
    g_ptr_array_add(made->changes, state_change_new(vm->id, vm->state, next));
    vm->state = next;
    return TRUE;
}

/* Whether there is anything to do: a reboot keeps the state, the others change it. */
static gboolean
needs_acting(const claim *made, guint i, instance_action action)
{
    const state_change *change = g_ptr_array_index(made->changes, i);

    return action == ACTION_REBOOT || change->previous != change->current ||
           change->current == INSTANCE_STOPPING;
}

static gboolean
record(launcher *self, claim *made, instance *vm, const char *kind, GError **error)
{
    if (kind != NULL && made->operation == 0) {
        made->operation = operation_begin(self->db, kind, error);
        if (made->operation == 0)
            return FALSE;
    }
    vm->operation = made->operation;
    return instance_update(self->db, vm, error);
}

claim *
claim_instances(launcher *self, const char *const *ids, instance_action action, const char *kind,
                void (*prepare)(launcher *, instance *), GError **error)
{
    g_autoptr(claim) made = claim_new();
    g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func((GDestroyNotify)instance_free);
    g_autoptr(transaction) intent = NULL;

    if (!claim_check_ids(ids, error) || launcher_store(self, error) == NULL)
        return NULL;
    intent = transaction_begin(self->db, error);
    if (intent == NULL || !load_all(self, ids, loaded, error))
        return NULL;
    for (guint i = 0; i < loaded->len; i++)
        if (!consider(made, g_ptr_array_index(loaded, i), action, error))
            return NULL;
    for (guint i = 0; loaded->len > 0 && i < made->changes->len; i++) {
        instance *vm = g_ptr_array_steal_index(loaded, 0);
        if (!needs_acting(made, i, action)) {
            instance_free(vm);
            continue;
        }
        g_ptr_array_add(made->instances, vm);
        if (prepare != NULL)
            prepare(self, vm);
        if (!record(self, made, vm, kind, error))
            return NULL;
    }
    return transaction_commit(intent, error) ? g_steal_pointer(&made) : NULL;
}

static void
set_text(char **place, const char *text)
{
    char *copy = g_strdup(text);

    g_free(*place);
    *place = copy;
}

claim *
claim_found(launcher *self, const instance *wanted, instance_state expected, const char *kind,
            GError **error)
{
    g_autoptr(claim) made = claim_new();
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    g_autoptr(instance) vm = intent != NULL ? instance_get(self->db, wanted->id, error) : NULL;

    /* The same state may be that of the guest's next life. */
    if (vm == NULL || vm->state != (int)expected || vm->operation != 0 ||
        vm->starts != wanted->starts)
        return NULL;
    vm->state = wanted->state;
    vm->stop_deadline = wanted->stop_deadline;
    vm->stop_pressed = wanted->stop_pressed;
    vm->hibernated = wanted->hibernated;
    set_text(&vm->saved_by, wanted->saved_by);
    set_text(&vm->reason_code, wanted->reason_code);
    set_text(&vm->reason_message, wanted->reason_message);
    if (!record(self, made, vm, kind, error) || !transaction_commit(intent, error))
        return NULL;
    g_ptr_array_add(made->instances, g_steal_pointer(&vm));
    return g_steal_pointer(&made);
}

/* What is kept by its content may have had no other user any more. Its address is free again. */
static gboolean
drop_rest(launcher *self, const instance *vm, GError **error)
{
    return vm->state != INSTANCE_TERMINATED ||
           (interface_delete(self->db, vm->id, error) &&
            boot_files_remove(self->db, self->home, vm->content, error) &&
            (vm->root_device_type != ROOT_INSTANCE_STORE ||
             template_remove(self->db, self->home, vm->content, error)));
}

gboolean
claim_settle(launcher *self, instance *vm, GError **error)
{
    g_autoptr(transaction) result = transaction_begin(self->db, error);
    gint64 done = vm->operation;
    g_autoptr(GPtrArray) others = NULL;

    if (result == NULL)
        return FALSE;
    vm->operation = 0;
    if (!instance_update(self->db, vm, error) || !drop_rest(self, vm, error))
        return FALSE;
    others = instance_list_of_operation(self->db, done, error);
    if (others == NULL || (others->len == 0 && !operation_end(self->db, done, error)))
        return FALSE;
    self->untold = TRUE;
    return transaction_commit(result, error);
}

gboolean
claim_settle_ended(launcher *self, instance *vm, GError **error)
{
    vm->state = INSTANCE_TERMINATED;
    vm->ended = time_now();
    vm->hibernated = HIBERNATED_NO;
    g_clear_pointer(&vm->saved_by, g_free);
    return claim_settle(self, vm, error);
}
