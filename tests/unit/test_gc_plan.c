#include "launcher/gc_plan.h"
#include "tests/unit/suites.h"

static GPtrArray *tree;

static void
set_up(void)
{
    tree = g_ptr_array_new_with_free_func((GDestroyNotify)gc_node_free);
}

static void
tear_down(void)
{
    g_ptr_array_unref(tree);
}

typedef enum { ALIVE = 0, HIDDEN = 1, PINNED = 2, VOLUME = 4 } kind;

/* Its place in the tree. */
static int
add(const char *name, int parent, int what)
{
    gc_node *node = gc_node_new(name);

    node->parent = parent;
    node->bytes = 10;
    node->hidden = (what & HIDDEN) != 0;
    node->volume = (what & VOLUME) != 0;
    node->pinned = what & PINNED ? g_strdup("i-1 uses it") : NULL;
    g_ptr_array_add(tree, node);
    return (int)tree->len - 1;
}

/* "vol-1 on snap-1: snap-3 snap-2; " for each step, with "flat " before those that flatten. */
static char *
planned(guint most, guint *deepest)
{
    GString *text = g_string_new(NULL);
    g_autoptr(gc_plan) plan = NULL;

    ck_assert_uint_ne(gc_tree_measure(tree), G_MAXUINT);
    plan = gc_plan_of(tree, most);
    for (guint i = 0; i < plan->steps->len; i++) {
        const gc_step *step = g_ptr_array_index(plan->steps, i);
        g_string_append_printf(text, "%s%s on %s:", step->flattens ? "flat " : "",
                               (char *)g_ptr_array_index(step->names, 0),
                               step->base != NULL ? (char *)g_ptr_array_index(step->base, 0)
                                                  : "nothing");
        for (guint j = 0; j < step->absorbed->len; j++)
            g_string_append_printf(text, " %s", (char *)g_ptr_array_index(step->absorbed, j));
        g_string_append(text, "; ");
    }
    for (guint i = 0; i < plan->left->len; i++)
        g_string_append_printf(text, "left %s; ",
                               ((gc_left *)g_ptr_array_index(plan->left, i))->id);
    if (deepest != NULL)
        *deepest = plan->deepest;
    return g_string_free(text, FALSE);
}

static void
expect(guint most, const char *wanted)
{
    g_autofree char *found = planned(most, NULL);

    ck_assert_str_eq(found, wanted);
}

START_TEST(nothing_to_do)
{
    add("vol-1", add("snap-2", add("snap-1", -1, ALIVE), ALIVE), VOLUME);
    expect(50, "");
}
END_TEST

START_TEST(those_in_a_row_go_at_once)
{
    int base = add("snap-1", -1, ALIVE);

    add("vol-1", add("snap-3", add("snap-2", base, HIDDEN), HIDDEN), VOLUME);
    expect(50, "vol-1 on snap-1: snap-3 snap-2; ");
}
END_TEST

START_TEST(down_to_nothing)
{
    add("vol-1", add("snap-1", -1, HIDDEN), VOLUME);
    expect(50, "vol-1 on nothing: snap-1; ");
}
END_TEST

START_TEST(what_two_share_stays)
{
    int shared = add("snap-2", add("snap-1", -1, HIDDEN), HIDDEN);

    add("vol-1", shared, VOLUME);
    add("vol-2", shared, VOLUME);
    /* But takes what only it needs. */
    expect(50, "snap-2 on nothing: snap-1; left snap-2; ");
}
END_TEST

START_TEST(what_a_guest_uses_stays)
{
    int last = add("snap-3", add("snap-2", add("snap-1", -1, ALIVE), HIDDEN), HIDDEN);

    add("vol-1", last, VOLUME | PINNED);
    expect(50, "snap-3 on snap-1: snap-2; left snap-3; ");
}
END_TEST

/* So that there are MOST steps to go again. */
START_TEST(the_first_that_is_too_deep_goes_down)
{
    int at = -1;
    guint deepest;
    g_autofree char *steps = NULL;

    for (int i = 0; i < 8; i++) {
        g_autofree char *name = g_strdup_printf("snap-%d", i);
        at = add(name, at, ALIVE);
    }
    add("vol-1", at, VOLUME);
    steps = planned(5, &deepest);
    ck_assert_str_eq(steps, "flat snap-6 on snap-0:; ");
    ck_assert_uint_eq(deepest, 5);
}
END_TEST

START_TEST(under_what_a_guest_uses)
{
    int at = -1;

    for (int i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("snap-%d", i);
        at = add(name, at, ALIVE);
    }
    add("vol-1", at, VOLUME | PINNED);
    expect(3, "flat snap-3 on snap-0:; ");
}
END_TEST

START_TEST(as_flat_as_can_be)
{
    int at = add("snap-2", add("snap-1", add("snap-0", -1, ALIVE), ALIVE), ALIVE);

    add("vol-1", at, VOLUME);
    add("vol-2", at, VOLUME | PINNED);
    expect(1, "flat snap-2 on snap-0:; flat vol-1 on snap-0:; left vol-2; ");
}
END_TEST

/* What nothing stands on any more goes with the last that did. */
START_TEST(flattening_frees_what_was_between)
{
    int at = add("snap-2", add("snap-1", add("snap-0", -1, ALIVE), ALIVE), HIDDEN);
    int top = add("snap-3", at, ALIVE);

    add("vol-1", top, VOLUME);
    add("vol-2", at, VOLUME);
    expect(2, "flat snap-3 on snap-0:; flat vol-2 on snap-0: snap-2; ");
}
END_TEST

START_TEST(a_circle_is_seen)
{
    int first = add("snap-1", 1, ALIVE);

    add("snap-2", first, ALIVE);
    ck_assert_uint_eq(gc_tree_measure(tree), G_MAXUINT);
}
END_TEST

Suite *
suite_gc_plan(void)
{
    Suite *suite = suite_create("gc_plan");
    TCase *tests = tcase_create("gc_plan");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, nothing_to_do);
    tcase_add_test(tests, those_in_a_row_go_at_once);
    tcase_add_test(tests, down_to_nothing);
    tcase_add_test(tests, what_two_share_stays);
    tcase_add_test(tests, what_a_guest_uses_stays);
    tcase_add_test(tests, the_first_that_is_too_deep_goes_down);
    tcase_add_test(tests, under_what_a_guest_uses);
    tcase_add_test(tests, as_flat_as_can_be);
    tcase_add_test(tests, flattening_frees_what_was_between);
    tcase_add_test(tests, a_circle_is_seen);
    suite_add_tcase(suite, tests);
    return suite;
}
