#!/bin/bash
# The folders' arrows: an include goes down or stays, never sideways or up; each third-party header is
# seen by one folder (or one file) only. Prints TAP.
set -uo pipefail

cd "${srcdir:-.}" || exit
number=0 failures=0

result() { # result TEXT FOUND: passes if nothing was found
    number=$((number + 1))
    if [ -z "$2" ]; then echo "ok $number - $1"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}

declare -A floor=([cli]=5 [net]=5 [launcher]=4 [drivers]=3 [images]=3 [store]=2 [conf]=2 [common]=1)

wrong_arrows() { # wrong_arrows FOLDER
    local file line to
    grep -Hno '#include "[a-z]*/' "$1"/*.[ch] | while IFS=: read -r file line to; do
        to=${to#*\"}
        to=${to%/}
        [ "$to" = "$1" ] && continue
        [ "${floor[$to]:-9}" -lt "${floor[$1]}" ] || echo "$file:$line includes $to/"
    done
}

for folder in "${!floor[@]}"; do
    [ -d "$folder" ] || continue
    result "$folder/ points down only" "$(wrong_arrows "$folder")"
done

# The arrows of the first diagram in docs/architecture.md are those that the includes make, and no others.
# shellcheck disable=SC2016
drawn() { sed -n '/^```mermaid/,/^```$/p;/^## Facts/q' docs/architecture.md | grep -oE '[a-z]+ --> [a-z]+' | sort; }
real() {
    local folder
    for folder in "${!floor[@]}" appliance; do
        grep -ho '#include "[a-z]*/' "$folder"/*.[ch] | sed "s,.*\"\(.*\)/,$folder --> \1,"
    done | awk '$1 != $3' | sort -u
}
result "docs/architecture.md draws the arrows that there are" "$(diff <(real) <(drawn))"

only_in() { # only_in HEADER-PATTERN PLACE-PATTERN
    result "$1 only in $2" "$(grep -lE "#include <$1" {cli,net,launcher,drivers,images,store,conf,common}/*.[ch] 2>/dev/null |
        grep -vE "^$2")"
}
only_in 'libvirt/' 'drivers/'
only_in 'guestfs\.h' 'images/(appliance|inspect(ion|_[a-z]+)?|check_look)\.'
only_in 'sqlite3\.h' 'store/'
only_in 'libconfig\.h' 'conf/'
only_in 'slirp/|microhttpd\.h' 'net/'
only_in 'openssl/' 'images/'
only_in 'libxml/' '(drivers/|images/manifest)'
only_in 'zlib\.h' 'images/bundle_'
only_in 'curl/' 'images/download'
only_in 'png\.h' 'images/picture'

result "only main() prints errors" "$(grep -nE 'g_(printerr|warning|critical|error|message) ?\(' \
    {launcher,drivers,images,store,conf,common}/*.c)"
echo "1..$number"
[ $failures = 0 ]
