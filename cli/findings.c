#include "cli/findings.h"
#include "cli/terminal.h"
#include "cli/text.h"

#include <string.h>

/* All of it is in the image's words. */
static void G_GNUC_PRINTF(2, 3) print(FILE *to, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autofree char *clean = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    clean = text_clean(text);
    g_strdelimit(clean, "\n\t", ' ');
    fputs(clean, to);
    fputc('\n', to);
}

static void
print_finding(const finding *what, FILE *to)
{
    static const colour colours[] = {COLOUR_BAD, COLOUR_BUSY, COLOUR_DIM};
    const char *coloured = to == stdout ? terminal_colour(colours[what->weight]) : "";

    fprintf(to, "\n%s%s%s", coloured, severity_words[what->weight],
            *coloured != '\0' ? terminal_colour(COLOUR_NONE) : "");
    print(to, "  %s%s%s", what->id, what->path != NULL ? "  " : "",
          what->path != NULL ? what->path : "");
    print(to, "    %s", what->what);
    if (what->mend != NULL)
        print(to, "    mended by: %s", what->mend);
    if (what->advice != NULL)
        print(to, "    %s%s", what->mend == NULL ? "to mend it: " : "", what->advice);
}

/* Some are mended by the same. */
static GPtrArray *
all_mends(const GPtrArray *findings)
{
    GPtrArray *mends = g_ptr_array_new();

    for (guint i = 0; i < findings->len; i++) {
        const finding *what = g_ptr_array_index(findings, i);
        if (what->mend != NULL &&
            !g_ptr_array_find_with_equal_func(mends, what->mend, g_str_equal, NULL))
            g_ptr_array_add(mends, what->mend);
    }
    return mends;
}

static void
print_mends(const check_report *report, FILE *to)
{
    g_autoptr(GPtrArray) mends = all_mends(report->findings);

    if (mends->len == 0)
        return;
    fprintf(to,
            "\nAll that can be mended from outside, in a new image:\n\n"
            "  amilaunch image customize %s --name NEW",
            report->image);
    for (guint i = 0; i < mends->len; i++) {
        fputs(" \\\n    ", to);
        fputs(g_ptr_array_index(mends, i), to);
    }
    fputc('\n', to);
}

static void
print_count(const GPtrArray *findings, FILE *to)
{
    guint counts[SEVERITY_LOW + 1] = {0};

    for (guint i = 0; i < findings->len; i++)
        counts[((const finding *)g_ptr_array_index(findings, i))->weight]++;
    fprintf(to, "\n%u finding%s: %u high, %u medium, %u low\n", findings->len,
            findings->len == 1 ? "" : "s", counts[SEVERITY_HIGH], counts[SEVERITY_MEDIUM],
            counts[SEVERITY_LOW]);
}

void
findings_print(const check_report *report, FILE *to)
{
    const check_facts *facts = report->facts;
    const char *system = facts->product != NULL ? facts->product : facts->os_type;

    print(to, "%s  %s", report->image,
          system != NULL ? system
                         : "no operating system was found in it: there is little to check");
    for (guint i = 0; i < facts->notes->len; i++)
        print(to, "  note: %s", (char *)g_ptr_array_index(facts->notes, i));
    for (guint i = 0; i < report->findings->len; i++)
        print_finding(g_ptr_array_index(report->findings, i), to);
    if (report->findings->len > 0)
        print_count(report->findings, to);
    else if (facts->os_type != NULL)
        fputs("nothing was found that should not be there\n", to);
    print_mends(report, to);
}
