#include "common/error.h"
#include "launcher/states.h"
#include "tests/unit/suites.h"

/* The whole table, written down a second time: a character is the state that follows (p r s t =
 * shutting-down T S = stopped), or - for IncorrectInstanceState. */
static const char *const expected[] = {
    [INSTANCE_PENDING] = "---t",    [INSTANCE_RUNNING] = "rsrt",  [INSTANCE_SHUTTING_DOWN] = "---t",
    [INSTANCE_TERMINATED] = "---T", [INSTANCE_STOPPING] = "-s-t", [INSTANCE_STOPPED] = "pS-t",
};

static const char letters[] = {
    [INSTANCE_PENDING] = 'p',    [INSTANCE_RUNNING] = 'r',  [INSTANCE_SHUTTING_DOWN] = 't',
    [INSTANCE_TERMINATED] = 'T', [INSTANCE_STOPPING] = 's', [INSTANCE_STOPPED] = 'S',
};

START_TEST(every_transition_is_as_on_ec2)
{
    for (int state = INSTANCE_PENDING; state <= INSTANCE_STOPPED; state++) {
        for (int action = ACTION_START; action <= ACTION_TERMINATE; action++) {
            g_autoptr(GError) error = NULL;
            instance_state next = INSTANCE_PENDING;
            char want = expected[state][action];
            gboolean allowed =
                state_after("i-1", (instance_state)state, (instance_action)action, &next, &error);
            ck_assert_msg(allowed == (want != '-'), "state %d action %d", state, action);
            if (allowed)
                ck_assert_int_eq(letters[next], want);
            else
                ck_assert(error_is(error, ERROR_INSTANCE_STATE));
        }
    }
}
END_TEST

START_TEST(refusals_are_in_ec2s_words)
{
    g_autoptr(GError) error = NULL;
    instance_state next;

    state_after("i-1", INSTANCE_PENDING, ACTION_STOP, &next, &error);
    ck_assert_str_eq(
        error->message,
        "Instance 'i-1' cannot be stopped as it has never reached the 'running' state.");
    g_clear_error(&error);
    state_after("i-1", INSTANCE_TERMINATED, ACTION_START, &next, &error);
    ck_assert(g_str_has_prefix(
        error->message, "The instance 'i-1' is not in a state from which it can be started."));
}
END_TEST

START_TEST(codes_and_names)
{
    static const int codes[] = {0, 16, 32, 48, 64, 80};
    static const char *const names[] = {"pending",    "running",  "shutting-down",
                                        "terminated", "stopping", "stopped"};
    g_autoptr(GError) error = NULL;
    instance_state state;

    for (int i = 0; i < 6; i++) {
        ck_assert(state_parse(names[i], &state, NULL));
        ck_assert_int_eq(state_code(state), codes[i]);
    }
    ck_assert(!state_parse("sleeping", &state, &error));
    ck_assert(error_is(error, ERROR_PARAMETER_VALUE));
}
END_TEST

Suite *
suite_states(void)
{
    Suite *suite = suite_create("states");
    TCase *tests = tcase_create("states");

    tcase_add_test(tests, every_transition_is_as_on_ec2);
    tcase_add_test(tests, refusals_are_in_ec2s_words);
    tcase_add_test(tests, codes_and_names);
    suite_add_tcase(suite, tests);
    return suite;
}
