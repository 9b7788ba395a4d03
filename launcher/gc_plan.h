/* What gc does, as a pure function of what stands on what. */
#ifndef LAUNCHER_GC_PLAN_H
#define LAUNCHER_GC_PLAN_H

#include <glib.h>

/* A file of a volume, or of snapshots: copies share one. */
typedef struct {
    GPtrArray *names; /* char*: ids of snapshots, or of one volume */
    gboolean volume;
    gboolean hidden; /* a deleted snapshot, of which nobody needs anything but what stands on it */
    char *pinned;    /* why it can't be made anew now, as half a sentence; NULL: it can */
    guint64 bytes;   /* that it takes on the disk */
    int parent;      /* which one of the tree it stands on; -1 for none */
    guint layers;    /* how many are under it: gc_tree_measure() */
    guint children;  /* how many stand on it: gc_tree_measure() */
    int child;       /* one of these */
    gboolean gone;
} gc_node;

gc_node *gc_node_new(const char *name);
void gc_node_free(gc_node *self);
const char *gc_node_name(const gc_node *self);

/* Finds LAYERS and CHILDREN of TREE (gc_node*). The most layers that one has under it; G_MAXUINT if
 * they stand on each other in a circle. */
guint gc_tree_measure(GPtrArray *tree);

/* One file to be made anew, so that it stands on something further down. */
typedef struct {
    GPtrArray *names; /* char*, as the node's */
    gboolean volume;
    gboolean flattens;   /* because the chain is too deep; else because of what it can take */
    GPtrArray *absorbed; /* char*: the deleted snapshots that go by it, the nearest first */
    GPtrArray *base;     /* char*: the names of what it will stand on; NULL for nothing */
    guint64 absorbed_bytes;
    guint layers_before, layers_after;
} gc_step;

/* What is left as it is, and why. */
typedef struct {
    char *id;
    guint64 bytes;
    char *why;
} gc_left;

typedef struct {
    GPtrArray *steps; /* gc_step*, in the order in which they are to be done */
    GPtrArray *left;  /* gc_left* */
    guint deepest;    /* the most layers under anything when all is done */
} gc_plan;

/* Merges each deleted snapshot into the only file that stands on it, and gives those that would
 * have more than MOST (1 or more) layers under them less. TREE is measured, and is afterwards as it
 * will be. */
gc_plan *gc_plan_of(GPtrArray *tree, guint most);
void gc_plan_free(gc_plan *self);

gc_left *gc_left_new(const char *id, guint64 bytes, const char *why);
void gc_left_free(gc_left *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(gc_plan, gc_plan_free)

#endif
