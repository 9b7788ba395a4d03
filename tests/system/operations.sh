# What failpoints.sh and full-disk.sh cut off at its steps, what each operation needs before, and how all are done: sourced after
# invariants.sh. The script's own is
#   steps_of LEGAL PREPARE COMMAND   prints what is wrong with an operation, and notes in $work/visited at which steps it was cut off
#   EVERY  at every third step only, say; the routine check does so, for all of them take minutes      FIRST  from which on (1)
readonly every=${EVERY:-1} first_step=${FIRST:-1}

# ---- what an operation begins with; $vm, $volume, $snapshot and $image are what it is done to ----

vm= volume= snapshot= image=
state() { sql "SELECT state FROM $1 WHERE id = '$2'"; }
going_with() { sql "SELECT id FROM volume WHERE instance = '$1' AND delete_on_termination"; }
launch=(run --type m3.medium --memory-limit 64M)
stays=--map=/dev/sdf=:1:false:gp2:encrypted
launched() { "$AMILAUNCH" "${launch[@]}" "$@" --json | jq -r '.Instances[0].InstanceId'; }

# Others that a cut-off launch may have left running legally.
only_ours() {
    local others
    others=$(sql "SELECT id FROM instance WHERE state != 'terminated' AND id != '$vm'")
    [ -z "$others" ] && return
    may_go $(for id in $others; do going_with "$id"; done)
    "$AMILAUNCH" terminate --force $others && no_free_volumes
}

instance_in() { # instance_in STATE OPTION-OF-RUN...
    local wanted=$1
    shift
    case $(state instance "${vm:-none}") in
        running | stopped) ;;
        *) vm=$(launched "$ami" "$@") && "$AMILAUNCH" stop --force "$vm" ;;
    esac || return
    [ "$(state instance "$vm")" = "$wanted" ] && { mark; return; }
    case $wanted in
        running) mark && "$AMILAUNCH" start "$vm" ;;
        stopped) "$AMILAUNCH" stop --force "$vm" && mark ;;
    esac
}

stopped() { instance_in stopped; }
running() { instance_in running; }
doomed() { [ "$(state instance "${vm:-none}")" = running ] || vm=$(launched "$ami"); }
doomed_stopped() { stopped && may_go $(going_with "$vm"); }
leaving() { no_free_volumes && instance_in stopped "$stays" && may_go $(going_with "$vm"); }

hibernatable() { # hibernatable STATE
    [ "$(sql "SELECT hibernation_configured FROM instance WHERE id = '$vm' AND state != 'terminated'")" = 1 ] || leave_vm
    instance_in "$1" --hibernate --map /dev/sda1=::::encrypted
}
awake() { hibernatable running; }
asleep() {
    [ "$(sql "SELECT hibernated FROM instance WHERE id = '$vm'")" = memory ] && return
    awake && "$AMILAUNCH" hibernate "$vm"
}
leave_vm() {
    [ -z "$vm" ] || { may_go $(going_with "$vm"); "$AMILAUNCH" terminate --force "$vm"; }
    vm=
}

# A free volume; those that earlier steps made go.
no_free_volumes() {
    local free
    free=$(sql "SELECT id FROM volume WHERE state = 'available' AND id != '${volume:-}'")
    [ -z "$free" ] && return
    may_go $free
    "$AMILAUNCH" volume rm $free
}
reset_vm() { [ "$(state instance "$vm")" != running ] || "$AMILAUNCH" reboot --force "$vm"; }
free_volume() {
    no_free_volumes || return
    case $(state volume "${volume:-none}") in
        available) ;;
        # There is nobody in the guest to let go of it, but a reset does.
        in-use) "$AMILAUNCH" volume detach --force "$volume"; reset_vm ;;
        *) volume=$("$AMILAUNCH" volume create --size 1 --json | jq -r .VolumeId) ;;
    esac && mark
}
attached_volume() {
    [ "$(state volume "${volume:-none}")" = in-use ] && return
    free_volume && "$AMILAUNCH" volume attach "$volume" "$vm" --device /dev/sdf
}
size=1
ungrown_volume() { free_volume && size=$(($(sql "SELECT size_gib FROM volume WHERE id = '$volume'") + 1)); }
grows_attached() { running && attached_volume && size=$(($(sql "SELECT size_gib FROM volume WHERE id = '$volume'") + 1)); }
free_to_go() { free_volume && may_go "$volume"; }
plug_in() { running && free_volume && reset_vm; }
unplug() { running && reset_vm && attached_volume; }
plug_in_cold() { stopped && free_volume; }
unplug_cold() { stopped && attached_volume; }
attached_running() { running && attached_volume; }

