/* How old the system is. */
#include "images/check_rules.h"
#include "images/support_ends.h"

#define DAY_S 86400
#define OLD_DAYS 180
#define UPDATE "--update"

static char *
day_of(gint64 when)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(when);

    return time != NULL ? g_date_time_format(time, "%Y-%m-%d") : g_strdup("an unknown day");
}

/* Dates of this form are in order as texts are. */
static void
judge_support(const check_facts *facts, GPtrArray *findings)
{
    const char *end = support_ends(facts->distribution, facts->version, facts->product);
    g_autofree char *today = day_of(facts->now);

    if (end == NULL || g_strcmp0(today, end) <= 0)
        return;
    finding_add(
        findings, "out-of-support", SEVERITY_HIGH, NULL, NULL, "make the image of a newer release",
        "%s has had no security updates for everybody since %s (as checked on %s)",
        facts->product != NULL ? facts->product : facts->distribution, end, SUPPORT_ENDS_AS_OF);
}

static void
judge_packages(const check_facts *facts, GPtrArray *findings)
{
    const seen_file *newest = NULL;
    g_autofree char *day = NULL;

    for (guint i = 0; i < facts->files->len; i++) {
        const seen_file *file = g_ptr_array_index(facts->files, i);
        if (file->place == PLACE_PACKAGES && (newest == NULL || file->mtime > newest->mtime))
            newest = file;
    }
    if (newest == NULL || facts->now - newest->mtime <= OLD_DAYS * DAY_S)
        return;
    day = day_of(newest->mtime);
    finding_add(findings, "old-packages", SEVERITY_MEDIUM, newest->path, NULL, NULL,
                "no package was installed or updated since %s", day);
    if (facts->has_package_manager)
        finding_mend(findings, UPDATE);
}

void
check_judge_age(const check_facts *facts, GPtrArray *findings)
{
    judge_support(facts, findings);
    judge_packages(facts, findings);
}
