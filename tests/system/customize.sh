#!/bin/bash
# Images that are made of others without a guest: what was asked for is in the new one, in order, and the old one
# stays as it is. The sample is made to look like a Debian, whose apt-get only notes what it was told.
. "$(dirname "$0")/lib.sh"
export PATH=$PATH:/usr/sbin:/sbin

# ---- the sample, as a Debian ----

work=$SCRATCH/customize
mkdir "$work"
base=$work/base.qcow2
disguise() {
    local part=$work/part.raw disk=$work/disk.raw start size
    qemu-img convert -O raw "$SAMPLE" "$disk" || return
    read -r start size < <(sfdisk -d "$disk" | sed -n 's/.*start= *\([0-9]*\), size= *\([0-9]*\), type=83.*/\1 \2/p')
    dd if="$disk" of="$part" bs=512 skip="$start" count="$size" conv=sparse status=none || return
    echo 12.1 >"$work/version"
    printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Phony Debian 12"\n' >"$work/os-release"
    printf '#!/bin/sh\necho "$@" >>/apt-arguments\n' >"$work/apt-get"
    printf 'Package: dpkg\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n' >"$work/status"
    debugfs -w -f - "$part" >/dev/null 2>&1 <<END || return
rm /etc/os-release
write $work/os-release /etc/os-release
write $work/version /etc/debian_version
mkdir /usr
mkdir /usr/bin
write $work/apt-get /usr/bin/apt-get
sif /usr/bin/apt-get mode 0100755
mkdir /var
mkdir /var/lib
mkdir /var/lib/dpkg
write $work/status /var/lib/dpkg/status
END
    dd if="$part" of="$disk" bs=512 seek="$start" conv=notrunc,sparse status=none &&
        qemu-img convert -O qcow2 "$disk" "$base" && rm "$part" "$disk"
}
check "the sample in disguise" disguise

# What was found in the sample holds for it, too, but for the packages: that spares a look into it.
ami=$(imported)
need "the sample is imported" "$ami"
"$AMILAUNCH" image ls >/dev/null
sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "INSERT INTO content_facts
    SELECT 'qcow2:sha256:$(sha256sum <"$base" | cut -d' ' -f1)', json_set(facts, '\$.package_format', 'deb') FROM content_facts
    JOIN image ON content = digest WHERE image.id = '$ami'"
debian=$("$AMILAUNCH" image import "$base" --name debian | cut -d' ' -f1)
need "and the disguised one" "$debian"
snapshot_of() { "$AMILAUNCH" image show "$1" --json | jq -r '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId'; }
old=$AMILAUNCH_HOME/snapshots/$(snapshot_of "$debian").qcow2
before=$(sha256sum <"$old")
images() { "$AMILAUNCH" image ls --ids | wc -l; }
files() { ls "$AMILAUNCH_HOME/snapshots" | wc -l; }
images=$(images) files=$(files)

# ---- what can't be ----

custom() { "$AMILAUNCH" image customize "$@"; }
refused "nothing to do" 1 MissingParameter custom "$ami" --name new
refused "no name" 2 Usage custom "$ami" --update
refused "a name that is taken" 1 InvalidAMIName.Duplicate custom "$ami" --name sample --mkdir /x
refused "no such image" 1 InvalidAMIID.NotFound custom ami-00000000000000000 --name new --mkdir /x
refused "no such script" 1 InvalidParameterValue custom "$ami" --name new --run "$work/none"
refused "no such file" 1 InvalidParameterValue custom "$ami" --name new --copy-in "$work/none:/etc"
refused "packages without a package manager" 1 UnsupportedOperation custom "$ami" --name new --install nginx
refused "another account's image" 1 InvalidAMIID.NotFound "$AMILAUNCH" --account 999999999999 image customize "$ami" --name new --mkdir /x
nothing_new() { # nothing_new [MORE]
    [ "$(images)" = $((images + ${1:-0})) ] && [ "$(files)" = $((files + ${1:-0})) ] &&
        [ -z "$(find "$AMILAUNCH_HOME" -name '*.inspection')" ] &&
        [ "$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" 'SELECT count(*) FROM operation')" = 0 ]
}
check "nothing is left of all that" nothing_new

