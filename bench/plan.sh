#!/bin/bash
# What planning costs: `plan` of an image against `--version`, which does nothing; and where the difference goes.
# A launch plans once, so this is what a second launch of an image spends before anything is made.
# usage: AMILAUNCH=build/amilaunch bench/plan.sh AMI [TYPE] (with AMILAUNCH_HOME set); ROUNDS=50
set -euo pipefail

ami=${1:?usage: bench/plan.sh AMI [TYPE]}
type=${2:-m3}
program=${AMILAUNCH:-build/amilaunch}
rounds=${ROUNDS:-50}

# Milliseconds of a processor that one run takes, on average; the clock would measure the host's other work, too.
measure() {
    local TIMEFORMAT='%U %S'
    { time for _ in $(seq "$rounds"); do "$@" >/dev/null 2>&1; done; } 2>&1 |
        awk -v rounds="$rounds" '{ printf "%.2f", ($1 + $2) * 1000 / rounds }'
}

"$program" plan "$ami" --type "$type" >/dev/null # what a first call finds out is remembered
nothing=$(measure "$program" --version)
types=$(measure "$program" type show "$type")
show=$(measure "$program" image show "$ami")
plan=$(measure "$program" plan "$ami" --type "$type")

awk -v nothing="$nothing" -v types="$types" -v show="$show" -v plan="$plan" 'BEGIN {
    printf "%-32s %8s ms  ratio\n", "processor time of one run", ""
    printf "%-32s %8.2f ms  1.0\n", "--version", nothing
    printf "%-32s %8.2f ms  %.1f\n", "type show (reads the types)", types, types / nothing
    printf "%-32s %8.2f ms  %.1f\n", "image show (reads the database)", show, show / nothing
    printf "%-32s %8.2f ms  %.1f\n", "plan", plan, plan / nothing
    printf "%-32s %8.2f ms\n", "planning", plan - nothing
}'
