#!/bin/bash
# configure says what is missing: by name, all at once, with the packages that have it. Prints TAP.
set -uo pipefail

source=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/configure.XXXXXX") || exit
trap 'rm -rf "$work"' EXIT
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

said= status=
configure() { # configure VARIABLE=VALUE...
    status=0
    said=$(env "$@" "$source/configure" 2>&1 >/dev/null) || status=$?
}
says() { [[ $said == *"$1"* ]] || { printf 'no "%s" in:\n%s\n' "$1" "$said"; return 1; }; }

# The packages that it names are those that scripts/packages installs.
packages() { sed -n '/^build="/,/"$/p' "$source/scripts/packages" | tr -d '"' | tr ' ' '\n' | grep -E '^(lib|zlib).*-dev$' | sort; }
named() { sed -n 's/.*apt-get install//p' <<<"$said" | tr ' ' '\n' | grep . | sort; }
as_many_as_are_needed() { diff <(packages) <(named); }

mkdir nothing
printf 'Name: glib\nDescription: an old one\nVersion: 2.50.3\n' >nothing/glib-2.0.pc
configure PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR="$work/nothing"
check "without libraries it fails" test $status != 0
check "it tells of a library that is too old" says "glib-2.0 >= 2.72 gio-2.0 >= 2.72 gio-unix-2.0 >= 2.72; here it is 2.50.3"
for name in libvirt libguestfs libconfig sqlite3 libxml-2.0 jansson libcrypto zlib libpng libcurl slirp libmicrohttpd; do
    check "it tells of $name" says "
  $name >= "
done
check "it names Debian's packages, each that scripts/packages has" as_many_as_are_needed
check "it names Fedora's packages" says "dnf install glib2-devel libvirt-devel"

# So do the packages of amilaunch itself.
build_depends() { sed -n '/^Build-Depends:/,/^Package:/s~^ \(\(lib\|zlib\).*-dev\),*$~\1~p' "$source/packaging/debian/control" | sort; }
check "Debian's package is built with these" diff <(packages) <(build_depends)

cat >pkg-config <<'END'
#!/bin/sh
case "$*" in *slirp*) exit 1 ;; esac
exec pkg-config "$@"
END
chmod +x pkg-config
configure PKG_CONFIG="$work/pkg-config"
check "without one library it fails" test $status != 0
check "it tells of that one" says "  slirp >= 4.6"
check "and of no other" test "$(named)" = libslirp-dev
echo "1..$number"
[ $failures = 0 ]
