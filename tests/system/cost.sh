#!/bin/bash
# What things would cost: noted by the database itself, whatever becomes of what it was noted of.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
prices=$SCRATCH/prices.conf
cat >"$prices" <<'PRICES'
date = "today"; region = "nowhere";
instances = ( { type = "m3.medium"; hour = 60.0; } );
volumes = ( { type = "gp2"; gb_month = 1000000.0; } );
snapshot_gb_month = 1000000.0;
PRICES
conf=$SCRATCH/cost.conf
echo "prices = \"$prices\";" >"$conf"

cost() { "$AMILAUNCH" --config "$conf" cost "$@"; }
line() { cost --json "${@:2}" | jq -c --arg id "$1" '.Costs[] | select(.ResourceId == $id)'; }
field() { line "$1" | jq -r "$2" | head -n 1; }
is() { [ "$1" = "$2" ] || { echo "$1, not $2"; return 1; }; }
between() { [ "$(jq -n "($1) >= ($2) and ($1) <= ($3)")" = true ] || { echo "$1, not from $2 to $3"; return 1; }; }

three_to_one() { # in one report, as time goes on
    local report
    report=$(cost --json)
    jq -e --arg a "$data" --arg b "$root" '[.Costs[] | select(.ResourceId == ($a, $b)) | .Quantity] | max == 3 * min or (max / min - 3 | fabs) < 0.001' <<<"$report"
}

vm=$("$AMILAUNCH" run "$ami" --type m3 --memory-limit 64M --map /dev/sdf=:3:false --json 2>/dev/null | jq -r '.Instances[0].InstanceId')
need "an instance" "$vm"
root=$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT id FROM volume WHERE instance = '$vm' AND device = '/dev/sda1'")
data=$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT id FROM volume WHERE instance = '$vm' AND device = '/dev/sdf'")
check "show tells what it cost so far" eval '"$AMILAUNCH" --config "$conf" show "$vm" | grep -F "cost so far    \$"'
check "a minute at least" eval 'between "$(field "$vm" .Seconds)" 60 120 && between "$(field "$vm" .Cost)" 0.99 2'
check "its root volume of 1 GiB and its other of 3" three_to_one
"$AMILAUNCH" stop --force "$vm" >/dev/null
before=$(field "$vm" .Seconds)
grown=$(field "$data" .Quantity)
"$AMILAUNCH" start "$vm" >/dev/null
check "a start costs a minute more" eval 'is "$(field "$vm" .Starts)" 2 && between "$(field "$vm" .Seconds)" "$before + 60" "$before + 120"'
"$AMILAUNCH" terminate --force "$vm" >/dev/null
after=$(field "$vm" .Seconds)
check "a volume that is left costs on" eval '"$AMILAUNCH" volume show "$data" >/dev/null && between "$(field "$data" .Quantity)" "$grown" 1'
"$AMILAUNCH" volume rm "$data"
check "what is gone has its cost" eval '[ -n "$(line "$root")" ] && [ -n "$(line "$data")" ]'
sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "UPDATE instance SET ended = 1 WHERE id = '$vm'"
"$AMILAUNCH" ls >/dev/null
check "the instance is forgotten" eval '! "$AMILAUNCH" show "$vm"'
check "its cost isn't" is "$(field "$vm" .Seconds)" "$after"
check "nor its volumes'" eval '[ -n "$(line "$root" "$vm")" ]'
snapshot=$("$AMILAUNCH" image show "$ami" --json | jq -r '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId')
taken=$(($(stat -c %b "$AMILAUNCH_HOME/snapshots/$snapshot.qcow2") * 512))
check "a snapshot costs what it takes" is "$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT amount FROM usage WHERE resource = '$snapshot' AND ended IS NULL")" $taken
check "the prices that come along say of when they are" eval '"$AMILAUNCH" cost | grep "prices of us-east-1, 2014 to 2024, for teaching: not a bill"'
check "what has no price is said" eval 'sed "s/m3.medium/m3.large/" "$prices" >"$prices.other" && echo "prices = \"$prices.other\";" >"$conf" && cost "$vm" | grep "not known" && is "$(field "$vm" .Cost)" null'
check "last year costs nothing" eval '"$AMILAUNCH" cost --month 2020-02 | grep "nothing that costs"'
refused "no month" 2 Usage "$AMILAUNCH" cost --month 2024-13
refused "a day to come" 2 Usage "$AMILAUNCH" cost --since 2999-01-01
refused "an instance that never was" 1 InvalidInstanceID.NotFound "$AMILAUNCH" cost i-0123456789abcdef0
refused "somebody else's" 1 InvalidInstanceID.NotFound "$AMILAUNCH" --account 000000000009 cost "$vm"
echo 'prices = "absent.conf";' >"$conf"
refused "prices that aren't there" 2 Configuration "$AMILAUNCH" --config "$conf" cost
finish
