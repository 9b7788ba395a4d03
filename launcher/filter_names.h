/* The filters of EC2's Describe calls, but for those that have no meaning here. One table for each
 * kind of thing, for what filters (filtering.c), the help and the manual.
 *
 * X(name, whether it matches) */
#ifndef LAUNCHER_FILTER_NAMES_H
#define LAUNCHER_FILTER_NAMES_H

/* Of an instance_view *view and its instance *vm. */
#define INSTANCE_FILTERS(X)                                                                        \
    X("architecture", text(wanted, vm->architecture))                                              \
    X("availability-zone", text(wanted, vm->zone))                                                 \
    X("block-device-mapping.attach-time", any_volume(wanted, view->volumes, attach_time))          \
    X("block-device-mapping.delete-on-termination", any_volume(wanted, view->volumes, deleted))    \
    X("block-device-mapping.device-name", any_volume(wanted, view->volumes, device))               \
    X("block-device-mapping.status", any_volume(wanted, view->volumes, attachment_status))         \
    X("block-device-mapping.volume-id", any_volume(wanted, view->volumes, volume_id))              \
    X("ebs-optimized", flag(wanted, vm->ebs_optimized != 0))                                       \
    X("hibernation-options.configured", flag(wanted, vm->hibernation_configured != 0))             \
    X("hypervisor", text(wanted, "xen"))                                                           \
    X("image-id", text(wanted, vm->image))                                                         \
    X("instance-id", text(wanted, vm->id))                                                         \
    X("instance-state-code", number(wanted, state_code((instance_state)vm->state)))                \
    X("instance-state-name", text(wanted, instance_state_words[vm->state]))                        \
    X("instance-type", text(wanted, vm->type))                                                     \
    X("instance.group-id", group_id(wanted, view))                                                 \
    X("instance.group-name", view->nic != NULL && text(wanted, SUBNET_GROUP))                      \
    X("kernel-id", text(wanted, vm->kernel))                                                       \
    X("key-name", text(wanted, vm->key_name))                                                      \
    X("launch-index", number(wanted, vm->launch_index))                                            \
    X("launch-time", date(wanted, vm->launched))                                                   \
    X("metadata-options.http-endpoint",                                                            \
      text(wanted, vm->imds == IMDS_DISABLED ? "disabled" : "enabled"))                            \
    X("metadata-options.http-put-response-hop-limit", number(wanted, vm->imds_hop_limit))          \
    X("metadata-options.http-tokens",                                                              \
      text(wanted, vm->imds == IMDS_REQUIRED ? "required" : "optional"))                           \
    X("metadata-options.instance-metadata-tags",                                                   \
      text(wanted, vm->imds_tags ? "enabled" : "disabled"))                                        \
    X("network-interface.addresses.private-ip-address", address(wanted, view))                     \
    X("network-interface.mac-address", view->nic != NULL && text(wanted, view->nic->mac))          \
    X("network-interface.network-interface-id", view->nic != NULL && text(wanted, view->nic->id))  \
    X("owner-id", text(wanted, vm->owner))                                                         \
    X("private-dns-name", dns_name(wanted, view))                                                  \
    X("private-ip-address", address(wanted, view))                                                 \
    X("product-code", any_code(wanted, view->product_codes, FALSE))                                \
    X("product-code.type", any_code(wanted, view->product_codes, TRUE))                            \
    X("ramdisk-id", text(wanted, vm->ramdisk))                                                     \
    X("reservation-id", text(wanted, vm->reservation))                                             \
    X("root-device-name", text(wanted, vm->root_device))                                           \
    X("root-device-type", text(wanted, root_device_type_words[vm->root_device_type]))              \
    X("state-reason-code", text(wanted, vm->reason_code))                                          \
    X("state-reason-message", text(wanted, vm->reason_message))                                    \
    X("subnet-id", subnet(wanted, view))                                                           \
    X("tag-key", any_key(wanted, view->tags))                                                      \
    X("virtualization-type", text(wanted, virtualization_words[vm->virtualization]))               \
    X("vpc-id", vpc(wanted, view))

