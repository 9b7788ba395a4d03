#!/bin/bash
# Debian's package of a build: it is made, lintian finds no error in it, it holds what `make install` installs, and what it holds
# works where it is unpacked. scripts/try-package does what this can't: it installs it. Prints TAP.
set -uo pipefail

[ $# = 1 ] || { echo "usage: tests/package.sh BUILD-FOLDER" >&2; exit 2; }
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/package.XXXXXX") || exit
trap 'rm -rf "$work"' EXIT
number=0 failures=0

check() { # check TEXT COMMAND...
    local text=$1 output
    shift
    number=$((number + 1))
    if output=$("$@" 2>&1); then echo "ok $number - $text"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $text"
    { echo "$*"; tail -n 40 <<<"$output"; } | sed 's/^/# /'
}

files() { (cd "$1" && find usr ! -type d | sed 's/\.gz$//' | LC_ALL=C sort); }
# What Debian has elsewhere, or adds.
installed() {
    make -C "$build" install DESTDIR="$work/installed" prefix=/usr libexecdir=/usr/libexec >/dev/null &&
        files "$work/installed" | sed 's,zsh/site-functions,zsh/vendor-completions,' | LC_ALL=C sort
}
packaged() { files "$work/unpacked" | grep -vE '^usr/share/(doc/amilaunch/(copyright|changelog.*|README.md|SECURITY.md)|lintian/overrides/amilaunch)$'; }
holds_the_same() { diff <(installed) <(packaged); }
uninstalls() {
    make -C "$build" uninstall DESTDIR="$work/installed" prefix=/usr libexecdir=/usr/libexec >/dev/null &&
        [ -z "$(find "$work/installed" ! -type d)" ]
}
lintian_is_content() { lintian --fail-on error,warning "$package"; }
unpacked() { AMILAUNCH_HOME=$work/home AMILAUNCH_DATADIR=$work/unpacked/usr/share/amilaunch "$work/unpacked/usr/bin/amilaunch" "$@"; }
has_types() { unpacked type ls | grep -c '^m3.medium ' >/dev/null; }
# What this machine lacks is its own matter.
doctor_looks() { unpacked doctor || [ $? = 3 ]; }

check "make deb" make -C "$build" deb
package=$(echo "$build"/deb/amilaunch_*.deb)
if [ ! -e "$package" ]; then
    echo "1..$number"
    exit 1
fi
dpkg-deb -x "$package" "$work/unpacked"
check "lintian finds neither errors nor warnings" lintian_is_content
check "it holds what make install installs" holds_the_same
check "make uninstall leaves nothing" uninstalls
check "no part of it starts by itself" eval "! dpkg-deb -c '$package' | grep -E ' \./(etc|lib|usr/lib)/(systemd|init\.d|cron)'"
check "--version" unpacked --version
check "it finds its types" has_types
check "doctor looks" doctor_looks
echo "1..$number"
[ $failures = 0 ]
