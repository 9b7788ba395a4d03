/* The short way through a file has to come to what libconfig comes to. */
#include "common/files.h"
#include "conf/plain.h"
#include "conf/type_fields.h"
#include "conf/types.h"
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>

static char *folder;
static char *path;

static char *
add_type(void *target, void *item)
{
    g_ptr_array_add(target, item);
    return NULL;
}

static const field_rule fields[] = {{"types", FIELD_LIST, .required = TRUE, .fields = type_fields,
                                     .item_new = type_new, .item_add = add_type,
                                     .item_free = type_free},
                                    {.name = NULL}};

static void
set_up(void)
{
    folder = g_dir_make_tmp("amilaunch-plain-XXXXXX", NULL);
    path = g_build_filename(folder, "types.conf", NULL);
}

static void
tear_down(void)
{
    folder_remove(folder, NULL);
    g_free(folder);
    g_free(path);
}

/* What both make of it has to be the same, where the short way is one at all. */
static gboolean
is_same(const GPtrArray *one, const GPtrArray *other)
{
    gboolean same = one->len == other->len;

    for (guint i = 0; same && i < one->len; i++) {
        instance_type a = *(const instance_type *)g_ptr_array_index(one, i);
        instance_type b = *(const instance_type *)g_ptr_array_index(other, i);
        same = g_str_equal(a.name, b.name);
        a.name = b.name;
        same = same && memcmp(&a, &b, sizeof a) == 0;
    }
    return same;
}

/* Whether the short way leads through FILE. */
static gboolean
is_plain(const char *file, guint *count)
{
    g_autoptr(GPtrArray) ours = g_ptr_array_new_with_free_func(type_free);
    g_autoptr(GPtrArray) theirs = g_ptr_array_new_with_free_func(type_free);
    g_autoptr(GError) error = NULL;

    if (!plain_read(file, fields, ours))
        return FALSE;
    ck_assert_msg(reader_read(file, fields, theirs, &error), "%s",
                  error != NULL ? error->message : "");
    ck_assert(is_same(ours, theirs));
    *count = ours->len;
    return TRUE;
}

static gboolean
is_text_plain(const char *text, guint *count)
{
    FILE *file;

    remove(path); /* a file that is written over may be made durable, which takes its time */
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    return is_plain(path, count);
}

#define NEEDED "name = \"m3.medium\"; vcpus = 1; memory = 3840; max_ebs = 39;"

START_TEST(our_own_types_are_written_plainly)
{
    settings none = {.instance_types = NULL};
    g_autofree char *own = instance_types_path(&none);
    guint count = 0;

    ck_assert(is_plain(own, &count));
    ck_assert_uint_eq(count, 970);
}
END_TEST

START_TEST(what_is_plain)
{
    static const char *const texts[] = {
        "types=({" NEEDED "});",
        "# first\n// second\ntypes = ( # third\n { " NEEDED " } // last\n ) ; # end\n",
        "types = ({" NEEDED "store = \"1x4 ssd\"; formatted = true; hibernation = false;});",
        "types = ({" NEEDED "roots = [ \"ebs\" , \"instance-store\" ]; hypervisor = \"xen\";});",
    };
    guint count = 0;

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        ck_assert_msg(is_text_plain(texts[i], &count), "%s", texts[i]);
        ck_assert_uint_eq(count, 1);
    }
}
END_TEST

/* Some of these libconfig takes, and some it doesn't. */
START_TEST(what_is_left_to_libconfig)
{
    static const char *const texts[] = {
        "",
        "types = ();",
        "types : ({" NEEDED "});",
        "types = ({" NEEDED "})",
        "types = ({" NEEDED "},);",
        "/* a */ types = ({" NEEDED "});",
        "types = ({" NEEDED "}); types = ({" NEEDED "});",
        "types = ({" NEEDED "vcpus = 2; });",
        "types = ({" NEEDED "swap = 0x10; });",
        "types = ({" NEEDED "swap = 010; });",
        "types = ({" NEEDED "swap = 9L; });",
        "types = ({" NEEDED "swap = 1.5; });",
        "types = ({" NEEDED "swap = -1; });",
        "types = ({" NEEDED "swap = 0; });",
        "types = ({" NEEDED "swap = 99999999999; });",
        "types = ({" NEEDED "formatted = TRUE; });",
        "types = ({" NEEDED "formatted = 1; });",
        "types = ({" NEEDED "roots = []; });",
        "types = ({" NEEDED "roots = [\"disk\"]; });",
        "types = ({" NEEDED "roots = [\"ebs\"; });",
        "types = ({" NEEDED "hypervisor = \"x\" \"en\"; });",
        "types = ({" NEEDED "hypervisor = \"x\\x65n\"; });",
        "types = ({" NEEDED "store = \"much\"; });",
        "types = ({" NEEDED "color = \"red\"; });",
        "types = ({ vcpus = 1; memory = 3840; max_ebs = 39; });",
        "types = ({ name = \"M3\"; vcpus = 1; memory = 3840; max_ebs = 39; });",
        "types = ({" NEEDED,
        "types = ({" NEEDED "hypervisor = \"xen",
        "types = ({" NEEDED "}); # no end",
        "other = 1; types = ({" NEEDED "});",
    };
    guint count;

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        ck_assert_msg(!is_text_plain(texts[i], &count), "%s", texts[i]);
    ck_assert(!is_plain("/nonexistent", &count));
    ck_assert(!is_plain("/", &count));
}
END_TEST

/* Every character of a file becomes every one that means something, and is left out. */
START_TEST(nothing_else_is_taken)
{
    static const char marks[] = "\"\\;,=:(){}[]#/*@+-.0x1aL \n\r";
    const char *text =
        "types = (\n  { name = \"m3.medium\"; vcpus = 1; memory = 3840; max_ebs = 39; "
        "store = \"1x4 ssd\"; formatted = true; roots = [\"ebs\", "
        "\"instance-store\"]; generation = \"previous\"; }, # old\n"
        "  { name = \"m5.large\"; vcpus = 2; memory = 8192; max_ebs = 27; }\n);\n";
    guint count, taken = 0;

    for (gsize i = 0; i < strlen(text); i++) {
        g_autofree char *changed = g_strdup(text);
        for (gsize k = 0; k < strlen(marks); k++) {
            changed[i] = marks[k];
            taken += is_text_plain(changed, &count);
        }
        memmove(changed + i, changed + i + 1, strlen(changed + i));
        taken += is_text_plain(changed, &count);
    }
    ck_assert_uint_gt(taken, strlen(text));
}
END_TEST

Suite *
suite_plain(void)
{
    Suite *suite = suite_create("plain");
    TCase *tests = tcase_create("files");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, our_own_types_are_written_plainly);
    tcase_add_test(tests, what_is_plain);
    tcase_add_test(tests, what_is_left_to_libconfig);
    tcase_add_test(tests, nothing_else_is_taken);
    suite_add_tcase(suite, tests);
    return suite;
}
