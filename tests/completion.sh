#!/bin/bash
# What each shell shows after a tab: its own part is run as the shell runs it, on a HOME with things in it. TAP.
set -uo pipefail

program=$(realpath "${AMILAUNCH:-./amilaunch}")
parts=$(realpath "${srcdir:-.}")/cli/completion
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export AMILAUNCH_HOME=$work/home
mkdir "$work/bin" "$work/folder" && ln -s "$program" "$work/bin/amilaunch" && : >"$work/folder.txt"
PATH=$work/bin:$PATH
cd "$work" || exit
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

# Each prints what would be shown after LINE, one on a line, without what is said about it.
in_bash() {
    bash --norc -c 'compopt() { echo ":$*"; }
        . "$1/amilaunch.bash"
        COMP_LINE=$2 COMP_POINT=${#2}
        _amilaunch amilaunch
        printf "%s\n" "${COMPREPLY[@]}"' bash "$parts" "$1"
}
in_zsh() {
    zsh -f -c 'compadd() { local -A of; zparseopts -D -E -A of l d: S: a:; print -rl -- "${(@P)of[-a]}"; }
        _files() { print -r -- ":files $*"; }
        words=(${(z)2}); [[ $2 != *" " ]] || words+=("")
        CURRENT=$#words
        . "$1/amilaunch.zsh"' zsh "$parts" "$1"
}
in_fish() {
    fish --no-config -c 'set -l part $argv[1]; source $part/amilaunch.fish; complete -C $argv[2]' "$parts" "$1" | cut -f1
}

# shows SHELL LINE WHAT...: all of WHAT, and ones that begin with "not:" not.
shows() {
    local shown what
    shown=$("in_$1" "$2") || return
    echo "$shown"
    for what in "${@:3}"; do
        case $what in
            not:*) ! grep -qxF -- "${what#not:}" <<<"$shown" || return ;;
            *) grep -qxF -- "$what" <<<"$shown" || return ;;
        esac
    done
}

"$program" key create lab >out 2>&1 || { cat out; exit 1; }
volume=$("$program" volume create --size 1 --json | sed -n 's/.*"VolumeId": "\(.*\)".*/\1/p')
check "a volume was made" test -n "$volume"

for shell in bash zsh fish; do
    command -v $shell >out || { echo "not ok $((++number)) - $shell isn't there: apt install $shell"; failures=1; continue; }
    check "$shell: the first word" shows $shell "amilaunch t" terminate type tag not:run
    check "$shell: the second word" shows $shell "amilaunch volume at" attach not:create
    check "$shell: options" shows $shell "amilaunch run --ho" --home not:--wait
    check "$shell: a value" shows $shell "amilaunch run --type t1" t1.micro not:t2.micro
    check "$shell: an id" shows $shell "amilaunch volume rm vol-" "$volume"
    check "$shell: a name" shows $shell "amilaunch run --key " lab
    check "$shell: nothing of another HOME" shows $shell "amilaunch --home $work/none volume rm " "not:$volume"
done
# Readline has what is before a = already; the others take the whole word.
check "bash: a value behind =" shows bash "amilaunch run --type=t1" t1.micro
check "zsh: a value behind =" shows zsh "amilaunch run --type=t1" --type=t1.micro
check "fish: a value behind =" shows fish "amilaunch run --type=t1" --type=t1.micro
check "bash: no blank after what goes on" shows bash "amilaunch ls --filter name=instance-t" ":-o nospace"
check "bash: files" shows bash "amilaunch image import " ":-o default"
check "zsh: files" shows zsh "amilaunch image import " ":files "
check "fish: files" shows fish "amilaunch image import folder.t" folder.txt
check "bash: folders" shows bash "amilaunch --home " ":-o dirnames"
check "zsh: folders" shows zsh "amilaunch --home " ":files -/"
check "fish: folders" shows fish "amilaunch --home fold" folder/ not:folder.txt
check "a tab makes no HOME" eval '"$program" --home "$work/none" help --complete volume rm "" && [ ! -e "$work/none" ]'
echo "1..$number"
[ $failures = 0 ]
