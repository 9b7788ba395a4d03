#!/bin/bash
# the program's start: --version, ten times
. "$(dirname "$0")/measure.sh"

# Ten at a time: one takes no longer than the clock's noise.
ten() { for _ in 1 2 3 4 5 6 7 8 9 10; do "$@" || return; done; }
ours() { measure ours ten "$AMILAUNCH" --version; }
floor() { measure floor ten virsh --version; }

begin_rounds 5 25 10
while another_round; do either ours floor; done
compare "--version, 10 times" s ours floor "<=1" "virsh --version, 10 times"
