#!/bin/bash
# Stops amilaunch dead at every step of every operation, one after the other, and looks at what the next
# command makes of it. AMILAUNCH_FAILPOINTS names a program built with --enable-failpoints. The guests
# have empty disks and stay in their firmware, which costs nothing.
#   EVERY  at every third step only, say; the routine check does so, for all of them take minutes      FIRST  from which on (1)
AMILAUNCH=${AMILAUNCH_FAILPOINTS:-$AMILAUNCH}
. "$(dirname "$0")/lib.sh"
# Where nothing else is; each lane has a copy.
AMILAUNCH_HOME=$SCRATCH/killed
. "$(dirname "$0")/invariants.sh"
. "$(dirname "$0")/operations.sh"

# The longest first.
# Besides them: import_web bundle bundle_all.
lanes=${LANES:-gc volume snapshot image import run hibernate resume leave terminate start stop key}
readonly at_once=8
readonly every=${EVERY:-1} first_step=${FIRST:-1}

# ---- running them ----

# What `ls` begins to put right may be cut off as well.
look_twice() {
    AMILAUNCH_FAILPOINT=$((1 + $1 % 7)) "$AMILAUNCH" ls
    timeout 60 "$AMILAUNCH" ls || echo "ls failed"
} >>"$work/output" 2>&1

kinds() { cat "$SCRATCH"/*/all."$1" | cut -d' ' -f2- | sort -u; }

# One step at a time until the command gets through: then there is no further one.
steps_of() { # steps_of LEGAL PREPARE COMMAND: prints what is wrong
    local legal=$1 prepare=$2 step at status
    local -a words
    for step in $(seq "$first_step" "$every" 200); do
        eval "$prepare" >>"$work/output" 2>&1 || { echo "step $step: its preparation failed"; return; }
        eval "words=($3)"
        : >"$work/steps"
        status=0
        AMILAUNCH_FAILPOINT=$step AMILAUNCH_FAILPOINT_LOG=$work/steps timeout -s INT 60 "$AMILAUNCH" "${words[@]}" \
            >>"$work/output" 2>&1 || status=$?
        at=$(tail -n 1 "$work/steps")
        [ $status != 137 ] || look_twice "$step"
        aftermath "$legal" | sed "s/^/step ${at:-$step}: /"
        [ $status = 137 ] || break
        [ "${at%% *}" = "$step" ] || echo "step $step: it was killed at '$at' instead"
        echo "$at" >>"$work/visited"
    done
    [ $status = 0 ] || echo "it ended with $status after $step steps"
    [ "$(awk "\$1 >= $first_step && (\$1 - $first_step) % $every == 0" "$work/steps" | wc -l)" -le "$(wc -l <"$work/visited")" ] ||
        echo "it has more steps than it was killed at"
    cat "$work/steps" >>"$work/all.steps"
    cat "$work/visited" >>"$work/all.visited"
}

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

has_failpoints() { grep -qa AMILAUNCH_FAILPOINT "$AMILAUNCH"; }
has_failpoints || { echo "1..0 # SKIP $AMILAUNCH was not built with --enable-failpoints"; exit 0; }

mkdir -p "$AMILAUNCH_HOME"
printf 'stop_timeout = 1;\nreboot_timeout = 1;\n' >"$AMILAUNCH_HOME/amilaunch.conf"
qemu-img create -q -f qcow2 "$SCRATCH/blank.qcow2" 1G
head -c 200k /dev/urandom >"$SCRATCH/small.raw"
know '{}' "$(content_of qcow2 "$SCRATCH/blank.qcow2")"
ami=$("$AMILAUNCH" image import "$SCRATCH/blank.qcow2" --name blank 2>/dev/null | cut -d' ' -f1)
need "an empty disk is imported" "$ami"
for name in $lanes; do
    mkdir -p "$SCRATCH/$name"
    cp -a "$AMILAUNCH_HOME" "$SCRATCH/$name/home"
    # Most of it is waiting for processes to end.
    [ "$(jobs -rp | wc -l)" -lt $at_once ] || wait -n
    lane "$name" &
done
wait

no_problems() { ! cat "$SCRATCH"/*/problems | grep -F "$1: "; }
all=0
while IFS='|' read -r operation steps seconds; do
    echo "#= $operation: killed at $steps steps ($seconds s)"
    all=$((all + steps))
    [ "$every" != 1 ] || check "$operation has steps" test "$steps" -ge 2
    check "$operation, killed step by step: nothing is lost, nothing is left" no_problems "$operation"
done < <(cat "$SCRATCH"/*/results)
# Which number a step has may depend on a file that is there or not.
[ "$every" != 1 ] || check "there is no kind of step at which nothing was killed" eval '[ -z "$(comm -23 <(kinds steps) <(kinds visited))" ]'
check "no step of any was without its result" eval '! grep . "$SCRATCH"/*/problems'
check "there were steps" test "$all" -ge 20
echo "#= $all steps in all, of every $every from $first_step on: $(cat "$SCRATCH"/*/problems | grep -c LOST) volumes lost, $(cat "$SCRATCH"/*/problems | grep -c .) complaints"
finish
