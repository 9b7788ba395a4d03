#!/bin/bash
# run and terminate, against raw libvirt and virt-install
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

home
disk=$work/floor.qcow2
prepare() { # what raw libvirt starts is what amilaunch would
    local id
    id=$(run "$blank" --memory-limit 64M)
    snapshot=$(backing_of "$(root_of "$id")")
    floor_xml "$id" floor "$disk" >"$work/floor.xml"
    kind=$(sed -n "s/^<domain type='\([a-z]*\)'.*/\1/p" "$work/floor.xml")
    "$AMILAUNCH" terminate "$id" >"$work/out"
}
prepare

ours() { "$AMILAUNCH" run "$blank" --type t2.nano --memory-limit 64M; }
by_libvirt() { overlay "$snapshot" "$disk" && virsh -q -c $uri define "$work/floor.xml" && floor_start floor; }
by_virsh_create() { overlay "$snapshot" "$disk" && virsh -q -c $uri create "$work/floor.xml"; }
by_virt_install() {
    overlay "$snapshot" "$disk" && virt-install --connect $uri --name "$tag-floor" --memory 64 --vcpus 1 --import --virt-type "$kind" \
        --disk "path=$disk,format=qcow2,bus=virtio" --network user,model=virtio --graphics none --osinfo detect=off,require=off \
        --noautoconsole
}
destroy() { virsh -q -c $uri destroy "$tag-floor" && virsh -q -c $uri undefine "$tag-floor" && rm "$disk"; }

measure_ours() {
    local id
    measure ours ours
    id=$(newest_running)
    [ -n "$id" ] || give_up "run has made nothing that runs"
    measure terminate "$AMILAUNCH" terminate "$id"
}
measure_libvirt() {
    measure libvirt by_libvirt
    measure destroy destroy
}
measure_others() {
    measure create by_virsh_create
    floor_end floor
    rm "$disk"
    [ $virt_install = no ] || { measure virt-install by_virt_install; destroy; }
}

virt_install=no
if command -v virt-install >/dev/null; then virt_install=yes; else skip "run, against virt-install" "virt-install is missing"; fi
begin_rounds 5 25 60
while another_round; do
    either measure_ours measure_libvirt
    measure_others
done
compare "run" s ours libvirt "<=1.1" "qemu-img create, virsh define, virsh start"
compare "run, against a transient domain" s ours create - "qemu-img create, virsh create"
[ $virt_install = no ] || compare "run, against virt-install" s ours virt-install "<=1.1" "qemu-img create, virt-install --import"
compare "terminate" s terminate destroy - "virsh destroy, virsh undefine, rm"
