#!/bin/bash
# Random commands, several at once, some of them killed, as are the network process, guests and (an ordinary user's own) libvirtd.
# After each round all has to be as invariants.sh says, and each volume and snapshot has to have the bytes that it should.
# The guests halt at once, which costs nothing. scripts/soak runs it for as long as one likes.
#   SOAK_SECONDS  for how long (30)        SEED  what the commands follow from (the time)        AT_ONCE  how many do so (4)
. "$(dirname "$0")/lib.sh"
AMILAUNCH_HOME=$SCRATCH/soak
. "$(dirname "$0")/invariants.sh"

readonly seconds=${SOAK_SECONDS:-30} seed=${SEED:-$EPOCHSECONDS} at_once=${AT_ONCE:-4} each=8
readonly log=$SCRATCH/operations
mkdir -p "$AMILAUNCH_HOME" "$SCRATCH/files"
printf 'stop_timeout = 1;\nreboot_timeout = 1;\n' >"$AMILAUNCH_HOME/amilaunch.conf"
: >"$log"

# ---- the image: its boot code is cli; hlt; jmp back ----

disk=$SCRATCH/files/halts.raw
truncate -s 1G "$disk"
printf '\xfa\xf4\xeb\xfd' | dd of="$disk" conv=notrunc status=none
printf '\x55\xaa' | dd of="$disk" bs=1 seek=510 conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$disk" "$SCRATCH/files/halts.qcow2"
rm "$disk"
disk=$SCRATCH/files/halts.qcow2
know '{}' "$(content_of qcow2 "$disk")"
ami=$("$AMILAUNCH" image import "$disk" --name halts 2>/dev/null | cut -d' ' -f1)
need "a disk that halts is imported" "$ami"

# ---- what to do it to ----

count() { sql "SELECT count(*) FROM $1"; }
any() { # any ROWS: the id of one of them
    sql "SELECT id FROM $1 ORDER BY id LIMIT 1 OFFSET $RANDOM % max(1, (SELECT count(*) FROM $1))"
}
instance() { any "(SELECT id FROM instance WHERE state ${1:-!= 'terminated'})"; }
volume() { any "(SELECT id FROM volume WHERE state ${1:-IN ('available', 'in-use')})"; }
snapshot() { any "(SELECT id FROM snapshot WHERE state = 'completed')"; }
other_image() { any "(SELECT id FROM image WHERE id != '$ami' AND binned = 0)"; }

# What a command deletes by right is written down before.
goes() { printf '%s\n' "$@" >>"$SCRATCH/going"; }
goes_with() { # shellcheck disable=SC2046
    goes $(sql "SELECT id FROM volume WHERE instance = '$1' AND delete_on_termination")
}

