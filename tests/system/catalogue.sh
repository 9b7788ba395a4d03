#!/bin/bash
# Finding and tagging, as a person with `aws ec2` in the fingers would; hostile values; 100,000 images. No guest runs.
. "$(dirname "$0")/lib.sh"
# Where nothing else is; of no use to others.
AMILAUNCH_HOME=$SCRATCH/catalogue

ours() { "$AMILAUNCH" "$@"; }
json() { "$AMILAUNCH" "${@:2}" --json | jq -r "$1"; }
has() { grep -qF -- "$2" <<<"$1" || { printf '%s\n' "$1"; return 1; }; }
says() { local wanted=$1 got; shift; got=$("$@" 2>&1); [ "$got" = "$wanted" ] || { echo "said '$got', not '$wanted'"; return 1; }; }
none() { [ -z "$("$@" 2>/dev/null)" ]; }

check "an empty catalogue says what to do" has "$(ours image ls)" "amilaunch image import"

# ---- images of several owners, put there as bundles, imports and copies would ----
fill() { # fill IMAGES: a tenth one's own, a tenth amazon's, the rest everybody's
    sqlite3 "$AMILAUNCH_HOME/amilaunch.db" <<SQL
PRAGMA synchronous = OFF;
BEGIN;
CREATE TEMP TABLE made AS WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1)
    SELECT n, printf('%017x', n) AS hex, CASE n % 10 WHEN 1 THEN '123456789012' WHEN 2 THEN '137112412989' ELSE '222222222222' END AS owner FROM n;
INSERT INTO snapshot (id, state, size_gib, started, owner, region) SELECT 'snap-' || hex, 'completed', 8, n, owner, 'us-east-1' FROM made;
INSERT INTO image (id, name, state, architecture, virtualization, root_device_type, root_device, content, owner, region, created, public)
    SELECT 'ami-' || hex, 'image-' || n, 'available', CASE n % 3 WHEN 0 THEN 'i386' ELSE 'x86_64' END, 'hvm', 'ebs', '/dev/sda1', 'none',
        owner, 'us-east-1', 1300000000 + n, n % 10 != 1 FROM made;
INSERT INTO image_mapping (image, position, device, snapshot, size_gib, volume_type, delete_on_termination)
    SELECT 'ami-' || hex, 0, '/dev/sda1', 'snap-' || hex, 8, 'gp2', 1 FROM made;
COMMIT;
SQL
}
fill 30
mine=ami-00000000000000001 amazons=ami-00000000000000002 others=ami-00000000000000003
names() { json '[.Images[].Name] | join(" ")' image ls "$@"; }

check "newest first" says "image-21 image-11 image-1" names --owner self
check "by an alias" says "image-22 image-12 image-2" names --owner amazon --filter name=image-type,values=machine
check "amazon's kernel images are among its images" says "pv-grub-hd0_1.05-x86_64.gz pv-grub-hd0_1.04-x86_64.gz" \
    names --owner amazon --filter name=name,values='pv-grub-hd0_*-x86_64.gz'
check "but not among all" says 0 json '.Images | length' image ls --filter name=name,values='pv-grub-*'
check "as aws has it" says "image-22 image-2" names --filters 'Name=name,Values=image-2,image-22,image-4*' --filters 'Name=owner-alias,Values=amazon'
check "two architectures, no architecture twice" says 30 json '.Images | length' image ls --filter name=architecture,values=x86_64,i386,i386
check "the console's views" says "image-21 image-11 image-1" names --view mine
check "quick start" says "image-22 image-12 image-2" names --view quickstart
check "nobody's private images" says 27 json '.Images | length' image ls --account 333333333333
check "nor in another region" says 0 json '.Images | length' image ls --region eu-west-1

# ---- tags ----
check "tags" ours tag add $mine ami-0000000000000000b --tag Stage=test --tag "Key=of what,Value=a=b, c"
check "found by one" says "image-11 image-1" names --filter name=tag:Stage,values=te?t
check "by a value with a comma" says "image-11 image-1" names --filter 'name=tag:of what,values="a=b, c"'
check "shown" has "$(ours image show $mine)" "of what = a=b, c"
check "in JSON" says "Stage=test" json '.Images[0].Tags[] | select(.Key == "Stage") | .Key + "=" + .Value' image show $mine
check "tags of others" ours tag add $amazons --tag Theirs=1 --account 137112412989
check "are theirs only" says null json '.Images[] | select(.ImageId == "'$amazons'") | .Tags' image ls
check "to see and to find" says 0 json '.Images | length' image ls --filter name=tag-key,values=Theirs
check "changed" ours tag add $mine --tag Stage=live
check "taken away where that is its value" ours tag rm $mine ami-0000000000000000b --tag Stage=test
check "so one is left" says "image-1" names --filter name=tag-key,values=Stage
refused "others' images can't be tagged" 1 AuthFailure ours tag add $others --tag a=b
refused "nor what isn't there" 1 InvalidAMIID.NotFound ours tag add ami-12345678 --tag a=b
refused "nor what has no tags" 1 InvalidID ours tag add aki-12345678 --tag a=b
refused "keys that are Amazon's" 1 InvalidParameterValue ours tag add $mine --tag aws:a=b
refused "too many" 1 TagLimitExceeded ours tag add $mine $(for i in {1..51}; do echo "--tag k$i=v"; done)
check "all or nothing" none grep k1 <(ours image show $mine)

