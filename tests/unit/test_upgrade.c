/* The databases of older versions, as tests/golden/schema has them, are brought up to date. */
#include "common/error.h"
#include "common/files.h"
#include "store/store.h"
#include "tests/unit/golden.h"
#include "tests/unit/suites.h"

#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEWEST 9 /* tests/golden/schema has 1 up to this */
#define NOBODY 65534

static char *home;
static char *path;

static void
set_up(void)
{
    home = g_dir_make_tmp("amilaunch-upgrade-XXXXXX", NULL);
    path = g_build_filename(home, "amilaunch.db", NULL);
}

static void
tear_down(void)
{
    folder_remove(home, NULL);
    g_free(path);
    g_free(home);
}

static sqlite3 *
open_raw(void)
{
    sqlite3 *raw = NULL;

    ck_assert_int_eq(sqlite3_open(path, &raw), SQLITE_OK);
    return raw;
}

/* HOME's database becomes what VERSION left. */
static void
leave_old(int version)
{
    g_autofree char *name = g_strdup_printf("schema/%d.sql", version);
    g_autofree char *sql = golden_read(name);
    sqlite3 *raw = open_raw();

    ck_assert_msg(sqlite3_exec(raw, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", name,
                  sqlite3_errmsg(raw));
    sqlite3_close(raw);
}

static void
open_and_close(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(store) opened = store_open(home, &error);

    ck_assert_msg(opened != NULL, "%s", error != NULL ? error->message : "");
}

/* Adds a row to the GString: what isn't NULL of it, by name. */
static int
add_row(void *to, int columns, char **values, char **names)
{
    for (int i = 0; i < columns; i++)
        if (values[i] != NULL)
            g_string_append_printf(to, " %s=%s", names[i], values[i]);
    g_string_append_c(to, '\n');
    return 0;
}

static int
add_name(void *to, int columns, char **values, char **names)
{
    (void)columns;
    (void)names;
    g_ptr_array_add(to, g_strdup(values[0]));
    return 0;
}

static char *
rows_of(sqlite3 *raw, const char *sql)
{
    GString *rows = g_string_new(NULL);

    ck_assert_msg(sqlite3_exec(raw, sql, add_row, rows, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(raw));
    return g_string_free(rows, FALSE);
}

/* All that HOME's database knows, as text. */
static char *
content(void)
{
    g_autoptr(GPtrArray) tables = g_ptr_array_new_with_free_func(g_free);
    GString *text = g_string_new(NULL);
    sqlite3 *raw = open_raw();

    ck_assert_int_eq(
        sqlite3_exec(raw, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
                     add_name, tables, NULL),
        SQLITE_OK);
    for (guint i = 0; i < tables->len; i++) {
        g_autofree char *sql =
            g_strdup_printf("SELECT * FROM %s ORDER BY 1, 2", (char *)tables->pdata[i]);
        g_autofree char *rows = rows_of(raw, sql);

        g_string_append_printf(text, "%s\n%s", (char *)tables->pdata[i], rows);
    }
    sqlite3_close(raw);
    return g_string_free(text, FALSE);
}

static char *
schema(void)
{
    sqlite3 *raw = open_raw();
    char *text = rows_of(raw, "SELECT type, name, sql FROM sqlite_master UNION ALL"
                              " SELECT 'version', user_version, NULL FROM pragma_user_version"
                              " ORDER BY 1, 2");

    sqlite3_close(raw);
    return text;
}

static void
is_sound(void)
{
    sqlite3 *raw = open_raw();
    g_autofree char *integrity = rows_of(raw, "PRAGMA integrity_check");
    g_autofree char *strays = rows_of(raw, "PRAGMA foreign_key_check");

    ck_assert_str_eq(integrity, " integrity_check=ok\n");
    ck_assert_str_eq(strays, "");
    sqlite3_close(raw);
}

/* _i: the version. */
START_TEST(old_databases_become_new_ones)
{
    g_autofree char *name = g_strdup_printf("schema/%d.txt", _i);
    g_autofree char *fresh = NULL;
    g_autofree char *upgraded = NULL;
    g_autofree char *rows = NULL;

    open_and_close();
    fresh = schema();
    folder_remove(home, NULL);
    ck_assert_int_eq(g_mkdir_with_parents(home, 0700), 0);

    leave_old(_i);
    open_and_close();
    upgraded = schema();
    ck_assert_str_eq(upgraded, fresh);
    is_sound();
    rows = content();
    golden_check(name, rows);
}
END_TEST

/* Who adds a step keeps what the one before has left (HACKING.md says how). */
START_TEST(each_version_has_its_database_here)
{
    g_autofree char *expected = g_strdup_printf(" user_version=%d\n", NEWEST);
    g_autofree char *version = NULL;
    sqlite3 *raw;

    open_and_close();
    raw = open_raw();
    version = rows_of(raw, "SELECT * FROM pragma_user_version");
    sqlite3_close(raw);
    ck_assert_str_eq(version, expected);
}
END_TEST

/* Kills the process when so many edges of statements were passed. */
static int statements_left;

static int
count_down(unsigned event, void *context, void *statement, void *detail)
{
    (void)event;
    (void)context;
    (void)statement;
    (void)detail;
    if (statements_left-- == 0)
        raise(SIGKILL);
    return 0;
}

static int
watch(sqlite3 *opened)
{
    return sqlite3_trace_v2(opened, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, count_down, NULL);
}

/* Whether the child that opens HOME was killed, and didn't come to its end before. */
static gboolean
opening_is_killed_after(int statements)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        statements_left = statements;
        if (sqlite3_auto_extension((void (*)(void))watch) != SQLITE_OK)
            _exit(2);
        _exit(store_open(home, NULL) != NULL ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

/* Before and after each statement, one after the other, on what the last one has left. */
START_TEST(an_upgrade_that_is_killed_goes_on)
{
    g_autofree char *rows = NULL;
    int killed = 0;

    leave_old(1);
    while (opening_is_killed_after(killed))
        killed++;
    ck_assert_int_gt(killed, 2 * NEWEST);
    is_sound();
    rows = content();
    golden_check("schema/1.txt", rows);
}
END_TEST

START_TEST(an_upgrade_that_may_not_write_says_so)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    pid_t child;
    int status;

    leave_old(1);
    before = content();
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert_int_eq(chmod(home, 0777), 0);
    child = fork();
    if (child == 0) {
        /* Root may write everywhere. From inside, as the folder's own folder is root's. */
        if (chdir(home) != 0 || (geteuid() == 0 && setuid(NOBODY) != 0))
            _exit(1);
        if (store_open(".", &error) != NULL)
            _exit(2);
        _exit(error_is(error, ERROR_HOST_PERMISSION) ? 0 : 3);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    after = content();
    ck_assert_str_eq(after, before);
}
END_TEST

Suite *
suite_upgrade(void)
{
    Suite *suite = suite_create("upgrade");
    TCase *tests = tcase_create("upgrade");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, old_databases_become_new_ones, 1, NEWEST + 1);
    tcase_add_test(tests, each_version_has_its_database_here);
    tcase_add_test(tests, an_upgrade_that_is_killed_goes_on);
    tcase_add_test(tests, an_upgrade_that_may_not_write_says_so);
    suite_add_tcase(suite, tests);
    return suite;
}
