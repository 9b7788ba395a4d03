# The network process alone, with instances that are rows put into the database by hand. Sourced after measure.sh.

. "$(dirname "$0")/../tests/system/netd_rows.sh"

netd_records() { # netd_records COUNT: i-1, i-2 ... run, from now on
    # Only to make the database: such instances have no domains, which amilaunch would note.
    [ -e "$AMILAUNCH_HOME/amilaunch.db" ] || "$AMILAUNCH" ls >"$work/out"
    mkdir -p -m 700 "$AMILAUNCH_HOME/net"
    { echo 'BEGIN;'; netd_rows "$1"; echo 'COMMIT;'; } | sqlite3 -bail "$AMILAUNCH_HOME/amilaunch.db"
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
