#!/bin/bash
# Fills the disk at a step of an operation, or makes it read-only (full_disk.c): the command says so, and with room again nothing
# is lost and nothing is left. The steps are all that the command and its programs do to HOME, the database among it; which of
# them, operations.sh tells.
. "$(dirname "$0")/lib.sh"
AMILAUNCH_HOME=$SCRATCH/full
. "$(dirname "$0")/invariants.sh"
. "$(dirname "$0")/operations.sh"

shim=$SCRATCH/full_disk.so
${CC:-cc} -O1 -shared -fPIC -o "$shim" "$(dirname "$0")/full_disk.c" -ldl 2>/dev/null ||
    { echo "1..0 # SKIP there is no C compiler"; exit 0; }

# with_full_disk STEP ERROR COMMAND...: steps are counted in $work/state
with_full_disk() {
    local at=$1 error=$2
    shift 2
    head -c 4096 /dev/zero >"$work/state"
    env LD_PRELOAD="$shim" FULL_DISK_UNDER="$work" FULL_DISK_STATE="$work/state" FULL_DISK_AT="$at" FULL_DISK_ERROR="$error" "$@"
}
steps_taken() { od -An -tu8 -N8 "$work/state" | tr -d ' '; }

# What the command says, if it didn't do its work all the same.
said_so() { # said_so STATUS OUTPUT
    case $1 in
        0) ;;
        3) grep -q '^amilaunch: Host\.[A-Z][a-z]*: .' <<<"$2" || echo "it says only: $(tail -n 1 <<<"$2")" ;;
        *) echo "it ended with $1: $(tail -n 1 <<<"$2")" ;;
    esac
}

steps_of() { # steps_of LEGAL PREPARE COMMAND: prints what is wrong
    local legal=$1 prepare=$2 step error output status taken tried=0
    local -a words
    for step in $(seq "$first_step" "$every" 1000); do
        eval "$prepare" >>"$work/output" 2>&1 || { echo "step $step: its preparation failed"; return; }
        eval "words=($3)"
        tried=$((tried + 1)) status=0
        error=$((tried % 3 == 2 ? 30 : 28))
        output=$(with_full_disk "$step" $error timeout -s INT $long "$AMILAUNCH" "${words[@]}" 2>&1 >/dev/null) || status=$?
        taken=$(steps_taken)
        printf 'step %s (%s) of %s: %s %s\n' "$step" $error "${words[*]}" $status "$output" >>"$work/output"
        { said_so $status "$output"; timeout $long "$AMILAUNCH" ls >/dev/null 2>"$work/ls" || cat "$work/ls"; aftermath "$legal"; } |
            sed "s/^/step $step, error $error: /"
        [ "$taken" -ge "$step" ] || break
        echo "$step" >>"$work/visited"
    done
    [ "$taken" -lt "$step" ] || echo "it has more than $step steps"
}

# Besides them: import_web bundle_all.
# shellcheck disable=SC2086
do_lanes 4 ${LANES:-gc volume snapshot image import run hibernate resume terminate start stop key bundle}
tell_results "on a full disk"
echo "#= a disk that is full or read-only at $steps_in_all steps, of every $every from $first_step on: $complaints complaints"
finish
