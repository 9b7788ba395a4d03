#!/bin/bash
# what planning costs beside the program's start
. "$(dirname "$0")/measure.sh"
. "$(dirname "$0")/guests.sh"

home
"$AMILAUNCH" plan "$ami" --type m3 >"$work/out" # what a first call finds out is remembered
ten() { for _ in 1 2 3 4 5 6 7 8 9 10; do "$@" || return; done; }
begin_rounds 4 15 10
version() { measure version ten "$AMILAUNCH" --version; }
show() { measure show ten "$AMILAUNCH" image show "$ami"; }
others() {
    measure type ten "$AMILAUNCH" type show m3.medium
    measure plan ten "$AMILAUNCH" plan "$ami" --type m3
}
floors() { either version show; }
while another_round; do either floors others; done
compare "image show, 10 times" s show version - "--version, 10 times: what starting the program costs"
compare "type show, 10 times" s type version - "--version, 10 times"
compare "plan, 10 times" s plan show - "image show, 10 times: what reading the records costs"
