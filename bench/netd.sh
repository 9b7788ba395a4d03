# The network process alone, with instances that are rows put into the database by hand. Sourced after measure.sh.

netd=$(dirname "$AMILAUNCH")/net/amilaunch-netd
[ -x "$netd" ] || netd=$(dirname "$AMILAUNCH")/../libexec/amilaunch/amilaunch-netd

netd_records() { # netd_records COUNT: i-1, i-2 ... run, from now on
    local i address
    # Only to make the database: such instances have no domains, which amilaunch would note.
    [ -e "$AMILAUNCH_HOME/amilaunch.db" ] || "$AMILAUNCH" ls >"$work/out"
    mkdir -p -m 700 "$AMILAUNCH_HOME/net"
    {
        echo 'BEGIN; DELETE FROM interface; DELETE FROM instance;'
        for i in $(seq 1 "$1"); do
            address=$((3 + i))
            cat <<SQL
INSERT INTO instance (id, reservation, launch_index, uuid, image, type, state, created, launched, starts, ended, stop_deadline,
    stop_pressed, owner, region, zone, architecture, virtualization, root_device_type, root_device, content, shutdown_behavior,
    memory_limit_mib)
VALUES ('i-$i', 'r-$i', 0, 'u-$i', 'ami-1', 'm3.medium', 'running', 0, 0, 1, 0, 0, 0, '123456789012', 'us-east-1', 'us-east-1a',
    'x86_64', 'hvm', 'ebs', '/dev/sda1', 'x', 'stop', 0);
INSERT INTO interface (instance, id, address, mac) VALUES ('i-$i', 'eni-$i', $((0xac1f0000 + address)),
    printf('0a:00:ac:1f:%02x:%02x', $((address / 256)), $((address % 256))));
SQL
        done
        echo 'COMMIT;'
    } | sqlite3 -bail "$AMILAUNCH_HOME/amilaunch.db"
}
netd_start() { # sets $netd_pid, once it listens
    local until=$((SECONDS + 60))
    rm -f "$AMILAUNCH_HOME/net/control"
    "$netd" --home "$AMILAUNCH_HOME" >"$work/netd.out" 2>&1 &
    netd_pid=$!
    until [ -S "$AMILAUNCH_HOME/net/control" ]; do
        [ $SECONDS -lt $until ] || give_up "amilaunch-netd doesn't begin: $(cat "$work/netd.out")"
        sleep 0.1
    done
}
netd_stop() {
    kill "$netd_pid"
    wait "$netd_pid" || true
}
