#!/bin/bash
# Puts results into docs/: the table and the machine into performance.md, between its marks, and the plots and results beside it.
# usage: bench/docs.sh FOLDER     as scripts/bench --out has made it
set -euo pipefail

folder=${1:?usage: bench/docs.sh FOLDER}
docs=$(cd "$(dirname "$0")/../docs" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

jq -r '"\(.begun), \(.version)\(if .commit != "" then " at \(.commit)" else "" end), in \(.seconds) seconds\(if .quick then ", few rounds" else "" end), on:",
    "", (.machine | "- \(.cores) cores of \(.cpu)\(if .virtual then " (itself a virtual machine)" else "" end), \(.memory_mib) MiB",
    "- \(.system), Linux \(.kernel)", "- QEMU \(.qemu), libvirt \(.libvirt), libguestfs \(.libguestfs)",
    "- guests by \(.acceleration), at \(.connection)",
    "- load \(.load_at_begin | map(tostring) | join(" ")) at the beginning, \(.load_at_end | map(tostring) | join(" ")) at the end")' \
    "$folder/results.json" >"$work/text"
{ echo; cat "$folder/table.md"; } >>"$work/text"
awk -v text="$work/text" '
    /^<!-- results/ { print; print ""; while ((getline line <text) > 0) print line; print ""; inside = 1; next }
    /^<!-- end/ { inside = 0 }
    !inside' "$docs/performance.md" >"$work/page"
mv "$work/page" "$docs/performance.md"
chmod 644 "$docs/performance.md"
cp "$folder/results.json" "$docs/performance.json"
cp "$folder/ratios.svg" "$docs/performance.svg"
if [ -e "$folder/scaling.svg" ]; then cp "$folder/scaling.svg" "$docs/performance-scaling.svg"; fi