# ---- what can't be asked ----
refused "an unknown filter" 1 InvalidParameterValue ours image ls --filter name=colour,values=red
check "by its name" has "$(ours image ls --filter name=colour,values=red 2>&1)" "The filter 'colour' is invalid"
for filter in state state=available name=state name=,values=x 'name=state;values=x' '[{"Name":"state"}]' ''; do
    refused "no filter: '$filter'" 1 InvalidParameterValue ours image ls --filter "$filter"
done
for command in ls 'volume ls' 'snapshot ls' 'type ls'; do
    # shellcheck disable=SC2086
    refused "$command: an unknown filter" 1 InvalidParameterValue ours $command --filter name=colour,values=red
done
refused "10,000 values" 1 FilterLimitExceeded ours image ls --filter "name=name,values=$(seq -s, 10000)"
refused "a value of 100,000 letters" 1 InvalidParameterValue ours image ls --filter "name=name,values=$(head -c 100000 /dev/zero | tr '\0' x)"
refused "51 filters" 1 FilterLimitExceeded ours image ls $(for i in {1..51}; do echo "--filter name=name,values=$i"; done)
for value in "'" "''" '"' "' OR '1'='1" "x'); DROP TABLE image; --" '%' '_%' '[a-z]*' '[' ']' '\' '\*' '?1' '$(id)' $'a\nb' '*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b'; do
    check "finds nothing: $(printf %q "$value")" none ours image ls --ids --filter "name=name,values=$value"
    check "nor as a key: $(printf %q "$value")" none ours image ls --ids --filter "name=tag:$value,values=x"
done
check "all are still there" says 30 json '.Images | length' image ls
refused "201 owners" 1 FilterLimitExceeded ours image ls $(for i in {1..201}; do echo "--owner self"; done)
refused "201 users" 1 FilterLimitExceeded ours image ls $(for i in {1..201}; do echo "--executable-by self"; done)
check "but 200" says 0 json '.Images | length' image ls $(for i in {1..200}; do echo "--executable-by self"; done)
check "50 filters of 200 values" says 30 json '.Images | length' image ls \
    $(for i in {1..50}; do echo "--filter name=block-device-mapping.volume-size,values=$(seq -s, 100),$(seq -s'*,' 99)*,8"; done)
refused "an owner that is none" 1 InvalidUserID.Malformed ours image ls --owner nobody
refused "a view that is none" 1 InvalidParameterValue ours image ls --view nice

# ---- a large catalogue ----
rm -r "$AMILAUNCH_HOME"
ours image ls >/dev/null
fill 100000
bare() {
    sqlite3 "$AMILAUNCH_HOME/amilaunch.db" "SELECT id, name, state, architecture, virtualization, root_device_type, owner, created
        FROM image WHERE region = 'us-east-1' AND binned = 0 AND (owner = '123456789012' OR (state = 'available' AND
        (public != 0 OR id IN (SELECT resource FROM permission WHERE account = '123456789012')))) AND state != 'disabled' AND
        (owner = '123456789012' OR deprecated = 0 OR deprecated > unixepoch()) AND $1 ORDER BY created DESC, id"
}
same() { # same FILTER CONDITION
    diff <(bare "$2" | cut -d'|' -f1) <(ours image ls --ids --filter "$1")
}
check "100,000 images: by name" same 'name=name,values=image-*77' "name GLOB 'image-*77'"
check "by owner" same name=owner-id,values=123456789012 "owner = '123456789012'"
check "by architecture" same name=architecture,values=i386 "architecture = 'i386'"
check "by a mapping" same "name=block-device-mapping.snapshot-id,values=snap-00000000000000002" \
    "id IN (SELECT image FROM image_mapping WHERE snapshot = 'snap-00000000000000002')"
rm -r "$AMILAUNCH_HOME"
finish
