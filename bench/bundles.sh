#!/bin/bash
# How bundling and unbundling compare with the pipelines of tar, gzip and openssl that do the same, on one file
# and at the same level. Each is measured in turn, several times, and the best of each counts.
#   AMILAUNCH=build/amilaunch [IMAGE=disk.raw] [LEVELS="1 6"] [TURNS=3] bench/bundles.sh
set -euo pipefail

: "${AMILAUNCH:?the program to measure}"
work=$(mktemp -d "${TMPDIR:-/tmp}/bundles.XXXXXX")
trap 'rm -rf "$work"' EXIT
export AMILAUNCH_HOME=$work/home
image=${IMAGE:-$work/disk.raw}
key=00112233445566778899aabbccddeeff

# A disk such as images are: programs and texts, and some that can't be compressed.
if [ -z "${IMAGE:-}" ]; then
    for _ in 1 2 3 4 5 6 7 8; do
        find /usr/bin /usr/lib -xdev -type f -size +16k -size -4M 2>/dev/null | sort | xargs -d '\n' cat 2>/dev/null
    done | head -c 320M >"$image" || true
    head -c 32M /dev/urandom >>"$image"
fi
size=$(stat -c %s "$image")

pipeline() { tar -C "$(dirname "$image")" -cS "$(basename "$image")" | gzip -"$1" | openssl enc -aes-128-cbc -K $key -iv $key >"$work/piped"; }
unpipeline() { openssl enc -d -aes-128-cbc -K $key -iv $key <"$work/piped" | gzip -d | tar -C "$work/out" -xf -; }
bundle() { "$AMILAUNCH" image bundle "$image" --format raw --out "$work/out" --prefix b --level "$1"; }
unbundle() { "$AMILAUNCH" image unbundle "$work/out/b.manifest.xml" --out "$work/back.raw"; }

seconds() { # seconds COMMAND...
    local begun=$EPOCHREALTIME
    "$@" >/dev/null
    awk "BEGIN { print $EPOCHREALTIME - $begun }"
}

least() { sort -n | head -n 1; }
report() { awk -v name="$1" -v ours="$2" -v theirs="$3" -v size="$size" 'BEGIN {
    printf "%-18s %6.2f s, %4.0f MB/s; the pipeline %6.2f s, %4.0f MB/s: %.2f of its throughput\n",
        name, ours, size / 1e6 / ours, theirs, size / 1e6 / theirs, theirs / ours }'; }

"$AMILAUNCH" image ls >/dev/null
mkdir "$work/out"
bundle 1 >/dev/null # makes the keys, which is done once
cat "$image" >/dev/null
for level in ${LEVELS:-1 6}; do
    rm -f "$work"/times.*
    for _ in $(seq "${TURNS:-3}"); do
        rm -f "$work"/out/* "$work/back.raw"
        seconds pipeline "$level" >>"$work/times.pipeline"
        seconds unpipeline >>"$work/times.unpipeline"
        rm -f "$work"/out/*
        seconds bundle "$level" >>"$work/times.bundle"
        seconds unbundle >>"$work/times.unbundle"
        cmp "$image" "$work/back.raw"
    done
    report "bundle, level $level" "$(least <"$work/times.bundle")" "$(least <"$work/times.pipeline")"
    report "unbundle" "$(least <"$work/times.unbundle")" "$(least <"$work/times.unpipeline")"
done