/* Of a volume *what, whose tags are TAGS. */
#define VOLUME_FILTERS(X)                                                                          \
    X("attachment.attach-time", what->instance != NULL && attach_time(wanted, what))               \
    X("attachment.delete-on-termination", what->instance != NULL && deleted(wanted, what))         \
    X("attachment.device", what->instance != NULL && device(wanted, what))                         \
    X("attachment.instance-id", text(wanted, what->instance))                                      \
    X("attachment.status", what->instance != NULL && attachment_status(wanted, what))              \
    X("availability-zone", text(wanted, what->zone))                                               \
    X("create-time", date(wanted, what->created))                                                  \
    X("encrypted", flag(wanted, what->secret != NULL))                                             \
    X("size", number(wanted, what->size_gib))                                                      \
    X("snapshot-id", text(wanted, what->snapshot))                                                 \
    X("status", text(wanted, volume_state_words[what->state]))                                     \
    X("tag-key", any_key(wanted, tags))                                                            \
    X("volume-id", volume_id(wanted, what))                                                        \
    X("volume-type", text(wanted, what->type))

/* Of a snapshot *what, whose tags are TAGS and whose owner EC2 calls ALIAS. */
#define SNAPSHOT_FILTERS(X)                                                                        \
    X("description", text(wanted, what->description))                                              \
    X("encrypted", flag(wanted, what->secret != NULL))                                             \
    X("owner-alias", text(wanted, alias))                                                          \
    X("owner-id", text(wanted, what->owner))                                                       \
    X("progress", text(wanted, what->state == SNAPSHOT_COMPLETED ? "100%" : "0%"))                 \
    X("snapshot-id", text(wanted, what->id))                                                       \
    X("start-time", date(wanted, what->started))                                                   \
    X("status", text(wanted, snapshot_state_words[what->state]))                                   \
    X("tag-key", any_key(wanted, tags))                                                            \
    X("volume-id", text(wanted, what->volume))                                                     \
    X("volume-size", number(wanted, what->size_gib))

/* Of a key_view *view and its key_pair *pair. */
#define KEY_FILTERS(X)                                                                             \
    X("fingerprint", text(wanted, pair->fingerprint))                                              \
    X("key-name", text(wanted, pair->name))                                                        \
    X("key-pair-id", text(wanted, pair->id))                                                       \
    X("tag-key", any_key(wanted, view->tags))

/* Of an instance_type *type. */
#define TYPE_FILTERS(X)                                                                            \
    X("bare-metal", flag(wanted, type->bare_metal))                                                \
    X("current-generation", flag(wanted, type->current_generation))                                \
    X("hibernation-supported", flag(wanted, type->hibernation))                                    \
    X("hypervisor", any_word(wanted, 1U << type->hypervisor, hypervisors))                         \
    X("instance-storage-info.disk.count", disks &&number(wanted, type->store_count))               \
    X("instance-storage-info.disk.size-in-gb", disks &&number(wanted, type->store_gb))             \
    X("instance-storage-info.disk.type", disks &&text(wanted, type->store_ssd ? "ssd" : "hdd"))    \
    X("instance-storage-info.total-size-in-gb",                                                    \
      disks &&number(wanted, (gint64)type->store_count * type->store_gb))                          \
    X("instance-storage-supported", flag(wanted, disks))                                           \
    X("instance-type", text(wanted, type->name))                                                   \
    X("memory-info.size-in-mib", number(wanted, type->memory_mib))                                 \
    X("processor-info.supported-architecture",                                                     \
      any_word(wanted, type->architectures, type_architectures))                                   \
    X("supported-boot-mode", any_word(wanted, type->boot_modes, type_boot_modes))                  \
    X("supported-root-device-type", any_word(wanted, type->roots, type_roots))                     \
    X("supported-virtualization-type",                                                             \
      any_word(wanted, type->virtualization, type_virtualizations))                                \
    X("vcpu-info.default-vcpus", number(wanted, type->vcpus))

#endif
