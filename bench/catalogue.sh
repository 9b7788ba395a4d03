#!/bin/bash
# image ls by count, and finding and planning among 100,000 images, against sqlite3
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

home
images=100000
[ "$BENCH_QUICK" = no ] || images=10000

# A fifth is the asking account's, a tenth amazon's and a tenth aws-marketplace's, a fifth is private to others.
fill() { # fill FROM TO: images of those numbers
    sqlite3 "$AMILAUNCH_HOME/amilaunch.db" >"$work/out" <<SQL
PRAGMA synchronous = OFF;
BEGIN;
CREATE TEMP TABLE made AS WITH RECURSIVE n (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM n WHERE n < $2)
    SELECT n, printf('%017x', n * 2654435761 % 4294967296 * 4096 + n % 4096) AS hex,
        CASE n % 10 WHEN 0 THEN '123456789012' WHEN 1 THEN '123456789012' WHEN 2 THEN '137112412989'
            WHEN 3 THEN '679593333241' ELSE printf('%012d', 200000000000 + n % 997) END AS owner FROM n;
INSERT INTO snapshot (id, state, size_gib, started, owner, region)
    SELECT 'snap-' || hex, 'completed', 8, 1300000000 + n * 100, owner, 'us-east-1' FROM made;
INSERT INTO image (id, name, description, state, architecture, virtualization, root_device_type, root_device, content,
        owner, region, created, public)
    SELECT 'ami-' || hex, printf('%s-ami-%s-%d', CASE n % 10 WHEN 2 THEN 'amzn2' ELSE 'team' || (n % 97) END,
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

# The query that is known to be the quickest: whoever doesn't write the + waits several times as long.
seen="+region = 'us-east-1' AND +binned = 0 AND (owner = '123456789012' OR (state = 'available' AND (public != 0 OR
    id IN (SELECT resource FROM permission WHERE account = '123456789012')))) AND state != 'disabled' AND
    (owner = '123456789012' OR deprecated = 0 OR deprecated > unixepoch())"
bare() { # bare CONDITION
    sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT id, name, state, architecture, virtualization, root_device_type, owner, created
        FROM image WHERE $1 AND $seen ORDER BY created DESC, id"
}

declare -A ours=(
    [name]="--filter name=name,values=amzn2-*-hvm-*2"
    [exact-name]="--filter name=name,values=team20-ami-hvm-20"
    [tag]="--filter name=tag:Stage,values=live"
    [owner]="--owner self"
    [architecture]="--filter name=architecture,values=i386"
    [size]="--filter name=block-device-mapping.volume-size,values=10 --owner amazon"
) floor=(
    [name]="name GLOB 'amzn2-*-hvm-*2'"
    [exact-name]="name = 'team20-ami-hvm-20'"
    [tag]="owner = '123456789012' AND id IN (SELECT resource FROM tag WHERE key = 'Stage' AND value = 'live')"
    [owner]="owner = '123456789012'"
    [architecture]="architecture = 'i386'"
    [size]="owner = '137112412989' AND id IN (SELECT image FROM image_mapping WHERE size_gib = 10)"
)

plan() { "$AMILAUNCH" plan "$ami" --type t2.nano; }
dry_run() { "$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 64M --dry-run; }

# Each lists all that the account can see, which is four of five.
have=0
for count in 10 100 1000 10000 100000; do
    [ $count -le $images ] || break
    fill $((have + 1)) $count
    have=$count
    ours_all() { measure "all-$count" "$AMILAUNCH" image ls; }
    floor_all() { measure "bare-$count" bare "1 = 1"; }
    begin_rounds 3 9 6
    while another_round; do either ours_all floor_all; done
    compare "image ls, $count images" s "all-$count" "bare-$count" - "the same query by the sqlite3 shell" "image ls, by images" $count
    [ $count != 10 ] || {
        begin_rounds 5 15 5
        while another_round; do
            measure plan-few plan
            measure dry-run-few dry_run
        done
    }
done

found() { # found WHAT: by both the same, and something
    local shown=$(($(wc -l <"$work/out.ours") - 1)) rows
    rows=$(wc -l <"$work/out.floor")
    [ "$shown" = "$rows" ] && [ "$rows" -gt 0 ] || give_up "$1: image ls finds $shown, the query $rows"
}
# shellcheck disable=SC2086
ours_find() { measure "find-$what" "$AMILAUNCH" image ls ${ours[$what]} && mv "$work/out" "$work/out.ours"; }
floor_find() { measure "find-$what-floor" bare "${floor[$what]}" && mv "$work/out" "$work/out.floor"; }
begin_rounds 3 11 40
while another_round; do
    for what in "${!ours[@]}"; do
        either ours_find floor_find
        found "$what"
    done
    measure plan-many plan
    measure dry-run-many dry_run
done
for what in "${!ours[@]}"; do
    compare "image ls of $images, by $what" s "find-$what" "find-$what-floor" "<=3" "the same query by the sqlite3 shell"
done
compare "plan, among $images images" s plan-many plan-few "<=1.1" "the same, among 10"
compare "run --dry-run, among $images images" s dry-run-many dry-run-few "<=1.1" "the same, among 10"
