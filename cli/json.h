/* What EC2's Describe calls print, under the same keys, so that jq lines written for `aws ec2`
 * work. Source of keys and shapes: Amazon EC2 API Reference and `aws ec2 ... --output json`. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "launcher/launcher.h"

#include <jansson.h>

/* Prints VALUE to standard output as `aws` would, and drops it. */
void ec2_print(json_t *value);

/* {"Reservations": [{"Instances": [...]}]} from instance_view*. */
json_t *ec2_reservations(const GPtrArray *views);

/* The reservation ID with those of VIEWS that are in it, as RunInstances answers. */
json_t *ec2_reservation(const GPtrArray *views, const char *id);

/* {KEY: [{"InstanceId", "CurrentState", "PreviousState"}]} from state_change*. */
json_t *ec2_changes(const char *key, const GPtrArray *changes);

/* One of "Images"; {"Images": [...]} from image_view*. */
json_t *ec2_image(const image_view *view);
json_t *ec2_images(const GPtrArray *views);

/* One of "Snapshots"; {"Snapshots": [...]} from snapshot*. TAGS: tag*, NULL: none; of many: an id
 * -> GPtrArray of tag*. */
json_t *ec2_snapshot(const snapshot *what, const GPtrArray *tags);
json_t *ec2_snapshots(const GPtrArray *snapshots, GHashTable *tags);

/* One of "Volumes"; {"Volumes": [...]} from volume*, with tags as above; one of its "Attachments",
 * which is in STATE;
 * {"VolumeModification": {...}}, which is done. */
json_t *ec2_volume(const volume *what, const GPtrArray *tags);
json_t *ec2_volumes(const GPtrArray *volumes, GHashTable *tags);
json_t *ec2_attachment(const volume *what, const char *state);
json_t *ec2_volume_modification(const volume *what);

/* One of "InstanceTypes". */
json_t *ec2_type(const instance_type *type);

/* A boot plan; EC2 has no such call, so the keys are ours. */
json_t *plan_json(const boot_plan *plan, const char *ami, const char *type);

#endif
