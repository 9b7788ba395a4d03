/* The subnet that a HOME's instances are in, as a default VPC's first subnet on EC2: 172.31.0.0/20.
 * Pure. Addresses are IPv4 in host byte order.
 * Source of what is reserved and of the names: Amazon VPC User Guide, "Subnet CIDR blocks" and "DNS
 * attributes for your VPC". */
#ifndef LAUNCHER_SUBNET_H
#define LAUNCHER_SUBNET_H

#include <glib.h>

#define SUBNET_NETWORK 0xac1f0000u /* 172.31.0.0 */
#define SUBNET_BITS 20
#define SUBNET_MASK 0xfffff000u
#define SUBNET_GATEWAY (SUBNET_NETWORK + 1)
#define SUBNET_DNS (SUBNET_NETWORK + 2)
#define SUBNET_FIRST (SUBNET_NETWORK + 4)   /* that an instance can have */
#define SUBNET_LAST (SUBNET_NETWORK + 4093) /* the next one is for the network's own use */
#define SUBNET_SPARE (SUBNET_NETWORK + 4094)
#define SUBNET_VPC_NETWORK SUBNET_NETWORK /* 172.31.0.0/16 */
#define SUBNET_VPC_BITS 16

#define IMDS_ADDRESS 0xa9fea9feu /* 169.254.169.254 */

/* "172.31.0.4". The caller frees it. */
char *subnet_text(guint32 address);

/* The hardware address of the interface that has ADDRESS: "0a:00:ac:1f:00:04". The caller frees it.
 */
char *subnet_mac(guint32 address);

/* The name of a host in REGION: "ip-172-31-0-4.ec2.internal", or in other regions than us-east-1
 * "ip-172-31-0-4.eu-west-1.compute.internal". The caller frees it. */
char *subnet_host_name(guint32 address, const char *region);

/* What comes after the first dot of that. The caller frees it. */
char *subnet_domain(const char *region);

/* The ids of the subnet, of the VPC that it is in, and of the one security group, SUBNET_GROUP,
 * that lets everything pass: the same whenever ACCOUNT asks in REGION. The caller frees them. */
#define SUBNET_GROUP "default"
char *subnet_id(const char *account, const char *region);
char *subnet_vpc_id(const char *account, const char *region);
char *subnet_group_id(const char *account, const char *region);

/* An address that isn't among TAKEN (guint32, ascending), the search beginning at a place that SEED
 * chooses, so that an address that has just become free isn't soon another's; 0 if none is left. */
guint32 subnet_choose(const GArray *taken, guint32 seed);

#endif
