#!/bin/bash
# Stops amilaunch dead at every step of every operation, one after the other, and looks at what the next
# command makes of it. AMILAUNCH_FAILPOINTS names a program built with --enable-failpoints. The guests
# have empty disks and stay in their firmware, which costs nothing.
AMILAUNCH=${AMILAUNCH_FAILPOINTS:-$AMILAUNCH}
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/invariants.sh"

# ---- what an operation begins with; $vm, $volume, $snapshot and $image are what it is done to ----

vm= volume= snapshot= image=
state() { sql "SELECT state FROM $1 WHERE id = '$2'"; }
volumes_of() { sql "SELECT id FROM volume WHERE instance = '$1'"; }
launch=(run --type m3.medium --memory-limit 64M)
launched() { "$AMILAUNCH" "${launch[@]}" "$@" --json | jq -r '.Instances[0].InstanceId'; }

# Others that a cut-off launch may have left running legally.
only_ours() {
    local others
    others=$(sql "SELECT id FROM instance WHERE state != 'terminated' AND id != '$vm'")
    [ -z "$others" ] && return
    may_go $(for id in $others; do volumes_of "$id"; done)
    "$AMILAUNCH" terminate $others
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
doomed() { running && may_go $(volumes_of "$vm"); }

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
    [ -z "$vm" ] || { may_go $(volumes_of "$vm"); "$AMILAUNCH" terminate "$vm"; }
    vm=
}
plain() {
    [ "$(sql "SELECT hibernation_configured FROM instance WHERE id = '$vm'")" != 1 ] || leave_vm
}

# A free volume; those that earlier steps made go.
no_free_volumes() {
    local free
    free=$(sql "SELECT id FROM volume WHERE state = 'available' AND id != '${volume:-}'")
    [ -z "$free" ] && return
    may_go $free
    "$AMILAUNCH" volume rm $free
}
free_volume() {
    no_free_volumes || return
    case $(state volume "${volume:-none}") in
        available) ;;
        in-use) "$AMILAUNCH" volume detach --force "$volume" ;;
        *) volume=$("$AMILAUNCH" volume create --size 1 --json | jq -r .VolumeId) ;;
    esac && mark
}
attached_volume() {
    [ "$(state volume "${volume:-none}")" = in-use ] && return
    free_volume && "$AMILAUNCH" volume attach "$volume" "$vm" /dev/sdf
}
size=1
ungrown_volume() { free_volume && size=$(($(sql "SELECT size_gib FROM volume WHERE id = '$volume'") + 1)); }
grows_attached() { running && attached_volume && size=$(($(sql "SELECT size_gib FROM volume WHERE id = '$volume'") + 1)); }
free_to_go() { free_volume && may_go "$volume"; }
plug_in() { running && free_volume; }
unplug() { running && attached_volume; }
plug_in_cold() { stopped && free_volume; }
unplug_cold() { stopped && attached_volume; }
attached_running() { running && attached_volume; }

some_snapshot() {
    [ "$(state snapshot "${snapshot:-none}")" = completed ] ||
        snapshot=$("$AMILAUNCH" snapshot create "$volume" --json | jq -r .SnapshotId)
}
name=
new_name() { running && name=$name.; }

# ---- the operations: name, what is legal to be left, preparation, command ----

first_half() {
    operation "run" 'instance |stopped|running' 'stopped && only_ours' "${launch[*]} $ami"
    operation "start" 'instance stopped|running' stopped 'start $vm'
    operation "stop" 'instance stopped|running' running 'stop $vm'
    operation "stop --force" 'instance stopped|running' running 'stop --force $vm'
    operation "reboot" 'instance running' running 'reboot $vm'
    operation "terminate" 'instance terminated|running' doomed 'terminate $vm'
    operation "terminate, stopped" 'instance terminated|stopped' 'stopped && may_go $(volumes_of "$vm")' 'terminate $vm'
    operation "hibernate" 'instance stopped|running' awake 'hibernate $vm'
    operation "resume" 'instance stopped|running' asleep 'start $vm'
    operation "terminate, hibernated" 'instance terminated|stopped' 'asleep && may_go $(volumes_of "$vm")' 'terminate $vm'
}

second_half() {
    operation "volume create" 'volume |available' no_free_volumes 'volume create --size 1'
    operation "volume create --encrypted" 'volume |available' no_free_volumes 'volume create --size 1 --encrypted'
    operation "volume modify" 'volume available' ungrown_volume 'volume modify $volume --size $size'
    operation "volume modify, attached" 'volume in-use' grows_attached 'volume modify $volume --size $size'
    operation "volume detach" 'volume in-use|available' unplug 'volume detach --force $volume'
    operation "volume attach" 'volume in-use|available' plug_in 'volume attach $volume $vm /dev/sdf'
    operation "volume detach, stopped" 'volume in-use|available' unplug_cold 'volume detach $volume'
    operation "volume attach, stopped" 'volume in-use|available' plug_in_cold 'volume attach $volume $vm /dev/sdf'
    operation "snapshot create" 'volume available' free_volume 'snapshot create $volume'
    operation "snapshot create, running" 'volume in-use' attached_running 'snapshot create $volume'
    operation "snapshot rm" 'volume in-use' some_snapshot 'snapshot rm $snapshot'
    operation "image create" 'instance running' new_name 'image create $vm --name made$name --no-reboot'
    operation "volume rm" 'volume |available' free_to_go 'volume rm $volume'
}

