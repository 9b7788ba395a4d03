#!/bin/bash
# Files that lie, made by hostile/images.py: each is refused for what it is, within a bound of time and memory, or reads as the disk
# that it can be. Nothing is left, nothing is read that they name, nothing is written where they say.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/invariants.sh"
export PATH=$PATH:/usr/sbin:/sbin

# As an ordinary user the first python3 in PATH may be somebody else's.
python=/usr/bin/python3
[ -x $python ] || python=python3
ami=$(imported)
need "the sample is imported" "$ami"
files=$SCRATCH/files
# Whoever opens it waits without end.
secret=$SCRATCH/secret
mkdir -p "$files"
mkfifo "$secret"
list=$("$python" "$(dirname "$0")/hostile/images.py" "$files" "$secret")
need "there are images that lie" "$list"

# Memory that is used, not addresses: QEMU's tools have the more threads the busier the disk is, with room for a stack and for an
# allocator each. Of time that of the processor, for which load makes no difference; the other only ends what waits.
bounded() { prlimit --cpu=10 --data=$((1 << 30)) --stack=$((1 << 20)) timeout -k 5 $long "$@"; }
home_files() { find "$AMILAUNCH_HOME" -type f ! -name 'amilaunch.db*' ! -path '*/net/*' -printf '%p %s %i\n' | sort; }
before=$(home_files)
nothing_new() { diff <(echo "$before") <(home_files); }
no_escapes() { ! grep -q $'[\e\a\b]' <<<"$1"; }

try() { # try WANTED FILE OPTION...: refuse, take or either
    local wanted=$1 output status=0 became=refuse
    shift
    output=$(bounded "$AMILAUNCH" image import "$@" --name tried 2>&1) || status=$?
    printf '%s\n' "$output"
    if [ $status = 0 ]; then
        became=take
        "$AMILAUNCH" image deregister "$(grep -o '^ami-[0-9a-f]*' <<<"$output")" --delete-snapshots || return
    else [ $status = 1 ] && [[ "$output" == *"amilaunch: InvalidFormat: "* ]] || return; fi
    [ "$wanted" = either ] || [ "$wanted" = $became ] || return
    no_escapes "$output" && nothing_new
}

sums=$(cd "$files" && sha256sum ./*)
# What an appliance would find in them is of no interest, whatever they are read as.
contents() { for form in qcow2 raw vmdk vhd vpc vhdx ova; do sed "s/^\([0-9a-f]*\) .*/$form:sha256:\1/" <<<"$sums"; done; }
# shellcheck disable=SC2046
know '{}' $(contents)
declare -A wrong=()
while IFS=$'\t' read -r name wanted form text; do
    options=()
    [ "$form" = - ] || options=(--format "$form")
    kind=${name##*.}
    output=$(try "$wanted" "$files/$name" "${options[@]}" 2>&1) || wrong[$kind]+="$name ($text), $wanted:"$'\n'"$output"$'\n'
done <<<"$list"
good() { printf '%s' "${wrong[$1]:-}"; [ -z "${wrong[$1]:-}" ]; }
for kind in qcow2 vmdk vhd vhdx ova raw; do
    check "$(cut -f1 <<<"$list" | grep -c "\.$kind\$") files that are called $kind" good $kind
done
check "they are as they were" diff <(echo "$sums") <(cd "$files" && sha256sum ./*)
check "nothing was written where one of them said" test ! -e /tmp/outside.vmdk

# ---- what is no file at all ----

mkfifo "$files/pipe"
ln -s loop "$files/loop"
"$python" -c 'import socket, sys, os; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind("socket")' "$files"
for name in "$files/pipe" "$files/socket" /dev/zero /dev/tty /proc/self/status; do
    refused "import of $(basename "$name")" 1 InvalidParameterValue bounded "$AMILAUNCH" image import "$name"
done
refused "a link that leads to itself" 3 'Host\.[A-Z][a-z]*' bounded "$AMILAUNCH" image import "$files/loop"
# Not every file system has files of that length.
large=$(mktemp /dev/shm/large.XXXXXX)
trap 'rm -f "$large"' EXIT
truncate -s $((65 << 40)) "$large"
refused "65 TiB without content" 1 InvalidFormat bounded "$AMILAUNCH" image import "$large" --format raw
check "nothing is left" nothing_new

# ---- manifests ----

head -c 100000 /dev/urandom >"$SCRATCH/small"
"$AMILAUNCH" image bundle "$SCRATCH/small" --format raw --out "$SCRATCH" --prefix b >/dev/null
before=$(home_files)
manifest() { # manifest TEXT SED-SCRIPT
    sed "$2" "$SCRATCH/b.manifest.xml" >"$SCRATCH/c.manifest.xml"
    refused "$1: not unbundled" 1 InvalidManifest bounded "$AMILAUNCH" image unbundle "$SCRATCH/c.manifest.xml" --unsigned --out "$SCRATCH/c.raw"
    refused "$1: not registered" 1 InvalidManifest bounded "$AMILAUNCH" image register --manifest "$SCRATCH/c.manifest.xml" --unsigned --name lies
}
cp "$SCRATCH/b.manifest.xml" "$SCRATCH/c.manifest.xml"
check "a manifest with nothing wrong" "$AMILAUNCH" image unbundle "$SCRATCH/c.manifest.xml" --unsigned --out "$SCRATCH/right.raw" --force
manifest "an entity of another file" "s|<manifest>|<!DOCTYPE m [<!ENTITY x SYSTEM \"file://$secret\">]>&|; s|<name>b|<name>\&x;|"
manifest "parameter entities" "s|<manifest>|<!DOCTYPE m [<!ENTITY % x SYSTEM \"file://$secret\"> %x;]>&|"
manifest "an XInclude" "s|<name>b|<name><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file://$secret\" parse=\"text\"/>|"
manifest "a style sheet and no parts" "s|<manifest>|<?xml-stylesheet href=\"file://$secret\"?>&|; s|<part .*</part>||"
manifest "2^63 parts" 's|count="1"|count="9223372036854775808"|'
manifest "-1 parts" 's|count="1"|count="-1"|'
manifest "a part of 2^63" 's|index="0"|index="9223372036854775808"|'
manifest "a part that is a device" 's|<filename>[^<]*|<filename>/dev/zero|'
manifest "a part with a NUL" 's|<filename>[^<]*|&\&#0;|'
manifest "a part that is the folder" 's|<filename>[^<]*|<filename>.|'
deep=$(printf '<a>%.0s' $(seq 20000))
manifest "20,000 elements in each other" "s|<image>|$deep&|"
check "nothing is left" nothing_new

check "the records are whole" test -z "$(record_invariants)"
finish
