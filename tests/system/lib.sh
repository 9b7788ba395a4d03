# What the system tests share. Each is a bash script that prints TAP; it gets from its environment
#   AMILAUNCH  the program        SAMPLE  the sample image        SCRATCH  a folder of its own
# and sources this file first.
set -uo pipefail

: "${AMILAUNCH:?the program to test}" "${SAMPLE:?the sample image}" "${SCRATCH:?an empty folder}"
export AMILAUNCH_HOME=$SCRATCH/home
number=0
failures=0

# As grep, but one that is only asked (-q) reads all the same: who writes to it would be ended by a pipe that is closed
# early, and with pipefail that is a failure, now and then.
grep() {
    local word words=() quiet=no options=yes
    for word; do
        case $options$word in
            yes--) options=no ;;
            yes--*) ;;
            yes-*q*) quiet=yes word=${word//q/c} ;;
        esac
        words+=("$word")
    done
    if [ $quiet = yes ]; then command grep "${words[@]}" >/dev/null; else command grep "${words[@]}"; fi
}

# check TEXT COMMAND...: passes if the command succeeds; the end of its output is shown if not.
check() {
    local text=$1 output
    shift
    number=$((number + 1))
    if output=$("$@" 2>&1); then
        echo "ok $number - $text"
        return
    fi
    failures=$((failures + 1))
    echo "not ok $number - $text"
    { echo "command: $*"; tail -n 25 <<<"$output"; } | tr -d '\r' | cat -v | sed 's/^/# /'
}

# refused TEXT STATUS CODE COMMAND...: passes if the command ends with that exit status and that code.
refused() {
    local text=$1 status=$2 code=$3
    shift 3
    check "$text" refuses "$status" "$code" "$@"
}

refuses() {
    local status=$1 code=$2 output got=0
    shift 2
    output=$("$@" 2>&1 >/dev/null) || got=$?
    printf '%s\n' "$output"
    [ "$got" = "$status" ] || { echo "exit status $got, not $status"; return 1; }
    grep -q "^amilaunch: $code: ." <<<"$output" || { echo "no $code"; return 1; }
}

# need TEXT VALUE: what all the rest stands on; without it the script ends here, as a failure.
need() {
    check "$1" test -n "$2"
    [ -n "$2" ] || { echo "Bail out! $1"; exit 1; }
}

finish() {
    echo "1..$number"
    [ "$failures" = 0 ]
}

uri() {
    if [ -n "${AMILAUNCH_CONNECT:-}" ]; then echo "$AMILAUNCH_CONNECT"
    elif [ "$(id -u)" = 0 ]; then echo qemu:///system
    else echo qemu:///session; fi
}

# Which of the instances in HOME libvirt knows, as "id state" lines, in amilaunch's words.
libvirt_view() {
    local id state
    for id in $("$AMILAUNCH" ls --ids); do
        state=$(LC_ALL=C virsh -q -c "$(uri)" domstate "$id" 2>/dev/null | head -n 1)
        case $state in
            running) echo "$id running" ;;
            'shut off') echo "$id stopped" ;;
            '') echo "$id terminated" ;;
            *) echo "$id $state" ;;
        esac
    done
}

our_view() {
    "$AMILAUNCH" ls --json | jq -r '.Reservations[].Instances[] | .InstanceId + " " + .State.Name'
}

agree() { diff <(our_view) <(libvirt_view); }

state_is() { # state_is INSTANCE STATE
    [ "$("$AMILAUNCH" show "$1" --json | jq -r '.Reservations[0].Instances[0].State.Name')" = "$2" ]
}

# passes_through INSTANCE STATE COMMAND...: while the command runs, another one sees that state.
passes_through() {
    local id=$1 state=$2 pid seen=no
    shift 2
    "$@" >"$SCRATCH/passing.log" 2>&1 &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        if [ $seen = yes ]; then sleep 0.1; elif state_is "$id" "$state"; then seen=yes; fi
    done
    wait $pid && [ $seen = yes ] || { cat "$SCRATCH/passing.log"; return 1; }
}

reason_is() { # reason_is INSTANCE CODE
    [ "$("$AMILAUNCH" show "$1" --json | jq -r '.Reservations[0].Instances[0].StateReason.Code')" = "$2" ]
}

# What an instance wrote, as lines. Its BIOS sets up a screen on the serial port, and Linux's setup code clears that, in the
# middle of a line.
said() { "$AMILAUNCH" log "$1" | tr -d '\r' | sed -E 's/\x1b\[2J/\n/g; s/\x1b(c|\[[?0-9;]*[A-Za-z])//g'; }

# Seconds. What has to come is waited for very long: a host that is busy with other guests gives one as good as nothing for
# a minute, and only a failure takes all of it.
readonly long=300
# Between two looks. Each costs as much as an emulated guest does in a tenth of a second, and some wait at once.
between=1

# eventually COMMAND...: repeats it until it succeeds; what it says the last time is shown.
eventually() {
    local deadline=$((SECONDS + long))
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $deadline ] || { "$@"; return; }
        sleep $between
    done
}

has_said() { said "$1" | grep -Eq "$2"; }
# console_says INSTANCE REGEX: waits until the console's log has a line that matches.
console_says() { eventually has_said "$@" || { "$AMILAUNCH" log "$1"; return 1; }; }

