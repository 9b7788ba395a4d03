#include "launcher/gc_plan.h"

/* ---- values ---- */

gc_node *
gc_node_new(const char *name)
{
    gc_node *self = g_new0(gc_node, 1);

    self->names = g_ptr_array_new_with_free_func(g_free);
    self->parent = -1;
    g_ptr_array_add(self->names, g_strdup(name));
    return self;
}

void
gc_node_free(gc_node *self)
{
    g_ptr_array_unref(self->names);
    g_free(self->pinned);
    g_free(self);
}

const char *
gc_node_name(const gc_node *self)
{
    return g_ptr_array_index(self->names, 0);
}

gc_left *
gc_left_new(const char *id, guint64 bytes, const char *why)
{
    gc_left *self = g_new0(gc_left, 1);

    self->id = g_strdup(id);
    self->bytes = bytes;
    self->why = g_strdup(why);
    return self;
}

void
gc_left_free(gc_left *self)
{
    g_free(self->id);
    g_free(self->why);
    g_free(self);
}

static void
step_free(gc_step *self)
{
    g_ptr_array_unref(self->names);
    g_ptr_array_unref(self->absorbed);
    g_clear_pointer(&self->base, g_ptr_array_unref);
    g_free(self);
}

void
gc_plan_free(gc_plan *self)
{
    if (self == NULL)
        return;
    g_ptr_array_unref(self->steps);
    g_ptr_array_unref(self->left);
    g_free(self);
}

/* ---- measuring ---- */

static gc_node *
node_at(const GPtrArray *tree, int i)
{
    return i >= 0 ? g_ptr_array_index(tree, (guint)i) : NULL;
}

#define UNKNOWN G_MAXUINT

/* Goes down to one whose layers are known, and comes up again. FALSE for a circle. */
static gboolean
measure_chain(GPtrArray *tree, guint from, guint *stack)
{
    int at = (int)from;
    guint height = 0;

    for (; at >= 0 && node_at(tree, at)->layers == UNKNOWN; at = node_at(tree, at)->parent) {
        if (height == tree->len)
            return FALSE;
        stack[height++] = (guint)at;
    }
    while (height > 0) {
        gc_node *node = node_at(tree, (int)stack[--height]);
        const gc_node *parent = node_at(tree, node->parent);
        node->layers = parent != NULL ? parent->layers + 1 : 0;
    }
    return TRUE;
}

guint
gc_tree_measure(GPtrArray *tree)
{
    g_autofree guint *stack = g_new(guint, tree->len + 1);
    guint deepest = 0;

    for (guint i = 0; i < tree->len; i++) {
        node_at(tree, (int)i)->layers = UNKNOWN;
        node_at(tree, (int)i)->children = 0;
    }
    for (guint i = 0; i < tree->len; i++) {
        gc_node *node = node_at(tree, (int)i);
        gc_node *parent = node_at(tree, node->parent);
        if (!measure_chain(tree, i, stack))
            return G_MAXUINT;
        if (!node->gone && parent != NULL) {
            parent->children++;
            parent->child = (int)i;
        }
        if (!node->gone)
            deepest = MAX(deepest, node->layers);
    }
    return deepest;
}

/* ---- planning ---- */

typedef struct {
    GPtrArray *tree;
    GHashTable *steps;              /* gc_node* -> gc_step*, owned by the plan */
    GPtrArray *shallowest_possible; /* gc_node* of which nothing more can be taken */
    gc_plan *plan;
    guint most;
} planning;

/* A file is made anew once, whatever for. */
static gc_step *
step_of(planning *self, gc_node *node)
{
    gc_step *step = g_hash_table_lookup(self->steps, node);

    if (step != NULL)
        return step;
    step = g_new0(gc_step, 1);
    step->names = g_ptr_array_ref(node->names);
    step->volume = node->volume;
    step->absorbed = g_ptr_array_new_with_free_func(g_free);
    step->layers_before = node->layers;
    g_hash_table_insert(self->steps, node, step);
    g_ptr_array_add(self->plan->steps, step);
    return step;
}

/* From now on NODE stands on the one at BASE. */
static void
put_on(planning *self, gc_node *node, int base)
{
    gc_step *step = step_of(self, node);
    const gc_node *below = node_at(self->tree, base);

    g_clear_pointer(&step->base, g_ptr_array_unref);
    step->base = below != NULL ? g_ptr_array_ref(below->names) : NULL;
    node->parent = base;
}

static gboolean
only_for_its_child(const gc_node *node)
{
    return node->hidden && !node->gone && node->pinned == NULL && node->children == 1;
}

static void
absorb(gc_step *step, gc_node *absorbed)
{
    for (guint i = 0; i < absorbed->names->len; i++)
        g_ptr_array_add(step->absorbed, g_strdup(g_ptr_array_index(absorbed->names, i)));
    step->absorbed_bytes += absorbed->bytes;
    absorbed->gone = TRUE;
}

static void
merge_into(planning *self, guint i)
{
    gc_node *node = node_at(self->tree, (int)i);
    gc_step *step = step_of(self, node);
    int at = node->parent;

    for (; at >= 0 && only_for_its_child(node_at(self->tree, at));
         at = node_at(self->tree, at)->parent)
        absorb(step, node_at(self->tree, at));
    put_on(self, node, at);
    if (at >= 0)
        node_at(self->tree, at)->child = (int)i;
}

