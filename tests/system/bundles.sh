#!/bin/bash
# Instance-store bundles: one that openssl, tar and gzip have made launches; one of ours they unpack; and what is
# wrong with a bundle is found before anything of it stays.
. "$(dirname "$0")/lib.sh"

work=$SCRATCH/bundles
mkdir -p "$work/hand" "$work/ours"
raw=$work/disk
qemu-img convert -O raw "$SAMPLE" "$raw"
same() { [ "$(stat -c %s "$1")" = "$(stat -c %s "$raw")" ] && qemu-img compare -f raw -F raw "$1" "$raw"; } # it reads no holes

openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 30 -subj /CN=hand -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 30 -subj /CN=cloud -keyout "$work/cloud-key.pem" -out "$work/cloud.pem" 2>/dev/null
mine=(--key "$work/key.pem" --cert "$work/cert.pem")

# ---- with nothing but openssl, tar, gzip, sha1sum and xxd ----

aes=0123456789abcdef0123456789abcdef
iv=fedcba9876543210fedcba9876543210
hex() { xxd -p | tr -d '\n'; }
seal() { printf %s "$1" | openssl pkeyutl -encrypt -certin -inkey "$2" | hex; }
sha1() { sha1sum | cut -d' ' -f1; }

# The parts of a tar, and then the manifest. The variables are what a test wants to be wrong.
parts_of() { # parts_of FOLDER TAR
    gzip -1 <"$2" | openssl enc -aes-128-cbc -K $aes -iv $iv | (cd "$1" && split -b 10485760 -d - image.part.)
}
manifest_of() { # manifest_of FOLDER TAR-DIGEST SIZE
    local folder=$1 part index=0 list= machine image count
    for part in "$folder"/image.part.*; do
        list+="<part index=\"$index\"><filename>${part##*/}</filename><digest algorithm=\"SHA1\">$(sha1 <"$part")</digest></part>"
        index=$((index + 1))
    done
    machine="<machine_configuration><architecture>x86_64</architecture><block_device_mappings><mapping><virtual>ami</virtual><device>sda1</device></mapping><mapping><virtual>root</virtual><device>/dev/sda1</device></mapping><mapping><virtual>ephemeral0</virtual><device>sdb</device></mapping></block_device_mappings></machine_configuration>"
    image="<image><name>image</name><user>123456789012</user><type>machine</type><digest algorithm=\"SHA1\">$2</digest><size>$3</size><bundled_size>$(cat "$folder"/image.part.* | wc -c)</bundled_size><ec2_encrypted_key algorithm=\"AES-128-CBC\">$(seal $aes "$work/cloud.pem")</ec2_encrypted_key><user_encrypted_key algorithm=\"AES-128-CBC\">$(seal $aes "$work/cert.pem")</user_encrypted_key><ec2_encrypted_iv>$(seal $iv "$work/cloud.pem")</ec2_encrypted_iv><user_encrypted_iv>$(seal $iv "$work/cert.pem")</user_encrypted_iv><parts count=\"$index\">$list</parts></image>"
    sign_and_write "$folder" "$machine" "$image"
}
sign_and_write() { # sign_and_write FOLDER MACHINE IMAGE
    local signature
    signature=$(printf %s%s "$2" "$3" | openssl dgst -sha1 -sign "$work/key.pem" | hex)
    cat >"$1/image.manifest.xml" <<XML
<?xml version="1.0"?>
<manifest><version>2007-10-10</version><bundler><name>hand</name><version>1</version><release>1</release></bundler>$2$3<signature>$signature</signature></manifest>
XML
}
by_hand() { # by_hand FOLDER TAR SIZE
    parts_of "$1" "$2" && manifest_of "$1" "$(sha1 <"$2")" "$3"
}

