/* What EC2's DescribeInstances tells of an instance's network. */
#ifndef CLI_JSON_NETWORK_H
#define CLI_JSON_NETWORK_H

#include "launcher/launcher.h"

#include <jansson.h>

/* "PrivateIpAddress", "NetworkInterfaces", "SubnetId" and the like, if VIEW has an interface;
 * "KeyName", "MetadataOptions"; and "PublishedPorts", which EC2 doesn't know, if it has any. */
void json_put_network(json_t *object, const instance_view *view);

#endif
