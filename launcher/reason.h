/* Why an instance is in its state: EC2's codes, each with its sentence. */
#ifndef LAUNCHER_REASON_H
#define LAUNCHER_REASON_H

#include "store/instance.h"

#define REASON_USER_SHUTDOWN "Client.UserInitiatedShutdown"
#define REASON_USER_HIBERNATE "Client.UserInitiatedHibernate"
#define REASON_GUEST_SHUTDOWN "Client.InstanceInitiatedShutdown"
#define REASON_INTERNAL "Server.InternalError"

/* Sets VM's reason; MESSAGE NULL for the code's usual sentence. CODE NULL clears it. */
void reason_set(instance *vm, const char *code, const char *message);

/* Notes that the user asked for the transition, now. */
void reason_user_initiated(instance *vm);

#endif
