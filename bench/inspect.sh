#!/bin/bash
# image import, against qemu-img and virt-inspector
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

image=$(sample)
format=$(qemu-img info --output=json "$image" | jq -r .format)
# As amilaunch does it: without libvirt, and with KVM only where that works.
export LIBGUESTFS_BACKEND=direct
[ "$BENCH_ACCELERATOR" = kvm ] || export LIBGUESTFS_BACKEND_SETTINGS=force_tcg
for tool in guestfish virt-inspector; do
    command -v $tool >/dev/null || { skip "image import" "$tool is missing"; exit 0; }
done

# In a HOME that doesn't know the file it has to be looked into; in one that does, it is copied and recognized.
import() { "$AMILAUNCH" image import "$image" --name "sample-$1"; }
fresh() {
    rm -rf "$AMILAUNCH_HOME"
    measure import import new
}
# Neither lists the installed applications, nor looks for an icon.
by_tools() { virt-inspector --no-applications --no-icon --format="$format" -a "$image" && qemu-img convert -O qcow2 "$image" "$work/copy.qcow2"; }
tools() { measure tools by_tools; }
by_guestfish() { guestfish --ro --format="$format" -a "$image" run : inspect-os; }

begin_rounds 2 4 70
while another_round; do
    either fresh tools
    measure guestfish by_guestfish
done

digest_and_copy() { sha256sum "$image" && qemu-img convert -O qcow2 "$image" "$work/copy.qcow2"; }
known() { measure known import "known-$round"; }
copy() { measure copy digest_and_copy; }
begin_rounds 4 12 10
while another_round; do either known copy; done

compare "image import" s import tools "<=1.1" "virt-inspector, qemu-img convert"
compare "image import, against guestfish alone" s import guestfish - "guestfish run : inspect-os, which finds only which system it is"
compare "image import, of a known file" s known copy - "sha256sum, qemu-img convert"