/* All of what can be merged goes to the far end: NODE is taken by its only child, if that can be
 * made anew. */
static gboolean
takes(const planning *self, const gc_node *node)
{
    const gc_node *parent = node_at(self->tree, node->parent);

    if (node->gone || node->pinned != NULL || parent == NULL || !only_for_its_child(parent))
        return FALSE;
    return !only_for_its_child(node) || node_at(self->tree, node->child)->pinned != NULL;
}

static gboolean
merge_all(planning *self)
{
    gboolean changed = FALSE;

    for (guint i = 0; i < self->tree->len; i++) {
        if (!takes(self, node_at(self->tree, (int)i)))
            continue;
        merge_into(self, i);
        changed = TRUE;
    }
    gc_tree_measure(self->tree);
    return changed;
}

static int
root_under(const planning *self, const gc_node *node)
{
    int at = node->parent;

    while (node_at(self->tree, at)->parent >= 0)
        at = node_at(self->tree, at)->parent;
    return at;
}

/* The lowest that has too many under it, so that as much as possible profits. */
static gc_node *
find_too_deep(const planning *self)
{
    gc_node *found = NULL;

    for (guint i = 0; i < self->tree->len; i++) {
        gc_node *node = node_at(self->tree, (int)i);
        if (!node->gone && node->layers > self->most &&
            (found == NULL || node->layers < found->layers) &&
            !g_ptr_array_find(self->shallowest_possible, node, NULL))
            found = node;
    }
    return found;
}

/* NODE itself, or the nearest under it, that can be put on its chain's root. */
static gc_node *
find_to_flatten(const planning *self, gc_node *node)
{
    while (node != NULL && node->layers >= 2 && node->pinned != NULL)
        node = node_at(self->tree, node->parent);
    return node != NULL && node->layers >= 2 ? node : NULL;
}

/* Deleted ones that nothing stands on any more, now that STEP is done, are collected. */
static void
drop_unused(planning *self, gc_step *step)
{
    gboolean again = TRUE;

    while (again) {
        again = FALSE;
        gc_tree_measure(self->tree);
        for (guint i = 0; i < self->tree->len; i++) {
            gc_node *node = node_at(self->tree, (int)i);
            if (!node->hidden || node->gone || node->children > 0)
                continue;
            absorb(step, node);
            again = TRUE;
        }
    }
}

static gboolean
flatten_all(planning *self)
{
    gboolean changed = FALSE;
    gc_node *deep;

    while ((deep = find_too_deep(self)) != NULL) {
        gc_node *node = find_to_flatten(self, deep);
        if (node == NULL) {
            g_ptr_array_add(self->shallowest_possible, deep);
            continue;
        }
        step_of(self, node)->flattens = TRUE;
        put_on(self, node, root_under(self, node));
        drop_unused(self, step_of(self, node));
        changed = TRUE;
    }
    return changed;
}

/* ---- what is left ---- */

static char *
why_left(const planning *self, const gc_node *node)
{
    const gc_node *child = node->children == 1 ? node_at(self->tree, node->child) : NULL;

    if (child != NULL && child->pinned != NULL)
        return g_strdup_printf("%s stands on it, and %s", gc_node_name(child), child->pinned);
    if (node->children > 1)
        return g_strdup_printf("%u files share it: merged into each, it would take more room",
                               node->children);
    return node->pinned != NULL ? g_strdup(node->pinned) : NULL;
}

static void
tell_left(planning *self)
{
    for (guint i = 0; i < self->tree->len; i++) {
        const gc_node *node = node_at(self->tree, (int)i);
        g_autofree char *why = node->hidden && !node->gone ? why_left(self, node) : NULL;
        if (why != NULL)
            g_ptr_array_add(self->plan->left, gc_left_new(gc_node_name(node), node->bytes, why));
    }
    for (guint i = 0; i < self->shallowest_possible->len; i++) {
        const gc_node *node = g_ptr_array_index(self->shallowest_possible, i);
        g_autofree char *why = g_strdup_printf("it stands on %u layers%s%s", node->layers,
                                               node->pinned != NULL ? ": " : "",
                                               node->pinned != NULL ? node->pinned : "");
        g_ptr_array_add(self->plan->left, gc_left_new(gc_node_name(node), 0, why));
    }
}

/* One that was to be made anew may have been taken as a whole later. */
static void
settle_steps(planning *self)
{
    GHashTableIter at;
    gpointer node, step;

    g_hash_table_iter_init(&at, self->steps);
    while (g_hash_table_iter_next(&at, &node, &step)) {
        ((gc_step *)step)->layers_after = ((gc_node *)node)->layers;
        if (((gc_node *)node)->gone)
            g_ptr_array_remove(self->plan->steps, step);
    }
}

gc_plan *
gc_plan_of(GPtrArray *tree, guint most)
{
    g_autoptr(GHashTable) steps = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) shallowest = g_ptr_array_new();
    planning self = {.tree = tree, .steps = steps, .shallowest_possible = shallowest, .most = most};

    self.plan = g_new0(gc_plan, 1);
    self.plan->steps = g_ptr_array_new_with_free_func((GDestroyNotify)step_free);
    self.plan->left = g_ptr_array_new_with_free_func((GDestroyNotify)gc_left_free);
    while (merge_all(&self) || flatten_all(&self))
        ;
    self.plan->deepest = gc_tree_measure(tree);
    tell_left(&self);
    settle_steps(&self);
    return self.plan;
}