# Sets $words to a command; one that can't be is as good as any.
choose_instance() {
    local id
    case $((RANDOM % 12)) in
        0 | 1 | 2)
            [ "$(count "instance WHERE state NOT IN ('terminated')")" -lt 10 ] || return
            words=(run "$ami" --type m3.medium --memory-limit 32M "--map=/dev/sdf=:1:false")
            [ $((RANDOM % 4)) != 0 ] || words+=(--hibernate "--map=/dev/sda1=::::encrypted") ;;
        3 | 4) words=(start "$(instance "= 'stopped'")") ;;
        5 | 6) words=(stop --force "$(instance)") ;;
        7) words=(reboot --force "$(instance)") ;;
        8) id=$(instance); goes_with "$id"; words=(terminate --force "$id") ;;
        9) words=(hibernate "$(instance "= 'running'")") ;;
        10) words=(modify "$(instance)" --type m3.large) ;;
        11) words=(show "$(instance)") ;;
    esac
}
choose_volume() {
    local id
    case $((RANDOM % 10)) in
        0) words=(volume create --size 1) ;;
        1) words=(volume create --size 1 --encrypted) ;;
        2) words=(volume create --snapshot "$(snapshot)") ;;
        3 | 4) words=(volume attach "$(volume "= 'available'")" "$(instance)" --device "/dev/sd$(printf %s "ghijk" | cut -c $((1 + RANDOM % 5)))") ;;
        5 | 6) words=(volume detach --force "$(volume "= 'in-use'")") ;;
        7) words=(volume modify "$(volume)" --size $((1 + RANDOM % 4))) ;;
        8 | 9) id=$(volume); goes "$id"; words=(volume rm "$id") ;;
    esac
}
choose_snapshot() {
    case $((RANDOM % 10)) in
        0 | 1 | 2 | 3) words=(snapshot create "$(volume)") ;;
        4) words=(snapshot copy "$(snapshot)" --to us-east-1) ;;
        5 | 6 | 7) words=(snapshot rm "$(snapshot)") ;;
        8 | 9) words=(gc) ;;
    esac
}
choose_image() {
    case $((RANDOM % 8)) in
        0 | 1) words=(image create "$(instance)" --name "made-$RANDOM$RANDOM" --no-reboot) ;;
        2) words=(image copy "$ami" --to us-east-1 --name "copy-$RANDOM$RANDOM") ;;
        3 | 4) words=(image deregister "$(other_image)" --delete-snapshots) ;;
        5) words=(image register --name "of-$RANDOM$RANDOM" --map "/dev/sda1=$(snapshot)") ;;
        6) words=(image import "$disk" --name "again-$RANDOM$RANDOM") ;;
        7) words=(image disable "$(other_image)") ;;
    esac
}
choose_other() {
    case $((RANDOM % 8)) in
        0) words=(key create "k$((RANDOM % 4))" --type ed25519) ;;
        1) words=(key rm "k$((RANDOM % 4))") ;;
        2) words=(tag add "$(volume)" --tag "a=$RANDOM") ;;
        3) words=(ls) ;;
        4) words=(start i-0123456789abcdef0) ;;
        5) words=(volume attach nonsense "$(instance)" --device /dev/zz) ;;
        6) words=(run "$ami" --type m3.medium --memory-limit 32M "--map=/dev/sdf=snap-0123456789abcdef0") ;;
        7) words=(snapshot ls) ;;
    esac
}
choose() {
    words=(ls)
    case $((RANDOM % 20)) in
        0 | 1 | 2 | 3 | 4 | 5 | 6 | 7) choose_instance ;;
        8 | 9 | 10 | 11 | 12) choose_volume ;;
        13 | 14 | 15) choose_snapshot ;;
        16 | 17) choose_image ;;
        18 | 19) choose_other ;;
    esac
}

# ---- doing it ----

wrong() { printf '%s\n' "$*" >>"$SCRATCH/wrong"; }
pids_of() { pgrep -f "$1" -u "$(id -u)"; }
accident() { # something of ours is killed
    local victims
    case $((RANDOM % 20)) in
        0 | 1 | 2 | 3 | 4 | 5) victims=$(pids_of "amilaunch-netd.*$AMILAUNCH_HOME") ;;
        6 | 7) victims=$(cat "${XDG_RUNTIME_DIR:-/nonexistent}/libvirt/libvirtd.pid" 2>/dev/null) ;;
        *) victims=$(pgrep -f "guest=i-.*$AMILAUNCH_HOME/") ;;
    esac
    victims=$(shuf -n 1 --random-source=<(yes $RANDOM) <<<"$victims")
    [ -z "$victims" ] || { echo "accident: $(tr '\0' ' ' <"/proc/$victims/cmdline" | cut -c 1-70)" >>"$log"; kill -9 "$victims"; } 2>/dev/null
}
operate() { # operate WORKER
    local -a words
    local output status=0 killed=no
    choose
    if [ $((RANDOM % 10)) = 0 ]; then
        killed=yes
        output=$(timeout -s KILL "0.$((RANDOM % 5))$((RANDOM % 10))5" "$AMILAUNCH" "${words[@]}" 2>&1) || status=$?
    else
        output=$(timeout -s KILL $long "$AMILAUNCH" "${words[@]}" 2>&1) || status=$?
    fi
    [[ "$output" != *"amilaunch: InternalError"* ]] || wrong "${words[*]}: $output"
    output=$(grep '^amilaunch: [A-Z]' <<<"$output" || tail -n 1 <<<"$output")
    output=$(tail -n 1 <<<"$output" | cut -c 1-160)
    echo "$1: ${words[*]}: $status ${output#amilaunch: }" >>"$log"
    case $status in
        0 | 1 | 2 | 3) ;;
        137) [ $killed = yes ] || wrong "${words[*]}: it took more than $long s" ;;
        *) wrong "${words[*]}: it ended with $status" ;;
    esac
}
worker() { # worker NUMBER SEED
    local turn
    RANDOM=$2
    for ((turn = 0; turn < each; turn++)); do
        operate "$1"
        [ $((RANDOM % 25)) != 0 ] || accident
    done
}

