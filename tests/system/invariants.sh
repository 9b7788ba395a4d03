# What has to be so in a HOME whenever no command is at work: sourced after lib.sh.
#   invariants   prints each sentence that isn't true of $AMILAUNCH_HOME; fails if there is any.
#   mark         writes a pattern of its own into each volume that no running guest has open
# A volume that was marked has to be there, with its mark, until `may_go VOLUME...` says otherwise.

declare -A mark_of=()

sql() { sqlite3 -batch -noheader -separator ' ' -cmd '.timeout 10000' "$AMILAUNCH_HOME/amilaunch.db" "$1"; }

# Each line of standard input is something that should not be.
none() { # none TEXT
    local line
    while IFS= read -r line; do
        [ -z "$line" ] || echo "$1: $line"
    done
}

# An operation may have an owner that lives: it holds a lock on the byte of that number.
ownerless() {
    local inode id kind
    inode=$(stat -c %i "$AMILAUNCH_HOME/amilaunch.lock")
    sql 'SELECT id, kind FROM operation' | while read -r id kind; do
        grep -q "OFDLCK .*:$inode $id $id\$" /proc/locks || echo "$kind $id"
    done
}

# false_of TEXT QUERY: a statement that gives a sentence for each row of QUERY.
false_of() { printf "SELECT '%s:', wrong.* FROM (%s) AS wrong;\n" "${1//\'/\'\'}" "$2"; }

# In one go, as it is asked very often.
database_statements() {
    false_of integrity_check "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check != 'ok'"
    false_of foreign_key_check 'SELECT * FROM pragma_foreign_key_check'
    false_of "is in an operation that isn't there" "SELECT id, state FROM instance WHERE operation IS NOT NULL AND operation NOT IN (SELECT id FROM operation)
         UNION SELECT id, state FROM volume WHERE operation IS NOT NULL AND operation NOT IN (SELECT id FROM operation)
         UNION SELECT id, state FROM snapshot WHERE operation IS NOT NULL AND operation NOT IN (SELECT id FROM operation)
         UNION SELECT id, state FROM image WHERE operation IS NOT NULL AND operation NOT IN (SELECT id FROM operation)"
    false_of "is in a state on the way, but nobody takes it on" "SELECT id, state FROM instance WHERE operation IS NULL AND state NOT IN ('running', 'stopping', 'stopped', 'terminated')
         UNION SELECT id, state FROM volume WHERE operation IS NULL AND state NOT IN ('available', 'in-use')
         UNION SELECT id, state FROM snapshot WHERE operation IS NULL AND state NOT IN ('completed', 'recoverable', 'deleted')
         UNION SELECT id, state FROM image WHERE operation IS NULL AND state = 'pending'"
    false_of "is in the recycle bin and isn't" "SELECT id, state, binned FROM image WHERE (binned != 0) != (state = 'deregistered')
         UNION SELECT id, state, binned FROM snapshot WHERE (binned != 0) != (state = 'recoverable')"
    false_of "an image of a snapshot that isn't there" "SELECT image, snapshot FROM image_mapping WHERE snapshot NOT IN (SELECT id FROM snapshot WHERE state = 'completed')
            AND image NOT IN (SELECT id FROM image WHERE operation IS NOT NULL)"
    false_of "a volume's state and its instance don't go together" "SELECT volume.id, volume.state, volume.instance, coalesce(instance.state, 'absent') FROM volume
         LEFT JOIN instance ON instance.id = volume.instance
         WHERE (volume.state = 'in-use') != (volume.instance IS NOT NULL)
            OR (volume.instance IS NOT NULL AND coalesce(instance.state, 'terminated') = 'terminated')"
    false_of "a deleted snapshot that nothing stands on" "SELECT id FROM snapshot WHERE state = 'deleted' AND id NOT IN (SELECT backing FROM volume WHERE backing IS NOT NULL)
            AND id NOT IN (SELECT parent FROM snapshot WHERE parent IS NOT NULL)
            AND id NOT IN (SELECT snapshot FROM volume WHERE snapshot IS NOT NULL)"
    false_of "its costs don't go together with its state" "SELECT id, state FROM instance WHERE state IN ('running', 'stopped', 'terminated') AND (state = 'running') !=
            (SELECT count(*) FROM usage WHERE resource = instance.id AND ended IS NULL)
         UNION SELECT id, state FROM volume WHERE (state IN ('available', 'in-use')) !=
            (SELECT count(*) FROM usage WHERE resource = volume.id AND ended IS NULL
                AND instance IS volume.instance AND amount = volume.size_gib)
         UNION SELECT id, state FROM snapshot WHERE (state IN ('completed', 'recoverable')) !=
            (SELECT count(*) FROM usage WHERE resource = snapshot.id AND ended IS NULL)
         UNION SELECT resource, kind FROM usage WHERE ended IS NULL AND resource NOT IN
            (SELECT id FROM instance UNION SELECT id FROM volume UNION SELECT id FROM snapshot UNION SELECT id FROM image)"
    false_of "hibernated, but not stopped" "SELECT id, hibernated FROM instance WHERE hibernated != 'no' AND state != 'stopped'"
}
readonly database_statements=$(database_statements)

