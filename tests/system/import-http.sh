#!/bin/bash
# Images from the web: servers that stop, lie, redirect and send rubbish (httpd.py), checksums, a command that is killed.
. "$(dirname "$0")/lib.sh"

# As an ordinary user the first python3 in PATH may be somebody else's.
python=/usr/bin/python3
[ -x $python ] || python=python3

www=$SCRATCH/www
rm -rf "$www"
mkdir -p "$www/secure" "$AMILAUNCH_HOME"
conf=$AMILAUNCH_HOME/amilaunch.conf
[ ! -e "$conf" ] || mv "$conf" "$conf.kept"
settings() { printf 'download_timeout = 2; download_retries = %d; %s\n' "$@" >"$conf"; }
settings 1

head -c 6M /dev/urandom >"$SCRATCH/random"
truncate -s 64M "$SCRATCH/random"
qemu-img convert -f raw -O qcow2 "$SCRATCH/random" "$www/disk.qcow2"
qemu-img convert -f raw -O qcow2 "$SCRATCH/random" "$www/other.qcow2"
xz -k0 "$www/other.qcow2"
cp "$www/disk.qcow2" "$www/secure/disk.qcow2"
know '{}' "$(content_of qcow2 "$www/disk.qcow2")"
sum=$(sha256sum "$www/disk.qcow2" | cut -d' ' -f1)
sum512=$(sha512sum "$www/disk.qcow2" | cut -d' ' -f1)
zeros=$(printf '%064d' 0)

server() { # server FOLDER [CERTIFICATE]: its port
    rm -f "$1/.port"
    "$python" "$(dirname "$0")/httpd.py" "$@" >/dev/null 2>"$1/.trouble" &
    servers+=" $!"
    between=0.1 eventually test -e "$1/.port"
    port=$(cat "$1/.port")
}
servers=
trap 'kill $servers 2>/dev/null' EXIT
server "$www"
need "there is a web server" "$port"
at=http://127.0.0.1:$port plain=$port

import() { "$AMILAUNCH" image import "$@"; }
downloads() { find "$AMILAUNCH_HOME/downloads" -type f 2>/dev/null; }
nothing_left() { ! downloads | grep . && ! find "$AMILAUNCH_HOME/snapshots" -newer "$www/.mark" | grep qcow2; }
content() { "$AMILAUNCH" image show "$1" --json | jq -r '.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId'; }
same_disk() { # same_disk AMI: as the file, sector by sector
    qemu-img compare -q "$AMILAUNCH_HOME/snapshots/$(content "$1").qcow2" "$www/disk.qcow2"
}
imports() { # imports OPTION... URL: as it should be, and nothing but the AMI is left
    local ami
    ami=$(import "$@") || return
    same_disk "${ami%% *}" && ! downloads | grep .
}
ranges() { grep -c "^$1 bytes=" "$www/.log"; } # of a path: how often the rest was asked for
says() { # says TEXT COMMAND...: the command fails, and says TEXT
    local text=$1 output
    shift
    output=$("$@" 2>&1) && { echo "it succeeded"; return 1; }
    printf '%s\n' "$output"
    grep -qF -- "$text" <<<"$output"
}

# ---- what works ----

ami=$(import "$at/ok/disk.qcow2" --checksum "sha256:$sum")
need "an image from the web" "$ami"
check "its bytes are the file's" same_disk "${ami%% *}"
check "its name is the address's last part" test "${ami##*  }" = disk
check "nothing is left of fetching it" eval '! downloads | grep .'
check "its snapshot says where it is from, without secrets" eval '
    import "http://me:secret@127.0.0.1:$port/ok/a/../disk.qcow2?token=secret" --name named &&
    [ "$("$AMILAUNCH" snapshot ls --json | jq -r ".Snapshots[].Description" | grep -c "secret")" = 0 ]'
check "the digest is told where none was given" eval 'import "$at/ok/disk.qcow2" 2>&1 | grep "SHA-256 is $sum"'
check "ten redirections" imports "$at/hop/10/disk.qcow2"
check "a name that is too clever" imports "$at/ok/%2e%2e%2f%2e%2e%2fdisk.qcow2"
check "a length that isn't said" imports "$at/chunked/disk.qcow2"
check "a server in trouble, once" imports "$at/busy/disk.qcow2"

# ---- what stops ----

