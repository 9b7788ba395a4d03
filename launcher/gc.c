/* What nobody needs goes; what is too deep gets fewer layers. */
#include "launcher/gc.h"
#include "common/error.h"
#include "launcher/chain.h"
#include "launcher/gc_merge.h"
#include "launcher/gc_strays.h"
#include "launcher/gc_tree.h"
#include "launcher/reconcile.h"
#include "launcher/recover.h"
#include "launcher/snapshot_collect.h"

/* ---- the report ---- */

static void
done_free(gc_done *self)
{
    g_free(self->id);
    g_ptr_array_unref(self->absorbed);
    g_free(self);
}

static gc_report *
report_new(void)
{
    gc_report *self = g_new0(gc_report, 1);

    self->done = g_ptr_array_new_with_free_func((GDestroyNotify)done_free);
    self->left = g_ptr_array_new_with_free_func((GDestroyNotify)gc_left_free);
    return self;
}

void
gc_report_free(gc_report *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->done);
    g_ptr_array_unref(self->left);
    g_clear_error(&self->problem);
    g_free(self);
}

static gc_done *
note_done(gc_report *report, const gc_step *step)
{
    gc_done *done = g_new0(gc_done, 1);

    done->deed = step->flattens ? GC_FLATTENED : GC_MERGED;
    done->id = g_strdup(g_ptr_array_index(step->names, 0));
    done->absorbed = g_ptr_array_ref(step->absorbed);
    done->layers_before = step->layers_before;
    done->layers_after = step->layers_after;
    g_ptr_array_add(report->done, done);
    return done;
}

static void
note_left(gc_report *report, const gc_step *step, GError *problem)
{
    g_ptr_array_add(report->left,
                    gc_left_new(g_ptr_array_index(step->names, 0), 0, problem->message));
    if (report->problem == NULL)
        report->problem = problem;
    else
        g_error_free(problem);
}

/* ---- one at a time ---- */

/* Two at once would each make anew what the other does. */
static gint64
begin(launcher *self, GError **error)
{
    g_autoptr(transaction) intent = transaction_begin(self->db, error);
    g_autoptr(GPtrArray) all = intent != NULL ? operation_list(self->db, error) : NULL;
    gint64 number;

    if (all == NULL)
        return 0;
    for (guint i = 0; i < all->len; i++)
        if (g_str_equal(((operation *)g_ptr_array_index(all, i))->kind, "gc")) {
            error_set(error, ERROR_VOLUME_STATE,
                      "Another gc is at work here: try again when it is done.");
            return 0;
        }
    number = operation_begin(self->db, "gc", error);
    return number != 0 && transaction_commit(intent, error) ? number : 0;
}

gboolean
recover_gc(launcher *self, const operation *cut, GError **error)
{
    return snapshots_collect(self, error) && operation_end(self->db, cut->id, error);
}

/* ---- the steps ---- */

static void
act(launcher *self, const gc_step *step, guint i, guint of, gc_report *report)
{
    const char *id = g_ptr_array_index(step->names, 0);
    g_autofree char *phase = g_strdup_printf(
        "%s %s (%u of %u)", step->flattens ? "flattening" : "merging into", id, i + 1, of);
    GError *problem = NULL;
    gc_gain gain = {0};
    gc_done *done;

    progress_phase(self->listener, phase);
    if (!gc_merge(self, step, phase, &gain, &problem)) {
        note_left(report, step, problem);
        return;
    }
    done = note_done(report, step);
    done->before = gain.before + gain.collected;
    done->after = gain.after;
    report->freed += done->before > done->after ? done->before - done->after : 0;
}

/* How large it will be isn't known before. */
static void
foresee(const gc_step *step, gc_report *report)
{
    gc_done *done = note_done(report, step);

    done->before = done->after = step->absorbed_bytes;
}

static gc_plan *
make_plan(launcher *self, const gc_request *request, gc_report *report, GError **error)
{
    g_autoptr(GPtrArray) tree = gc_tree_load(self, error);
    gc_plan *plan;

    if (tree == NULL)
        return NULL;
    report->deepest_before = gc_tree_measure(tree);
    plan = gc_plan_of(tree, request->depth != 0 ? request->depth : GC_DEPTH);
    report->deepest_after = plan->deepest;
    g_ptr_array_extend_and_steal(report->left, g_steal_pointer(&plan->left));
    plan->left = g_ptr_array_new();
    return plan;
}

static gboolean
work(launcher *self, const gc_request *request, gc_report *report, GError **error)
{
    g_autoptr(gc_plan) plan = make_plan(self, request, report, error);
    g_autoptr(GPtrArray) after = NULL;

    if (plan == NULL)
        return FALSE;
    for (guint i = 0; i < plan->steps->len; i++)
        if (request->dry_run)
            foresee(g_ptr_array_index(plan->steps, i), report);
        else
            act(self, g_ptr_array_index(plan->steps, i), i, plan->steps->len, report);
    if (!request->dry_run) {
        after = gc_tree_load(self, error);
        if (after == NULL)
            return FALSE;
        report->deepest_after = gc_tree_measure(after);
    }
    return gc_strays(self, request->dry_run, report, error);
}

gc_report *
launcher_gc(launcher *self, const gc_request *request, GError **error)
{
    g_autoptr(gc_report) report = report_new();
    gint64 number;

    if (request->depth > CHAIN_MOST) {
        error_set(error, ERROR_PARAMETER_VALUE,
                  "depth must be 1 to %d: no guest can have more layers", CHAIN_MOST);
        return NULL;
    }
    if (!reconcile(self, error))
        return NULL;
    if (request->dry_run)
        return work(self, request, report, error) ? g_steal_pointer(&report) : NULL;
    number = begin(self, error);
    if (number == 0)
        return NULL;
    if (snapshots_collect(self, error) && work(self, request, report, error) &&
        operation_end(self->db, number, error))
        return g_steal_pointer(&report);
    operation_abandon(self->db, number);
    return NULL;
}
