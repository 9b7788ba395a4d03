#include "cli/completion.h"
#include "cli/suggestion.h"
#include "tests/unit/suites.h"

#include <stdlib.h>
#include <string.h>

#define LINE(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct {
    const char *const *words;
    complete_kind kind;
    const char *which; /* NULL: no command was named */
    offer_kind offers; /* of COMPLETE_RECORDS */
    const char *typed;
} lines[] = {
    {LINE(""), COMPLETE_COMMANDS, NULL, 0, ""},
    {LINE("ru"), COMPLETE_COMMANDS, NULL, 0, "ru"},
    {LINE("help", "ru"), COMPLETE_COMMANDS, NULL, 0, "ru"},
    {LINE("help", "run", ""), COMPLETE_NOTHING, "run", 0, ""},
    {LINE("image", "im"), COMPLETE_COMMANDS, NULL, 0, "im"},
    {LINE("--"), COMPLETE_OPTIONS, NULL, 0, "--"},
    {LINE("run", "-"), COMPLETE_OPTIONS, "run", 0, "-"},
    {LINE("image", "import", "--na"), COMPLETE_OPTIONS, "image import", 0, "--na"},
    {LINE("run", ""), COMPLETE_RECORDS, "run", OFFER_IMAGES, ""},
    {LINE("run", "--wait", "ami-1"), COMPLETE_RECORDS, "run", OFFER_IMAGES, "ami-1"},
    {LINE("run", "ami-12345678", ""), COMPLETE_NOTHING, "run", 0, ""},
    {LINE("--region", "eu"), COMPLETE_RECORDS, NULL, OFFER_REGIONS, "eu"},
    {LINE("--region", "eu-west-1", "run", ""), COMPLETE_RECORDS, "run", OFFER_IMAGES, ""},
    {LINE("run", "--type", "m"), COMPLETE_RECORDS, "run", OFFER_TYPES, "m"},
    {LINE("run", "-t", "m"), COMPLETE_RECORDS, "run", OFFER_TYPES, "m"},
    {LINE("run", "--type=m"), COMPLETE_RECORDS, "run", OFFER_TYPES, "m"},
    {LINE("run", "--type=m3", ""), COMPLETE_RECORDS, "run", OFFER_IMAGES, ""},
    {LINE("run", "--key", ""), COMPLETE_RECORDS, "run", OFFER_KEYS, ""},
    {LINE("run", "--kernel", ""), COMPLETE_RECORDS, "run", OFFER_KERNELS, ""},
    {LINE("run", "--pv", ""), COMPLETE_WORDS, "run", 0, ""},
    {LINE("run", "--count", ""), COMPLETE_NOTHING, "run", 0, ""},
    {LINE("run", "--nonsense", ""), COMPLETE_RECORDS, "run", OFFER_IMAGES, ""},
    {LINE("run", "--nonsense=x"), COMPLETE_NOTHING, "run", 0, "--nonsense=x"},
    {LINE("image", "register", "--key", ""), COMPLETE_FILES, "image register", 0, ""},
    {LINE("image", "bundle", "--out", ""), COMPLETE_FOLDERS, "image bundle", 0, ""},
    {LINE("image", "bundle", ""), COMPLETE_RECORDS, "image bundle", OFFER_INSTANCES, ""},
    {LINE("image", "import", ""), COMPLETE_FILES, "image import", 0, ""},
    {LINE("image", "restore", ""), COMPLETE_RECORDS, "image restore", OFFER_BINNED_IMAGES, ""},
    {LINE("image", "ls", "--filter", ""), COMPLETE_FILTERS, "image ls", 0, ""},
    {LINE("start", "i-1", "i-2", ""), COMPLETE_RECORDS, "start", OFFER_STOPPED, ""},
    {LINE("cost", ""), COMPLETE_RECORDS, "cost", OFFER_INSTANCES, ""},
    {LINE("screenshot", "i-1", ""), COMPLETE_FILES, "screenshot", 0, ""},
    {LINE("ssh", "i-1", "--", "ls", "-"), COMPLETE_NOTHING, "ssh", 0, "-"},
    {LINE("volume", "attach", "vol-1", ""), COMPLETE_RECORDS, "volume attach", OFFER_INSTANCES, ""},
    {LINE("volume", "create", "--type", ""), COMPLETE_WORDS, "volume create", 0, ""},
    {LINE("retention", "set", ""), COMPLETE_WORDS, "retention set", 0, ""},
    {LINE("nonsense", ""), COMPLETE_COMMANDS, NULL, 0, ""},
};

START_TEST(what_comes_next)
{
    const completion got = completion_of(lines[_i].words);

    ck_assert_int_eq(got.kind, lines[_i].kind);
    ck_assert_pstr_eq(got.which != NULL ? got.which->name : NULL, lines[_i].which);
    ck_assert_str_eq(got.typed, lines[_i].typed);
    if (got.kind == COMPLETE_RECORDS)
        ck_assert_int_eq(got.offers, lines[_i].offers);
    if (got.kind == COMPLETE_WORDS)
        ck_assert_ptr_nonnull(got.words);
}
END_TEST

START_TEST(what_stands_before_a_value)
{
    const completion got = completion_of(LINE("run", "--type=m3"));

    ck_assert_uint_eq(got.before_length, strlen("--type="));
    ck_assert_int_eq(strncmp(got.before, "--type=", got.before_length), 0);
}
END_TEST

START_TEST(no_words_at_all)
{
    const char *const none[] = {NULL};

    ck_assert_int_eq(completion_of(none).kind, COMPLETE_COMMANDS);
}
END_TEST

static const struct {
    const char *const *args;
    const char *meant;
} slips[] = {
    {LINE("rnu"), "run"},
    {LINE("lss"), "ls"},
    {LINE("terminat", "i-1"), "terminate"},
    {LINE("image", "imprt"), "image import"},
    {LINE("imagee", "ls"), "image ls"},
    {LINE("snapshots"), "snapshot ls"},
    {LINE("frobnicate"), NULL},
    {LINE("x"), NULL},
};

START_TEST(slips_of_commands)
{
    ck_assert_pstr_eq(suggest_command(slips[_i].args), slips[_i].meant);
}
END_TEST

START_TEST(slips_of_options)
{
    int words;
    const command *run = command_find(LINE("run"), &words);

    ck_assert_pstr_eq(suggest_option(run, "--tpye=m3"), "type");
    ck_assert_pstr_eq(suggest_option(run, "--jsn"), "json");
    ck_assert_pstr_eq(suggest_option(NULL, "--hmoe"), "home");
    ck_assert_pstr_eq(suggest_option(NULL, "--tpye"), NULL);
    ck_assert_pstr_eq(suggest_option(run, "--frobnicate"), NULL);
}
END_TEST

Suite *
suite_completion(void)
{
    Suite *suite = suite_create("completion");
    TCase *tests = tcase_create("completion");

    tcase_add_loop_test(tests, what_comes_next, 0, G_N_ELEMENTS(lines));
    tcase_add_test(tests, what_stands_before_a_value);
    tcase_add_test(tests, no_words_at_all);
    tcase_add_loop_test(tests, slips_of_commands, 0, G_N_ELEMENTS(slips));
    tcase_add_test(tests, slips_of_options);
    suite_add_tcase(suite, tests);
    return suite;
}
