#!/bin/bash
# 1, 10 and 50 runs at once, against as many of virsh
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

home
counts="1 10 50"
[ "$BENCH_QUICK" = no ] || counts="1 10"

id=$(run "$blank" --memory-limit 64M)
snapshot=$(backing_of "$(root_of "$id")")
floor_xml "$id" NUMBER "$work/NUMBER.qcow2" >"$work/pattern.xml"
"$AMILAUNCH" terminate "$id" >"$work/out"

# at_once COUNT COMMAND: COMMAND 1, COMMAND 2 ... all at once; fails if one of them does, and tells what that one said.
at_once() {
    local pids=() number pid status=0
    for number in $(seq "$1"); do
        "$2" "$number" >"$work/out.$number" 2>&1 &
        pids+=($!)
    done
    for number in $(seq "$1"); do
        wait "${pids[number - 1]}" && continue
        status=1
        cat "$work/out.$number" >&2
    done
    rm "$work"/out.[0-9]*
    return $status
}
one_of_ours() { "$AMILAUNCH" run "$blank" --type t2.nano --memory-limit 64M; }
one_of_virsh() { overlay "$snapshot" "$work/$1.qcow2" && virsh -q -c $uri create "$work/$1.xml"; }
destroy_all() { # by one virsh, as terminate is one command
    local number
    for number in $(seq "$count"); do echo "destroy $tag-$number"; done | virsh -q -c $uri &&
        for number in $(seq "$count"); do rm "$work/$number.qcow2"; done
}
running() { "$AMILAUNCH" ls --ids --filter name=instance-state-name,values=running; }

ours() {
    local ids
    measure "ours-$count" at_once "$count" one_of_ours
    mapfile -t ids < <(running)
    [ ${#ids[@]} = "$count" ] || give_up "of $count runs at once ${#ids[@]} run"
    measure "terminate-$count" "$AMILAUNCH" terminate "${ids[@]}"
}
floor() {
    local number
    for number in $(seq "$count"); do sed "s/NUMBER/$number/g" "$work/pattern.xml" >"$work/$number.xml"; done
    measure "floor-$count" at_once "$count" one_of_virsh
    measure "destroy-$count" destroy_all
    for number in $(seq "$count"); do rm "$work/$number.xml"; done
}
by_count() {
    measure "count-$count" "$AMILAUNCH" run "$blank" --type t2.nano --memory-limit 64M --count "$count"
    mapfile -t ids < <(running)
    "$AMILAUNCH" terminate "${ids[@]}" >"$work/out"
}

for count in $counts; do
    begin_rounds 2 5 25
    while another_round; do
        either ours floor
        by_count
    done
done
for count in $counts; do
    aim=-
    [ $count = 1 ] || aim="<=1.25"
    compare "$count runs at once" s "ours-$count" "floor-$count" $aim "as many qemu-img create and virsh create at once" "runs at once" $count
    compare "run --count $count" s "count-$count" "floor-$count" - "as many qemu-img create and virsh create at once" "run --count" $count
    compare "terminate of $count" s "terminate-$count" "destroy-$count" - "destroy of each by one virsh, rm" "terminate" $count
done
