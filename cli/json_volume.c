#include "cli/print.h"
#include "cli/json.h"
#include "cli/json_put.h"

json_t *
ec2_snapshot(const snapshot *what, const GPtrArray *tags)
{
    json_t *object = json_object();

    json_put_text(object, "Description", what->description != NULL ? what->description : "");
    json_put_flag(object, "Encrypted", what->secret != NULL);
    json_put_text(object, "OwnerId", what->owner);
    json_put_text(object, "Progress", print_progress(what));
    json_put_text(object, "SnapshotId", what->id);
    json_put_time(object, "StartTime", what->started);
    json_put_text(object, "State", snapshot_state_words[what->state]);
    /* An imported disk had no volume; EC2 has an id for that. */
    json_put_text(object, "VolumeId", what->volume != NULL ? what->volume : "vol-ffffffff");
    json_put_int(object, "VolumeSize", what->size_gib);
    json_put_tags(object, tags);
    return object;
}

json_t *
ec2_snapshots(const GPtrArray *snapshots, GHashTable *tags)
{
    json_t *all = json_array();

    for (guint i = 0; i < snapshots->len; i++) {
        const snapshot *what = g_ptr_array_index(snapshots, i);
        json_array_append_new(all, ec2_snapshot(what, g_hash_table_lookup(tags, what->id)));
    }
    return json_pack("{s:o}", "Snapshots", all);
}

json_t *
ec2_attachment(const volume *what, const char *state_word)
{
    json_t *object = json_object();

    if (what->attached != 0)
        json_put_time(object, "AttachTime", what->attached);
    json_put_text(object, "Device", what->device);
    json_put_text(object, "InstanceId", what->instance);
    json_put_text(object, "State", state_word);
    json_put_text(object, "VolumeId", what->id);
    json_put_flag(object, "DeleteOnTermination", what->delete_on_termination != 0);
    return object;
}

json_t *
ec2_volume(const volume *what, const GPtrArray *tags)
{
    json_t *object = json_object();
    json_t *attachments = json_array();

    if (what->instance != NULL)
        json_array_append_new(attachments,
                              ec2_attachment(what, what->attached != 0 ? "attached" : "attaching"));
    json_object_set_new(object, "Attachments", attachments);
    json_put_text(object, "AvailabilityZone", what->zone);
    json_put_time(object, "CreateTime", what->created);
    json_put_flag(object, "Encrypted", what->secret != NULL);
    json_put_int(object, "Size", what->size_gib);
    json_put_text(object, "SnapshotId", what->snapshot != NULL ? what->snapshot : "");
    json_put_text(object, "State", volume_state_words[what->state]);
    json_put_text(object, "VolumeId", what->id);
    json_put_text(object, "VolumeType", what->type);
    json_put_tags(object, tags);
    return object;
}

json_t *
ec2_volumes(const GPtrArray *volumes, GHashTable *tags)
{
    json_t *all = json_array();

    for (guint i = 0; i < volumes->len; i++) {
        const volume *what = g_ptr_array_index(volumes, i);
        json_array_append_new(all, ec2_volume(what, g_hash_table_lookup(tags, what->id)));
    }
    return json_pack("{s:o}", "Volumes", all);
}

json_t *
ec2_volume_modification(const volume *what)
{
    json_t *object = json_object();

    json_put_text(object, "VolumeId", what->id);
    json_put_text(object, "ModificationState", "completed");
    json_put_int(object, "TargetSize", what->size_gib);
    json_put_text(object, "TargetVolumeType", what->type);
    json_put_int(object, "Progress", 100);
    return json_pack("{s:o}", "VolumeModification", object);
}
