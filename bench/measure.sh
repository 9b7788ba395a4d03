# Measuring in turns, and what comes of it. $work is a folder for it.

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
