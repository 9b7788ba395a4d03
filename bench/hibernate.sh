#!/bin/bash
# How far hibernation is from what libvirt does by itself, as ratios measured in turns in one run, of one guest:
#   hibernate  against `virsh managedsave`                                   (for the record)
#   start      against `virsh start` of a managed save                       (at most 1.2)
# usage: AMILAUNCH=./amilaunch SAMPLE=sample-ami.qcow2 bench/hibernate.sh [ROUNDS]
set -euo pipefail

: "${SAMPLE:?the sample image}"
rounds=${1:-10}
floors=floor
secret=$(cat /proc/sys/kernel/random/uuid)
. "$(dirname "$0")/measure.sh"

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
report hibernate managedsave anything
report start restore 1.2
