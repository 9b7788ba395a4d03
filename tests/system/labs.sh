#!/bin/bash
# README.md and the lessons of docs/labs, each line as a student types it, with what is installed and nothing else. From
# the environment, beside what lib.sh needs: SAMPLE_HD00 (or it is made), and AMILAUNCH_APPLIANCE (or it is built).
# With README or numbers as arguments: only these. Without, where other tests do a part of their steps (EVERY, see
# operations.sh), README, the first, and two of the others in turns.
. "$(dirname "$0")/lib.sh"
[ $# -gt 0 ] || [ "${EVERY:-1}" = 1 ] || set -- README 1 $((2 + ${FIRST:-0} % 3)) $((5 + ${FIRST:-0} % 2))
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$(dirname "$AMILAUNCH")" && pwd)
labs=$bin/../share/doc/amilaunch/labs
need "the lessons are installed" "$(ls "$labs"/[1-9]-*.md)"
export PATH=$bin:$PATH

AMILAUNCH_HOME=$SCRATCH/labs
know_sample || true
mkdir -p "$SCRATCH/student" && cd "$SCRATCH/student" || exit
# What lessons make if it isn't there; README and the first one make the sample always.
[ -z "${SAMPLE_HD00:-}" ] || cp "$SAMPLE_HD00" pv.qcow2
[[ "${1:-1}" == [1R]* ]] || cp "$SAMPLE" sample.qcow2

as_before() { # nothing of a lesson is left but instances that are over
    local left
    left=$("$AMILAUNCH" image ls --ids; "$AMILAUNCH" volume ls --ids; "$AMILAUNCH" snapshot ls --ids
        "$AMILAUNCH" ls --ids --filter name=instance-state-name,values=pending,running,stopping,stopped,shutting-down)
    [ -z "$left" ] || { echo "left: $left"; return 1; }
}
for lesson in "$here/../../README.md" "$labs"/[1-9]-*.md; do
    number_of=${lesson##*/} number_of=${number_of%%[-.]*}
    [[ " ${*:-$number_of} " == *" $number_of "* ]] || continue
    if python3 "$here/labs.py" "$lesson" "$SCRATCH" "$number" >"$SCRATCH/lesson"; then :; else
        failures=$((failures + 1))
        # What it left would be in the others' way.
        export AMILAUNCH_HOME=$SCRATCH/labs-after-$number_of
    fi
    cat "$SCRATCH/lesson"
    number=$((number + $(grep -c '^\(not \)\?ok ' "$SCRATCH/lesson")))
    check "lesson $number_of leaves HOME as it was" as_before
done
check "nothing is left" nothing_left
finish