value() { sed -n "s:.*<$2[^>]*>\([^<]*\)</$2>.*:\1:p" "$1"; }
opened() { value "$1" "$2" | xxd -r -p | openssl pkeyutl -decrypt -inkey "$3"; }
unpack_by_hand() { # unpack_by_hand MANIFEST KEY-FIELD IV-FIELD KEY INTO
    local manifest=$1 folder=${1%/*} part
    mkdir -p "$5"
    for part in $(grep -o '<filename>[^<]*' "$manifest" | cut -d'>' -f2); do cat "$folder/$part"; done |
        openssl enc -d -aes-128-cbc -K "$(opened "$manifest" "$2" "$4")" -iv "$(opened "$manifest" "$3" "$4")" | gzip -d >"$5.tar" &&
        [ "$(sha1 <"$5.tar")" = "$(grep -o '<digest[^>]*>[^<]*' "$manifest" | head -n 1 | cut -d'>' -f2)" ] &&
        tar -C "$5" -xf "$5.tar"
}
signed_by_hand() { # signed_by_hand MANIFEST CERTIFICATE
    openssl x509 -in "$2" -pubkey -noout >"$work/public.pem"
    value "$1" signature | xxd -r -p >"$work/signature"
    grep -o '<machine_configuration>.*</image>' "$1" | tr -d '\n' |
        openssl dgst -sha1 -verify "$work/public.pem" -signature "$work/signature"
}
part_digests() {
    paste -d' ' <(grep -o '<digest[^>]*>[^<]*' "$1" | tail -n +2 | cut -d'>' -f2) \
        <(grep -o '<filename>[^<]*' "$1" | cut -d'>' -f2 | sed "s:^:${1%/*}/:") | sed 's/ /  /' | sha1sum -c --quiet
}

tar -C "$work" -cSf "$work/hand.tar" disk
by_hand "$work/hand" "$work/hand.tar" "$(stat -c %s "$raw")"
hand=$work/hand/image.manifest.xml

# ---- both ways ----

check "what was made by hand is unbundled" "$AMILAUNCH" image unbundle "$hand" "${mine[@]}" --out "$work/from-hand.raw"
check "the bytes are the same" same "$work/from-hand.raw"
check "the key alone tells who signed it, too" "$AMILAUNCH" image unbundle "$hand" --key "$work/key.pem" --out "$work/from-hand.raw" --force

check "a disk image is bundled" "$AMILAUNCH" image bundle "$SAMPLE" --out "$work/ours" --prefix image "${mine[@]}" --ec2-cert "$work/cloud.pem" --map /dev/sdb=ephemeral0
ours=$work/ours/image.manifest.xml
check "it is in parts of 10 MiB" test "$(stat -c %s "$work/ours/image.part.00")" = 10485760
check "nothing else is in its folder" test "$(ls -A "$work/ours" | grep -cv '^image\.\(part\.[0-9][0-9]\|manifest\.xml\)$')" = 0
check "openssl, gzip and tar unpack it as its owner" unpack_by_hand "$ours" user_encrypted_key user_encrypted_iv "$work/key.pem" "$work/as-user"
check "the bytes are the same, that way, too" same "$work/as-user/image"
secrets() { opened "$ours" "$1_encrypted_key" "$2"; echo; opened "$ours" "$1_encrypted_iv" "$2"; } # secrets WHOSE KEY
check "the cloud opens the same key and the same start" diff <(secrets user "$work/key.pem") <(secrets ec2 "$work/cloud-key.pem")
check "openssl finds its signature right" signed_by_hand "$ours" "$work/cert.pem"
check "sha1sum finds its parts right" part_digests "$ours"
check "xmllint finds it well-formed" xmllint --noout "$ours"
check "its elements are in EC2's order" test "$(xmllint --xpath '/manifest/image/*' "$ours" | grep -o '^<[a-z0-9_]*' | tr -d '<\n')" = \
    nameusertypedigestsizebundled_sizeec2_encrypted_keyuser_encrypted_keyec2_encrypted_ivuser_encrypted_ivparts
rm -r "$work/as-user" "$work/as-user.tar" "$work/from-hand.raw"

# ---- it launches ----

bundles() { ls "$AMILAUNCH_HOME/bundles" | grep -v '^keys$'; }
templates() { ls "$AMILAUNCH_HOME/templates" | grep '^bundle-'; } # others are of images that other scripts have left
register() { "$AMILAUNCH" image register --manifest "$@" 2>"$SCRATCH/register.log"; }
refused "an image that is bundled wrong has no name yet" 1 InvalidManifest "$AMILAUNCH" image register --manifest "$SAMPLE" --name nothing
ami=$(register "$hand" "${mine[@]}" --name by-hand)
need "a bundle made by hand is registered" "$ami"
check "nothing is unbundled yet" test -z "$(templates)"
described() { # described KEY VALUE
    [ "$("$AMILAUNCH" image show "$ami" --json | jq -r ".Images[0].$1")" = "$2" ]
}
check "its root is on instance store" described RootDeviceType instance-store
check "its location is the manifest" described ImageLocation image.manifest.xml
check "it is hvm" described VirtualizationType hvm
check "its mapping is the manifest's" described 'BlockDeviceMappings[-1].VirtualName' ephemeral0
rm -r "$work/hand"
check "the folder can go: it is unbundled at the first launch" eval '"$AMILAUNCH" -v run "$ami" --type m3 --map /dev/sdb=ephemeral0 2>&1 | tee "$SCRATCH/run.log" | grep unbundling'
id=$("$AMILAUNCH" ls --ids | tail -n 1)
need "it runs" "$id"
check "the second time nothing is unbundled" eval '! "$AMILAUNCH" -v plan "$ami" --type m3 2>&1 | grep unbundling'
check "it comes up" comes_up "$id" 1

# ---- of instances ----

root=$AMILAUNCH_HOME/instances/$id/root.qcow2
check "a running root on instance store is bundled" "$AMILAUNCH" image bundle "$id" --out "$work" --prefix running
check "its guest runs on" state_is "$id" running
check "virsh says so, too" test "$(LC_ALL=C virsh -q -c "$(uri)" domstate "$id" | head -n 1)" = running
check "HOME's own key opens it" "$AMILAUNCH" image unbundle "$work/running.manifest.xml" --out "$work/running.raw"
# It may have written its log since; what it was made of is there.
check "it is the image, and what the guest has written" eval '! same "$work/running.raw" && [ "$(head -c 446 "$work/running.raw" | sha1)" = "$(head -c 446 "$raw" | sha1)" ]'
check "the file system in it is whole" eval 'dd if="$work/running.raw" of="$work/part" bs=1M skip=1 conv=sparse status=none && e2fsck -fy "$work/part" >"$SCRATCH/fsck.log"; [ $? -le 1 ]'
check "its manifest has the instance's disks" grep -q '<virtual>ephemeral0</virtual><device>sdb</device>' "$work/running.manifest.xml"
check "terminate" "$AMILAUNCH" terminate --force "$id"
rm -f "$work/part" "$work"/running.*

# Guests without a system stay in their firmware.
qemu-img create -q -f qcow2 "$SCRATCH/blank.qcow2" 64M
qemu-io -f qcow2 -c 'write -P 7 1M 3M' -c 'write -P 9 63M 512k' "$SCRATCH/blank.qcow2" >/dev/null
know '{}' "$(content_of qcow2 "$SCRATCH/blank.qcow2")"
blank=$("$AMILAUNCH" image import "$SCRATCH/blank.qcow2" --name blank 2>/dev/null | cut -d' ' -f1)
vm=$("$AMILAUNCH" run "$blank" --type m3 --memory-limit 64M --map /dev/sda1=::::encrypted --json 2>/dev/null | jq -r '.Instances[0].InstanceId')
need "an instance with an encrypted root on EBS" "$vm"
before=$("$AMILAUNCH" snapshot ls --ids)
check "its root is bundled while it runs" "$AMILAUNCH" image bundle "$vm" --out "$work" --prefix ebs
check "its snapshot is gone" test "$("$AMILAUNCH" snapshot ls --ids)" = "$before"
check "it is unbundled" "$AMILAUNCH" image unbundle "$work/ebs.manifest.xml" --out "$work/ebs.raw"
check "its bytes are there, in the clear" eval 'head -c 64M "$work/ebs.raw" | cmp - <(qemu-img convert -O raw "$SCRATCH/blank.qcow2" "$work/blank.raw"; cat "$work/blank.raw")'
check "it has the volume's size" test "$(stat -c %s "$work/ebs.raw")" = 1073741824
check "terminate it" "$AMILAUNCH" terminate --force "$vm"
rm -f "$work"/ebs.* "$work/blank.raw"

# ---- what is wrong ----

small=$work/small
head -c 100000 /dev/urandom >"$small"
fresh() { # fresh TAR [SIZE]: a bundle of the tar in $bad, made by hand
    bad=$work/bad
    rm -rf "$bad"
    mkdir "$bad"
    by_hand "$bad" "$1" "${2:-100000}"
}
whole() { tar -C "$work" -cf "$work/small.tar" small && fresh "$work/small.tar"; }
untouched=
remember() { untouched=$(find "$AMILAUNCH_HOME" "$work" -path "$bad" -prune -o -type f ! -name 'amilaunch.db*' -print | sort | sha1sum; "$AMILAUNCH" image ls --ids); }
clean() { local before=$untouched; remember; [ "$before" = "$untouched" ]; }
neither() { # neither TEXT CODE: it is neither unbundled nor registered, and nothing is left
    local keys=("${keys[@]-${mine[@]}}")
    remember
    refused "$1: not unbundled" 1 "$2" "$AMILAUNCH" image unbundle "$bad/image.manifest.xml" "${keys[@]}" --out "$work/bad.raw"
    refused "$1: not registered" 1 "$2" "$AMILAUNCH" image register --manifest "$bad/image.manifest.xml" "${keys[@]}" --name wrong
    check "$1: nothing is left" clean
}
never() { # never TEXT CODE: that is seen only when it is unpacked
    local made
    remember
    refused "$1: not unbundled" 1 "$2" "$AMILAUNCH" image unbundle "$bad/image.manifest.xml" "${mine[@]}" --out "$work/bad.raw"
    check "$1: nothing is left" clean
    made=$(register "$bad/image.manifest.xml" "${mine[@]}" --name wrong)
    refused "$1: not launched" 1 "$2" "$AMILAUNCH" run "$made" --type m3
    "$AMILAUNCH" image deregister "$made" >/dev/null
    check "$1: nothing is left of the image" clean
}
edit() { sed -i "$1" "$bad/image.manifest.xml"; }
resign() { # signs the manifest anew, as it is now
    local text
    text=$(cat "$bad/image.manifest.xml")
    sign_and_write "$bad" "$(grep -o '<machine_configuration>.*</machine_configuration>' <<<"$text")" "$(grep -o '<image>.*</image>' <<<"$text")"
}

whole
check "a small bundle is right" "$AMILAUNCH" image unbundle "$bad/image.manifest.xml" "${mine[@]}" --out "$work/small.raw"
check "with its bytes" cmp "$small" "$work/small.raw"
refused "a file that is there isn't replaced" 1 InvalidParameterValue "$AMILAUNCH" image unbundle "$bad/image.manifest.xml" "${mine[@]}" --out "$work/small.raw"
keys=(--key "$work/cloud-key.pem" --cert "$work/cert.pem")
check "the cloud can open it, too" "$AMILAUNCH" image unbundle "$bad/image.manifest.xml" "${keys[@]}" --out "$work/small.raw" --force
openssl genrsa -out "$work/other.pem" 2048 2>/dev/null
keys=(--key "$work/other.pem" --cert "$work/cert.pem") && neither "a wrong key" AuthFailure
keys=(--key "$work/key.pem" --cert "$work/cloud.pem") && { whole; edit 's/123456789012/210987654321/'; neither "another's certificate" InvalidManifest; }
unset keys

whole; printf '\1\2\3\4' | dd of="$bad/image.part.00" bs=1 seek=5000 conv=notrunc status=none; neither "a part that was changed" InvalidManifest
whole; : >"$bad/image.part.00"; neither "a part of 0 bytes" InvalidManifest
whole; rm "$bad/image.part.00"; neither "a part that is missing" InvalidManifest
whole; echo >"$bad/image.part.01"; neither "a part too many" InvalidManifest
whole; mv "$bad/image.part.00" "$bad/elsewhere"; ln -s elsewhere "$bad/image.part.00"; neither "a part that is a link" InvalidManifest
whole; rm "$bad/image.part.00"; mkfifo "$bad/image.part.00"; neither "a part that is a pipe" InvalidManifest
whole; mv "$bad/image.part.00" "$work/outside"; edit 's:<filename>[^<]*:<filename>../outside:'; resign; neither "a part outside of the folder" InvalidManifest; rm "$work/outside"
whole; edit "s:<filename>[^<]*:<filename>$bad/image.part.00:"; resign; neither "an absolute name" InvalidManifest
whole; edit 's:<device>/dev/sda1:<device>/dev/sdc:'; resign
refused "two roots" 1 InvalidBlockDeviceMapping "$AMILAUNCH" image register --manifest "$bad/image.manifest.xml" "${mine[@]}" --name wrong
whole; edit 's:<size>100000:<size>100001:'; neither "a bad signature" InvalidManifest
whole; edit 's:<signature>.*</signature>::'; neither "no signature" InvalidManifest
check "which can be allowed" "$AMILAUNCH" image unbundle "$bad/image.manifest.xml" "${mine[@]}" --unsigned --out "$work/small.raw" --force
whole; edit 's:count="1":count="2":'; resign; neither "a count that lies" InvalidManifest
whole; edit 's:<bundled_size>[0-9]*:<bundled_size>99999999999:'; resign; neither "a bundled size that lies" InvalidManifest
whole; edit 's:<size>100000:<size>999999999999999999999:'; resign; neither "a huge number" InvalidManifest
whole; edit 's:<user_encrypted_key algorithm="AES-128-CBC">....:&zz:'; resign; neither "text that is no hex" InvalidManifest
whole; edit 's:^<manifest>:<!DOCTYPE manifest SYSTEM "file\:///etc/passwd">&:'; neither "a DOCTYPE" InvalidManifest
whole; edit 's:^<manifest>:<!DOCTYPE m [<!ENTITY a "0123456789"><!ENTITY b "\&a;\&a;\&a;\&a;\&a;\&a;\&a;\&a;"><!ENTITY c "\&b;\&b;\&b;\&b;\&b;\&b;\&b;\&b;">]>&:; s:<name>image:<name>\&c;:'; neither "an entity bomb" InvalidManifest
whole; head -c 100M /dev/zero | tr '\0' ' ' >>"$bad/image.manifest.xml"; neither "a manifest of 100 MB" InvalidManifest; rm -r "$bad"

whole; edit "s:\(<type>machine</type><digest algorithm=\"SHA1\">\)[0-9a-f]*:\1$(sha1 </dev/null):"; resign; never "another digest of the image" InvalidManifest
whole; edit 's:<size>100000:<size>99999:'; resign; never "another size of the image" InvalidManifest
cp "$small" "$work/small2"
tar -C "$work" -cf "$work/small.tar" small small2 && fresh "$work/small.tar"; never "a tar of two members" InvalidManifest
ln -s /etc/passwd "$work/link"
tar -C "$work" -cf "$work/small.tar" link && fresh "$work/small.tar"; never "a link in the tar" InvalidManifest
tar -Pcf "$work/small.tar" "$small" && fresh "$work/small.tar"; never "an absolute name in the tar" InvalidManifest
head -c 60000 "$work/small.tar" >"$work/cut.tar" && fresh "$work/cut.tar"; never "a tar that is cut off" InvalidManifest
{ tar -C "$work" -cf - small; head -c 50M /dev/zero; } >"$work/small.tar"; fresh "$work/small.tar"; never "a bomb of zeros" InvalidManifest
tar -C "$work" -cf "$work/small.tar" small
rm -r "$bad"; mkdir "$bad"
gzip -1 <"$work/small.tar" | head -c 50000 | openssl enc -aes-128-cbc -K $aes -iv $iv >"$bad/image.part.00"
manifest_of "$bad" "$(sha1 <"$work/small.tar")" 100000; never "a gzip that is cut off" InvalidManifest
head -c 50000 /dev/urandom | openssl enc -aes-128-cbc -K $aes -iv $iv >"$bad/image.part.00"
manifest_of "$bad" "$(sha1 <"$work/small.tar")" 100000; never "no gzip at all" InvalidManifest
head -c 50001 /dev/urandom >"$bad/image.part.00"
manifest_of "$bad" "$(sha1 <"$work/small.tar")" 100000; never "nothing that AES could have made" InvalidManifest

# ---- refusals of bundling ----

remember
refused "a folder that isn't there" 1 InvalidParameterValue "$AMILAUNCH" image bundle "$small" --format raw --out "$work/nowhere"
refused "a prefix that leaves the folder" 1 InvalidParameterValue "$AMILAUNCH" image bundle "$small" --format raw --out "$work" --prefix ../x
refused "an account of 5 digits" 1 InvalidParameterValue "$AMILAUNCH" image bundle "$small" --format raw --out "$work" --user 12345
refused "a certificate without its key" 1 InvalidParameterCombination "$AMILAUNCH" image bundle "$small" --format raw --out "$work" --cert "$work/cert.pem"
refused "a key of another certificate" 1 InvalidParameterCombination "$AMILAUNCH" image bundle "$small" --format raw --out "$work" --cert "$work/cert.pem" --key "$work/other.pem"
refused "a key that is none" 1 InvalidParameterValue "$AMILAUNCH" image bundle "$small" --format raw --out "$work" --cert "$work/cert.pem" --key "$small"
refused "an instance that isn't there" 1 InvalidInstanceID.NotFound "$AMILAUNCH" image bundle i-12345678 --out "$work"
truncate -s 11G "$work/large"
refused "more than 10 GiB" 1 InvalidParameterValue "$AMILAUNCH" image bundle "$work/large" --format raw --out "$work"
rm "$work/large"
check "nothing is left of any" clean
truncate -s 10G "$work/empty"
check "10 GiB without content are bundled" "$AMILAUNCH" image bundle "$work/empty" --format raw --out "$work"
check "as next to nothing" test "$(cat "$work"/empty.part.* | wc -c)" -lt 100000
check "and unbundled" "$AMILAUNCH" image unbundle "$work/empty.manifest.xml" --out "$work/empty.raw"
check "as holes" test "$(stat -c '%s %b' "$work/empty.raw")" = "10737418240 0"
refused "a bundle that is there isn't replaced" 1 InvalidParameterValue "$AMILAUNCH" image bundle "$small" --format raw --out "$work" --prefix empty
rm -f "$work"/empty*

# ---- kill -9 ----

mkdir "$work/cut"
left=0
for moment in 0.02 0.1 0.3 0.6; do
    "$AMILAUNCH" image bundle "$raw" --format raw --out "$work/cut" --prefix cut >/dev/null 2>&1 &
    pid=$!
    sleep $moment
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    "$AMILAUNCH" image ls >/dev/null 2>&1
    [ -f "$work/cut/cut.manifest.xml" ] || [ -z "$(ls -A "$work/cut")" ] || left=$((left + 1))
    rm -rf "$work"/cut/cut.*
    [ -z "$(ls -A "$work/cut")" ] || left=$((left + 1))
done
check "a bundling that is cut off leaves nothing" test $left = 0
check "nor does it in HOME" test "$(bundles | wc -l)" = 1

# ---- its end ----

check "deregistered, it is gone" "$AMILAUNCH" image deregister "$ami"
check "with its bundle" test -z "$(bundles)"
check "and its template" test -z "$(templates)"
finish
