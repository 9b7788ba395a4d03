#!/bin/bash
# The arithmetic of scripts/bench, on fixed numbers: medians, spreads, paired ratios, aims, and the table that comes of them. TAP.
set -uo pipefail

source=${srcdir:-.}
command -v jq >/dev/null || { echo "1..0 # SKIP jq is missing: scripts/packages --test"; exit; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0 failures=0

check() { # check TEXT COMMAND...
    local text=$1 output
    shift
    number=$((number + 1))
    if output=$("$@" 2>&1); then echo "ok $number - $text"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $text"
    printf '%s\n' "$output" | sed 's/^/# /'
}

raw() {
    local value
    # Eleven rounds whose ratios are 1.0, 1.1 ... 2.0, out of order; the twelfth was cut off.
    for value in 14 10 20 12 11 13 19 15 18 16 17; do printf 'value\tp/ours\t%s\nvalue\tp/floor\t10\n' $value; done
    printf 'value\tp/ours\t1000\n'
    printf 'value\tp/two\t%s\n' 0.25 0.75
    printf 'value\tq/speed\t%s\n' 80 90
    printf 'value\tq/other\t%s\n' 100 100
    printf 'compare\t%s\ts\tp/ours\tp/floor\t%s\tten seconds\t-\t-\n' missed '<=1.4' met '<=1.5' 'no aim' -
    printf 'compare\tof two\ts\tp/two\t-\t-\tnothing\t-\t-\n'
    printf 'compare\tspeed\tMB/s\tq/speed\tq/other\t>=0.85\tanother\tspeed by size\t1000\n'
    printf 'compare\tmemory\tB\tq/memory\t-\t-\tnothing\t-\t-\n'
    printf 'value\tq/memory\t%s\n' 3145728
    printf 'skipped\tmore\ta tool is missing\n'
}
results() { jq -nR --argjson about '{"failed": ["last"]}' -f "$source/bench/results.jq"; }
golden() { # golden NAME: is what is in tests/golden, or becomes it
    if [ "${AMILAUNCH_GOLDEN:-}" = write ]; then cp "$work/$1" "$source/tests/golden/bench-$1"; fi
    diff "$source/tests/golden/bench-$1" "$work/$1"
}

raw | results >"$work/results.json"
check "results are as they were reviewed" golden results.json
one() { jq -e --arg name "$1" ".measurements[] | select(.name == \$name) | $2" "$work/results.json"; }
check "the median of the paired ratios, and their spread" one missed '.ratio == {median: 1.5, p10: 1.1, p90: 1.9} and .rounds == 11'
check "an aim that is missed" one missed '.met == false'
check "and one that is met to the digit" one met '.met == true'
check "none at all" one "no aim" '.met == null and .aim == null'
check "where more is better" one speed '.met and .aim.least == 0.85'
check "between two values" one "of two" '.ours == {median: 0.5, p10: 0.3, p90: 0.7} and .ratio == null'
"$source/bench/table.sh" "$work/results.json" >"$work/table.md"
check "the table is as it was reviewed" golden table.md
unknown() { ! printf 'compare\tx\ts\tp/none\t-\t-\tnothing\t-\t-\n' | results; }
check "what was never measured is an error" unknown
echo "1..$number"
[ $failures = 0 ]
