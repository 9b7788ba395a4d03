#!/bin/bash
# A Debian with cloud-init, restricted to the Ec2 datasource: it comes up as on EC2, and lets its owner in. Booted once for all
# that needs such a guest. From the environment, beside what lib.sh needs:
#   CLOUD  the image that scripts/cloud-ami makes; made here if it isn't there
. "$(dirname "$0")/lib.sh"

need "openssl is there" "$(command -v openssl)"
cloud=${CLOUD:-}
[ -n "$cloud" ] || { cloud=$SCRATCH/cloud.qcow2 && "$(dirname "$0")/../../scripts/cloud-ami" -o "$cloud" >/dev/null; }
ami=$("$AMILAUNCH" image import "$cloud" --name debian-cloud | cut -d' ' -f1)
need "the Debian is imported" "$ami"
check "it is known to be one" eval '"$AMILAUNCH" image show "$ami" | grep -q "Debian GNU/Linux 12"'
mkdir -p "$SCRATCH/keys"
check "a key pair" "$AMILAUNCH" key create mine --output "$SCRATCH/keys/mine.pem"

cat >"$SCRATCH/user-data" <<'END'
#cloud-config
write_files:
  - path: /etc/amilaunch-test
    content: written by cloud-init
runcmd:
  - echo "run at the first boot" >/var/tmp/ran
END
id=$("$AMILAUNCH" run "$ami" --type t3.micro --memory-limit 512M --key mine --user-data "$SCRATCH/user-data" --imds-tags \
    --map /dev/sda1=:3 --tag Name=debian --tag Stage=test --json | jq -r '.Instances[0].InstanceId')
need "an instance of it" "$id"
described() { "$AMILAUNCH" show "$id" --json | jq -r ".Reservations[0].Instances[0] | $1"; }
inside() { timeout 1500 "$AMILAUNCH" ssh "$id" --timeout 1200 -i "$SCRATCH/keys/mine.pem" -- "$@" 2>"$SCRATCH/ssh.err"; }

# ---- its first boot ----