some_snapshot() {
    [ "$(state snapshot "${snapshot:-none}")" = completed ] ||
        snapshot=$("$AMILAUNCH" snapshot create "$volume" --json | jq -r .SnapshotId)
}
disk_of() { sql "SELECT snapshot FROM image_mapping WHERE image = '$1' AND snapshot IS NOT NULL"; }
# Copies that were made in spite of all.
no_copies() {
    local copies
    copies=$(sql "SELECT id FROM image WHERE region = 'eu-west-1' AND binned = 0")
    [ -z "$copies" ] || "$AMILAUNCH" --region eu-west-1 image deregister $copies --delete-snapshots || return
    copies=$(sql "SELECT id FROM snapshot WHERE region = 'eu-west-1' AND state = 'completed'")
    [ -z "$copies" ] || "$AMILAUNCH" --region eu-west-1 snapshot rm $copies
}
no_imports() {
    local imports
    imports=$(sql "SELECT id FROM image WHERE name = 'again' AND binned = 0")
    [ -z "$imports" ] || "$AMILAUNCH" image deregister $imports --delete-snapshots
}
# What is fetched already is gone on with, in fewer steps; import-http.sh looks at that.
nothing_fetched() { no_imports && mkdir -p -m 700 "$AMILAUNCH_HOME/downloads" && rm -f "$AMILAUNCH_HOME"/downloads/*; }
web_server() { # one with the empty disk, at $at
    local www=$work/www
    mkdir -p "$www"
    cp "$SCRATCH/blank.qcow2" "$www"
    /usr/bin/python3 "$(dirname "$0")/httpd.py" "$www" >/dev/null 2>&1 &
    web=$!
    between=0.1 eventually test -e "$www/.port"
    at=http://127.0.0.1:$(cat "$www/.port")
}
# An image of a snapshot of its own; without one, there is none in the recycle bin, either.
no_rules() {
    local rule
    for rule in $(sql "SELECT id FROM retention_rule"); do "$AMILAUNCH" retention rm "$rule" || return; done
}
time_passes() { sql "UPDATE image SET bin_until = 1 WHERE binned != 0"; }
made=
no_made() {
    local left
    no_rules && time_passes && "$AMILAUNCH" image ls || return
    left=$(sql "SELECT id FROM image WHERE id != '$ami'")
    [ -z "$left" ] || "$AMILAUNCH" image deregister $left --delete-snapshots || return
    left=$(sql "SELECT id FROM snapshot WHERE state = 'completed' AND id != '$(disk_of "$ami")'")
    [ -z "$left" ] || "$AMILAUNCH" snapshot rm $left
}
some_made() {
    local disk
    no_made && disk=$("$AMILAUNCH" snapshot copy "$(disk_of "$ami")" --json | jq -r .SnapshotId) &&
        made=$("$AMILAUNCH" image register --name made --map "/dev/sda1=$disk" --json | jq -r .ImageId)
}
going_to_bin() { some_made && "$AMILAUNCH" retention set image --days 1; }
in_bin() { going_to_bin && "$AMILAUNCH" image deregister "$made"; }
past_its_time() { in_bin && time_passes; }
# A folder for bundles, empty, or with a whole one; an image of one.
bundles= bundled=
bundle_state() {
    case $(ls -A "$bundles" | sed 's/[0-9]*$//' | sort -u | tr '\n' ' ') in
        '') ;;
        'b.manifest.xml b.part. ') "$AMILAUNCH" image unbundle "$bundles/b.manifest.xml" --out "$work/b.raw" --force >/dev/null && echo whole ;;
        *) echo "in pieces" ;;
    esac
}
raw_state() {
    [ "$(ls -A "$bundles" | grep -cv '^b\.\(part\..*\|manifest\.xml\|raw\)$')" = 0 ] || echo "in pieces"
    [ ! -e "$bundles/b.raw" ] || { cmp -s "$bundles/b.raw" "$SCRATCH/small.raw" && echo whole; }
}
new_bundle() { bundles=$work/bundles && rm -rf "$bundles" && mkdir "$bundles"; }
first_bundle() { new_bundle && rm -rf "$AMILAUNCH_HOME/bundles/keys"; }
old_bundle() {
    bundles=$work/bundles && [ ! -e "$bundles/b.manifest.xml" ] || return 0
    new_bundle && "$AMILAUNCH" image bundle "$SCRATCH/small.raw" --format raw --out "$bundles" --prefix b
}
no_bundle_images() {
    local left
    left=$(sql "SELECT id FROM image WHERE root_device_type = 'instance-store'")
    [ -z "$left" ] || "$AMILAUNCH" image deregister $left
}
# What is in it is known, so that no appliance is needed.
not_unpacked() {
    [ "$(state image "${bundled:-none}")" = available ] ||
        { old_bundle && no_bundle_images && bundled=$("$AMILAUNCH" image register --manifest "$bundles/b.manifest.xml") &&
            know '{}' "$(sql "SELECT content FROM image WHERE id = '$bundled'")"; } || return
    rm -f "$AMILAUNCH_HOME"/templates/bundle-*
}
# A key pair and its private key: "whole" or "out" of HOME. Nothing else may be there.
no_keys() { rm -f "$work/k.pem" && { [ -z "$(sql "SELECT id FROM key_pair")" ] || "$AMILAUNCH" key rm k; }; }
some_key() { [ "$(key_state)" = whole ] || { no_keys && "$AMILAUNCH" key create k --type ed25519; }; }
key_state() {
    local id files
    "$AMILAUNCH" key ls >/dev/null
    id=$(sql "SELECT id FROM key_pair")
    files=$(ls -A "$AMILAUNCH_HOME/keys")
    if [ "$files" = "${id:+$id.pem}" ]; then echo "${id:+whole}"
    elif [ -n "$id" ] && [ -z "$files" ] && ssh-keygen -yf "$work/k.pem" >/dev/null; then echo out
    else echo "in pieces: $files"; fi
}
# A deleted snapshot for the volume to take, and one for a snapshot that stays.
mergeable() {
    local old taken
    free_volume || return
    # Nothing was merged yet.
    [ "$(sql "SELECT count(*) FROM snapshot WHERE volume = '$volume' AND state = 'deleted' AND id IN
        (SELECT backing FROM volume UNION SELECT parent FROM snapshot)")" != 2 ] || return 0
    old=$(sql "SELECT id FROM snapshot WHERE volume = '$volume' AND state = 'completed'")
    taken=$(for _ in 1 2 3; do "$AMILAUNCH" snapshot create "$volume" --json | jq -r .SnapshotId; done)
    # shellcheck disable=SC2086
    "$AMILAUNCH" snapshot rm $old $(sed 2d <<<"$taken")
}
name=
new_name() { running && name=$name.; }

# ---- the operations: name, what is legal to be left, preparation, command ----

lane_run() {
    operation "run" 'instance |stopped|running' 'stopped && only_ours' "${launch[*]} $stays $ami"
}

lane_start() {
    operation "start" 'instance stopped|running' stopped 'start $vm'
    operation "reboot" 'instance running' running 'reboot $vm'
    operation "reboot --force" 'instance running' running 'reboot --force $vm'
}

lane_stop() {
    operation "stop" 'instance stopped|running' running 'stop $vm'
    operation "stop --force" 'instance stopped|running' running 'stop --force $vm'
}

lane_terminate() {
    operation "terminate" 'instance terminated|running' doomed 'terminate $vm'
    operation "terminate, stopped" 'instance terminated|stopped' doomed_stopped 'terminate $vm'
}

lane_leave() {
    operation "terminate, leaving a volume" 'instance terminated|stopped' leaving 'terminate --force $vm'
}

lane_hibernate() {
    operation "hibernate" 'instance stopped|running' awake 'hibernate $vm'
}

lane_resume() {
    operation "resume" 'instance stopped|running' asleep 'start $vm'
    operation "terminate, hibernated" 'instance terminated|stopped' 'asleep && may_go $(going_with "$vm")' 'terminate $vm'
}

lane_volume() {
    operation "volume create" 'volume |available' no_free_volumes 'volume create --size 1'
    operation "volume create --encrypted" 'volume |available' no_free_volumes 'volume create --size 1 --encrypted'
    operation "volume modify" 'volume available' ungrown_volume 'volume modify $volume --size $size'
    operation "volume modify, attached" 'volume in-use' grows_attached 'volume modify $volume --size $size'
    operation "volume detach" 'volume in-use|available' unplug 'volume detach --force $volume'
    operation "volume attach" 'volume in-use|available' plug_in 'volume attach $volume $vm --device /dev/sdf'
    operation "volume detach, stopped" 'volume in-use|available' unplug_cold 'volume detach $volume'
    operation "volume attach, stopped" 'volume in-use|available' plug_in_cold 'volume attach $volume $vm --device /dev/sdf'
    operation "volume rm" 'volume |available' free_to_go 'volume rm $volume'
}

lane_snapshot() {
    operation "snapshot create" 'volume available' free_volume 'snapshot create $volume'
    operation "snapshot create, running" 'volume in-use' attached_running 'snapshot create $volume'
    operation "snapshot rm" 'snapshot |deleted|completed' some_snapshot 'snapshot rm $snapshot'
    operation "image create" 'instance running' new_name 'image create $vm --name made$name --no-reboot'
}

lane_image() {
    operation "image copy" 'image |available' no_copies 'image copy $ami --to eu-west-1 --name copy'
    operation "snapshot copy" 'copied |completed' no_copies 'snapshot copy $(disk_of $ami) --to eu-west-1'
    no_copies >>"$work/output" 2>&1
    operation "image register, of a snapshot" 'image |available' no_made 'image register --name made --map /dev/sda1=$(disk_of $ami)'
    operation "image deregister" 'image |available' some_made 'image deregister $made --delete-snapshots'
    operation "image deregister, to the bin" 'image deregistered|available' going_to_bin 'image deregister $made'
    operation "image restore" 'image deregistered|available' in_bin 'image restore $made'
    operation "the end of a time in the bin" 'image |' past_its_time 'image ls'
    no_made >>"$work/output" 2>&1
}

lane_import() {
    operation "image import, a file" 'image |available' no_imports 'image import $SCRATCH/blank.qcow2 --name again'
}

# These three are not among those that always run: they take minutes, and most of their steps are those of the others.
lane_import_web() {
    local web at
    web_server
    operation "image import, from the web" 'image |available' nothing_fetched "image import $at/ok/blank.qcow2 --name again"
    find "$AMILAUNCH_HOME/downloads" -type f >>"$work/problems"
    kill $web
}

lane_bundle() {
    operation "image register" 'image |available' 'old_bundle && no_bundle_images' 'image register --manifest $bundles/b.manifest.xml'
    operation "unbundling at a launch" 'image available' not_unpacked 'plan $bundled --type m3.medium'
}

lane_bundle_all() {
    operation "image bundle" 'bundle |whole' first_bundle 'image bundle $SCRATCH/small.raw --format raw --out $bundles --prefix b'
    operation "image unbundle" 'raw |whole' 'old_bundle && rm -f $bundles/b.raw' 'image unbundle $bundles/b.manifest.xml --out $bundles/b.raw'
    operation "image bundle, replacing one" 'bundle whole' 'old_bundle && rm -f $bundles/b.raw' 'image bundle $SCRATCH/small.raw --format raw --out $bundles --prefix b --force'
    operation "image bundle, an instance" 'bundle |whole' 'running && new_bundle' 'image bundle $vm --out $bundles --prefix b'
}

lane_key() {
    operation "key create" 'key |whole' no_keys 'key create k --type ed25519'
    operation "key create --output" 'key |whole|out' no_keys 'key create k --type ed25519 --output $work/k.pem'
    operation "key rm" 'key |whole' some_key 'key rm k'
}

lane_gc() {
    operation "gc" 'volume available' mergeable gc
}

# ---- what has to be so after it ----

settled() {
    local deadline=$((SECONDS + long))
    while [ -n "$(sql "SELECT id FROM instance WHERE state = 'stopping'")" ]; do
        [ $SECONDS -lt $deadline ] || { echo "it stays stopping"; return; }
        sleep 0.2
        "$AMILAUNCH" ls >/dev/null 2>&1
    done
}

aftermath() { # aftermath 'KIND STATE|STATE...'
    local kind=${1%% *} id left
    settled
    invariants
    case $kind in
        volume) id=$volume ;;
        image) id=$(sql "SELECT id FROM image WHERE id != '$ami'") ;;
        copied) kind=snapshot id=$(sql "SELECT id FROM snapshot WHERE source IS NOT NULL") ;;
        *) id=$vm ;;
    esac
    case $kind in
        bundle | raw | key) left=$("${kind}_state") ;;
        *) left=$(state "$kind" "${id:-none}") ;;
    esac
    [[ "|${1#* }|" == *"|$left|"* ]] || echo "the $kind $id is ${left:-gone}"
}

# ---- doing them ----

# Results are lines "NAME|STEPS|SECONDS"; problems are lines "NAME: TEXT".
operation() { # operation NAME LEGAL PREPARE COMMAND
    local begun=$SECONDS
    [ -z "${ONLY:-}" ] || [ "$ONLY" = "$1" ] || return
    : >"$work/visited"
    steps_of "$2" "$3" "$4" >"$work/wrong"
    sed "s/^/$1: /" "$work/wrong" >>"$work/problems"
    echo "$1|$(wc -l <"$work/visited")|$((SECONDS - begun))" >>"$work/results"
}

lane() { # lane NAME: some of the operations, in a HOME of their own
    work=$SCRATCH/$1
    AMILAUNCH_HOME=$work/home
    touch "$work/problems" "$work/results"
    "lane_$1" 2>>"$work/output"
    { leave_vm; only_ours; no_free_volumes; } >>"$work/output" 2>&1
}

# do_lanes MOST LANE...: so many at once, each in a copy of a HOME with an empty disk: guests stay in their firmware, which costs
# nothing. Most of it is waiting for processes to end.
do_lanes() {
    local most=$1 name
    shift
    mkdir -p "$AMILAUNCH_HOME"
    printf 'stop_timeout = 1;\nreboot_timeout = 1;\n' >"$AMILAUNCH_HOME/amilaunch.conf"
    qemu-img create -q -f qcow2 "$SCRATCH/blank.qcow2" 1G
    head -c 200k /dev/urandom >"$SCRATCH/small.raw"
    know '{}' "$(content_of qcow2 "$SCRATCH/blank.qcow2")"
    ami=$("$AMILAUNCH" image import "$SCRATCH/blank.qcow2" --name blank 2>/dev/null | cut -d' ' -f1)
    need "an empty disk is imported" "$ami"
    for name; do
        mkdir -p "$SCRATCH/$name"
        cp -a "$AMILAUNCH_HOME" "$SCRATCH/$name/home"
        [ "$(jobs -rp | wc -l)" -lt "$most" ] || wait -n
        lane "$name" &
    done
    wait
}

no_problems() { ! cat "$SCRATCH"/*/problems | grep -F "$1: "; }
# tell_results CUT-OFF: what that is called. Sets $steps_in_all and $complaints.
tell_results() {
    local operation steps seconds
    steps_in_all=0 complaints=$(cat "$SCRATCH"/*/problems | grep -c .)
    while IFS='|' read -r operation steps seconds; do
        echo "#= $operation: $1 at $steps steps ($seconds s)"
        steps_in_all=$((steps_in_all + steps))
        check "$operation, $1: nothing is lost, nothing is left" no_problems "$operation"
    done < <(cat "$SCRATCH"/*/results)
    check "no step of any was without its result" test "$complaints" = 0
    check "there were steps" test "$steps_in_all" -ge 20
}
