/* What dom0's program in the Xen appliance reads: the host's requests, the kernel's command line,
 * and what xenstored says, some of which the guest wrote. */
#include "appliance/request.h"
#include "appliance/words.h"
#include "appliance/xenstore.h"
#include "tests/fuzz/targets.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
fuzz_agent_request(const guint8 *data, gsize length)
{
    g_autofree char *line = g_strndup((const char *)data, length);
    const char *wrong;
    request asked;
    words told;

    if (request_parse(&asked, line))
        MUST(asked.verb[0] != '\0' && strlen(asked.verb) < sizeof asked.verb &&
             strlen(asked.device) < sizeof asked.device);
    MUST(words_parse(&told, line, &wrong) == (wrong == NULL));
    if (wrong == NULL)
        MUST(strlen(told.name) < sizeof told.name && strpbrk(told.name, "\"'\n\\") == NULL &&
             words_is_device(told.root));
}

static void
count_name(const char *name, void *data)
{
    *(gsize *)data += strlen(name) + 1;
}

static void
talk(void)
{
    char value[XENSTORE_MOST];
    gsize names = 0;

    xenstore_read(value, "/a/%d", 1);
    MUST(strlen(value) < sizeof value);
    xenstore_list(count_name, &names, "/a");
    MUST(names <= 4097);
    xenstore_number(7, "/b");
    xenstore_changed();
}

/* The bytes are all that xenstored ever says; then it is gone. */
void
fuzz_xenstore(const guint8 *data, gsize length)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), peer;

    g_snprintf(at.sun_path, sizeof at.sun_path, "%s/x-%d", fuzz_folder(), (int)getpid());
    unlink(at.sun_path);
    MUST(door >= 0 && bind(door, (struct sockaddr *)&at, sizeof at) == 0 && listen(door, 1) == 0);
    MUST(xenstore_open(at.sun_path));
    peer = accept(door, NULL, NULL);
    MUST(peer >= 0);
    if (send(peer, data, MIN(length, 65536), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
        shutdown(peer, SHUT_WR);
        talk();
    }
    close(xenstore_fd());
    close(peer);
    close(door);
    unlink(at.sun_path);
}