# ---- running them ----

offered() { # whether this amilaunch has the command that LINE begins with
    local first second
    read -r first second _ <<<"$1"
    case $first in
        volume | snapshot | image) "$AMILAUNCH" "$first" "$second" --help ;;
        *) "$AMILAUNCH" "$first" --help ;;
    esac >/dev/null 2>&1
}

# What `ls` begins to put right may be cut off as well.
look_twice() {
    AMILAUNCH_FAILPOINT=$((1 + $1 % 7)) "$AMILAUNCH" ls
    timeout 60 "$AMILAUNCH" ls || echo "ls failed"
} >>"$work/output" 2>&1

settled() {
    local deadline=$((SECONDS + 15))
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
    case $kind in volume) id=$volume ;; *) id=$vm ;; esac
    left=$(state "$kind" "${id:-none}")
    [[ "|${1#* }|" == *"|$left|"* ]] || echo "the $kind $id is ${left:-gone}"
}

# One at a time until the command gets through: then there is no further step.
operation() { # operation NAME LEGAL PREPARE COMMAND
    local name_of=$1 legal=$2 prepare=$3 line=$4 step=0 status at
    local steps=$work/steps.${name_of// /_}
    local -a words
    [ -z "${ONLY:-}" ] || [ "$ONLY" = "$name_of" ] || return
    offered "$line" || { echo "$name_of|skip" >>"$work/results"; return; }
    local begun=$SECONDS
    while :; do
        step=$((step + 1))
        eval "$prepare" >>"$work/output" 2>&1 || { echo "$name_of: step $step: its preparation failed"; break; }
        eval "words=($line)"
        rm -f "$steps"
        status=0
        AMILAUNCH_FAILPOINT=$step AMILAUNCH_FAILPOINT_LOG=$steps timeout -s INT 60 "$AMILAUNCH" "${words[@]}" \
            >>"$work/output" 2>&1 || status=$?
        at=$(tail -n 1 "$steps")
        if [ $status = 137 ]; then
            [ "${at%% *}" = $step ] || echo "$name_of: killed at $at, not at step $step"
            look_twice $step
        fi
        aftermath "$legal" | sed "s/^/$name_of: step $at: /"
        [ $status = 137 ] && [ $step -lt 200 ] || break
    done >>"$work/problems"
    [ $status = 0 ] || echo "$name_of: ended with $status" >>"$work/problems"
    [ "$(wc -l <"$steps")" = $((step - 1)) ] || echo "$name_of: not all steps were taken" >>"$work/problems"
    echo "$name_of|$((step - 1))|$((SECONDS - begun))" >>"$work/results"
}

half() { # half NAME: one of the two, in a HOME of its own
    work=$SCRATCH/$1
    : >"$work/problems"
    : >"$work/results"
    AMILAUNCH_HOME=$work/home
    "$1" 2>>"$work/output"
    leave_vm >>"$work/output" 2>&1
    no_free_volumes >>"$work/output" 2>&1
}

has_failpoints() { grep -qa AMILAUNCH_FAILPOINT "$AMILAUNCH"; }
has_failpoints || { echo "1..0 # SKIP $AMILAUNCH was not built with --enable-failpoints"; exit 0; }

mkdir -p "$AMILAUNCH_HOME"
printf 'stop_timeout = 1;\nreboot_timeout = 1;\n' >"$AMILAUNCH_HOME/amilaunch.conf"
qemu-img create -q -f qcow2 "$SCRATCH/blank.qcow2" 1G
ami=$("$AMILAUNCH" image import "$SCRATCH/blank.qcow2" --name blank 2>/dev/null | cut -d' ' -f1)
need "an empty disk is imported" "$ami"
for part in first_half second_half; do
    mkdir -p "$SCRATCH/$part"
    cp -a "$AMILAUNCH_HOME" "$SCRATCH/$part/home"
done
half first_half &
half second_half &
wait

no_problems() { # no_problems NAME
    ! cat "$SCRATCH"/*_half/problems | grep "^$1: "
}
all=0
while IFS='|' read -r operation steps seconds; do
    if [ "$steps" = skip ]; then
        number=$((number + 1))
        echo "ok $number - $operation # SKIP there is no such command"
        continue
    fi
    echo "#= $operation: $steps steps, killed at each ($seconds s)"
    all=$((all + steps))
    check "$operation has steps" test "$steps" -ge 4
    check "$operation, killed at each of $steps steps: nothing is lost, nothing is left" no_problems "$operation"
done < <(cat "$SCRATCH"/*_half/results)
echo "#= $all steps in all, all visited"
check "no step was lost and nothing leaked" eval '! grep . "$SCRATCH"/*_half/problems'
finish
