#include "images/support_ends.h"

#include <string.h>

/* Checked on SUPPORT_ENDS_AS_OF, against what could be read then, which was older itself:
 *   debian, ubuntu: Debian's package distro-info-data 0.58+deb12u6;
 *   amzn 2023: AWS, "Amazon Linux 2023 User Guide", release cadence;
 *   amzn 2: a notice of August 2026 that it has ended;
 *   rocky 8, 9: wiki.rockylinux.org/rocky/version, of 2024;
 *   fedora 42: news of May 2026 (day 27 was planned, 28 is told, too);
 *   centos 6, 7: an article of 2026;
 *   the others: endoflife.date, which takes them from the makers' pages, as stored at GitHub
 *   between late 2023 (ol) and early 2026 (alpine).
 * Not checked to the day: rhel 10 ("2035"), and ol, of which months are told. What isn't over yet
 * may still be moved by its maker.
 *
 * Long-term support counts where everybody gets it, not where it is bought. centos is Stream from 8
 * on: the 8 before it ended on 2021-12-31. The oldest of each distribution comes first. */
static const struct {
    const char *distribution;
    const char *version;
    const char *end;
} systems[] = {
    {"debian", "8", "2020-06-30"},
    {"debian", "9", "2022-06-30"},
    {"debian", "10", "2024-06-30"},
    {"debian", "11", "2026-08-31"},
    {"debian", "12", "2028-06-30"},
    {"debian", "13", "2030-06-30"},
    {"ubuntu", "14.04", "2019-04-25"},
    {"ubuntu", "16.04", "2021-04-30"},
    {"ubuntu", "18.04", "2023-05-31"},
    {"ubuntu", "20.04", "2025-05-29"},
    {"ubuntu", "22.04", "2027-06-01"},
    {"ubuntu", "22.10", "2023-07-20"},
    {"ubuntu", "23.04", "2024-01-25"},
    {"ubuntu", "23.10", "2024-07-11"},
    {"ubuntu", "24.04", "2029-05-31"},
    {"ubuntu", "24.10", "2025-07-10"},
    {"ubuntu", "25.04", "2026-01-15"},
    {"ubuntu", "25.10", "2026-07-09"},
    {"ubuntu", "26.04", "2031-05-29"},
    {"rhel", "6", "2020-11-30"},
    {"rhel", "7", "2024-06-30"},
    {"rhel", "8", "2029-05-31"},
    {"rhel", "9", "2032-05-31"},
    {"rhel", "10", "2035-05-31"},
    {"centos", "6", "2020-11-30"},
    {"centos", "7", "2024-06-30"},
    {"centos", "8", "2024-05-31"},
    {"centos", "9", "2027-05-31"},
    {"centos", "10", "2030-01-01"},
    {"rocky", "8", "2029-05-31"},
    {"rocky", "9", "2032-05-31"},
    {"almalinux", "8", "2029-03-01"},
    {"almalinux", "9", "2032-05-31"},
    {"almalinux", "10", "2035-05-31"},
    {"ol", "7", "2024-12-31"},
    {"ol", "8", "2029-07-31"},
    {"ol", "9", "2032-06-30"},
    {"fedora", "39", "2024-11-26"},
    {"fedora", "40", "2025-05-13"},
    {"fedora", "41", "2025-12-15"},
    {"fedora", "42", "2026-05-27"},
    {"fedora", "43", "2026-12-09"},
    {"amzn", "2018", "2023-12-31"},
    {"amzn", "2", "2026-06-30"},
    {"amzn", "2023", "2029-06-30"},
    {"alpine", "3.15", "2023-11-01"},
    {"alpine", "3.16", "2024-05-23"},
    {"alpine", "3.17", "2024-11-22"},
    {"alpine", "3.18", "2025-05-09"},
    {"alpine", "3.19", "2025-11-01"},
    {"alpine", "3.20", "2026-04-01"},
    {"alpine", "3.21", "2026-11-01"},
    {"alpine", "3.22", "2027-05-01"},
    {"alpine", "3.23", "2027-11-01"},
    {"opensuse-leap", "15.4", "2023-12-07"},
    {"opensuse-leap", "15.5", "2024-12-31"},
    {"opensuse-leap", "15.6", "2026-04-30"},
    {"opensuse-leap", "16.0", "2027-10-31"},
};

static const struct {
    const char *product;
    const char *end;
} products[] = {
    {"Windows Server 2008", "2020-01-14"}, {"Windows Server 2012", "2023-10-10"},
    {"Windows Server 2016", "2027-01-12"}, {"Windows Server 2019", "2029-01-09"},
    {"Windows Server 2022", "2031-10-14"}, {"Windows Server 2025", "2034-10-10"},
};

/* "8" is 8, 8.4 and 8.10, but not 80. */
static gboolean
is_version(const char *version, const char *known)
{
    gsize length = strlen(known);

    return g_str_has_prefix(version, known) && (version[length] == '\0' || version[length] == '.');
}

/* By numbers, as far as both go. */
static gboolean
is_older(const char *version, const char *known)
{
    g_auto(GStrv) ours = g_strsplit(version, ".", -1);
    g_auto(GStrv) theirs = g_strsplit(known, ".", -1);

    for (gsize i = 0; ours[i] != NULL && theirs[i] != NULL; i++) {
        guint64 one = g_ascii_strtoull(ours[i], NULL, 10);
        guint64 other = g_ascii_strtoull(theirs[i], NULL, 10);
        if (one != other)
            return one < other;
    }
    return FALSE;
}

/* Amazon Linux counted by years, then by numbers, then by years. */
static gboolean
counts_up(const char *distribution, const char *version)
{
    return !g_str_equal(distribution, "amzn") && g_ascii_isdigit(*version);
}

static const char *
end_of_product(const char *product)
{
    for (gsize i = 0; product != NULL && i < G_N_ELEMENTS(products); i++)
        if (g_str_has_prefix(product, products[i].product))
            return products[i].end;
    return NULL;
}

const char *
support_ends(const char *distribution, const char *version, const char *product)
{
    gboolean first = TRUE;

    if (distribution == NULL || version == NULL)
        return end_of_product(product);
    for (gsize i = 0; i < G_N_ELEMENTS(systems); i++) {
        if (!g_str_equal(systems[i].distribution, distribution))
            continue;
        if (is_version(version, systems[i].version) ||
            (first && counts_up(distribution, version) && is_older(version, systems[i].version)))
            return systems[i].end;
        first = FALSE;
    }
    return end_of_product(product);
}
