# What the benchmarks share: a HOME of their own that goes at the end, measuring in turns, and what comes of it.
# Sourced with the domains in $floors that the script may make for itself.
: "${AMILAUNCH:?the program to measure}"
work=$(mktemp -d /tmp/amibench.XXXXXX)
chmod 755 "$work"
export AMILAUNCH_HOME=$work/home
if [ "$(id -u)" = 0 ]; then uri=qemu:///system; else uri=qemu:///session; fi

clean_up() {
    local id
    for id in ${floors:-}; do
        virsh -q -c $uri destroy "$id" >/dev/null 2>&1 || true
        virsh -q -c $uri undefine "$id" --managed-save >/dev/null 2>&1 || true
    done
    for id in ${secret:-}; do virsh -q -c $uri secret-undefine "$id" >/dev/null 2>&1 || true; done
    for id in $("$AMILAUNCH" ls --ids 2>/dev/null); do "$AMILAUNCH" terminate "$id" >/dev/null 2>&1 || true; done
    rm -rf "$work"
}
trap clean_up EXIT

measure() { # measure NAME COMMAND...: appends milliseconds to $work/NAME
    local name=$1 begun
    shift
    begun=${EPOCHREALTIME/./}
    "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
    awk "BEGIN { print (${EPOCHREALTIME/./} - $begun) / 1000 }" >>"$work/$name"
}

median() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
spread() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { printf "%.0f-%.0f", v[int(NR * 0.1) + 1], v[int(NR * 0.9 + 0.5)] }'; }

report() { # report OURS FLOOR LIMIT
    awk -v name="$1" -v ours="$(median "$1")" -v floor="$(median "$2")" -v limit="$3" \
        -v spread="$(spread "$1")" -v fspread="$(spread "$2")" 'BEGIN {
            printf "%-22s %8.1f ms (%s)   floor %8.1f ms (%s)   ratio %.2f   aim at most %s\n",
                name, ours, spread, floor, fspread, ours / floor, limit }'
}