check "a server that stops in the middle: the rest is asked for" eval 'imports "$at/stop/disk.qcow2" && [ "$(ranges /stop/disk.qcow2)" = 1 ]'
check "a server that stops at each MiB" eval 'imports "$at/stutter/disk.qcow2" && [ "$(ranges /stutter/disk.qcow2)" -ge 5 ]'
check "a server that stops and knows no ranges" imports "$at/whole/disk.qcow2" --checksum "$sum"
check "another file after it stopped" imports "$at/change/disk.qcow2" --checksum "$sum"
settings 2
check "another part than was asked for" imports "$at/odd-range/disk.qcow2" --checksum "$sum"
check "parts that are shorter than what was asked for" imports "$at/short-range/disk.qcow2" --checksum "$sum"
settings 1
touch "$www/.mark"
half=$(($(stat -c %s "$www/disk.qcow2") / 2))
refused "a server that gives up" 3 Host.Network import "$at/give-up/disk.qcow2"
check "what there is by then is kept" eval '[ "$(downloads | wc -l)" = 2 ] && [ "$(stat -c %s $(downloads | grep -v state))" = $half ]'
check "doctor names it" eval '"$AMILAUNCH" doctor | grep -q "1 unfinished"'
before=$(ranges /give-up/disk.qcow2)
check "the next try says so and goes on" eval 'says "with which the same command goes on" import "$at/give-up/disk.qcow2" && [ "$(ranges /give-up/disk.qcow2)" -gt "$before" ]'
find "$AMILAUNCH_HOME/downloads" -type f -exec touch -d '8 days ago' {} +
refused "nobody goes on with it for a week" 1 InvalidParameterValue import "$SCRATCH/absent"
check "then it goes" nothing_left
refused "a server that gives up, and has no name for the file" 3 Host.Network import "$at/give-up-nameless/disk.qcow2"
check "nothing is left that can't be gone on with" nothing_left

"$AMILAUNCH" image import "$at/pause/disk.qcow2" >"$SCRATCH/killed.log" 2>&1 &
pid=$!
half_is_here() { [ "$(stat -c %s $(downloads | grep -v state))" = $half ]; }
between=0.1 eventually half_is_here
refused "two at one file" 1 IncorrectState import "$at/pause/disk.qcow2"
kill -9 $pid
wait $pid 2>/dev/null
check "kill -9 in the middle: the same command goes on" eval 'imports "$at/pause/disk.qcow2" && grep -q "^/pause/disk.qcow2 bytes=$half-" "$www/.log"'

# ---- what is refused, and leaves nothing ----

touch "$www/.mark"
refused_url() { # refused_url TEXT STATUS CODE SAYS ARGUMENT...
    local text=$1 status=$2 code=$3 words=$4
    shift 4
    refused "$text" "$status" "$code" import "$@"
    check "$text: told why" says "$words" import "$@"
}
refused_url "more than it said" 1 InvalidFormat "$at/more/disk.qcow2" "$at/more/disk.qcow2"
refused "more than it said, and a checksum" 1 BadDigest import "$at/more/disk.qcow2" --checksum "$sum"
refused "more than it said, in the rest" 1 InvalidParameterValue import "$at/more-in-range/disk.qcow2"
refused "more than there is is allowed" 1 InvalidParameterValue import "$at/huge/disk.qcow2"
settings 1 'download_limit = "2M";'
refused_url "an endless file" 1 InvalidParameterValue download_limit "$at/endless/disk.qcow2"
settings 1 'download_limit = "0";'
refused "more than the disk has" 3 Host.Disk import "$at/huge/disk.qcow2"
settings 1
refused_url "redirections for ever" 3 Host.Network "more than 10 times" "$at/loop/disk.qcow2"
refused "eleven redirections" 3 Host.Network import "$at/hop/11/disk.qcow2"
refused_url "a redirection to a file" 3 Host.Network "file:///etc/passwd" "$at/to-file/disk.qcow2"
refused "headers without end" 3 Host.Network import "$at/headers/disk.qcow2"
refused_url "an address that leads nowhere" 1 InvalidParameterValue "404 Not Found" "$at/status/404/disk.qcow2"
refused "403" 1 InvalidParameterValue import "$at/status/403/disk.qcow2"
refused_url "500" 3 Host.Network "500 Internal Server Error" "$at/status/500/disk.qcow2"
refused_url "a web page" 1 InvalidFormat "web page" "$at/html/disk.qcow2"
refused_url "xz" 1 InvalidFormat "unxz" "$at/ok/other.qcow2.xz"
refused_url "an encoding that wasn't asked for" 3 Host.Network "Content-Encoding gzip" "$at/encoded/disk.qcow2"
refused_url "another scheme" 1 InvalidParameterValue "only http and https" "ftp://127.0.0.1/disk.qcow2"
refused "a file's address" 1 InvalidParameterValue import "file://$www/disk.qcow2"
refused "no host" 1 InvalidParameterValue import "http:///disk.qcow2"
refused "nobody there" 3 Host.Network import "http://127.0.0.1:1/disk.qcow2"
refused "a server that is all but silent" 3 Host.Network import "$at/slow/disk.qcow2"
refused "a proxy that isn't there" 3 Host.Network env http_proxy=http://127.0.0.1:1 no_proxy= "$AMILAUNCH" image import "$at/ok/disk.qcow2"
full() { (trap '' XFSZ; ulimit -f "$1"; shift; "$@"); }
refused "a full disk" 3 Host.Disk full 4000 "$AMILAUNCH" image import "$at/ok/disk.qcow2"
check "nothing but what goes on" eval '[ "$(downloads | wc -l)" = 2 ]'
check "with room it goes on" eval 'imports "$at/ok/disk.qcow2" && [ "$(ranges /ok/disk.qcow2)" = 1 ]'
check "of all that nothing is left" eval '! downloads | grep . && "$AMILAUNCH" doctor | grep -q "every file and every guest has its record"'

