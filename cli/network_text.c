#include "cli/network_text.h"
#include "launcher/subnet.h"

char *
network_address(const instance_view *view)
{
    return view->nic != NULL ? subnet_text((guint32)view->nic->address) : NULL;
}

char *
network_ports_text(const instance_view *view)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; view->published != NULL && i < view->published->len; i++) {
        const published_port *port = g_ptr_array_index(view->published, i);
        g_string_append_printf(text, "%s%d:%d", i > 0 ? " " : "", (int)port->host,
                               (int)port->guest);
    }
    return g_string_free(text, text->len == 0);
}
