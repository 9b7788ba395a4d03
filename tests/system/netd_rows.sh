# amilaunch-netd alone, for tests/system/netd.sh and bench/netd.sh: the program, as $netd, and instances that are rows which are put
# into the database by hand.
netd=$(dirname "$AMILAUNCH")/net/amilaunch-netd
[ -x "$netd" ] || netd=$(dirname "$AMILAUNCH")/../libexec/amilaunch/amilaunch-netd

netd_rows() { # netd_rows COUNT: the statements after which i-1, i-2 ... run, and no others
    local i address
    echo 'DELETE FROM published_port; DELETE FROM interface; DELETE FROM instance;'
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
}
