# What the parts of scripts/bench share: a folder that goes at the end, rounds, what is measured, and what is compared with what.
# A part is bench/NAME.sh, which sources this file. It gets from scripts/bench
#   AMILAUNCH     the program to measure        BENCH_RAW    the file that it adds its results to
#   BENCH_SHARED  a folder that parts share     BENCH_QUICK  yes: as few rounds as tell anything
#   BENCH_ACCELERATOR  tcg or kvm, what amilaunch uses here
# BENCH_RAW has lines of fields between tabs, which bench/results.jq reads:
#   value SERIES NUMBER        compare NAME UNIT OURS FLOOR AIM TEXT CURVE AT        skipped NAME WHY
set -euo pipefail
export LC_ALL=C

: "${AMILAUNCH:?the program to measure}" "${BENCH_RAW:?a file for the results}" "${BENCH_SHARED:?a folder}"
part=$(basename "$0" .sh)
work=$(mktemp -d "$BENCH_SHARED/$part.XXXXXX")
chmod 755 "$work"
# Domains that a part makes for itself bear this name, by which they are found again.
tag=$(basename "$BENCH_SHARED")-$part
export AMILAUNCH_HOME=$work/home
if [ "$(id -u)" = 0 ]; then uri=qemu:///system; else uri=qemu:///session; fi

give_up() {
    echo "$part: $*" >&2
    exit 1
}

# A part that has more to put away defines put_away, which is called first.
clean_up() {
    local id pids
    set +e
    if declare -F put_away >/dev/null; then put_away; fi
    mapfile -t pids < <(jobs -p)
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}"
    for id in $(virsh -q -c $uri list --all --name | grep "^$tag"); do
        virsh -q -c $uri destroy "$id"
        virsh -q -c $uri undefine "$id" --managed-save
    done
    if [ -e "$AMILAUNCH_HOME/amilaunch.db" ]; then
        "$AMILAUNCH" ls --ids --filter name=instance-state-name,values=pending,running,stopping,stopped |
            xargs -r -n 200 "$AMILAUNCH" terminate
    fi
    wait
    rm -rf "$work"
} >/dev/null 2>&1
trap clean_up EXIT

# ---- rounds ----

# begin_rounds LEAST MOST SECONDS: as many as there is time for; then: while another_round; do ...; done
begin_rounds() {
    rounds_least=$1 rounds_most=$2 rounds_end=$((SECONDS + $3)) round=0
    [ "${BENCH_QUICK:-no}" = no ] || rounds_most=$1
}
another_round() {
    [ "$round" -lt "$rounds_least" ] || { [ "$round" -lt "$rounds_most" ] && [ $SECONDS -lt $rounds_end ]; } || return
    round=$((round + 1))
}
# either COMMAND-A COMMAND-B: both, each the first as often as the other.
either() { if ((round % 2)); then "$1" && "$2"; else "$2" && "$1"; fi; }

# ---- what is measured ----

record() { printf 'value\t%s\t%s\n' "$part/$1" "$2" >>"$BENCH_RAW"; } # record SERIES NUMBER

microseconds() { echo "${EPOCHREALTIME/./}"; }
record_since() { # record_since SERIES MICROSECONDS: the seconds since then
    local spent=$((${EPOCHREALTIME/./} - $2))
    record "$1" "$((spent / 1000000)).$(printf '%06d' $((spent % 1000000)))"
}

measure() { # measure SERIES COMMAND...: its seconds by the clock
    local series=$1 begun
    shift
    begun=${EPOCHREALTIME/./}
    "$@" >"$work/out" 2>"$work/err" || give_up "$series: $* failed: $(tail -n 5 "$work/err" "$work/out")"
    record_since "$series" "$begun"
}

# compare NAME UNIT OURS FLOOR AIM TEXT [CURVE AT]: the ratios of two series, pair by pair. FLOOR may be - (none), then TEXT says
# what it is; AIM is <=RATIO, >=RATIO (where more is better) or -. With CURVE it is also a point of that curve, at the number AT.
compare() {
    local floor=$4
    [ "$floor" = - ] || floor=$part/$floor
    printf 'compare\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$part/$3" "$floor" "$5" "$6" "${7:--}" "${8:--}" >>"$BENCH_RAW"
}

skip() { printf 'skipped\t%s\t%s\n' "$1" "$2" >>"$BENCH_RAW"; } # skip NAME WHY
