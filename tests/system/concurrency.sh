#!/bin/bash
# Many commands at once: fifty launches, then eight processes that do anything to one instance. Each gets
# what it asked for, or IncorrectInstanceState. COMMANDS_OF_CHAOS says how many of each.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/invariants.sh"

launches=${LAUNCHES:-50}
chaos=${COMMANDS_OF_CHAOS:-40}
processes=8

mkdir -p "$AMILAUNCH_HOME"
printf 'stop_timeout = 1;\nreboot_timeout = 1;\n' >"$AMILAUNCH_HOME/amilaunch.conf"
qemu-img create -q -f qcow2 "$SCRATCH/blank.qcow2" 1G
know '{}' "$(content_of qcow2 "$SCRATCH/blank.qcow2")"
ami=$("$AMILAUNCH" image import "$SCRATCH/blank.qcow2" --name blank-at-once 2>/dev/null | cut -d' ' -f1)
need "an empty disk is imported" "$ami"
run=("$AMILAUNCH" run "$ami" --type m3.medium --memory-limit 32M --json)
in_state() { sql "SELECT id FROM instance WHERE state = '$1'"; }
count() { sql "SELECT count(*) FROM $1"; }

# ---- fifty launches at once ----

mkdir -p "$SCRATCH/runs"
begun=$SECONDS
for i in $(seq 1 "$launches"); do
    { timeout $long "${run[@]}" >"$SCRATCH/runs/$i.out" 2>"$SCRATCH/runs/$i.err"; echo $? >"$SCRATCH/runs/$i.status"; } &
done
wait
told=$(grep -lx 0 "$SCRATCH"/runs/*.status | wc -l)
echo "#= $launches launches at once: $told succeeded, in $((SECONDS - begun)) s"
told_of_it() { # whoever failed was refused with a code
    local status
    for status in $(grep -Lx 0 "$SCRATCH"/runs/*.status); do
        grep -q '^amilaunch: [A-Za-z.]*: .' "${status%.status}.err" || { cat "$status" "${status%.status}.err"; return 1; }
    done
}
check "every launch that failed says why" told_of_it
check "every launch succeeded" eval '[ "$told" = "$launches" ] || { cat "$SCRATCH"/runs/*.err | sort | uniq -c; false; }'
ids=$(cat "$SCRATCH"/runs/*.out | jq -r '.Instances[].InstanceId' | sort)
check "each got an instance of its own" test "$(uniq <<<"$ids" | wc -l)" = "$told"
check "they are those that run" diff <(echo "$ids") <("$AMILAUNCH" ls >/dev/null; in_state running | sort)
check "each has its volume" test "$(count 'volume WHERE state = '"'in-use'")" = "$told"
check "all is as it has to be" invariants
begun=$SECONDS
terminate_all() { xargs -n 10 -P 5 timeout $long "$AMILAUNCH" terminate <<<"$ids"; }
check "five commands terminate them all" terminate_all
echo "#= terminated in $((SECONDS - begun)) s"
check "nothing is left of them" nothing_left
check "and all is as it has to be" invariants

# ---- eight at one instance ----

current() { cat "$SCRATCH/current"; }
anew() { "${run[@]}" 2>&1 | jq -r '.Instances[0].InstanceId' >"$SCRATCH/current.new" && mv "$SCRATCH/current.new" "$SCRATCH/current"; }

one_of() {
    local id
    id=$(current)
    case $((RANDOM % 10)) in
        0 | 1 | 2) echo "start $id" ;;
        3 | 4) echo "stop --force $id" ;;
        5) echo "stop $id" ;;
        6) echo "reboot --force $id" ;;
        7) echo "reboot $id" ;;
        8) echo "ls" ;;
        9) if [ $((RANDOM % 4)) = 0 ]; then echo "terminate $id"; else echo "show $id"; fi ;;
    esac
}

# A line for each command: its name, its exit status, its error.
chaos_of() { # chaos_of NUMBER
    local words status said left=$chaos
    RANDOM=$1
    while [ $((left--)) -gt 0 ]; do
        words=$(one_of)
        said=$(timeout $long "$AMILAUNCH" $words 2>&1 >/dev/null)
        status=$?
        echo "${words%% *} $status $(grep '^amilaunch: [A-Z][A-Za-z]*[.A-Za-z]*: ' <<<"$said" | head -n 1)"
        if [ "${words%% *}:$status" = terminate:0 ]; then
            (flock -n 9 && [ "$(current)" = "${words##* }" ] && anew) 9>"$SCRATCH/anew.lock"
        fi
    done
}

anew
need "there is one to fight over" "$(current)"
begun=$SECONDS
for i in $(seq 1 $processes); do
    chaos_of "$i" >"$SCRATCH/chaos.$i" 2>&1 &
done
wait
cat "$SCRATCH"/chaos.[0-9]* >"$SCRATCH/chaos"
total=$(wc -l <"$SCRATCH/chaos")
succeeded=$(grep -c '^[a-z]* 0 ' "$SCRATCH/chaos")
late=$(grep -c '^[a-z]* 1 amilaunch: IncorrectInstanceState: ' "$SCRATCH/chaos")
echo "#= $processes processes at one instance: $total commands in $((SECONDS - begun)) s, $succeeded succeeded, $late were told IncorrectInstanceState"
check "there was something to fight over" test "$total" = $((processes * chaos)) -a "$succeeded" -gt 10 -a "$late" -gt 0
other() { ! grep -v '^[a-z]* 0 \|^[a-z]* 1 amilaunch: IncorrectInstanceState: ' "$SCRATCH/chaos"; }
check "each got success or IncorrectInstanceState" other
check "none hung" eval '! grep "^[a-z]* 124" "$SCRATCH/chaos"'
settled() { "$AMILAUNCH" ls && [ -z "$(in_state stopping)" ]; }
check "what is stopping stops" eventually settled
check "all is as it has to be" invariants
alive=$(sql "SELECT id FROM instance WHERE state != 'terminated'")
[ -z "$alive" ] || check "those that are alive can be terminated" timeout $long "$AMILAUNCH" terminate $alive
check "nothing is left" nothing_left
finish
