#!/bin/bash
# The documents point to what is there: each link, each file of the source that they name, and each command
# and option of amilaunch in their examples. TAP.
set -uo pipefail

program=$(realpath "${AMILAUNCH:-./amilaunch}")
cd "${srcdir:-.}" || exit
number=0 failures=0

result() { # result TEXT FOUND: passes if nothing was found
    number=$((number + 1))
    if [ -z "$2" ]; then echo "ok $number - $1"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}

# GitHub's name of a heading.
anchors() { # anchors FILE
    awk '/^```/ { code = !code } !code && sub(/^#+ /, "")' "$1" | tr '[:upper:]' '[:lower:]' |
        sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

links() { # links FILE: those that lead nowhere
    local target path part
    grep -oE '\]\([^)]+\)' "$1" | sed 's/^](//; s/)$//' | while read -r target; do
        case $target in *://*) continue ;; esac
        path=${target%%#*} part=${target#"$path"}
        path=${path:+$(dirname "$1")/$path}
        path=${path:-$1}
        [ -e "$path" ] || echo "$target is not there"
        [ -z "$part" ] || anchors "$path" | grep -qxF -- "${part#\#}" || echo "$path has no heading $part"
    done
}

rooms='cli|net|launcher|drivers|images|store|conf|common|appliance|tests|scripts|bench'
files() { # files FILE: what it names of the source that isn't there
    local name
    grep -oE "(^|[ (\`])($rooms)/[A-Za-z0-9_*/.-]*[A-Za-z0-9_*/]" "$1" | sed 's,^[^a-z]*,,' | sort -u |
        while read -r name; do
            # N, as in schema/N.sql, stands for any
            name=$(sed -E 's,(^|/)[A-Z](\.|/|$),\1*\2,g' <<<"$name")
            compgen -G "$name" >/dev/null || compgen -G "$name.[ch]" >/dev/null || echo "$name is not there"
        done
}

# The lines of examples: indented or fenced in Markdown, between .nf and .fi in a manual page.
examples() { # examples FILE
    case $1 in
    *.md) awk '/^ *```/ { code = !code; drawn = /mermaid/; next } code ? !drawn : /^    /' "$1" ;;
    *) sed -n '/^\.nf/,/^\.fi/p' "$1" | sed 's/\\-/-/g; s/\\e$/\\/; s/\\&//g' ;;
    esac | sed -e :again -e '/\\$/N; s/\\\n//; t again'
}

# Each call of amilaunch in them, a line each, without what comes before and after.
# shellcheck disable=SC2016
calls() { # calls FILE
    examples "$1" | grep -oE '(^|[ (`;$|])amilaunch( +[^ ;|&)#>`]+)+' | sed 's/^[^a]*amilaunch *//' | sort -u
}

global=$("$program" help | sed -n '/^Options that/,$p' | grep -oE -- '--[a-z-]+')
commands=$("$program" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]* \?[a-z]*\) .*/\1/p' | sed 's/ *$//')
declare -A options=()
while read -r name; do
    # shellcheck disable=SC2086
    options[$name]=$("$program" $name --help | grep -oE '^  (-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+')
done <<<"$commands"

unknown() { # unknown WORD...: what is wrong with one call
    local first=${1:-} name word
    case $first in help | --version | --help | COMMAND) return ;; esac
    while [ $# -gt 0 ] && [[ $1 == --* ]]; do # the global ones may come first, most with a value
        grep -qxF -- "${1%%=*}" <<<"$global" || { echo "amilaunch has no option $1"; return; }
        case $1 in --json | --verbose | --*=*) shift ;; *) shift 2 ;; esac
    done
    name=${1:-}
    [ -n "${options[$name]+x}" ] || name="${1:-} ${2:-}"
    [ -n "${options[$name]+x}" ] || { echo "there is no command $name"; return; }
    for word in "$@"; do
        [ "$word" != -- ] || break
        word=${word#[}
        case $word in --*) ;; *) continue ;; esac
        word=$(grep -oE -- '^--[a-z-]+' <<<"$word")
        grep -qxF -- "$word" <<<"${options[$name]}"$'\n'"$global" || echo "$name has no option $word"
    done
}

wrong_calls() { # wrong_calls FILE
    local line words
    calls "$1" | while read -r line; do
        read -ra words <<<"$line"
        unknown "${words[@]}" | sed "s/\$/: amilaunch ${line//\//\\/}/"
    done
}

shopt -s nullglob globstar
for page in *.md docs/**/*.md; do
    result "$page: its links lead somewhere" "$(links "$page")"
    result "$page: the files that it names are there" "$(files "$page")"
done
for page in *.md docs/**/*.md docs/*.in docs/*.[1-9]; do
    # What a lesson types, tests/system/labs.sh types; and its other lines are what comes.
    [[ $page == docs/labs/[1-9]* ]] || result "$page: its examples are amilaunch's commands and options" "$(wrong_calls "$page")"
done
echo "1..$number"
[ $failures = 0 ]
