#!/bin/bash
# What the programs that were built are made like: addresses that can't be foretold, tables that can't be written to, canaries
# on the stack, no stack that can be executed. Prints TAP.
set -uo pipefail

build=${top_builddir:-.}
number=0 failures=0

result() { # result TEXT COMMAND...
    local text=$1
    shift
    number=$((number + 1))
    if "$@"; then echo "ok $number - $text"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $text"
}
skip_all() { echo "1..0 # SKIP $1"; exit 0; }

command -v readelf >/dev/null || skip_all "readelf isn't there (binutils)"
grep -q '^HARDENING_CFLAGS = .*-f' "$build/Makefile" || skip_all "configured with --disable-hardening, or with a compiler that knows none"

has() { grep -q -- "$1" "$build/Makefile"; } # has FLAG: as configure has found it

is_pie() { readelf -hW "$1" | grep 'Type: *DYN' >/dev/null && readelf -dW "$1" | grep 'FLAGS_1.*PIE' >/dev/null; }
is_bound_at_once() { readelf -dW "$1" | grep -E 'BIND_NOW|FLAGS_1.*NOW' >/dev/null; }
has_relro() { readelf -lW "$1" | grep GNU_RELRO >/dev/null; }
has_plain_stack() { readelf -lW "$1" | grep -E 'GNU_STACK .* RW +0x' >/dev/null; }
has_nothing_writable_to_run() { ! readelf -lW "$1" | grep -E '^ +LOAD ' | grep 'RWE' >/dev/null; }
calls() { readelf --dyn-syms -W "$1" | grep -E "UND $2(@|\$)" >/dev/null; }

look() { # look PROGRAM
    local program=$build/$1
    [ -x "$program" ] || { result "$1 is there" false; return; }
    result "$1 runs at any address" is_pie "$program"
    result "$1 has its tables filled in at its start" is_bound_at_once "$program"
    result "$1 can't write to them after that" has_relro "$program"
    result "$1 can't run its stack" has_plain_stack "$program"
    result "$1 has no memory that it can both write to and run" has_nothing_writable_to_run "$program"
}

for program in amilaunch net/amilaunch-netd; do
    look $program
    has 'HARDENING_CFLAGS.*-fstack-protector' &&
        result "$program looks after its stack's canaries" calls "$build/$program" __stack_chk_fail
    # Some compilers check by themselves, and an unoptimised build can't.
    has 'HARDENING_CPPFLAGS.*FORTIFY' &&
        result "$program has copies and prints that know how much room there is" calls "$build/$program" '__[a-z]*printf_chk'
done
# It is static, and has no symbols to look at.
if has 'STATIC_LDFLAGS = -static-pie'; then look appliance/dom0-agent; fi
# What would mount and power off must not do so here: in name spaces of its own, should it be wrong.
stays_away() {
    unshare -rmpf --kill-child timeout 60 sh -c '"$1"; exit' sh "$build/appliance/dom0-agent" </dev/null >/dev/null 2>&1
    [ $? = 1 ]
}
if unshare -rmpf true 2>/dev/null; then
    result "the appliance's program does nothing where it isn't the first process" stays_away
fi
echo "1..$number"
[ $failures = 0 ]