# After boot N the guest says it is ready; what it said since it began boot N.
boot_text() { # boot_text INSTANCE N
    said "$1" | sed -n "/^amilaunch-sample: boot $2\$/,/^amilaunch-sample: ready/p"
}

is_up() { boot_text "$1" "$2" | grep -q '^amilaunch-sample: ready'; }
comes_up() { eventually is_up "$@" || { "$AMILAUNCH" log "$1"; return 1; }; } # comes_up INSTANCE N

boot_says() { # boot_says INSTANCE N REGEX
    boot_text "$1" "$2" | grep -Eq "$3" || { boot_text "$1" "$2"; return 1; }
}

# In the guest, as root at its console.
in_guest() { "$AMILAUNCH" console "$1" --timeout $long -- "${@:2}"; } # in_guest INSTANCE COMMAND...

guest_says() { # guest_says INSTANCE COMMAND REGEX: what the command says has a line that matches
    local answer
    answer=$(in_guest "$1" "$2" 2>&1)
    grep -Eq "$3" <<<"$answer" || { echo "$answer"; return 1; }
}

# The last prompt that the guest has shown since it booted: "login: " or "# ".
last_prompt() {
    said "$1" | awk '/^amilaunch-sample: boot/ { prompt = "" }
        { while (match($0, /sample(# | login: )/)) { prompt = substr($0, RSTART + 6, RLENGTH - 6); $0 = substr($0, RSTART + RLENGTH) } }
        END { printf "%s", prompt }'
}

count_prompts() { grep -ao 'sample# ' <<<"$1" | wc -l; }

# typed INSTANCE LOG: waits until the guest has shown another prompt than those in LOG, or is at something that takes longer:
# then it has at least echoed the line, which is lost if one leaves before that, and been silent for 5 s.
typed() {
    local last=$2 now since=$SECONDS patience=$long
    until [ $((SECONDS - since)) -ge $patience ]; do
        sleep 0.5
        now=$("$AMILAUNCH" log "$1")
        [ "$(count_prompts "$now")" -le "$(count_prompts "$2")" ] || return 0
        [ "$now" = "$last" ] || last=$now since=$SECONDS patience=5
    done
}

keys() { # keys INSTANCE LINE...: what a person would type, in the person's time
    local id=$1 line before deadline=$((SECONDS + long))
    shift
    until [ "$(last_prompt "$id")" = '# ' ] || [ $SECONDS -ge $deadline ]; do
        if [ "$(last_prompt "$id")" = ' login: ' ]; then printf 'me\n'; fi
        sleep 0.5
    done
    for line; do
        before=$("$AMILAUNCH" log "$id")
        printf '%s\n' "$line"
        typed "$id" "$before"
    done
}

# Types lines at the guest's console and leaves it; what takes long is waited for by what it says.
type_at() { # type_at INSTANCE LINE...
    { keys "$@"; printf '\035'; } | timeout $((2 * long)) "$AMILAUNCH" console "$1" >/dev/null
}

# Types lines of which the last ends the guest, and stays until it is off.
type_last() { # type_last INSTANCE LINE...
    keys "$@" | timeout $((2 * long)) "$AMILAUNCH" console "$1" >/dev/null
}

# Nothing of any instance in HOME or in libvirt.
nothing_left() {
    local left domains
    left=$(find "$AMILAUNCH_HOME/volumes" "$AMILAUNCH_HOME/instances" -mindepth 1)
    domains=$(virsh -q -c "$(uri)" list --all --name | grep -Fx -f <("$AMILAUNCH" ls --ids) || true)
    [ -z "$left$domains" ] || { echo "left: $left $domains"; return 1; }
}

content_of() { echo "$1:sha256:$(sha256sum <"$2" | cut -d' ' -f1)"; } # content_of FORMAT FILE

# know FACTS CONTENT...: what an import would find in such files, where that was tested already: to look takes an appliance half
# a minute. What the sample's facts say of how they were found holds for these, too.
know() {
    local facts=$1
    shift
    know_sample && sqlite3 "$AMILAUNCH_HOME/amilaunch.db" <<SQL
WITH known (content) AS (VALUES $(printf "('%s')," "$@" | sed 's/,$//'))
INSERT OR REPLACE INTO content_facts SELECT content,
    json_set('$facts', '\$.inspection', (SELECT max(json_extract(facts, '\$.inspection')) FROM content_facts)) FROM known;
SQL
}

# know_sample: in a HOME of one's own what the first one knows of the sample, and of whatever it has.
know_sample() {
    local first=$SCRATCH/home
    "$AMILAUNCH" image ls >/dev/null && [ -e "$first/amilaunch.db" ] || return
    [ "$first" != "$AMILAUNCH_HOME" ] || return 0
    [ ! -e "$first/boot" ] || cp -r "$first/boot" "$AMILAUNCH_HOME/"
    sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "ATTACH '$first/amilaunch.db' AS first;
        INSERT OR IGNORE INTO content_facts SELECT * FROM first.content_facts"
}

imported() { # imports the sample once; prints its id
    local id
    id=$("$AMILAUNCH" image ls --json | jq -r '.Images[] | select(.Name == "sample") | .ImageId')
    [ -n "$id" ] || id=$("$AMILAUNCH" image import "$SAMPLE" --name sample | cut -d' ' -f1)
    echo "$id"
}
