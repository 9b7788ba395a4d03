#include "store/interface.h"
#include "store/table.h"

static const field interface_fields[] = {
    FIELD_TEXT(interface, instance),
    FIELD_TEXT(interface, id),
    FIELD_INT(interface, address),
    FIELD_TEXT(interface, mac),
};

static const field port_fields[] = {
    FIELD_INT(published_port, host),
    FIELD_TEXT(published_port, instance),
    FIELD_INT(published_port, guest),
};

static const table interfaces = TABLE("interface", interface, interface_fields, interface_free);
static const table ports =
    TABLE("published_port", published_port, port_fields, published_port_free);

void
interface_free(interface *self)
{
    table_row_free(&interfaces, self);
}

void
published_port_free(published_port *self)
{
    table_row_free(&ports, self);
}

gboolean
interface_insert(store *db, const interface *self, GError **error)
{
    return table_insert(db, &interfaces, self, error);
}

gboolean
published_port_insert(store *db, const published_port *self, GError **error)
{
    return table_insert(db, &ports, self, error);
}

interface *
interface_get(store *db, const char *instance, GError **error)
{
    return table_get(db, &interfaces, instance, error);
}

GPtrArray *
interface_list(store *db, GError **error)
{
    return table_select(db, &interfaces, "TRUE ORDER BY address", NULL, error);
}

GPtrArray *
published_port_list(store *db, const char *instance, GError **error)
{
    return table_select(db, &ports, "?1 IS NULL OR instance = ?1 ORDER BY host", instance, error);
}

gboolean
interface_delete(store *db, const char *instance, GError **error)
{
    return table_delete(db, &ports, "instance = ?1", instance, error) &&
           table_delete(db, &interfaces, "instance = ?1", instance, error);
}
