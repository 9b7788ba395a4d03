#!/bin/bash
# The manual's pages about files and amilaunch-netd: they have each setting and option that the programs
# know, and no other; what they say is allowed is what the programs say; their examples work. TAP.
set -uo pipefail

program=${AMILAUNCH:-./amilaunch}
netd=${NETD:-net/amilaunch-netd}
docs=${srcdir:-.}/docs
settings=$docs/amilaunch.conf.5
tables=$docs/amilaunch-instance-types.5
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0 failures=0

result() { # result TEXT FOUND: passes if nothing was found
    number=$((number + 1))
    if [ -z "$2" ]; then echo "ok $number - $1"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $1"
    printf '%s\n' "$2" | sed 's/^/# /'
}

plain() { sed 's/\\-/-/g; s/\\e/\\/g; s/\\&//g; s/\\f[A-Z]//g'; }

section() { # section PAGE HEADING: its lines, until the next heading of any kind
    plain <"$1" | awk -v heading="$2" '/^\.S[HS]/ { inside = ($0 ~ ("^.S[HS] " heading "$")) } inside'
}

# The items of a section: what is in bold behind .TP.
items() { grep -A1 '^\.TP' | sed -n 's/^\.BI\? "\?\(--\)\?\([A-Za-z_-]*\).*/\2/p' | sort; }

# An example: what is between .nf and .fi, the first that has WORD.
example() { # example PAGE WORD
    plain <"$1" | awk -v word="$2" '/^\.nf/ { text = ""; inside = 1; next }
        /^\.fi/ { if (inside && index(text, word)) { printf "%s", text; exit } inside = 0 }
        inside { text = text $0 "\n" }'
}

# Reads a file of settings, and with SETTING a file that this one names; what is wrong.
complaint() { # complaint SETTING TEXT
    if [ -z "$1" ]; then
        printf '%s\n' "$2" >"$scratch/amilaunch.conf"
    else
        printf '%s = "table.conf";\n' "$1" >"$scratch/amilaunch.conf"
        printf '%s\n' "$2" >"$scratch/table.conf"
    fi
    case $1 in
    kernel_images) set -- image show aki-01234567 ;;
    prices) set -- cost ;;
    *) set -- type ls ;;
    esac
    "$program" --home "$scratch/home" --config "$scratch/amilaunch.conf" "$@" 2>&1 >/dev/null
}

# The names that are allowed where BEFORE ? AFTER is a file with one setting in the middle.
known() { complaint "$1" "$2 nonsense = 1; $3" | sed -n 's/.*; there are //p' | tr -d ',' | tr ' ' '\n' | sort; }

# Holds a section against what the program says of such a file.
hold() { # hold PAGE HEADING SETTING BEFORE AFTER
    local name said text
    text=$(section "$1" "$2" | grep -v '^\.' | tr '\n' ' ')
    result "${1##*/}, $2: the names are those that are known" \
        "$(diff <(known "$3" "$4" "$5") <(section "$1" "$2" | items))"
    for name in $(known "$3" "$4" "$5"); do
        said=$(complaint "$3" "$4 $name = {}; $5" | sed "s/.*; it is //")
        [ -n "$said" ] && grep -qF -- "$said" <<<"$text" || echo "$name: $said"
    done >"$scratch/unsaid"
    result "${1##*/}, $2: what is allowed is told as the program tells it" "$(cat "$scratch/unsaid")"
}

hold "$settings" SETTINGS '' '' ''
hold "$tables" 'INSTANCE TYPES' instance_types 'types = ( {' '} );'
hold "$tables" 'KERNEL IMAGES' kernel_images 'kernel_images = ( {' '} );'
hold "$tables" PRICES prices '' ''
hold "$tables" 'Each of instances' prices 'instances = ( {' '} );'
hold "$tables" 'Each of volumes' prices 'volumes = ( {' '} );'

# Where the document says what holds without a setting is held against the code by tests/unit/test_settings.c.
result "each example of settings is read" "$(complaint '' "$(example "$settings" 'stop_timeout = 240')")"
for table in types kernels prices; do
    example "$tables" "$(case $table in types) echo 'types =' ;; kernels) echo kernel_images ;; *) echo gb_month ;; esac)" \
        >"$scratch/class-$table.conf"
done
result "a class has its own types" "$(
    complaint '' "$(example "$settings" class-types.conf | grep -v connect)"
    grep -q class.small <("$program" --home "$scratch/home" --config "$scratch/amilaunch.conf" type ls) || echo "no class.small"
)"
result "and kernel images and prices" "$(
    complaint '' "$(example "$tables" 'prices = ')"
    asked=("$program" --home "$scratch/home" --config "$scratch/amilaunch.conf")
    "${asked[@]}" --region eu-west-1 image show aki-0123abcd 2>&1 | grep -q pv-grub-hd00_1.05 || echo "no aki-0123abcd"
    grep -q autumn <("${asked[@]}" cost) || echo "no prices of autumn"
)"

# Each code of an error is told in docs/differences.md with its exit status, and no other.
coded() {
    sed -n 's/^ *X([A-Z_]*, "\([^"]*\)", KIND_\([A-Z]*\).*/\1 \2/p' "${srcdir:-.}/common/error.h" |
        sed 's/REFUSED/1/; s/USAGE/2/; s/HOST/3/' | sort
}
told() {
    sed -n '/^## Errors/,$p' "$docs/differences.md" | awk -F'|' '/^\| `/ { gsub(/`/, "", $2); n = split($2, codes, " ")
        for (i = 1; i <= n; i++) print codes[i], $3 + 0 }' | sort
}
result "docs/differences.md has the codes of all errors" "$(diff <(coded) <(told))"

result "amilaunch-netd(8) has the options that there are" "$(diff \
    <("$netd" --help | grep -oE -- '--[a-z]+' | tr -d - | sort) <(section "$docs/amilaunch-netd.8" OPTIONS | items))"

# A page without a date is on purpose: it would be another one at each change.
for page in "${MANPAGE:-docs/amilaunch.1}" "$docs"/*.[58]; do
    if command -v mandoc >/dev/null; then
        result "${page##*/}: mandoc has no complaint" \
            "$(mandoc -T lint "$page" | grep -vE 'STYLE: |missing date')"
    else
        result "${page##*/}: man has no complaint" "$(man --warnings -l -Tutf8 "$page" 2>&1 >/dev/null)"
    fi
done
echo "1..$number"
[ $failures = 0 ]
