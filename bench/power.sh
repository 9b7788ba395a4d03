#!/bin/bash
# start, stop and forced stop, against virsh
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

home
id=$(run "$ami" --memory-limit 256M)
overlay "$(backing_of "$(root_of "$id")")" "$work/floor.qcow2"
floor_xml "$id" floor "$work/floor.qcow2" >"$work/floor.xml"
"$AMILAUNCH" stop --force "$id" >"$work/out"
virsh -q -c $uri define "$work/floor.xml"

ready() { until_says "$1" 'amilaunch-sample: ready' "$2"; sleep 1; } # who listens to the power button comes after that line
wait_off() {
    local until=$((SECONDS + 600))
    until floor_state floor | grep -q 'shut off'; do
        [ $SECONDS -lt $until ] || give_up "virsh shutdown doesn't end the guest"
        sleep 0.05
    done
}
power_off() { virsh -q -c $uri shutdown --mode acpi "$tag-floor" && wait_off; }
readies() { says "$1" 'amilaunch-sample: ready'; }

# Off by its button once it is up, and by force as soon as it runs.
ours() {
    local log before
    log=$(log_of "$id") before=$(readies "$(log_of "$id")")
    measure start "$AMILAUNCH" start "$id"
    ready "$log" $((before + 1))
    measure stop "$AMILAUNCH" stop "$id"
    measure start "$AMILAUNCH" start "$id"
    measure force "$AMILAUNCH" stop --force "$id"
}
floor() {
    local before
    before=$(readies "$work/floor.log")
    measure virsh-start floor_start floor
    ready "$work/floor.log" $((before + 1))
    measure virsh-shutdown power_off
    measure virsh-start floor_start floor
    measure virsh-destroy virsh -q -c $uri destroy "$tag-floor"
}

begin_rounds 3 8 80
while another_round; do either ours floor; done
compare "start" s start virsh-start "<=1.2" "virsh start"
compare "stop" s stop virsh-shutdown "<=1.2" "virsh shutdown, and asking until it is off"
compare "stop --force" s force virsh-destroy - "virsh destroy"