# A virt-customize that fails as a hostile image could make it fail, and none at all.
mkdir "$work/phony" "$work/without"
printf '#!/bin/sh\necho "[   1.0] Examining the guest ..."\nprintf "words \\033[2Jof a script\\n" >&2\nexit 1\n' >"$work/phony/virt-customize"
chmod +x "$work/phony/virt-customize"
ln -s "$(command -v qemu-img)" "$(command -v env)" "$work/without"
says=$(PATH=$work/phony:$PATH custom "$ami" --name new --command false 2>&1) && status=0 || status=$?
check "a step that fails" test "$status" = 1
check "says what it said" grep -q 'words .*of a script' <<<"$says"
check "and does nothing to the terminal" eval '! grep -q $(printf "\033") <<<"$says"'
check "nothing is left of it" nothing_new
refused "no virt-customize" 3 Host.Inspection env PATH="$work/without" "$AMILAUNCH" image customize "$ami" --name new --mkdir /x
check "nothing is left of that" nothing_new

# ---- cut off ----

setsid "$AMILAUNCH" image customize "$ami" --name new --mkdir /x >/dev/null 2>&1 &
pid=$!
appliances() { pgrep -f "^[^ ]*(qemu|virt-customize).*$AMILAUNCH_HOME/"; }
until appliances >/dev/null || ! kill -0 $pid 2>/dev/null; do sleep 0.2; done
check "its programs run" appliances
kill -9 $pid
wait $pid 2>/dev/null
ended() { local until=$((SECONDS + 20)); while appliances; do [ $SECONDS -lt $until ] || return 1; sleep 0.2; done; }
check "they end with it" ended
check "the next command" "$AMILAUNCH" image ls
check "takes away what it left" nothing_new

# ---- all of it, in order ----

echo 'file words' >"$work/file"
printf '#!/bin/sh\ncat /etc/file >/seen\necho script-words >>/seen\nid -u >>/seen\n' >"$work/script"
new=$(custom "$debian" --name hardened --copy-in "$work/file:/etc" --run "$work/script" --delete /etc/file --install nginx,curl \
    --mkdir /deep/er --write '/deep/er/text:a: b' --chmod 0600:/deep/er/text --lock root --hostname other --description words \
    --tag stage=test | cut -d' ' -f1)
need "a new image" "$new"
check "the old one is the same, byte for byte" test "$(sha256sum <"$old")" = "$before"
new_root=$(snapshot_of "$new")
small() { [ "$(stat -c %b "$AMILAUNCH_HOME/snapshots/$new_root.qcow2")" -lt 40000 ]; }
check "and the new one has only what is new" small
described() { "$AMILAUNCH" image show "$new" --json | jq -e '.Images[0] | .Description == "words" and .State == "available" and
    (.Public | not) and .Tags == [{"Key": "stage", "Value": "test"}] and .Facts.product == "Phony Debian 12"'; }
check "it is described" described
check "nothing else is left" nothing_new 1
refused "what it stands on can't be deleted" 1 InvalidSnapshot.InUse "$AMILAUNCH" snapshot rm "$(snapshot_of "$debian")"

inside() { # inside FILE: of the new image
    [ -e "$work/inside.part" ] || {
        qemu-img convert -O raw "$AMILAUNCH_HOME/snapshots/$new_root.qcow2" "$work/inside.raw" &&
            dd if="$work/inside.raw" of="$work/inside.part" bs=512 conv=sparse status=none \
                skip="$(sfdisk -d "$work/inside.raw" | sed -n 's/.*start= *\([0-9]*\),.*type=83.*/\1/p')" && rm "$work/inside.raw"
    } && debugfs -R "$1" "$work/inside.part" 2>/dev/null
}
is() { [ "$(inside "cat $1")" = "$2" ] || { inside "cat $1"; return 1; }; }
check "the script saw the copied file" is /seen "$(printf 'file words\nscript-words\n0')"
check "which is deleted after it" test -z "$(inside 'cat /etc/file')"
packages() { inside 'cat /apt-arguments' | grep -q 'install.*nginx.*curl'; }
check "apt-get was told to install" packages
check "a file is written" is /deep/er/text 'a: b'
mode() { inside 'stat /deep/er/text' | grep -q 'Mode: *0600'; }
check "with its mode" mode
locked() { inside 'cat /etc/passwd' | grep -q '^root:[!]\*:'; }
check "root is locked" locked
check "the host has its name" is /etc/hostname other
check "no random seed is shared" test -z "$(inside 'ls /var/lib/systemd' | grep seed)"

id=$("$AMILAUNCH" run "$new" --type t2.nano --memory-limit 128M --wait --json | jq -r '.Instances[0].InstanceId')
need "it boots" "$id"
check "terminate" "$AMILAUNCH" terminate "$id"
finish
