#!/bin/bash
# Instances on their network, as real guests see it: addresses, each other, the host, the metadata service and what must
# stay out of reach; and the network's process killed under them.
. "$(dirname "$0")/lib.sh"

need "curl is there" "$(command -v curl)"
ami=$(imported)
need "the sample is imported" "$ami"
launch() { "$AMILAUNCH" run "$ami" --type m3.medium --map /dev/sdb=none --memory-limit 128M "$@" --json | jq -r '.Instances[0].InstanceId'; }
described() { "$AMILAUNCH" show "$1" --json | jq -r ".Reservations[0].Instances[0] | $2"; }
address_of() { described "$1" .PrivateIpAddress; }
pid_of_netd() { pgrep -f "amilaunch-netd --home $1( |$)"; }
pid_of_guest() { pgrep -f "guest=$1,"; }
elsewhere() { AMILAUNCH_HOME=$SCRATCH/other "$@"; }

# ---- the host's own servers ----

# Each request is a line in a log: a guest that reached one was there, whatever it makes of the answer.
serve() { # serve NAME ADDRESS: its port
    local name=$1
    mkdir -p "$SCRATCH/$name"
    echo "page of $name" >"$SCRATCH/$name/index.html"
    /usr/bin/python3 -u -c '
import functools, http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, form, *words):
        print(self.requestline, flush=True)
