#!/bin/bash
# Draws the results: FOLDER/ratios.svg, each ratio with its spread and its aim, and FOLDER/scaling.svg, the curves.
# usage: bench/plots.sh FOLDER     where results.json is
set -euo pipefail
export LC_ALL=C

folder=${1:?usage: bench/plots.sh FOLDER}
results=$folder/results.json
work=$(mktemp -d "${TMPDIR:-/tmp}/plots.XXXXXX")
trap 'rm -rf "$work"' EXIT
font="font 'sans,12'"

# Rows of the chart: place, name, ratio, spread, aim (or NaN), and whether it was met (0 no aim, 1 met, 2 missed).
jq -r '[.measurements[] | select(.ratio and (.curve == null or .aim != null))] | reverse | to_entries[]
    | .key as $at | .value | [$at, .name, .ratio.median, .ratio.p10, .ratio.p90, (.aim.most // .aim.least // "NaN"),
        (if .met == null then 0 elif .met then 1 else 2 end)] | @tsv' "$results" >"$work/ratios"
rows=$(wc -l <"$work/ratios")
names=$(awk -F '\t' '{ printf "%s\"%s\" %d", (NR > 1 ? ", " : ""), $2, $1 }' "$work/ratios")

ratios() {
    cat <<GP
set terminal svg size 960,$((110 + 22 * rows)) $font background rgb 'white'
set output '$folder/ratios.svg'
set datafile separator "\t"
set logscale x
set xtics (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 50) nomirror
set grid x lc rgb '#dddddd' lt 1
set border 1
set ytics scale 0 ($names)
set yrange [-0.7:$rows-0.3]
set xlabel 'ours / floor: median of the paired ratios, bars from 10 to 90 %'
set key outside top center horizontal
set arrow from 1, graph 0 to 1, graph 1 nohead lw 2 lc rgb '#444444'
data = '$work/ratios'
plot data using 3:(\$7==0 ? \$1 : NaN):4:5 with xerrorbars pt 7 ps 0.6 lc rgb '#777777' title 'no aim', \\
    data using 3:(\$7==1 ? \$1 : NaN):4:5 with xerrorbars pt 7 ps 0.6 lc rgb '#1b6ca8' title 'within its aim', \\
    data using 3:(\$7==2 ? \$1 : NaN):4:5 with xerrorbars pt 7 ps 0.6 lc rgb '#c0392b' title 'beyond its aim', \\
    data using 6:1:(0):(0.35) with vectors nohead lw 3 lc rgb '#e69f00' notitle, \\
    data using 6:1:(0):(-0.35) with vectors nohead lw 3 lc rgb '#e69f00' title 'aim', \\
    NaN with lines lw 2 lc rgb '#444444' title 'floor'
GP
}

panel() { # panel CURVE UNIT: a curve's own file, and what draws it
    local data=$work/curve.$panels
    jq -r --arg curve "$1" '.measurements[] | select(.curve == $curve) | [.at, .ours.median, .ours.p10, .ours.p90,
        (.floor.median // "NaN"), (.floor.p10 // "NaN"), (.floor.p90 // "NaN")] | @tsv' "$results" | sort -n >"$data"
    cat <<GP
set title "$1"
set ylabel '$2'
plot '$data' using 1:2:3:4 with yerrorlines pt 7 ps 0.6 lw 2 lc rgb '#1b6ca8' title 'ours', \\
    '$data' using 1:5:6:7 with yerrorlines pt 6 ps 0.6 lw 2 dt 2 lc rgb '#e69f00' title 'floor'
GP
}

scaling() {
    local curve unit panels=0 text=
    while IFS=$'\t' read -r curve unit; do
        text+=$(panel "$curve" "$unit")$'\n'
        panels=$((panels + 1))
    done < <(jq -r '[.measurements[] | select(.curve)] | group_by(.curve)[] | [.[0].curve, .[0].unit] | @tsv' "$results")
    [ $panels -gt 0 ] || return 0
    cat <<GP
set terminal svg size 960,$((300 * ((panels + 1) / 2))) $font background rgb 'white'
set output '$folder/scaling.svg'
set datafile separator "\t"
set logscale xy
set format x '%.0f'
set format y '%g'
set offsets graph 0.05, graph 0.05, graph 0.1, graph 0.1
set grid lc rgb '#dddddd' lt 1
set key top left
set multiplot layout $(((panels + 1) / 2)),2
$text
unset multiplot
GP
}

if [ "$rows" -gt 0 ]; then ratios | gnuplot; fi
scaling >"$work/scaling"
if [ -s "$work/scaling" ]; then gnuplot "$work/scaling"; fi
