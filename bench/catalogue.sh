#!/bin/bash
# A catalogue of 100,000 images, measured in turns in one run:
#   image ls with a filter, against the same bare query through the sqlite3 shell        (at most 3)
#   plan, and run --dry-run, against the same in a catalogue of 10 images                (at most 1.1)
# With SAMPLE, also a whole run and its terminate.
# usage: AMILAUNCH=./amilaunch [SAMPLE=sample-ami.qcow2] bench/catalogue.sh [ROUNDS [IMAGES]]
set -euo pipefail

rounds=${1:-11} images=${2:-100000}
. "$(dirname "$0")/measure.sh"
few=$work/few many=$work/many
at() { AMILAUNCH_HOME=$1 "$AMILAUNCH" "${@:2}"; }

# A fifth is the asking account's, a tenth amazon's and a tenth aws-marketplace's, a fifth is private to others.
fill() { # fill HOME IMAGES
    sqlite3 "$1/amilaunch.db" >"$work/out" <<SQL
PRAGMA synchronous = OFF;
BEGIN;
CREATE TEMP TABLE made AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $2)
    SELECT n, printf('%017x', n * 2654435761 % 4294967296 * 4096 + n % 4096) AS hex,
        CASE n % 10 WHEN 0 THEN '123456789012' WHEN 1 THEN '123456789012' WHEN 2 THEN '137112412989'
            WHEN 3 THEN '679593333241' ELSE printf('%012d', 200000000000 + n % 997) END AS owner FROM n;
INSERT INTO snapshot (id, state, size_gib, started, owner, region)
    SELECT 'snap-' || hex, 'completed', 8, 1300000000 + n * 100, owner, 'us-east-1' FROM made;
INSERT INTO image (id, name, description, state, architecture, virtualization, root_device_type, root_device, content,
        owner, region, created, public)
    SELECT 'ami-' || hex, printf('%s-ami-%s-%d', CASE n % 10 WHEN 2 THEN 'amzn2' ELSE 'team' || n % 97 END,
        CASE n % 2 WHEN 0 THEN 'hvm' ELSE 'paravirtual' END, n), 'an image', 'available',
        CASE n % 3 WHEN 0 THEN 'i386' ELSE 'x86_64' END, CASE n % 2 WHEN 0 THEN 'hvm' ELSE 'paravirtual' END, 'ebs',
        '/dev/sda1', 'none', owner, 'us-east-1', 1300000000 + n * 100, n % 10 NOT IN (0, 1, 4, 5) FROM made;
INSERT INTO image_mapping (image, position, device, snapshot, size_gib, volume_type, delete_on_termination)
    SELECT 'ami-' || hex, 0, '/dev/sda1', 'snap-' || hex, 8 + n % 5, 'gp2', 1 FROM made;
INSERT INTO tag SELECT 'ami-' || hex, 'Stage', CASE n % 50 WHEN 0 THEN 'live' ELSE 'test' END FROM made;
INSERT INTO tag SELECT 'ami-' || hex, 'Name', 'image ' || n FROM made;
COMMIT;
SQL
}

root() { # an image of its own in a fresh HOME, to plan and run
    at "$1" image ls >"$work/out"
    if [ -n "${SAMPLE:-}" ]; then
        at "$1" image import "$SAMPLE" --name sample 2>"$work/err" | cut -d' ' -f1
    else
        qemu-img create -q -f qcow2 "$work/blank.qcow2" 1G
        at "$1" image import "$work/blank.qcow2" --name sample 2>"$work/err" | cut -d' ' -f1
    fi
}

ami=$(root "$few")
cp -a "$few" "$many"
fill "$few" 10
fill "$many" "$images"

# The query that is known to be the quickest: whoever doesn't write the + waits several times as long.
seen="+region = 'us-east-1' AND +binned = 0 AND (owner = '123456789012' OR (state = 'available' AND (public != 0 OR
    id IN (SELECT resource FROM permission WHERE account = '123456789012')))) AND state != 'disabled' AND
    (owner = '123456789012' OR deprecated = 0 OR deprecated > unixepoch())"
bare() { # bare CONDITION
    sqlite3 "$many/amilaunch.db" "SELECT id, name, state, architecture, virtualization, root_device_type, owner, created
        FROM image WHERE $1 AND $seen ORDER BY created DESC, id"
}
list() { at "$many" image ls "$@"; }

# Each is the first as often as the other.
in_turn() { if (($1 % 2)); then echo few many; else echo many few; fi; }

declare -A ours=(
    [name]="--filter name=name,values=amzn2-*-hvm-*2"
    [exact-name]="--filter name=name,values=team20-ami-hvm-20"
    [tag]="--filter name=tag:Stage,values=live"
    [owner]="--owner self"
    [architecture]="--filter name=architecture,values=i386"
    [size]="--filter name=block-device-mapping.volume-size,values=9 --owner amazon"
) floor=(
    [name]="name GLOB 'amzn2-*-hvm-*2'"
    [exact-name]="name = 'team20-ami-hvm-20'"
    [tag]="owner = '123456789012' AND id IN (SELECT resource FROM tag WHERE key = 'Stage' AND value = 'live')"
    [owner]="owner = '123456789012'"
    [architecture]="architecture = 'i386'"
    [size]="owner = '137112412989' AND id IN (SELECT image FROM image_mapping WHERE size_gib = 9)"
)

for ((round = 0; round < rounds; round++)); do
    for what in "${!ours[@]}"; do
        # shellcheck disable=SC2086
        measure "ls-$what" list ${ours[$what]}
        found=$(($(wc -l <"$work/out") - 1))
        measure "ls-$what-floor" bare "${floor[$what]}"
        [ "$found" = "$(wc -l <"$work/out")" ] || [ "$(wc -l <"$work/out")" = 0 ] || { echo "$what: found $found, the query $(wc -l <"$work/out")"; exit 1; }
    done
    for size in $(in_turn $round); do
        measure "plan-$size" at "$work/$size" plan "$ami" --type t2.nano
        measure "run-$size" at "$work/$size" run "$ami" --type t2.nano --memory-limit 64M --dry-run
    done
done
for what in "${!ours[@]}"; do report "ls-$what" "ls-$what-floor" 3; done
for what in plan run; do report $what-many $what-few 1.1; done

[ -n "${SAMPLE:-}" ] || exit 0
for ((round = 0; round < rounds; round++)); do
    for size in $(in_turn $round); do
        measure "whole-run-$size" at "$work/$size" run "$ami" --type t2.nano --memory-limit 64M
        for id in $(at "$work/$size" ls --ids --filter name=instance-state-name,values=running); do
            measure "terminate-$size" at "$work/$size" terminate "$id"
        done
    done
done
for what in whole-run terminate; do report $what-many $what-few 1.1; done
