#!/bin/bash
# hibernate and resume, by the host and by the guest, against virsh
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

secret=$(cat /proc/sys/kernel/random/uuid)
put_away() { virsh -q -c $uri secret-undefine "$secret"; }

home
id=$(run "$ami" --memory-limit 256M --hibernate --map /dev/sda1=::::encrypted)
until_says "$(log_of "$id")" 'amilaunch-sample: ready'

# The same guest for virsh: the same hardware, kernel and encryption, on an overlay of its own. Its passphrase has to be with libvirt
# for as long as the guest is.
disk=$work/floor.qcow2
key=$(echo "$AMILAUNCH_HOME"/secrets/*)
encrypted_overlay() {
    qemu-img create -q -f qcow2 -F qcow2 -b "$(backing_of "$(root_of "$id")")" \
        --object "secret,id=key,file=$key" -o encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10 "$disk"
}
# Where the clock of processor time goes in steps, qemu-img now and then finds that it took none.
for _ in 1 2 3 4 5; do encrypted_overlay && break; done
echo "<secret ephemeral='yes' private='yes'><uuid>$secret</uuid></secret>" >"$work/secret.xml"
virsh -q -c $uri secret-define "$work/secret.xml" >"$work/out"
virsh -q -c $uri secret-set-value "$secret" --base64 "$(base64 -w 0 "$key")" >"$work/out" 2>&1
floor_xml "$id" floor "$disk" | sed "s|<secret type='passphrase' uuid='[^']*'|<secret type='passphrase' uuid='$secret'|" >"$work/floor.xml"
virsh -q -c $uri define "$work/floor.xml"
floor_start floor
until_says "$work/floor.log" 'amilaunch-sample: ready'

ours() {
    measure hibernate "$AMILAUNCH" hibernate "$id"
    measure resume "$AMILAUNCH" start "$id"
}
floor() {
    measure managedsave virsh -q -c $uri managedsave "$tag-floor"
    measure restore floor_start floor
}
begin_rounds 3 10 40
while another_round; do either ours floor; done

# By the guest: from the sleep key until it is off.
off() { until floor_state floor | grep -q 'shut off'; do sleep 0.05; done; }
press_sleep() { virsh -q -c $uri send-key "$tag-floor" KEY_SLEEP && off; }
resumed() { until_says "$1" 'amilaunch-sample: resumed' "$2"; }
resumes() { says "$1" 'amilaunch-sample: resumed'; }
ours_guest() {
    local before
    before=$(resumes "$(log_of "$id")")
    measure guest "$AMILAUNCH" hibernate --guest "$id"
    begun=$(microseconds)
    "$AMILAUNCH" start "$id" >"$work/out"
    resumed "$(log_of "$id")" $((before + 1))
    record_since guest-resume "$begun"
    sleep 1 # who listens to the sleep key comes after that line
}
floor_guest() {
    local before
    before=$(resumes "$work/floor.log")
    measure sleep-key press_sleep
    begun=$(microseconds)
    floor_start floor
    resumed "$work/floor.log" $((before + 1))
    record_since guest-restore "$begun"
    sleep 1
}
begin_rounds 2 3 30
while another_round; do either ours_guest floor_guest; done

compare "hibernate" s hibernate managedsave "<=1.2" "virsh managedsave"
compare "start of a hibernated one" s resume restore "<=1.2" "virsh start, of a managed save"
compare "hibernate --guest" s guest sleep-key "<=1.2" "virsh send-key KEY_SLEEP, and asking until it is off"
compare "its start, until the guest goes on" s guest-resume guest-restore "<=1.2" "virsh start, until the guest goes on"