server = http.server.ThreadingHTTPServer((sys.argv[1], 0), functools.partial(Handler, directory=sys.argv[2]))
open(sys.argv[2] + ".port", "w").write(str(server.server_port))
server.serve_forever()' "$2" "$SCRATCH/$name" >"$SCRATCH/$name.log" 2>/dev/null &
    servers+=($!)
    between=0.1 eventually test -s "$SCRATCH/$name.port"
}
servers=()
end_servers() { [ ${#servers[@]} = 0 ] || kill "${servers[@]}"; }
trap end_servers EXIT
serve loopback 127.0.0.1
loopback=$(cat "$SCRATCH/loopback.port")
check "a server on the host's loopback answers the host" eval 'curl -s "http://127.0.0.1:$loopback/?host" | grep -q "page of loopback"'
host=$(ip -4 -o route get 1.1.1.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p')
if [ -n "$host" ]; then
    serve outside "$host"
    outside=$(cat "$SCRATCH/outside.port")
fi
free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# ---- two instances, and one of another HOME ----

# A port that was free a moment ago may be taken: then another one.
for _ in 1 2 3; do
    published=$(free_port)
    a=$(launch --publish "$published:80")
    [ -z "$a" ] || break
done
need "an instance with a published port" "$a"
printf 'first data\n' >"$SCRATCH/user-data"
b=$(launch --imds required --user-data "$SCRATCH/user-data")
need "another one" "$b"
mkdir -p "$SCRATCH/other"
elsewhere know_sample || true
other=$(elsewhere eval 'ami=$(imported); launch')
need "and one in another HOME" "$other"
at_a=$(address_of "$a") at_b=$(address_of "$b") at_other=$(elsewhere address_of "$other")
check "its address is one of the subnet" grep -Eq '^172\.31\.([0-9]|1[0-5])\.[0-9]+$' <<<"$at_a"
check "each has its own" test "$at_a" != "$at_b"
check "ls has the address" eval '"$AMILAUNCH" ls | grep -F "$a" | grep -Fq "$at_a"'
check "and the published port" eval '"$AMILAUNCH" show "$a" --json | jq -e --argjson p "$published" ".Reservations[0].Instances[0].PublishedPorts == [{HostPort: \$p, GuestPort: 80}]"'
has_address() { console_says "$1" "^amilaunch-sample: address ${2//./\\.}\$"; }
check "the guest gets its address by DHCP" has_address "$a" "$at_a"
check "the other its own" has_address "$b" "$at_b"
check "and that of the other HOME" elsewhere has_address "$other" "$at_other"
two=$(launch --publish "$published:80" 2>"$SCRATCH/taken") || true
check "a port that is published already is refused" test -z "$two" -a -s "$SCRATCH/taken"

# ---- what guests see ----

# Each guest serves a page, and defines `net NAME COMMAND...`, which says what the command says in one line. The typed
# line says it differently. (wget's own -T kills the wget of Debian's static busybox.)
prepare() { # prepare INSTANCE PAGE
    type_at "$1" "mkdir -p /www; echo page of $2 >/www/index.html; httpd -h /www" \
        'net() { n=$1; shift; echo "net:" $n = $("$@" 2>&1 | head -c 600); }' \
        'get() { net $1 timeout ${3:-20} wget -qO- http://$2; }' \
        'token() { printf "PUT /latest/api/token HTTP/1.0\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n" | nc -w 20 169.254.169.254 80 | tail -n 1 | tr -d "\r\n"; }' \
        'v2() { net $1 timeout 20 wget -qO- --header "X-aws-ec2-metadata-token: $(token)" http://169.254.169.254/latest/$2; }'
}
check "a page in the first" prepare "$a" a
check "in the second" prepare "$b" b
check "and in that of the other HOME" elsewhere prepare "$other" other
# In one line: what is typed while something runs is echoed into what that says.
asks() { # asks INSTANCE COMMAND...
    local line
    printf -v line '%s; ' "${@:2}"
    type_at "$1" "${line%; }"
}
answer() { said "$1" | sed -n "s/^net: $2 = *//p" | tail -n 1; }
says() { # says INSTANCE NAME REGEX: waits for the answer, which has to match
    console_says "$1" "^net: $2 =" >/dev/null && grep -Eq -- "$3" <<<"$(answer "$1" "$2")" || { answer "$1" "$2"; return 1; }
}
never() { ! grep -q "$2" "$SCRATCH/$1.log" || { cat "$SCRATCH/$1.log"; return 1; }; }

check "the first asks around" asks "$a" "get b $at_b" "net ping ping -c 2 -w 30 $at_b" 'get id 169.254.169.254/latest/meta-data/instance-id' \
    'get address 169.254.169.254/latest/meta-data/local-ipv4' 'get none 169.254.169.254/latest/user-data'
check "the second, too" asks "$b" "get a $at_a" 'get v1 169.254.169.254/latest/meta-data/' 'v2 id meta-data/instance-id' 'v2 data user-data'
check "the first fetches the second's page" says "$a" b '^page of b$'
check "the second the first's" says "$b" a '^page of a$'
check "they ping each other" says "$a" ping ' 0% packet loss'
check "the metadata service knows who asks" says "$a" id "^$a\$"
check "and the address" says "$a" address "^$at_a\$"
check "who has no user data gets none" says "$a" none '404'
check "without a token where one is required: nothing" says "$b" v1 '401'
check "with one: who it is" says "$b" id "^$b\$"
check "and its user data" says "$b" data '^first data$'

check "the first tries what it must not reach" asks "$a" "get gateway 172.31.0.1:$loopback/?guest 5" "get dns 172.31.0.2:$loopback/?guest 5" \
    "get zero 0.0.0.0:$loopback/?guest 5" "get linklocal 169.254.169.254:$loopback/?guest 5" "get stranger $at_other/ 5"
check "not the host's loopback by its gateway" says "$a" gateway '^(wget: .*)?$'
check "nor by its name server" says "$a" dns '^(wget: .*)?$'
check "nor by address 0" says "$a" zero '^(wget: .*)?$'
check "nor by the metadata service's address" says "$a" linklocal '^(wget: .*)?$'
check "nobody was there" never loopback guest
# By chance that may be the address of one of its own HOME.
not_other() { says "$a" stranger '^(wget: .*|page of [ab])?$'; }
check "nor another HOME's instance" not_other
if [ -n "$host" ]; then
    check "the first asks the outside" type_at "$a" "get outside $host:$outside/"
    check "the outside by the host's network" says "$a" outside '^page of outside$'
else
    number=$((number + 1))
    echo "ok $number - the outside by the host's network # SKIP this host has no way out"
fi
published_page() { curl -s --retry 3 --retry-delay 1 --retry-all-errors -m 60 "http://127.0.0.1:$published/" | grep -q '^page of a$'; }
check "the host reaches the published port" published_page

# ---- the network's process is killed ----

guests=$(pid_of_guest "$a") first=$(pid_of_netd "$AMILAUNCH_HOME")
need "one process has the network" "$first"
check "one for each HOME" test "$first" != "$(pid_of_netd "$SCRATCH/other")"
kill -9 "$first"
"$AMILAUNCH" ls >/dev/null
is_back() { local second; second=$(pid_of_netd "$AMILAUNCH_HOME") && [ "$second" != "$first" ]; }
check "killed: the next command brings it back" eventually is_back
check "the first asks again" type_at "$a" "get again $at_b 60"
check "and gets its answer" says "$a" again '^page of b$'
check "the published port, too" published_page
check "no guest was started anew" test "$(pid_of_guest "$a")" = "$guests"

# ---- stop and start ----

printf 'second data\n' >"$SCRATCH/user-data"
check "stop" "$AMILAUNCH" stop "$b"
check "other user data" "$AMILAUNCH" modify "$b" --user-data "$SCRATCH/user-data"
check "no token asked for any more" "$AMILAUNCH" modify "$b" --imds optional
check "start" "$AMILAUNCH" start "$b"
check "the address is the same" test "$(address_of "$b")" = "$at_b"
check "it comes up" comes_up "$b" 2
twice() { [ "$(said "$b" | grep -c "^amilaunch-sample: address ${at_b//./\\.}\$")" = 2 ]; }
check "and the guest gets it again" eventually twice
check "it asks for its user data" type_at "$b" 'echo "net: changed =" $(timeout 20 wget -qO- http://169.254.169.254/latest/user-data)'
check "which has changed" says "$b" changed '^second data$'

# ---- the end ----

check "terminate" "$AMILAUNCH" terminate --force "$a" "$b"
check "and the other" elsewhere "$AMILAUNCH" terminate --force "$other"
no_netd() { ! pid_of_netd "$AMILAUNCH_HOME" && ! pid_of_netd "$SCRATCH/other"; }
check "the network's processes leave after the last instance" eventually no_netd
no_sockets() { [ -z "$(find "$AMILAUNCH_HOME/net" -name 'i-*')" ] || { ls "$AMILAUNCH_HOME/net"; return 1; }; }
check "no socket is left" no_sockets
check "nothing is left" nothing_left
finish