database_invariants() {
    sql "$database_statements"
    ownerless | none "an operation without an owner"
}

# rows and files: lines that are in one and not in the other.
differ() { # differ TEXT ROWS FILES
    comm -23 <(sort <<<"$2") <(sort <<<"$3") | none "$1 without a file"
    comm -13 <(sort <<<"$2") <(sort <<<"$3") | none "a file of no $1"
}

folder() { find "$AMILAUNCH_HOME/$1" -mindepth 1 -maxdepth 1 -printf '%f\n'; }

file_invariants() {
    local extra
    # While a guest is on, it knows its volume by the name that it got with the last snapshot.
    extra=$(sql "SELECT volume.id || '.' || volume.backing || '.qcow2' FROM volume JOIN instance ON instance.id = volume.instance
                 WHERE volume.backing IS NOT NULL AND instance.state IN ('running', 'stopping')")
    differ volume "$(sql "SELECT id || '.qcow2' FROM volume")" "$(folder volumes | grep -vxF -f <(printf '%s\n' "$extra" -))"
    # Of one that only a volume's record still names, nothing is left but its own record.
    differ snapshot "$(sql "SELECT id || '.qcow2' FROM snapshot WHERE state = 'completed' OR (state = 'deleted' AND
                 (id IN (SELECT backing FROM volume) OR id IN (SELECT parent FROM snapshot)))")" "$(folder snapshots)"
    differ secret "$(sql "SELECT secret FROM volume WHERE secret IS NOT NULL UNION SELECT secret FROM snapshot WHERE secret IS NOT NULL")" \
        "$(folder secrets)"
    find "$AMILAUNCH_HOME/secrets" -type f ! -perm 0600 | none "a secret that others can read"
    differ instance "$(sql "SELECT id FROM instance WHERE state != 'terminated'")" "$(folder instances)"
    differ "hibernated instance's memory" "$(sql "SELECT id || '/memory' FROM instance WHERE hibernated = 'memory'
         UNION SELECT id || '/memory.sum' FROM instance WHERE hibernated = 'memory'")" \
        "$(find "$AMILAUNCH_HOME/instances" -name 'memory*' -printf '%P\n')"
    differ "running instance's instance-store disk" "$(sql "SELECT instance.id || '/' || virtual_name || '.raw' FROM store_disk
         JOIN instance ON instance.id = store_disk.instance WHERE state IN ('running', 'stopping')")" \
        "$(find "$AMILAUNCH_HOME/instances" -name 'ephemeral*.raw' -printf '%P\n')"
    differ bundle "$(sql "SELECT DISTINCT replace(content, ':', '-') FROM image WHERE content LIKE 'bundle:%'")" \
        "$(folder bundles | grep -vx keys)"
    folder templates | grep -vxF -f <(sql "SELECT replace(content, ':', '-') || '.qcow2' FROM image
        UNION SELECT replace(content, ':', '-') || '.qcow2' FROM instance WHERE state != 'terminated'"; echo -) | none "a template of nothing"
    find "$AMILAUNCH_HOME" \( -name '*.new' -o -name '*.tmp' -o -name '*.part' -o -name '*.inspection' \) | none "left over"
}

# One link for each file: with all files there, that makes the chains.
stands_on() { # stands_on FILE BACKING GIB: what the file says and what its row says
    qemu-img info -U --output=json "$1" 2>&1 | jq -r --arg backing "$2" --argjson size "${3:-0}" '
        if (.["virtual-size"] != $size * 1073741824) then "size \(.["virtual-size"])" else empty end,
        if ((.["backing-filename"] // "" | sub(".*/"; "") | sub(".qcow2$"; "")) != $backing)
        then "stands on \(.["backing-filename"]), not on \($backing)" else empty end' 2>&1 | none "$1"
}

disk_invariants() {
    local id backing size state status
    while IFS=, read -r id backing size state; do
        stands_on "$AMILAUNCH_HOME/volumes/$id.qcow2" "$backing" "$size"
        # A guest that is on, or was cut off, may leave clusters that nothing uses: no harm.
        status=0
        volume_check "$id" >/dev/null 2>&1 || status=$?
        [ $status = 0 ] || [ $status = 3 ] || [ "$state" = running ] || [ "$state" = stopping ] ||
            echo "$id: qemu-img check ends with $status"
    done < <(sqlite3 -batch -csv "$AMILAUNCH_HOME/amilaunch.db" "SELECT volume.id, backing, size_gib, instance.state FROM volume
        LEFT JOIN instance ON instance.id = volume.instance" | tr -d '"\r')
}

# A snapshot never changes: one that was right, and hasn't been written since, needs no second look.
snapshot_invariants() {
    local id parent size seen=$AMILAUNCH_HOME/../snapshots.seen now
    touch "$seen"
    while IFS=, read -r id parent size; do
        now="$id $parent $size $(stat -c '%s %Y %a' "$AMILAUNCH_HOME/snapshots/$id.qcow2" 2>&1)"
        ! grep -qxF "$now" "$seen" || continue
        echo "$now" >>"$seen"
        stands_on "$AMILAUNCH_HOME/snapshots/$id.qcow2" "$parent" "$size"
        [ -z "$(find "$AMILAUNCH_HOME/snapshots/$id.qcow2" -perm /0222)" ] || echo "$id can be written"
    done < <(sqlite3 -batch -csv "$AMILAUNCH_HOME/amilaunch.db" "SELECT id, parent, size_gib FROM snapshot
        WHERE state = 'completed' OR (state = 'deleted' AND
            (id IN (SELECT backing FROM volume) OR id IN (SELECT parent FROM snapshot)))" | tr -d '"\r')
}

hypervisor_invariants() {
    local id state ours
    local -A domain=() known=()
    while read -r id state; do
        domain[$id]=$state
    done < <(LC_ALL=C virsh -q -c "$(uri)" list --all | awk '$2 ~ /^i-/ { print $2, ($1 == "-" ? "off" : "on") }')
    ours=$(sql 'SELECT id, state FROM instance')
    while read -r id state; do
        [ -n "$id" ] || continue
        known[$id]=yes
        case $state:${domain[$id]:-} in
            running:on | stopping:on | stopped:off | stopped: | terminated:) ;;
            *) echo "$id is $state, its domain ${domain[$id]:-absent}" ;;
        esac
    done <<<"$ours"
    for id in "${!domain[@]}"; do
        [ -n "${known[$id]:-}" ] || ! virsh -c "$(uri)" dumpxml "$id" 2>/dev/null | grep -qF "'$AMILAUNCH_HOME" ||
            echo "$id: a domain of no instance"
    done
    pgrep -af "guest=i-.*$AMILAUNCH_HOME/" | sed -n 's/.*guest=\(i-[0-9a-f]*\).*/\1/p' |
        grep -vxF -f <(awk '$2 == "running" || $2 == "stopping" { print $1 }' <<<"$ours"; echo -) | none "a QEMU of no running instance"
    pgrep -af "qemu-img.*$AMILAUNCH_HOME/" | grep -v pgrep | none "a program that was left"
    { folder secrets; sql 'SELECT secret FROM volume WHERE secret IS NOT NULL'; } | sort -u |
        grep -xF -f - <(virsh -q -c "$(uri)" secret-list | awk '{ print $1 }') | none "libvirt still has the secret"
}

# ---- data ----

pattern() { local hex=${1#vol-}; echo $((1 + 0x${hex:0:2} % 254)); }

volume_check() {
    local secret file=$AMILAUNCH_HOME/volumes/$1.qcow2
    secret=$(sql "SELECT secret FROM volume WHERE id = '$1'")
    if [ -n "$secret" ]; then
        # What it stands on may have a passphrase, too, and isn't checked with it.
        qemu-img check -q -U --object "secret,id=key,file=$AMILAUNCH_HOME/secrets/$secret" "json:$(jq -cn --arg file "$file" '
            {driver: "qcow2", file: {driver: "file", filename: $file}, backing: null, encrypt: {format: "luks", "key-secret": "key"}}')"
    else
        qemu-img check -q -U -f qcow2 "$file"
    fi
}

volume_io() { # volume_io VOLUME COMMAND OPTION...
    local id=$1 command=$2 secret file
    shift 2
    file=$AMILAUNCH_HOME/volumes/$id.qcow2
    secret=$(sql "SELECT secret FROM volume WHERE id = '$id'")
    if [ -n "$secret" ]; then
        qemu-io "$@" --object "secret,id=key,file=$AMILAUNCH_HOME/secrets/$secret" \
            --image-opts "driver=qcow2,file.filename=$file,encrypt.key-secret=key" -c "$command"
    else
        qemu-io "$@" -f qcow2 -c "$command" "$file"
    fi
}

mark() {
    local id
    for id in $(sql "SELECT volume.id FROM volume LEFT JOIN instance ON instance.id = volume.instance
                     WHERE coalesce(instance.state, 'stopped') = 'stopped' AND coalesce(hibernated, 'no') != 'memory'"); do
        [ -z "${mark_of[$id]:-}" ] || continue
        volume_io "$id" "write -P $(pattern "$id") 16M 64k" >/dev/null || { echo "can't mark $id"; return 1; }
        mark_of[$id]=$(pattern "$id")
    done
}

may_go() {
    local id
    for id; do unset "mark_of[$id]"; done
}

mark_invariants() {
    local id
    for id in "${!mark_of[@]}"; do
        if [ ! -e "$AMILAUNCH_HOME/volumes/$id.qcow2" ]; then
            echo "LOST: $id"
        else
            volume_io "$id" "read -P ${mark_of[$id]} 16M 64k" -r -U 2>&1 | grep -v '^read 65536/65536\|^64 KiB' | none "DAMAGED: $id"
        fi
    done
}

invariants() {
    local problems
    problems=$(database_invariants; file_invariants; disk_invariants; snapshot_invariants; hypervisor_invariants; mark_invariants)
    [ -z "$problems" ] || { printf '%s\n' "$problems"; return 1; }
}
