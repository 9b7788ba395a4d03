#!/bin/bash
# The appliance's builder among programs that only play APT: what fails, or dies, leaves nothing half made behind, and
# what was there stays. Prints TAP.
set -u
top=${srcdir:-.}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
home=$scratch/home to=$scratch/home/appliance
mkdir -p "$scratch/bin" "$home" "$to"
touch "$to/old" "$scratch/agent" "$scratch/menu"

play() { # play PROGRAM: the standard input is what it does
    { echo '#!/bin/bash'; cat; } >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}
play apt-cache <<'END'
case " $* " in
    *" search "*) echo 'xen-hypervisor-4.17-amd64 - Xen' ;;
    *" depends linux-image-"*) echo '  Depends: linux-image-6.1.0-1-amd64' ;;
    *" policy "*) shift; for package; do printf '%s:\n  Candidate: 1\n' "$package"; done ;;
esac
END
play apt-get <<'END'
[ "$PLAY" != no-mirror ] || exit 100
for package; do case $package in *-*[a-z]) echo "$package" >"$package.deb" ;; esac; done
rm -f ./-*
[ "$PLAY" != dies ] || kill -9 "$MAKER"
END
play dpkg-deb <<'END'
if [ "$1" = -x ]; then mkdir -p "$3" && echo half >"$3/half"; else tar -c -T /dev/null; fi
[ "$PLAY" != full ] || { echo "dpkg-deb: No space left on device" >&2; exit 2; }
END

make_it() { # make_it PLAY: what it says is in $scratch/said
    PLAY=$1 PATH=$scratch/bin:$PATH TMPDIR=$scratch bash -c \
        'export MAKER=$$; exec bash "$@"' - "$top/appliance/make-appliance" --agent "$scratch/agent" --menu "$scratch/menu" --to "$to" \
        >"$scratch/said" 2>&1
}
number=0 failures=0
expect() { # expect WHAT COMMAND...
    number=$((number + 1))
    if "${@:2}" 2>"$scratch/expect"; then echo "ok $number - $1"; return; fi
    failures=$((failures + 1))
    echo "not ok $number - $1"
    { cat "$scratch/said"; ls -A "$home"; } | sed 's/^/# /'
}
fails() { ! make_it "$1"; }
says() { grep -q "$1" "$scratch/said"; }
only() { [ "$(cd "$home" && echo *)" = "$1" ]; }

expect "without a mirror it fails" fails no-mirror
expect "and says what to do" says 'check the network'
expect "and leaves nothing but the lock" only 'appliance appliance.lock'
expect "on a full disk it fails" fails full
expect "and says why" says 'No space left on device'
expect "and goes no further" eval '! says "phase unpacking kernels"'
expect "and leaves nothing but the lock" only 'appliance appliance.lock'
expect "killed, it ends" fails dies
expect "and leaves what it was at" eval '! only "appliance appliance.lock"'
expect "the next one fails for lack of files" fails packages-without-files
expect "and says so" says 'the packages hold no boot/xen-4.17'
expect "and clears away what both left" only 'appliance appliance.lock'
expect "what was there is there still" test -e "$to/old"
mv "$to" "$to.old.cut"
expect "one that was cut off between its last steps" fails full
expect "gets its old appliance back" only 'appliance appliance.lock'
echo "1..$number"
[ $failures = 0 ]
