/* What people write: settings, tables, options. They mean no harm, but others write for them. */
#include "common/error.h"
#include "common/filter.h"
#include "common/size.h"
#include "common/times.h"
#include "conf/kernel_images.h"
#include "conf/plain.h"
#include "conf/precheck.h"
#include "conf/prices.h"
#include "conf/settings.h"
#include "conf/type_fields.h"
#include "conf/types.h"
#include "launcher/map_spec.h"
#include "launcher/publishing.h"
#include "tests/fuzz/targets.h"

#include <string.h>
#include <unistd.h>

static void
load_all(const char *path)
{
    g_autoptr(GError) not_settings = NULL;
    g_autoptr(GError) not_types = NULL;
    g_autoptr(settings) all = settings_load(path, TRUE, &not_settings);
    g_autoptr(instance_types) types = instance_types_load(path, &not_types);

    MUST((all != NULL) == (not_settings == NULL));
    MUST((types != NULL) == (not_types == NULL));
    kernel_images_free(kernel_images_load(path, NULL));
    prices_free(prices_load(path, NULL));
}

void
fuzz_settings(const guint8 *data, gsize length)
{
    int file = fuzz_file(data, length);
    g_autofree char *path = fuzz_path(file);

    load_all(path);
    close(file);
}

static gboolean
is_same_type(const instance_type *one, const instance_type *other)
{
    instance_type a = *one, b = *other;

    a.name = b.name = NULL;
    return g_strcmp0(one->name, other->name) == 0 && memcmp(&a, &b, sizeof a) == 0;
}

/* What the short way through a file takes, libconfig takes, and for the same. */
void
fuzz_plain(const guint8 *data, gsize length)
{
    int file = fuzz_file(data, length);
    g_autofree char *path = fuzz_path(file);
    instance_type *shortly = type_new(), *wholly = type_new();

    if (plain_read(path, type_fields, shortly)) {
        MUST(reader_read(path, type_fields, wholly, NULL));
        MUST(is_same_type(shortly, wholly));
    }
    type_free(shortly);
    type_free(wholly);
    close(file);
}

static void
read_map(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(map_spec) spec = map_spec_parse(text, &error);

    MUST((spec != NULL) == (error == NULL));
    MUST(spec == NULL || spec->size_gib <= MOST_VOLUME_GIB);
    MUST(spec == NULL || spec->kind != MAP_STORE_DISK || spec->position >= 0);
}

static void
read_filter(const char *text)
{
    const char *const texts[] = {text, NULL};
    g_autoptr(GPtrArray) filters = filters_parse(texts, NULL);
    g_autofree char *literal = pattern_literal(text);
    g_autofree char *glob = pattern_glob(text);

    MUST(glob != NULL);
    if (literal != NULL)
        MUST(pattern_matches(text, literal));
    for (guint i = 0; filters != NULL && i < filters->len; i++)
        filter_matches(filters->pdata[i], text);
}

void
fuzz_options(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, MIN(length, 4096));
    const char *const texts[] = {text, NULL};
    g_autoptr(GPtrArray) ports = publishing_parse(texts, NULL);
    guint64 mib;
    gint64 when;

    read_map(text);
    read_filter(text);
    if (size_parse_mib(text, &mib))
        MUST(mib <= (guint64)G_MAXINT64 >> 20);
    if (time_parse(text, &when)) {
        g_autofree char *again = time_iso8601(when);
        gint64 same;
        MUST(time_parse(again, &same) && same == when);
    }
}
