#!/bin/bash
# How far hibernation is from what libvirt does by itself, as ratios measured in turns in one run, of one guest:
#   hibernate  against `virsh managedsave`                                   (for the record)
#   start      against `virsh start` of a managed save                       (at most 1.2)
# usage: AMILAUNCH=./amilaunch SAMPLE=sample-ami.qcow2 bench/hibernate.sh [ROUNDS]
set -euo pipefail

: "${AMILAUNCH:?the program to measure}" "${SAMPLE:?the sample image}"
rounds=${1:-10}
work=$(mktemp -d /tmp/amibench.XXXXXX)
chmod 755 "$work"
export AMILAUNCH_HOME=$work/home
if [ "$(id -u)" = 0 ]; then uri=qemu:///system; else uri=qemu:///session; fi

clean_up() {
    local id
    virsh -q -c $uri destroy floor >/dev/null 2>&1 || true
    virsh -q -c $uri undefine floor --managed-save >/dev/null 2>&1 || true
    virsh -q -c $uri secret-undefine "$secret" >/dev/null 2>&1 || true
    for id in $("$AMILAUNCH" ls --ids 2>/dev/null); do "$AMILAUNCH" terminate "$id" >/dev/null 2>&1 || true; done
    rm -rf "$work"
}
secret=$(cat /proc/sys/kernel/random/uuid)
trap clean_up EXIT

measure() { # measure NAME COMMAND...: appends milliseconds to $work/NAME
    local name=$1 begun
    shift
    begun=${EPOCHREALTIME/./}
    "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
    awk "BEGIN { print (${EPOCHREALTIME/./} - $begun) / 1000 }" >>"$work/$name"
}

median() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
spread() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { printf "%.0f-%.0f", v[int(NR * 0.1) + 1], v[int(NR * 0.9 + 0.5)] }'; }

report() { # report OURS FLOOR AIM
    awk -v name="$1" -v ours="$(median "$1")" -v floor="$(median "$2")" -v aim="$3" \
        -v spread="$(spread "$1")" -v fspread="$(spread "$2")" 'BEGIN {
            printf "%-10s %8.1f ms (%s)   floor %8.1f ms (%s)   ratio %.2f   aim %s\n",
                name, ours, spread, floor, fspread, ours / floor, aim }'
}

ami=$("$AMILAUNCH" image import "$SAMPLE" --name bench 2>/dev/null | cut -d' ' -f1)
id=$("$AMILAUNCH" run "$ami" --type t2.nano --memory-limit 256M --hibernate --map /dev/sda1=::::encrypted --wait --json |
    jq -r '.Instances[0].InstanceId')

# The same guest for virsh: the same hardware, kernel and encryption, on an overlay of its own. Its passphrase has to be
# with libvirt for as long as the guest is.
volume=$(echo "$work"/home/volumes/*.qcow2)
snapshot=$(echo "$work"/home/snapshots/*.qcow2)
key=$(echo "$work"/home/secrets/*)
qemu-img create -q -f qcow2 -F qcow2 -b "$snapshot" --object "secret,id=key,file=$key" \
    -o encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10 "$work/floor.qcow2"
cat >"$work/secret.xml" <<EOF
<secret ephemeral='yes' private='yes'><uuid>$secret</uuid></secret>
EOF
virsh -q -c $uri secret-define "$work/secret.xml"
virsh -q -c $uri secret-set-value "$secret" --base64 "$(base64 -w 0 "$key")" 2>/dev/null
virsh -c $uri dumpxml --inactive "$id" | sed -e "s|<name>$id</name>|<name>floor</name>|" \
    -e "s|$volume|$work/floor.qcow2|; s|instances/$id/console.log|floor.log|; s|<secret type='passphrase' uuid='[^']*'|<secret type='passphrase' uuid='$secret'|" \
    -e '/<uuid>/d; /<sysinfo/,/<\/sysinfo>/d; /<smbios/d; /<qemu:commandline/,/<\/qemu:commandline>/d' >"$work/floor.xml"
virsh -q -c $uri define "$work/floor.xml"
virsh -q -c $uri start floor
until tr -d '\r' <"$work/home/floor.log" 2>/dev/null | grep -q '^amilaunch-sample: ready'; do sleep 0.5; done

for ((round = 0; round < rounds; round++)); do
    measure hibernate "$AMILAUNCH" hibernate "$id"
    measure managedsave virsh -q -c $uri managedsave floor
    measure start "$AMILAUNCH" start "$id"
    measure restore virsh -q -c $uri start floor
done
report hibernate managedsave "none"
report start restore "at most 1.2"
