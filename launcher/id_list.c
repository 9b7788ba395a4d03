#include "launcher/id_list.h"
#include "common/error.h"
#include "common/ids.h"

gboolean
id_list_check(const char *prefix, const char *const *ids, GError **error)
{
    error_code code = g_str_equal(prefix, "ami") ? ERROR_AMI_MALFORMED : ERROR_SNAPSHOT_MALFORMED;

    for (gsize i = 0; ids[i] != NULL; i++) {
        if (!id_is(prefix, ids[i]))
            return error_set(error, code, "Invalid id: \"%s\" (expecting \"%s-...\")", ids[i],
                             prefix);
        for (gsize j = 0; j < i; j++)
            if (g_str_equal(ids[i], ids[j]))
                return error_set(error, ERROR_PARAMETER_VALUE, "'%s' is given twice", ids[i]);
    }
    return TRUE;
}