address=$(described .PrivateIpAddress)
host=ip-${address//./-}
# The first login waits for the guest; the command for cloud-init to be done.
status=$(inside cloud-init status --wait --long </dev/null) || { cat "$SCRATCH/ssh.err"; "$AMILAUNCH" log "$id" | tail -n 30; } | sed 's/^/# /'
check "ssh lets its owner in" test -n "$status"
check "cloud-init is done" grep -qx 'status: done' <<<"$status"
check "its datasource is EC2's" grep -Eq 'DataSourceEc2' <<<"$status"
facts=$(inside 'hostname; cloud-id; whoami; cat /etc/amilaunch-test /var/tmp/ran; echo; df --output=size -BM / | tail -n 1; cat /etc/ssh/ssh_host_ed25519_key.pub;
    cat /run/cloud-init/result.json' </dev/null)
has() { grep -Eq -- "$1" <<<"$facts" || { echo "$facts"; return 1; }; }
check "ssh I -- hostname gives the address's name" has "^$host\$"
check "cloud-id is aws" has '^aws$'
check "who logs in is admin" has '^admin$'
check "the user data's file is there" has '^written by cloud-init'
check "and its command was run" has 'run at the first boot$'
check "the root has grown to its volume" has '^ *2[89][0-9][0-9]M$'
check "no error in any stage" has '"errors": \[\]'
host_key=$(grep '^ssh-ed25519 ' <<<"$facts" | cut -d' ' -f2)
check "the guest's key was learned from its console" grep -qF "${host_key:-none}" "$AMILAUNCH_HOME/instances/$id/known_hosts"
fails_as_told() { inside exit 7 </dev/null; [ $? = 7 ]; }
check "ssh's exit status is the command's" fails_as_told

# ---- what the metadata service answers ----

mac=$(described '.NetworkInterfaces[0].MacAddress')
card=latest/meta-data/network/interfaces/macs/$mac
key=$(ssh-keygen -y -f "$SCRATCH/keys/mine.pem" | cut -d' ' -f1,2)
name="$host\\.ec2\\.internal"
# PATH STATUS REGEX: the regex is that of all of the answer, its lines joined. Source: Amazon EC2 User Guide, "Instance metadata
# categories" and "Instance identity documents".
cat >"$SCRATCH/table" <<END
 200 1\.0 2007-01-19 .*latest
latest/ 200 dynamic meta-data user-data
latest/meta-data/ 200 ami-id ami-launch-index ami-manifest-path block-device-mapping/ .*hostname .*network/ placement/ .*tags/
latest/meta-data/ami-id 200 $ami
latest/meta-data/ami-launch-index 200 0
latest/meta-data/ami-manifest-path 200 \(unknown\)
latest/meta-data/block-device-mapping/ 200 ami root
latest/meta-data/block-device-mapping/ami 200 (/dev/)?(sda1|xvda)
latest/meta-data/block-device-mapping/root 200 /dev/(sda1|xvda)
latest/meta-data/events/maintenance/history 200 \[\]
latest/meta-data/events/maintenance/scheduled 200 \[\]
latest/meta-data/events/recommendations/rebalance 404 .*
latest/meta-data/hibernation/configured 200 false
latest/meta-data/hostname 200 $name
latest/meta-data/iam/info 404 .*
latest/meta-data/iam/security-credentials/ 404 .*
latest/meta-data/instance-action 200 none
latest/meta-data/instance-id 200 $id
latest/meta-data/instance-life-cycle 200 on-demand
latest/meta-data/instance-type 200 t3\.micro
latest/meta-data/kernel-id 404 .*
latest/meta-data/local-hostname 200 $name
latest/meta-data/local-ipv4 200 $address
latest/meta-data/mac 200 $mac
latest/meta-data/metrics/vhostmd 200 <\?xml version="1\.0" encoding="UTF-8"\?>
latest/meta-data/network/interfaces/macs/ 200 $mac/
$card/ 200 device-number interface-id .*vpc-ipv4-cidr-blocks
$card/device-number 200 0
$card/interface-id 200 $(described '.NetworkInterfaces[0].NetworkInterfaceId')
$card/ipv6s 404 .*
$card/local-hostname 200 $name
$card/local-ipv4s 200 $address
$card/mac 200 $mac
$card/owner-id 200 123456789012
$card/public-ipv4s 404 .*
$card/security-group-ids 200 $(described '.SecurityGroups[0].GroupId')
$card/security-groups 200 default
$card/subnet-id 200 $(described .SubnetId)
$card/subnet-ipv4-cidr-block 200 172\.31\.0\.0/20
$card/vpc-id 200 $(described .VpcId)
$card/vpc-ipv4-cidr-block 200 172\.31\.0\.0/16
$card/vpc-ipv4-cidr-blocks 200 172\.31\.0\.0/16
latest/meta-data/placement/ 200 availability-zone availability-zone-id region
latest/meta-data/placement/availability-zone 200 $(described .Placement.AvailabilityZone)
latest/meta-data/placement/availability-zone-id 200 use1-az[1-6]
latest/meta-data/placement/group-name 404 .*
latest/meta-data/placement/region 200 us-east-1
latest/meta-data/product-codes 404 .*
latest/meta-data/profile 200 default-hvm
latest/meta-data/public-hostname 404 .*
latest/meta-data/public-ipv4 404 .*
latest/meta-data/public-keys/ 200 0=mine
latest/meta-data/public-keys/0/ 200 openssh-key
latest/meta-data/public-keys/0/openssh-key 200 $(sed 's/[+.]/\\&/g' <<<"$key") mine
latest/meta-data/ramdisk-id 404 .*
latest/meta-data/reservation-id 200 $("$AMILAUNCH" show "$id" --json | jq -r '.Reservations[0].ReservationId')
latest/meta-data/security-groups 200 default
latest/meta-data/services/ 200 domain partition
latest/meta-data/services/domain 200 amazonaws\.com
latest/meta-data/services/partition 200 aws
latest/meta-data/spot/instance-action 404 .*
latest/meta-data/spot/termination-time 404 .*
latest/meta-data/system 200 nitro
latest/meta-data/tags/instance/ 200 Name Stage
latest/meta-data/tags/instance/Name 200 debian
latest/meta-data/tags/instance/Stage 200 test
latest/meta-data/tags/instance/Other 404 .*
latest/meta-data/no-such-thing 404 .*
latest/dynamic/ 200 .*instance-identity/.*
latest/dynamic/instance-identity/document 200 \{.*"imageId" : "$ami".*"instanceId" : "$id".*\}
latest/dynamic/instance-identity/pkcs7 200 [A-Za-z0-9+/= ]+
latest/dynamic/instance-identity/rsa2048 200 [A-Za-z0-9+/= ]+
latest/dynamic/instance-identity/signature 200 [A-Za-z0-9+/= ]+
latest/user-data 200 #cloud-config write_files: .*ran
1.0/meta-data/instance-id 200 $id
2009-04-04/meta-data/instance-id 200 $id
2021-03-23/meta-data/instance-id 200 $id
2021-03-24/meta-data/instance-id 404 .*
END

# One curl for all: to start one takes an emulated guest half a second.
urls() {
    local number=0 path
    while IFS= read -r path; do
        number=$((number + 1))
        printf 'url = "http://169.254.169.254/%s"\noutput = "%s"\n' "${path%% *}" $number
    done <"$SCRATCH/table"
    printf 'write-out = "%%{http_code}\\n"\n'
}
fetched() { # fetched VERSION: all of the table, asked for without a token, or with one
    local header='' folder=$SCRATCH/$1
    [ "$1" = v1 ] || header='-H "X-aws-ec2-metadata-token: $(curl -s -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 300" http://169.254.169.254/latest/api/token)"'
    mkdir -p "$folder"
    urls | inside "mkdir -p /tmp/$1 && cd /tmp/$1 && curl -s $header -K - >codes; tar -c ." | tar -x -C "$folder"
}
answers() { # answers VERSION NUMBER STATUS REGEX
    local status body
    status=$(sed -n "$2p" "$SCRATCH/$1/codes")
    body=$(tr '\n' ' ' <"$SCRATCH/$1/$2" | sed 's/ $//')
    [ "$status" = "$3" ] && grep -Eqx -- "$4" <<<"$body" || { echo "$status: $body"; return 1; }
}
check "there are 60 paths at least" test "$(wc -l <"$SCRATCH/table")" -ge 60
for version in v1 v2; do
    check "$version: all are asked for" fetched $version
    number_of_path=0
    while IFS= read -r line; do
        number_of_path=$((number_of_path + 1))
        path=${line%% *}
        read -r status regex <<<"${line#* }"
        check "$version: /$path" answers $version $number_of_path "$status" "$regex"
    done <"$SCRATCH/table"
done

document=$(grep -n '/document ' "$SCRATCH/table" | cut -d: -f1)
signed_by_home() {
    { echo '-----BEGIN PKCS7-----'; cat "$SCRATCH/v2/$((document + 1))"; echo; echo '-----END PKCS7-----'; } >"$SCRATCH/pkcs7"
    openssl smime -verify -in "$SCRATCH/pkcs7" -inform PEM -certfile "$AMILAUNCH_HOME/identity.pem" -noverify |
        cmp - "$SCRATCH/v2/$document"
}
check "HOME's certificate says that the identity document is genuine" signed_by_home

check "terminate" "$AMILAUNCH" terminate --force "$id"
check "nothing is left" nothing_left
finish
