#!/bin/bash
# the network process: throughput and the metadata's latency, against QEMU's own user network
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"
. "$(dirname "$0")/netd.sh"

command -v python3 >/dev/null || { skip "the network" "python3 is missing"; exit 0; }
# The guest sends to an address of the host's that isn't its loopback's, which guests don't reach.
[ -n "$(hostname -I)" ] || { skip "the network" "this host has no address but its loopback"; exit 0; }
netd_records 1
netd_start
megabytes=64 turns=5 reads=40
[ "$BENCH_QUICK" = no ] || megabytes=16 turns=3 reads=20
python3 "$(dirname "$0")/network_guest.py" "$(sample)" "$AMILAUNCH_HOME" "$BENCH_ACCELERATOR" $megabytes $turns $reads >"$work/told" ||
    give_up "the guest could not be measured"
while read -r series number; do record "$series" "$number"; done <"$work/told"
compare "TCP from a guest to the host" MB/s transfer-ours transfer-theirs ">=0.8" "-netdev user, in the same guest"
compare "reading a leaf of the metadata" s leaf-ours leaf-theirs "<=1.2" "the same service through -netdev user"
