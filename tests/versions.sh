#!/bin/bash
# Nothing is called that the oldest libraries we build with don't have: Ubuntu 22.04's. Those that say since when they have
# what (by versions of their symbols) are held to it here, glib by GLIB_VERSION_MAX_ALLOWED in configure.ac. Prints TAP.
set -uo pipefail

programs=${PROGRAMS:-amilaunch net/amilaunch-netd}
number=0 failures=0

result() { # result TEXT FOUND: passes if nothing was found
    number=$((number + 1))
    if [ -z "$2" ]; then echo "ok $number - $1"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}

# "SYMBOL NAME VERSION" for each that is taken from a library which says VERSION of it.
# shellcheck disable=SC2086
symbols=$(objdump -T $programs | sed -nE 's/.*\*UND\*.* \(?([A-Z0-9_]+)_([0-9][0-9.]*)\)? +([^ ]+)$/\3 \1 \2/p' | sort -u)

# A later C library's headers give functions of the language's next version other names.
newer() { # newer NAME MOST
    awk -v name="$1" '$2 == name && $1 !~ /^__isoc23_/ { print $3, $1 }' <<<"$symbols" |
        while read -r version symbol; do
            [ "$(printf '%s\n' "$version" "$2" | sort -V | tail -n 1)" = "$2" ] || echo "$symbol needs $1 $version"
        done
}

holds() { # holds NAME MOST
    local found=
    grep -q " $1 " <<<"$symbols" || found="no symbol of $1: has its naming changed?"
    result "$1 is no later than $2" "$found$(newer "$1" "$2")"
}

holds GLIBC 2.35
holds LIBVIRT 8.0.0
holds LIBVIRT_QEMU 8.0.0
holds LIBXML2 2.9.13
holds OPENSSL 3.0.2
holds SLIRP 4.6
echo "1..$number"
[ $failures = 0 ]
