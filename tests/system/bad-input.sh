#!/bin/bash
# What can't be done is refused with its code and its exit status, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"

ami=$(imported)
need "the sample is imported" "$ami"
ours=$AMILAUNCH
files=$SCRATCH/files
mkdir -p "$files"

count() { sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT (SELECT count(*) FROM $1), (SELECT count(*) FROM operation)"; }
# The network process goes in its own time, and takes its door with it.
files() { find "$AMILAUNCH_HOME" -mindepth 2 ! -path '*/net/control' | sort; }
unchanged() { # unchanged COMMAND...: and neither records nor files are more than before
    local before after
    before=$(count image; count snapshot; count instance; files)
    "$@"
    local status=$?
    after=$(count image; count snapshot; count instance; files)
    diff <(echo "$before") <(echo "$after") && return $status
}
clean() { # clean TEXT STATUS CODE COMMAND...: refused, and nothing is left
    local text=$1 status=$2 code=$3
    shift 3
    check "$text" unchanged refuses "$status" "$code" "$@"
}

# ---- ids, types, words ----
clean "unknown AMI" 1 InvalidAMIID.NotFound "$ours" run ami-0123456789abcdef0 --type m3
clean "malformed AMI" 1 InvalidAMIID.Malformed "$ours" run debian --type m3
no_escapes() { ! "$ours" image show $'\e]0;x\a\e[31m' 2>&1 | grep -q $'[\e\a]'; }
check "what is quoted does nothing to the terminal" no_escapes
clean "unknown type" 1 InvalidParameterValue "$ours" run "$ami" --type m3.enormous
clean "unknown instance" 1 InvalidInstanceID.NotFound "$ours" stop i-0123456789abcdef0
clean "malformed instance" 1 InvalidInstanceID.Malformed "$ours" terminate i-XYZ
clean "unknown type in type show" 1 InvalidParameterValue "$ours" type show m99
clean "type too large for the host" 1 InsufficientInstanceCapacity "$ours" run "$ami" --type x1e.32xlarge
clean "the wrong region" 1 InvalidAMIID.NotFound "$ours" --region eu-west-1 run "$ami" --type m3
clean "count 0" 1 InvalidParameterValue "$ours" run "$ami" --count 0
clean "a memory limit that is none" 1 InvalidParameterValue "$ours" run "$ami" --memory-limit lots
clean "no command of that name" 2 Usage "$ours" launch
clean "no option of that name" 2 Usage "$ours" run "$ami" --colour
clean "too few arguments" 2 Usage "$ours" run
clean "too many arguments" 2 Usage "$ours" ls all
clean "a region that is none" 2 Usage "$ours" --region 'Us East' ls
clean "an account that is none" 2 Usage "$ours" --account me ls

# ---- kinds of image and type ----
pv=$("$ours" image import "$SAMPLE" --name as-pv --virt paravirtual 2>/dev/null | cut -d' ' -f1)
need "the sample, called paravirtual" "$pv"
clean "a paravirtual AMI on a type that is HVM only" 1 InvalidParameterCombination "$ours" run "$pv" --type t2.micro
conf=$files/pv-only.conf
cat >"$conf" <<'EOF'
types = ( { name = "p1.small"; vcpus = 1; memory = 512; max_ebs = 10; virtualization = ["paravirtual"]; } );
EOF
echo "instance_types = \"$conf\";" >"$files/pv.conf"
clean "an HVM AMI on a type that is paravirtual only" 1 InvalidParameterCombination "$ours" --config "$files/pv.conf" run "$ami" --type p1

# ---- lists ----
id=$("$ours" run "$ami" --type m3 --memory-limit 256M --json | jq -r '.Instances[0].InstanceId')
need "an instance to try on" "$id"
clean "a list of which one is unknown" 1 InvalidInstanceID.NotFound "$ours" terminate "$id" i-0123456789abcdef0
clean "a list of which one is malformed" 1 InvalidInstanceID.Malformed "$ours" stop "$id" nonsense
check "the right one of them still runs" state_is "$id" running

both_terminate() {
    local first second one=0 two=0
    "$ours" terminate "$id" >"$files/first" 2>&1 &
    first=$!
    "$ours" terminate "$id" >"$files/second" 2>&1 &
    second=$!
    wait $first || one=$?
    wait $second || two=$?
    cat "$files/first" "$files/second"
    # Terminating what is being terminated succeeds on EC2.
    [ "$one$two" = 00 ]
}
check "two terminates at once" both_terminate
check "it is terminated" state_is "$id" terminated
check "nothing is left of it" nothing_left
clean "start of a terminated instance" 1 IncorrectInstanceState "$ours" start "$id"
clean "stop of a terminated instance" 1 IncorrectInstanceState "$ours" stop "$id"
clean "console of a terminated instance" 1 IncorrectInstanceState "$ours" console "$id"

# ---- files to import ----
clean "a file that is missing" 1 InvalidParameterValue "$ours" image import "$files/missing.raw"
: >"$files/empty.raw"
clean "an empty file" 1 InvalidParameterValue "$ours" image import "$files/empty.raw"
clean "a directory" 1 InvalidParameterValue "$ours" image import "$files"
yes 'this is a text' | head -n 1000 >"$files/text.img"
clean "a text file" 1 InvalidFormat "$ours" image import "$files/text.img"
head -c 9000000 "$SAMPLE" >"$files/truncated.qcow2"
clean "a truncated qcow2" 1 InvalidFormat "$ours" image import "$files/truncated.qcow2"
qemu-img create -q -f qcow2 -F qcow2 -b "$SAMPLE" "$files/overlay.qcow2"
clean "a qcow2 with a backing file" 1 InvalidFormat "$ours" image import "$files/overlay.qcow2"
qemu-img create -q -f qcow2 -o data_file="$files/data.raw" "$files/external.qcow2" 1M
clean "a qcow2 with an external data file" 1 InvalidFormat "$ours" image import "$files/external.qcow2"
clean "a stated format that it isn't" 1 InvalidFormat "$ours" image import "$SAMPLE" --format vmdk
clean "a format that there isn't" 1 InvalidParameterValue "$ours" image import "$SAMPLE" --format floppy
clean "a name that is taken" 1 InvalidAMIName.Duplicate "$ours" image import "$SAMPLE" --name sample
clean "a name that can't be one" 1 InvalidAMIName.Malformed "$ours" image import "$SAMPLE" --name 'a;b'

# ---- configuration ----
printf 'region = "us-east-1";\nstop_timeot = 5;\n' >"$files/broken.conf"
clean "an unknown setting" 2 Configuration "$ours" --config "$files/broken.conf" ls
check "named with its file and line" grep -q "$files/broken.conf:2:" <<<"$("$ours" --config "$files/broken.conf" ls 2>&1)"
clean "a configuration that isn't there" 2 Configuration "$ours" --config "$files/none.conf" ls
finish