# ---- what has to be so ----

declare -A held=() # snapshot -> the byte that its volume was marked with when it was made
read_is() { # read_is FILE BYTE
    qemu-io -r -U -f qcow2 -c "read -P $2 16M 64k" "$1" 2>&1 | grep -v '^read 65536/65536\|^64 KiB' | none "$1 has other bytes than $2"
}
new_snapshots() {
    local id of
    while read -r id of; do
        # Only what was marked before this round had its mark for sure.
        held[$id]=${held[$id]-${mark_of[$of]:-}}
    done < <(sql "SELECT id, volume FROM snapshot WHERE state = 'completed' AND secret IS NULL AND source IS NULL AND volume IS NOT NULL")
}
snapshots_hold() {
    local id
    for id in $(sql "SELECT id FROM snapshot WHERE state = 'completed' AND secret IS NULL"); do
        [ -z "${held[$id]:-}" ] || read_is "$AMILAUNCH_HOME/snapshots/$id.qcow2" "${held[$id]}"
    done
}
volumes_begin_as_snapshots() { # those that weren't marked yet
    local id of
    while read -r id of; do
        [ -n "${mark_of[$id]:-}" ] || [ -z "${held[$of]:-}" ] || read_is "$AMILAUNCH_HOME/volumes/$id.qcow2" "${held[$of]}"
    done < <(sql "SELECT id, snapshot FROM volume WHERE secret IS NULL AND snapshot IS NOT NULL")
}
running() { virsh -q -c "$(uri)" list --name; }
# That a guest was killed libvirt sees a moment later, and nobody can know it before.
ends_are_seen() {
    local id deadline=$((SECONDS + long))
    for id in $(running); do
        until pgrep -f "guest=$id," >/dev/null || ! running | grep -qx "$id"; do
            [ $SECONDS -lt $deadline ] || { echo "libvirt doesn't see that $id has ended"; return; }
            sleep 0.3
        done
    done
}
settle() {
    local deadline=$((SECONDS + long))
    ends_are_seen
    "$AMILAUNCH" ls >/dev/null 2>"$SCRATCH/ls" || cat "$SCRATCH/ls"
    while [ -n "$(sql "SELECT id FROM instance WHERE state = 'stopping'")" ]; do
        [ $SECONDS -lt $deadline ] || { echo "an instance stays stopping"; return; }
        sleep 0.3
        "$AMILAUNCH" ls >/dev/null 2>&1
    done
}
look() {
    settle
    invariants
    new_snapshots
    snapshots_hold
    volumes_begin_as_snapshots
    mark
    cat "$SCRATCH/wrong" 2>/dev/null
}

round=0 problems= begun=$SECONDS
while [ -z "$problems" ] && [ $((SECONDS - begun)) -lt "$seconds" ]; do
    round=$((round + 1))
    echo "round $round" >>"$log"
    : >"$SCRATCH/going"
    for ((who = 1; who <= at_once; who++)); do worker $who $((seed + round * 64 + who)) & done
    wait
    # shellcheck disable=SC2046
    may_go $(cat "$SCRATCH/going")
    look >"$SCRATCH/problems" 2>&1
    problems=$(cat "$SCRATCH/problems")
done
operations=$(grep -c '^[0-9]*: ' "$log") succeeded=$(grep -c '^[0-9]*: .*: 0 ' "$log")
echo "#= soak: $operations operations in $round rounds, seed $seed, $((SECONDS - begun)) s: $succeeded succeeded," \
    "$(grep -c '^[0-9]*: .*: 137 ' "$log") were killed, $(grep -c '^accident' "$log") accidents, $(grep -c . <<<"$problems") violations"
whole() { [ -z "$problems" ] || { printf '%s\n' "$problems" "seed $seed, round $round; HOME is $AMILAUNCH_HOME; what was done last:"; tail -n 40 "$log"; false; }; }
check "all is as it has to be after each round" whole
check "a good part of them was done" test "$succeeded" -gt $((operations / 4))
if [ -z "$problems" ]; then
    # shellcheck disable=SC2046
    "$AMILAUNCH" terminate --force $(sql "SELECT id FROM instance WHERE state != 'terminated'") >/dev/null 2>&1
    check "all guests go" test -z "$(sql "SELECT id FROM instance WHERE state != 'terminated'")"
fi
finish
