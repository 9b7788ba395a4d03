#!/bin/bash
# --help, the manual page and the completion say the same, for every command and every option. TAP.
set -uo pipefail

program=${AMILAUNCH:-./amilaunch}
page=${MANPAGE:-docs/amilaunch.1}
number=0 failures=0

check() { # check TEXT COMMAND...
    local text=$1 output
    shift
    number=$((number + 1))
    if output=$("$@" 2>&1); then echo "ok $number - $text"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $text"
    printf '%s\n' "$*" "$output" | sed 's/^/# /'
}

plain=$(sed 's/\\-/-/g; s/\\&//g' "$page")
has() { grep -qF -- "$2" <<<"$1"; }

mapfile -t names < <("$program" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]* \?[a-z]*\) .*/\1/p' | sed 's/ *$//')
check "help lists commands" test "${#names[@]}" -ge 17
# Prints what is missing of a command in the manual or in the completion.
missing() { # missing NAME HELP
    local option line
    # shellcheck disable=SC2086
    line=$("$program" help --complete $1 --)
    has "$plain" ".SS $1" || echo "$1 is not in the manual"
    for option in $(grep -oE '^  (-., )?--[a-z-]+' <<<"$2" | grep -oE -- '--[a-z-]+'); do
        has "$plain" "$option" || echo "$option is not in the manual"
        has "$line" "$option" || echo "$option is not in the completion"
    done
}

for name in "${names[@]}"; do
    # shellcheck disable=SC2086
    help=$("$program" $name --help)
    check "$name --help fits a screen" test "$(wc -l <<<"$help")" -ge 5 -a "$(wc -l <<<"$help")" -le 40
    check "$name: help, manual and completion agree" test -z "$(missing "$name" "$help")"
done
check "the manual is roff without complaints" eval '[ -z "$(man --warnings -l -Tutf8 '"$page"' 2>&1 >/dev/null)" ]'
check "amilaunch alone tells what to do next" has "$("$program")" "amilaunch run AMI"
check "--version" has "$("$program" --version)" "amilaunch "
echo "1..$number"
[ $failures = 0 ]
