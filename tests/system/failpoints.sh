#!/bin/bash
# Stops amilaunch dead at every step of every operation, one after the other, and looks at what the next
# command makes of it. AMILAUNCH_FAILPOINTS names a program built with --enable-failpoints. Which steps: operations.sh.
AMILAUNCH=${AMILAUNCH_FAILPOINTS:-$AMILAUNCH}
. "$(dirname "$0")/lib.sh"
# Where nothing else is; each lane has a copy.
AMILAUNCH_HOME=$SCRATCH/killed
. "$(dirname "$0")/invariants.sh"
. "$(dirname "$0")/operations.sh"

# What `ls` begins to put right may be cut off as well.
look_twice() {
    AMILAUNCH_FAILPOINT=$((1 + $1 % 7)) "$AMILAUNCH" ls
    timeout $long "$AMILAUNCH" ls || echo "ls failed"
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
        AMILAUNCH_FAILPOINT=$step AMILAUNCH_FAILPOINT_LOG=$work/steps timeout -s INT $long "$AMILAUNCH" "${words[@]}" \
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

has_failpoints() { grep -qa AMILAUNCH_FAILPOINT "$AMILAUNCH"; }
has_failpoints || { echo "1..0 # SKIP $AMILAUNCH was not built with --enable-failpoints"; exit 0; }

# The longest first. Besides them: import_web bundle bundle_all.
# shellcheck disable=SC2086
do_lanes 8 ${LANES:-gc volume snapshot image import run hibernate resume leave terminate start stop key}
tell_results killed
if [ "$every" = 1 ]; then
    check "each operation has steps" eval '! awk -F"|" "\$2 < 2" "$SCRATCH"/*/results | grep .'
    # Which number a step has may depend on a file that is there or not.
    check "there is no kind of step at which nothing was killed" eval '[ -z "$(comm -23 <(kinds steps) <(kinds visited))" ]'
fi
echo "#= $steps_in_all steps in all, of every $every from $first_step on: $(cat "$SCRATCH"/*/problems | grep -c LOST) volumes lost, $complaints complaints"
finish
