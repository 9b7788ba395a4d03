#!/bin/bash
# Trees of volumes and snapshots, grown at random, of which snapshots are deleted in random order under live volumes, with
# gc at random moments: whatever is left has, after each step, exactly the content that it had when it was made.
#   SEED  what the random numbers begin with: a run that failed can be repeated       STEPS  how many
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/invariants.sh"

seed=${SEED:-20061011}
steps=${STEPS:-40}
RANDOM=$seed
echo "#= SEED=$seed STEPS=$steps"
refs=$SCRATCH/refs
mkdir -p "$refs"
json() { "$AMILAUNCH" "${@:2}" --json | jq -r "$1"; }

# Sets $any to one of the words. Not printed: RANDOM would go its own way in a subshell.
choose() { any=; [ $# = 0 ] || { shift $((RANDOM % $#)); any=$1; }; }

# ---- content ----

table_of() { case $1 in vol-*) echo volume ;; *) echo snapshot ;; esac; }
file_of() { echo "$AMILAUNCH_HOME/$(table_of "$1")s/$1.qcow2"; }

# How QEMU opens a volume or a snapshot, link by link; each link is what the file itself says.
node() {
    local file=$1 secret below name
    name=$(basename "$file" .qcow2)
    secret=$(sql "SELECT coalesce(secret, '') FROM $(table_of "$name") WHERE id = '$name'")
    below=$(qemu-img info -U --output=json "$file" | jq -r '.["backing-filename"] // ""')
    [ -z "$below" ] || below=$(node "$(dirname "$file")/$below")
    jq -cn --arg file "$file" --arg secret "$secret" --argjson below "${below:-null}" '
        {driver: "qcow2", file: {driver: "file", filename: $file, locking: "off"}, backing: $below} +
        if $secret == "" then {} else {encrypt: {format: "luks", "key-secret": ("s" + $secret)}} end'
}

# Sets $source, words for QEMU's tools.
open_it() { # open_it ID
    local secret
    source=("$(file_of "$1")")
    [ -n "$(sql "SELECT secret FROM $(table_of "$1") WHERE id = '$1' AND secret IS NOT NULL")" ] || return 0
    source=("json:$(node "${source[0]}")")
    for secret in $(folder secrets); do
        source=(--object "secret,id=s$secret,file=$AMILAUNCH_HOME/secrets/$secret" "${source[@]}")
    done
}

remember() { open_it "$1" && qemu-img convert -U -O raw "${source[@]}" "$refs/$1"; }

# A disk that grew reads as zeros at its end; that isn't a difference.
is_as_it_was() {
    open_it "$1" && qemu-img compare -U -F raw "${source[@]}" "$refs/$1" || { echo "$1 is not what it was"; return 1; }
}

all_as_they_were() {
    local ref bad=0
    for ref in "$refs"/*; do
        is_as_it_was "${ref##*/}" >"$SCRATCH/compared" 2>&1 || { cat "$SCRATCH/compared"; bad=1; }
    done
    return $bad
}

# ---- what can be done ----

free_volumes() { sql "SELECT id FROM volume WHERE state = 'available'"; }
all_volumes() { sql "SELECT id FROM volume WHERE state IN ('available', 'in-use')"; }
snapshots() { sql "SELECT id FROM snapshot WHERE state = 'completed' AND id NOT IN (SELECT snapshot FROM image_mapping WHERE snapshot IS NOT NULL)"; }

# What a guest would do, with QEMU's own tools; the volume's content is another one then.
scribble() { # scribble VOLUME
    local commands=() i
    for i in 1 2 3; do
        commands+=(-c "write -P $((1 + RANDOM % 255)) $((RANDOM % 512 * 64 + RANDOM % 4 * 16))k $((1 + RANDOM % 20 * 16))k"
            -c "write -z $((RANDOM % 512 * 64))k 64k")
    done
    open_it "$1" && qemu-io "${commands[@]}" "${source[@]}" >>"$SCRATCH/output" && remember "$1"
}

new_volume() { # new_volume OPTION...
    local id
    id=$(json .VolumeId volume create "$@") && scribble "$id"
}

take() {
    local id
    id=$(json .SnapshotId snapshot create "$1") && remember "$id"
}

drop() { # drop snapshot|volume ID
    "$AMILAUNCH" "$1" rm "$2" && rm -f "$refs/$2"
}

grow() {
    local size
    size=$(sql "SELECT size_gib FROM volume WHERE id = '$1'")
    "$AMILAUNCH" volume modify "$1" --size $((size + 1)) && scribble "$1"
}

# Another snapshot that has the same file, as a copy of it has.
copy() {
    local id
    id=$(json .SnapshotId snapshot copy "$1") && remember "$id"
}

