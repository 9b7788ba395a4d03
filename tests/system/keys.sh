#!/bin/bash
# Key pairs as ssh-keygen and openssl see them. No guest is needed.
. "$(dirname "$0")/lib.sh"
mkdir -p "$SCRATCH"
cd "$SCRATCH" || exit
keys() { "$AMILAUNCH" key "$@"; }
field() { keys ls --json --filter "name=key-name,values=$1" | jq -r ".KeyPairs[0].$2"; }
kept() { echo "$AMILAUNCH_HOME/keys/$(field "$1" KeyPairId).pem"; }
mode() { stat -c %a "$1"; }
same() { if [ -z "$1" ] || [ "$1" != "$2" ]; then echo "'$1' is not '$2'"; return 1; fi; }
sha1() { openssl pkcs8 -in "$1" -topk8 -nocrypt -outform DER | openssl sha1 -c | sed 's/.*= //'; }
md5() { openssl rsa -in "$1" -pubout -outform DER 2>/dev/null | openssl md5 -c | sed 's/.*= //'; }
sha256() { ssh-keygen -l -f "$1" | sed 's/.*SHA256:\([^ ]*\) .*/\1=/'; }

# ---- made here ----

check "an RSA pair is made" keys create "first key"
check "its private key is PKCS#1 in PEM" grep -qx -- '-----BEGIN RSA PRIVATE KEY-----' "$(kept "first key")"
check "... for its owner only" same "$(mode "$(kept "first key")") $(mode "$AMILAUNCH_HOME/keys")" "600 700"
check "its fingerprint is SHA-1 of the private key" same "$(field "first key" KeyFingerprint)" "$(sha1 "$(kept "first key")")"
check "an ED25519 pair goes to a file" keys create ed --type ed25519 --output ed.pem
check "... for its owner only" same "$(mode ed.pem)" 600
check "... and nowhere else" test ! -e "$(kept ed)"
check "its fingerprint is ssh-keygen's" same "$(field ed KeyFingerprint)" "$(sha256 ed.pem)"
material=$(keys create told --type ed25519 --json | jq -r .KeyMaterial)
check "--json tells the private key" same "$(ssh-keygen -y -f /dev/stdin <<<"$material" 2>/dev/null || { umask 077 && echo "$material" >told.pem && ssh-keygen -y -f told.pem; })" "$(ssh-keygen -y -f "$(kept told)")"
refused "a name is an account's once" 1 InvalidKeyPair.Duplicate keys create ed
refused "a private key is written over nothing" 1 InvalidParameterValue keys create other --output ed.pem
refused "there are two types" 1 InvalidParameterValue keys create other --type dsa
refused "a place that can't be written to is refused" 3 Host.Disk keys create lost --output "$SCRATCH/no/where"
check "... before a key was made" same "$(keys ls --json | jq '[.KeyPairs[] | select(.KeyName == "lost")] | length')" 0

# ---- brought along ----

ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -C "somebody's" -f own
check "a public key is imported" keys import own own.pub
check "its fingerprint is MD5 of the public key" same "$(field own KeyFingerprint)" "$(md5 own)"
for form in RFC4716 PKCS8 PEM; do
    ssh-keygen -e -m $form -f own.pub >own.$form
    check "... in the form $form, on standard input" eval "keys import own-$form - <own.$form"
    check "... it is the same" same "$(field own-$form KeyFingerprint)" "$(field own KeyFingerprint)"
done
refused "a private key isn't taken" 1 InvalidKey.Format keys import private own
ssh-keygen -q -t ecdsa -N '' -f ec
refused "other types aren't" 1 InvalidKey.Format keys import ec ec.pub
head -c 1M /dev/zero | tr '\0' A >long
refused "a line of 1 MiB isn't" 1 InvalidKey.Format keys import long long
refused "a device that never ends isn't" 1 InvalidKey.Format keys import zero /dev/zero
printf 'ssh-rsa AAAA\0BBBB\n' >nul
refused "a NUL isn't" 1 InvalidKey.Format keys import nul nul
refused "a file that isn't there isn't" 3 Host.Disk keys import none none

# ---- whose ----

check "others don't see them" eval '[ -z "$(keys --account 210987654321 ls --json | jq -r ".KeyPairs[].KeyName")" ]'
refused "... nor delete them" 1 InvalidKeyPair.NotFound "$AMILAUNCH" --account 210987654321 key rm ed
check "they are tagged" "$AMILAUNCH" tag add "$(field ed KeyPairId)" --tag Stage=test
check "... and found by that" same "$(keys ls --json --filter name=tag:Stage,values=test | jq -r '.KeyPairs[].KeyName')" ed
file=$(kept told)
check "one is deleted by its name, one by its id" keys rm told "$(field own KeyPairId)"
check "... with the private key" test ! -e "$file"
refused "what isn't there can't be deleted" 1 InvalidKeyPair.NotFound keys rm "first key" told
check "... and then nothing is" test -e "$(kept "first key")"
check "nothing is left of the work" eval '! ls -d "$AMILAUNCH_HOME"/keys/op-*'
finish