# ---- checksums ----

touch "$www/.mark"
refused_url "a wrong checksum" 1 BadDigest "its sha256 is $sum, and should be $zeros" "$at/ok/disk.qcow2" --checksum "sha256:$zeros"
check "nothing is left of it" nothing_left
refused "a wrong checksum of a file" 1 BadDigest import "$www/disk.qcow2" --checksum "$zeros"
mkfifo "$SCRATCH/fifo"
refused "a checksum of what is no file" 1 InvalidParameterValue timeout 20 "$AMILAUNCH" image import "$SCRATCH/fifo" --checksum "$zeros"
refused "no checksum" 1 InvalidParameterValue import "$at/ok/disk.qcow2" --checksum sha256:12
check "SHA-512, bare" imports "$at/ok/disk.qcow2" --checksum "$sum512"
(cd "$www" && sha256sum other.qcow2.xz ./disk.qcow2 >SHA256SUMS && sha512sum --tag disk.qcow2 >CHECKSUM && md5sum disk.qcow2 >MD5SUMS &&
    sed "s/$sum/$zeros/" SHA256SUMS >WRONG)
check "SHA256SUMS from the web" imports "$at/ok/disk.qcow2" --checksums "$at/ok/SHA256SUMS"
check "CHECKSUM from a file" imports "$at/ok/disk.qcow2" --checksums "$www/CHECKSUM"
touch "$www/.mark"
refused "a list with a wrong one" 1 BadDigest import "$at/ok/disk.qcow2" --checksums "$at/ok/WRONG"
refused "a list of weaker ones" 1 InvalidParameterValue import "$at/ok/disk.qcow2" --checksums "$at/ok/MD5SUMS"
refused "a list that isn't there" 1 InvalidParameterValue import "$at/ok/disk.qcow2" --checksums "$at/status/404/SUMS"
refused "a list without end" 1 InvalidParameterValue import "$at/ok/disk.qcow2" --checksums "$at/endless/disk.qcow2"
check "nothing is left of these" nothing_left

# ---- https ----

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$SCRATCH/key.pem" -out "$SCRATCH/cert.pem" 2>/dev/null
cat "$SCRATCH/key.pem" >>"$SCRATCH/cert.pem"
server "$www/secure" "$SCRATCH/cert.pem"
refused_url "a certificate that nobody knows" 3 Host.Network "certificate" "https://127.0.0.1:$port/ok/disk.qcow2"
export CURL_CA_BUNDLE=$SCRATCH/cert.pem
check "https" imports "https://127.0.0.1:$port/ok/disk.qcow2" --checksum "$sum"
refused_url "a redirection from https to http" 3 Host.Network "redirects from https" "https://127.0.0.1:$port/to/$plain/disk.qcow2"

rm -f "$conf"
[ ! -e "$conf.kept" ] || mv "$conf.kept" "$conf"
finish
