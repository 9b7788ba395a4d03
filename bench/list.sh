#!/bin/bash
# ls by count, against virsh list --all
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

# Up to so many are stopped and have a domain each; what is beyond that has been terminated, and is listed for an hour.
stopped=1000 most=100000
[ "$BENCH_QUICK" = no ] || { stopped=100 most=1000; }

home
defined=0
domain() { printf 'i-%017x' "$1"; }
# The domains bear the instances' names, by which clean_up wouldn't know them.
put_away() { seq 1 "$defined" | while read -r n; do echo "undefine $(domain "$n")"; done | virsh -q -c $uri; }

id=$(run "$blank" --memory-limit 64M)
virsh -c $uri dumpxml --inactive "$id" >"$work/one.xml"
uuid=$(virsh -q -c $uri domuuid "$id" | head -n 1)
"$AMILAUNCH" stop --force "$id" >"$work/out"

# rows FROM TO STATE: copies of that instance, with an address each, which none that is given out is like, while they have them.
rows() {
    local columns
    columns=$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT group_concat(name) FROM pragma_table_info('instance')
        WHERE name NOT IN ('id', 'reservation', 'uuid', 'state', 'ended')")
    sqlite3 "$AMILAUNCH_HOME/amilaunch.db" <<SQL
PRAGMA synchronous = OFF;
BEGIN;
CREATE TEMP TABLE made AS WITH RECURSIVE n (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM n WHERE n < $2) SELECT n FROM n;
INSERT INTO instance (id, reservation, uuid, state, ended, $columns)
    SELECT printf('i-%017x', n), printf('r-%017x', n), printf('ec2d6ecf-0000-4000-8000-%012x', n), '$3',
        CASE '$3' WHEN 'terminated' THEN unixepoch() ELSE 0 END, $columns FROM made, instance WHERE id = '$id';
INSERT INTO interface (instance, id, address, mac)
    SELECT printf('i-%017x', n), printf('eni-%017x', n), 0x0a000000 + n, printf('0a:00:00:00:%02x:%02x', n / 256, n % 256)
    FROM made WHERE '$3' != 'terminated';
COMMIT;
SQL
}
define() { # define FROM TO
    local n files=()
    for ((n = $1; n <= $2; n++)); do
        sed -e "s|$id|$(domain "$n")|g; s|$uuid|$(printf 'ec2d6ecf-0000-4000-8000-%012x' "$n")|g" "$work/one.xml" >"$work/$n.xml"
        files+=("define $work/$n.xml")
    done
    defined=$2
    printf '%s\n' "${files[@]}" | virsh -q -c $uri >"$work/out"
    for ((n = $1; n <= $2; n++)); do rm "$work/$n.xml"; done
}

ours() { measure "ls-$count" "$AMILAUNCH" ls && listed; }
listed() { [ "$(grep -c '^i-' "$work/out")" -ge "$count" ] || give_up "ls shows $(grep -c '^i-' "$work/out") of $count"; }
floor() { measure "virsh-$count" virsh -c $uri list --all; }

aims() { if [ "$1" -ge 100 ]; then echo "<=1.5"; else echo "<=3"; fi; }
have=0
for count in 10 100 1000 10000 100000; do
    [ $count -le $most ] || break
    begin_rounds 3 15 8
    if [ $count -le $stopped ]; then
        rows $((have + 1)) $count stopped
        define $((have + 1)) $count
        while another_round; do either ours floor; done
        compare "ls of $count" s ls-$count virsh-$count "$(aims $count)" "virsh list --all, with as many domains" "ls, by instances" $count
    else
        rows $((have + 1)) $count terminated
        while another_round; do ours; done
        compare "ls of $count, most of them terminated" s ls-$count - - "none: virsh can't list what is gone" "ls, by instances" $count
    fi
    have=$count
done