gc() { "$AMILAUNCH" gc --depth "$1" >>"$SCRATCH/gc" && cat "$SCRATCH/gc"; }

step() { # one of the above, at random
    case $((RANDOM % 24)) in
        0) set -- new_volume --size 1 ;;
        1) set -- new_volume --size 1 --encrypted ;;
        2 | 3) choose $(snapshots); [ -z "$any" ] || set -- new_volume --snapshot "$any" ;;
        4) choose $(snapshots); [ -z "$any" ] || set -- new_volume --snapshot "$any" --encrypted ;;
        5 | 6 | 7 | 20 | 21 | 22) choose $(all_volumes); set -- take "$any" ;;
        8) choose $(free_volumes); [ -z "$any" ] || set -- scribble "$any" ;;
        9 | 10 | 11 | 16 | 17) choose $(snapshots); [ -z "$any" ] || set -- drop snapshot "$any" ;;
        12) choose $(free_volumes); [ -z "$any" ] || [ "$(free_volumes | wc -l)" -lt 4 ] || set -- drop volume "$any" ;;
        13) choose $(free_volumes); [ -z "$any" ] || set -- grow "$any" ;;
        14) choose $(snapshots); [ -z "$any" ] || ! has_copy || set -- copy "$any" ;;
        15 | 18 | 19 | 23) set -- gc $((1 + RANDOM % 9)) ;;
    esac
    [ $# != 0 ] || return 0
    did=$*
    "$@" >>"$SCRATCH/output" 2>&1 || { echo "$did failed:"; tail -n 3 "$SCRATCH/output"; return 1; }
}
has_copy() { "$AMILAUNCH" snapshot copy --help >>"$SCRATCH/output" 2>&1; }

# ---- at random ----

ami=$(imported)
need "the sample is imported" "$ami"
vm=$(json '.Instances[0].InstanceId' run "$ami" --type t2.nano --memory-limit 128M)
need "an instance whose guest writes while it boots" "$vm"
check "three volumes to begin with" eval 'new_volume --size 1 && new_volume --size 1 --encrypted && new_volume --size 2'
choose $(free_volumes)
check "one of them in use by the guest" "$AMILAUNCH" volume attach "$any" "$vm"
rm -f "$refs/$any" # the guest marks it

grow_at_random() {
    local i
    for ((i = 1; i <= steps; i++)); do
        did=nothing
        step || return
        # What only adds to the trees is looked at together with what follows.
        case $did in drop* | gc* | grow*) all_as_they_were || { echo "after step $i: $did"; return 1; } ;; esac
    done
    all_as_they_were
}
check "$steps steps at random: all content is as it was, after each" grow_at_random

# ---- and all away, in random order, with the guest on, and then off ----

delete_all() { # delete_all MOST
    local left=$1
    while choose $(snapshots) && [ -n "$any" ] && [ "$((left--))" -gt 0 ]; do
        drop snapshot "$any" || return
        [ $((RANDOM % 3)) != 0 ] || gc $((1 + RANDOM % 9)) || return
        all_as_they_were || { echo "after $any was deleted"; return 1; }
    done
}
check "half of the snapshots are deleted: all others, and all volumes, are as they were" delete_all $(($(snapshots | wc -l) / 2))
check "the guest is stopped" "$AMILAUNCH" stop --force "$vm"
for volume in $(all_volumes); do remember "$volume"; done
check "the other half" delete_all 1000
check "gc" gc 1
check "the volumes are as they were" all_as_they_were
# What several share isn't copied into each; copies share a file, and what stands on either shares it.
only_shared() {
    local id
    for id in $(sql "SELECT id FROM snapshot AS s WHERE state = 'deleted' AND
        (SELECT count(*) FROM volume WHERE backing = s.id) + (SELECT count(*) FROM snapshot WHERE parent = s.id) = 1"); do
        [ "$(stat -c %h "$(file_of "$id")")" -gt 1 ] || { echo "$id"; return 1; }
    done
}
few_layers() { [ "$("$AMILAUNCH" gc --dry-run --json | jq .DeepestBefore)" -le 1 ]; }
check "no deleted snapshot is left for one thing only" only_shared
check "nothing stands on more than one layer" few_layers
check "records and files are in order" invariants
check "the guest starts from what gc has made" "$AMILAUNCH" start "$vm"
echo "#= $(grep -c '^merged' "$SCRATCH/gc") merges and $(grep -c '^flattened' "$SCRATCH/gc") flattenings, $SECONDS s"
"$AMILAUNCH" terminate --force "$vm" >>"$SCRATCH/output" 2>&1
rm -rf "$refs"
finish
