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
    while read -r id kind; do
        inode=${inode:-$(stat -c %i "$AMILAUNCH_HOME/amilaunch.lock")}
        grep -q "OFDLCK .*:$inode $id $id\$" /proc/locks || echo "an operation without an owner: $kind $id"
    done < <(sed -n 's/^operation: //p')
}

# false_of TEXT QUERY: a statement that gives a sentence for each row of QUERY.
false_of() { printf "SELECT '%s:', wrong.* FROM (%s) AS wrong;\n" "${1//\'/\'\'}" "$2"; }

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
    false_of "an address, though it is over, or none, though it isn't" "SELECT id, state FROM instance WHERE (state != 'terminated') !=
            (id IN (SELECT instance FROM interface))"
    false_of "a port that leads nowhere" "SELECT host, instance FROM published_port WHERE instance NOT IN (SELECT instance FROM interface)"
    false_of "hibernated, but not stopped" "SELECT id, hibernated FROM instance WHERE hibernated != 'no' AND state != 'stopped'"
}

# differ NAME ROWS FILES: what is in one of two queries and not in the other.
differ() {
    false_of "$1 without a file" "SELECT * FROM ($2) EXCEPT SELECT * FROM ($3)"
    false_of "a file of no $1" "SELECT * FROM ($3) EXCEPT SELECT * FROM ($2)"
}

# Files are a table, too: names from HOME on, and modes.
file_statements() {
    echo "CREATE TEMP TABLE file AS SELECT substr(name, 3) AS name, mode FROM fsdir('.', :home) WHERE name != '.';"
    # While a guest is on, it knows its volume by the name that it got with the last snapshot.
    differ volume "SELECT 'volumes/' || id || '.qcow2' FROM volume" "SELECT name FROM file WHERE name GLOB 'volumes/*' AND name NOT IN
        (SELECT 'volumes/' || volume.id || '.' || volume.backing || '.qcow2' FROM volume JOIN instance ON instance.id = volume.instance
         WHERE volume.backing IS NOT NULL AND instance.state IN ('running', 'stopping'))"
    # Of one that only a volume's record still names, nothing is left but its own record.
    differ snapshot "SELECT 'snapshots/' || id || '.qcow2' FROM snapshot WHERE state = 'completed' OR (state = 'deleted' AND
        (id IN (SELECT backing FROM volume) OR id IN (SELECT parent FROM snapshot)))" "SELECT name FROM file WHERE name GLOB 'snapshots/*'"
    differ secret "SELECT 'secrets/' || secret FROM volume WHERE secret IS NOT NULL UNION
        SELECT 'secrets/' || secret FROM snapshot WHERE secret IS NOT NULL" "SELECT name FROM file WHERE name GLOB 'secrets/*'"
    false_of "a secret that others can read" "SELECT name FROM file WHERE name GLOB 'secrets/*' AND mode & 511 != 384"
    differ instance "SELECT 'instances/' || id FROM instance WHERE state != 'terminated'" \
        "SELECT name FROM file WHERE name GLOB 'instances/*' AND name NOT GLOB 'instances/*/*'"
    differ "hibernated instance's memory" "SELECT 'instances/' || id || '/memory' FROM instance WHERE hibernated = 'memory' UNION
        SELECT 'instances/' || id || '/memory.sum' FROM instance WHERE hibernated = 'memory'" \
        "SELECT name FROM file WHERE name GLOB 'instances/*/memory*'"
    false_of "a socket of no instance" "SELECT name FROM file WHERE name GLOB 'net/i-*' AND substr(name, 5, 19) NOT IN
            (SELECT id FROM instance WHERE state != 'terminated')"
    differ "running instance's instance-store disk" "SELECT 'instances/' || instance.id || '/' || virtual_name || '.raw' FROM store_disk
        JOIN instance ON instance.id = store_disk.instance WHERE state IN ('running', 'stopping')" \
        "SELECT name FROM file WHERE name GLOB 'instances/*/ephemeral*.raw'"
    differ bundle "SELECT DISTINCT 'bundles/' || replace(content, ':', '-') FROM image WHERE content LIKE 'bundle:%'" \
        "SELECT name FROM file WHERE name GLOB 'bundles/*' AND name NOT GLOB 'bundles/*/*' AND name != 'bundles/keys'"
    false_of "a template of nothing" "SELECT name FROM file WHERE name GLOB 'templates/*' EXCEPT
        SELECT 'templates/' || replace(content, ':', '-') || '.qcow2' FROM image EXCEPT
        SELECT 'templates/' || replace(content, ':', '-') || '.qcow2' FROM instance WHERE state != 'terminated'"
    false_of "left over" "SELECT name FROM file WHERE name GLOB '*.new' OR name GLOB '*.tmp' OR name GLOB '*.part' OR name GLOB '*.inspection'"
}

# All in one go, as it is asked very often.
readonly record_statements=$(database_statements; file_statements)

record_invariants() {
    local answer
    answer=$(sqlite3 -batch -noheader -separator ' ' -cmd '.timeout 10000' -cmd ".parameter set :home $(printf "'%q'" "$AMILAUNCH_HOME")" \
        "$AMILAUNCH_HOME/amilaunch.db" "SELECT 'operation:', id, kind FROM operation; $record_statements" 2>&1)
    grep -v '^operation: ' <<<"$answer" | grep .
    ownerless <<<"$answer"
}

folder() { find "$AMILAUNCH_HOME/$1" -mindepth 1 -maxdepth 1 -printf '%f\n'; }

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

# Of what it stands on, some may have a passphrase of its own.
volume_io() { # volume_io VOLUME COMMAND OPTION...
    local id=$1 command=$2 node=driver=qcow2,file.filename=$AMILAUNCH_HOME/volumes/$1.qcow2 link secret depth=
    local -a objects=()
    shift 2
    while read -r link secret; do
        [ -z "$secret" ] || { objects+=(--object "secret,id=$link,file=$AMILAUNCH_HOME/secrets/$secret"); node+=",${depth}encrypt.key-secret=$link"; }
        depth+=backing.
    done < <(sql "WITH RECURSIVE chain (id, secret, below) AS (SELECT id, secret, backing FROM volume WHERE id = '$id'
            UNION ALL SELECT snapshot.id, snapshot.secret, parent FROM snapshot JOIN chain ON snapshot.id = below)
        SELECT id, secret FROM chain")
    if [ ${#objects[@]} = 0 ]; then qemu-io "$@" -f qcow2 -c "$command" "$AMILAUNCH_HOME/volumes/$id.qcow2"
    else qemu-io "$@" "${objects[@]}" --image-opts "$node" -c "$command"; fi
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
    problems=$(record_invariants; disk_invariants; snapshot_invariants; hypervisor_invariants; mark_invariants)
    [ -z "$problems" ] || { printf '%s\n' "$problems"; return 1; }
}
