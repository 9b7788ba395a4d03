# What parts with guests share: samples, a HOME that knows them, and domains to compare with. Sourced after measure.sh.

# made FILE OPTION...: makes that sample once, for all parts.
made() {
    local file=$BENCH_SHARED/$1
    shift
    if [ ! -e "$file" ]; then
        scripts/sample-ami "$@" -o "$file.part" >"$work/sample.log" 2>&1 || give_up "no sample: $(tail -n 5 "$work/sample.log")"
        mv "$file.part" "$file"
        chmod 644 "$file"
    fi
    echo "$file"
}
sample() { if [ -n "${SAMPLE:-}" ]; then echo "$SAMPLE"; else made sample.qcow2; fi; }
sample_pv() { if [ -n "${SAMPLE_PV:-}" ]; then echo "$SAMPLE_PV"; else made sample-pv.qcow2 --pv hd0; fi; }

image_named() { "$AMILAUNCH" image ls --json | jq -r --arg name "$1" '.Images[] | select(.Name == $name) | .ImageId'; }

# home: makes AMILAUNCH_HOME a copy of one in which the sample was imported, and an empty disk of 1 GiB, on which a guest stays in
# its firmware and leaves the processor alone; sets their ids, $ami and $blank. To look into an image takes long: once is enough.
home() {
    local seed=$BENCH_SHARED/seed
    if [ ! -e "$seed" ]; then
        AMILAUNCH_HOME=$seed.part make_seed || give_up "no sample is imported: $(tail -n 5 "$work/err")"
        mv "$seed.part" "$seed"
    fi
    cp -r --preserve=mode,timestamps "$seed" "$AMILAUNCH_HOME"
    ami=$(image_named sample) blank=$(image_named blank)
}
make_seed() {
    local volume snapshot
    "$AMILAUNCH" image import "$(sample)" --name sample >"$work/out" 2>"$work/err" &&
        volume=$("$AMILAUNCH" volume create --size 1 --json 2>"$work/err" | jq -r .VolumeId) &&
        snapshot=$("$AMILAUNCH" snapshot create "$volume" --json 2>"$work/err" | jq -r .SnapshotId) &&
        "$AMILAUNCH" volume rm "$volume" >"$work/out" 2>"$work/err" &&
        "$AMILAUNCH" image register --name blank --map "/dev/sda1=$snapshot" --root-device /dev/sda1 --arch x86_64 --virt hvm \
            --no-inspect >"$work/out" 2>"$work/err" &&
        sqlite3 "$AMILAUNCH_HOME/amilaunch.db" 'DELETE FROM host_fact'
}

# run AMI OPTION...: an instance of it; its id.
run() {
    "$AMILAUNCH" run "$1" --type t2.nano "${@:2}" --json 2>"$work/err" | jq -r '.Instances[0].InstanceId' ||
        give_up "run $*: $(cat "$work/err")"
}
root_of() { # root_of INSTANCE: the file of its root volume
    local volume
    volume=$("$AMILAUNCH" show "$1" --json | jq -r '.Reservations[0].Instances[0].BlockDeviceMappings[0].Ebs.VolumeId')
    echo "$AMILAUNCH_HOME/volumes/$volume.qcow2"
}
backing_of() { qemu-img info -U --output=json "$1" | jq -r '."full-backing-filename"'; }
overlay() { qemu-img create -q -f qcow2 -F qcow2 -b "$1" "$2"; } # overlay BACKING FILE
newest_running() { "$AMILAUNCH" ls --ids --filter name=instance-state-name,values=running | tail -n 1; }

# floor_xml INSTANCE NAME DISK: the instance's domain as somebody would write it who has no amilaunch: the same hardware, with that
# root disk, QEMU's own user network, and its console in $work/NAME.log.
floor_xml() {
    local id=$1 name=$2 disk=$3
    virsh -c $uri dumpxml --inactive "$id" | sed -E -e "s|<name>.*</name>|<name>$tag-$name</name>|" \
        -e "s|$(root_of "$id")|$disk|; s|$AMILAUNCH_HOME/instances/$id/console.log|$work/$name.log|" \
        -e '/<uuid>/d; /<sysinfo/,/<\/sysinfo>/d; /<smbios/d; /<metadata>/,/<\/metadata>/d' \
        -e "s|'stream,id=nic,[^']*'|'user,id=nic'|" \
        -e "/qemu:arg value='-(chardev|mon)'/d; /qemu:arg .*(id=|chardev=)events/d"
}
floor_start() { virsh -q -c $uri start "$tag-$1"; }
floor_state() { virsh -q -c $uri domstate "$tag-$1"; }
floor_end() { # floor_end NAME: nothing is left of it
    virsh -q -c $uri destroy "$tag-$1" >/dev/null 2>&1 || true
    virsh -q -c $uri undefine "$tag-$1" >/dev/null 2>&1 || true
}

log_of() { echo "$AMILAUNCH_HOME/instances/$1/console.log"; } # the console's
# How many lines of a guest's console have TEXT.
says() { grep -aFc -- "$2" "$1" 2>/dev/null || true; } # says FILE TEXT
# until_says FILE TEXT [COUNT]: waits until so many lines have it.
until_says() {
    local until=$((SECONDS + 600)) said
    until said=$(says "$1" "$2") && [ "${said:-0}" -ge "${3:-1}" ]; do
        [ $SECONDS -lt $until ] || give_up "a guest didn't say '$2': $(tail -n 5 "$1" | tr -cd '[:print:]\n')"
        sleep 0.05
    done
}

# Of a process: seconds of a processor; bytes of memory, with its share of what others have, too.
seconds_of() { awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / tick }' "/proc/$1/stat"; }
exact_seconds_of() { awk '{ print $1 / 1e9 }' "/proc/$1/schedstat"; } # of its first thread, in nanoseconds
bytes_of() { awk '$1 == "Pss:" { print $2 * 1024 }' "/proc/$1/smaps_rollup"; }
qemu_of() { pgrep -f "guest=$1," | head -n 1; } # qemu_of INSTANCE
