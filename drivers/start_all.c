/* Starting guests, several at once. */
#include "drivers/hypervisor.h"

/* Beyond that libvirt's own workers are busy: it has 5 to 20 of them, for everybody. */
#define AT_ONCE_MAX 4

typedef struct {
    hypervisor *driver;
    GAsyncQueue *ends; /* of GError*, or &no_error, one for each plan that was given */
    int failed;        /* atomic: one of them, so that no more begin */
} starter;

static GError no_error;

static void
start_one(gpointer plan, gpointer data)
{
    starter *self = data;
    GError *error = NULL;

    if (!g_atomic_int_get(&self->failed) && !hypervisor_start(self->driver, plan, &error))
        g_atomic_int_set(&self->failed, TRUE);
    g_async_queue_push(self->ends, error != NULL ? error : &no_error);
}

/* The first error is the one to tell. */
static void
keep_first(GError *end, GError **first)
{
    if (end == &no_error)
        return;
    if (*first == NULL)
        *first = end;
    else
        g_error_free(end);
}

static gboolean
start_in_turn(hypervisor *self, const GPtrArray *plans, progress *listener, GError **error)
{
    for (guint i = 0; i < plans->len; i++) {
        if (plans->len > 1)
            progress_at(listener, "starting guests", (double)i / plans->len);
        if (!hypervisor_start(self, g_ptr_array_index(plans, i), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
start_at_once(hypervisor *driver, const GPtrArray *plans, progress *listener, GError **error)
{
    starter self = {driver, g_async_queue_new(), FALSE};
    int threads = (int)MIN(plans->len, AT_ONCE_MAX);
    GError *first = NULL;
    GThreadPool *pool = g_thread_pool_new(start_one, &self, threads, TRUE, &first);

    /* Without its threads nobody would ever answer. */
    if (first != NULL) {
        g_clear_error(&first);
        g_thread_pool_free(pool, TRUE, TRUE);
        g_async_queue_unref(self.ends);
        return start_in_turn(driver, plans, listener, error);
    }
    for (guint i = 0; i < plans->len; i++)
        g_thread_pool_push(pool, g_ptr_array_index(plans, i), NULL);
    for (guint i = 0; i < plans->len; i++) {
        progress_at(listener, "starting guests", (double)i / plans->len);
        keep_first(g_async_queue_pop(self.ends), &first);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
    g_async_queue_unref(self.ends);
    if (first != NULL)
        g_propagate_error(error, first);
    return first == NULL;
}

gboolean
hypervisor_start_all(hypervisor *self, const GPtrArray *plans, progress *listener, GError **error)
{
    if (plans->len > 1 && self->ops->many_at_once)
        return start_at_once(self, plans, listener, error);
    return start_in_turn(self, plans, listener, error);
}
