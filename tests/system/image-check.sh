#!/bin/bash
# Looking into images for what should not be shared: an image in which everything is planted, and one in which
# nothing is. Neither is ever booted.
. "$(dirname "$0")/lib.sh"
export PATH=$PATH:/usr/sbin:/sbin

# ---- two systems without a program in them ----

tree() { # tree FOLDER: enough for libguestfs to see a Debian
    mkdir -p "$1"/{bin,boot,dev,etc/ssh/sshd_config.d,home,lib,proc,root,sbin,sys,tmp,usr/bin,usr/lib,var/lib/dpkg,var/log}
    printf 'ID=debian\nVERSION_ID="%s"\nPRETTY_NAME="Debian GNU/Linux %s"\n' "$2" "$2" >"$1/etc/os-release"
    echo "$2.1" >"$1/etc/debian_version"
    echo 'LABEL=root / ext4 defaults 0 1' >"$1/etc/fstab"
    printf 'root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n' >"$1/etc/passwd"
    printf 'root:*:1::::::\nme:!:1::::::\n' >"$1/etc/shadow"
    : >"$1/etc/machine-id"
    printf 'Include /etc/ssh/sshd_config.d/*.conf\n' >"$1/etc/ssh/sshd_config"
    echo 'PasswordAuthentication no' >"$1/etc/ssh/sshd_config.d/10-ours.conf"
    printf 'Package: dpkg\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n' >"$1/var/lib/dpkg/status"
    chmod 1777 "$1/tmp"
}

disk() { # disk FOLDER FILE: a partition of the tree and one of swap
    truncate -s 40M "$2.root" && mke2fs -q -t ext2 -L root -d "$1" "$2.root" &&
        truncate -s 64M "$2" && printf 'start=2048,size=81920,type=83\nstart=83968,type=82\n' | sfdisk -q "$2" &&
        dd if="$2.root" of="$2" bs=1M seek=1 conv=notrunc status=none &&
        truncate -s 8M "$2.swap" && mkswap -q "$2.swap" &&
        { [ ! -e "$1.pages" ] || dd if="$1.pages" of="$2.swap" bs=4096 seek=2 conv=notrunc status=none; } &&
        dd if="$2.swap" of="$2" bs=512 seek=83968 conv=notrunc status=none
}

work=$SCRATCH/check
mkdir "$work"
clean=$work/clean planted=$work/planted
umask 022
tree "$clean" 13
tree "$planted" 10
mkdir -p "$planted"/{root/.ssh,root/.aws,home/me/.ssh,home/guest,var/lib/cloud/instances/i-1,etc/ssl/private,usr/share}
echo 'ssh-ed25519 AAAA builder' >"$planted/root/.ssh/authorized_keys"
printf '# two\nssh-rsa AAAA a\ncommand="x" ssh-rsa AAAA b\n' >"$planted/home/me/.ssh/authorized_keys"
echo x >"$planted/etc/ssh/ssh_host_ed25519_key"
printf -- '-----BEGIN OPENSSH %s KEY-----\nsecret-word\n' PRIVATE >"$planted/home/me/.ssh/id_ed25519"
printf -- '-----BEGIN %s KEY-----\nsecret-word\n' PRIVATE >"$planted/etc/ssl/private/web.key"
echo 'mysql -psecret-word' >"$planted/root/.bash_history"
printf 'x\n' >"$planted/home/guest/.zsh_history"
printf 'root:$6$salt$secret-word:1::::::\nme:$1$salt$secret-word:1::::::\nguest::1::::::\n' >"$planted/etc/shadow"
printf 'PermitRootLogin yes\nPort 2222\nPasswordAuthentication no\n' >"$planted/etc/ssh/sshd_config"
printf 'PasswordAuthentication yes\n' >"$planted/etc/ssh/sshd_config.d/10-ours.conf"
sed -i '1i Include /etc/ssh/sshd_config.d/*.conf' "$planted/etc/ssh/sshd_config"
echo i-1 >"$planted/var/lib/cloud/instances/i-1/user-data.txt"
ln -s /var/lib/cloud/instances/i-1 "$planted/var/lib/cloud/instance"
echo 0123456789abcdef0123456789abcdef >"$planted/etc/machine-id"
echo x >"$planted/usr/bin/open" && chmod 4777 "$planted/usr/bin/open"
mkdir "$planted/etc/folder" && chmod 777 "$planted/etc/folder"
printf '[default]\naws_secret_access_key = secret-word\n' >"$planted/root/.aws/credentials"
echo 'export AWS_SECRET_ACCESS_KEY=secret-word' >"$planted/var/log/cloud-init-output.log"
echo x >"$planted/var/log/wtmp"
touch -d 2019-07-06 "$planted/var/lib/dpkg/status"
echo secret-word >"$planted.pages"
# What a hostile image could have: names that move the cursor or are commands, a pipe and a link that leads out.
echo x >"$planted/root/.$(printf '\033[2J')_history"
mkfifo "$planted/root/.pipe_history" "$planted/root/fifo.pem"
ln -s ../../../../../../../etc/hostname "$planted/root/out.key"

check "a system with everything" disk "$planted" "$work/planted.raw"
check "a system with nothing" disk "$clean" "$work/clean.raw"
# Looking into a file once more is what `image import` needs not do if it knows it; it costs half a minute.
ami=$(imported)
need "the sample is imported" "$ami"
check "known to the importer" know '{"architecture": "x86_64"}' "$(content_of raw "$work/planted.raw")" "$(content_of raw "$work/clean.raw")"
import() { "$AMILAUNCH" image import "$work/$1.raw" --format raw --name "$1" "${@:2}" | cut -d' ' -f1; }
bad=$(import planted --root-device-type instance-store)
need "imported, to instance store" "$bad"
good=$(import clean)
need "imported, to a snapshot" "$good"

# ---- what is found ----

report=$("$AMILAUNCH" image check "$bad" --json)
need "the report" "$report"
found() { jq -e --arg id "$1" --arg path "$2" '[.Findings[] | select(.Id == $id and (.Path // "") == $path)] | length >= 1' <<<"$report" >/dev/null || { jq -c '.Findings[]' <<<"$report"; return 1; }; }
while read -r id path; do
    check "found: $id $path" found "$id" "$path"
done <<'END'
authorized-keys /root/.ssh/authorized_keys
authorized-keys /home/me/.ssh/authorized_keys
host-key /etc/ssh/ssh_host_ed25519_key
private-key /home/me/.ssh/id_ed25519
private-key /etc/ssl/private/web.key
history /root/.bash_history
history /home/guest/.zsh_history
password /etc/shadow
empty-password /etc/shadow
root-login /etc/ssh/sshd_config
password-login /etc/ssh/sshd_config
ssh-port /etc/ssh/sshd_config
cloud-init /var/lib/cloud
machine-id /etc/machine-id
world-writable /usr/bin/open
world-writable /etc/folder
credentials /root/.aws/credentials
secret-in-log /var/log/cloud-init-output.log
login-records /var/log/wtmp
swap /dev/sda2
out-of-support 
old-packages /var/lib/dpkg/status
END
kinds() { jq -r '[.Findings[].Id] | unique | length' <<<"$report"; }
check "and nothing else" test "$(kinds)" = 18
check "no secret is repeated" eval '! grep -q secret-word <<<"$report"'
each_says() { jq -e 'all(.Findings[]; has("Mend") or has("Advice"))' <<<"$report"; }
check "each says how to mend it" each_says
check "nothing is in the way of the look" test "$(jq '.Notes | length' <<<"$report")" = 0
nothing_more() { [ -z "$(find "$AMILAUNCH_HOME" -name '*.inspection')" ]; }
check "nothing is left of it" nothing_more

# ---- the other one ----

text=$("$AMILAUNCH" image check "$good" --strict) && status=0 || status=$?
check "nothing is found in the other" test "$status" = 0
check "which is said" grep -q '^nothing was found' <<<"$text"

# ---- cut off, and refused ----

"$AMILAUNCH" image check "$bad" >/dev/null 2>&1 &
pid=$!
sleep 1
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
check "the next command" "$AMILAUNCH" image ls
check "takes away what a killed one left" nothing_more
check "no operation is left" test "$(sqlite3 "$AMILAUNCH_HOME/amilaunch.db" 'SELECT count(*) FROM operation')" = 0
refused "an image that isn't there" 1 InvalidAMIID.NotFound "$AMILAUNCH" image check ami-00000000000000000
refused "an id that is none" 1 InvalidAMIID.Malformed "$AMILAUNCH" image check sample
refused "another account's" 1 InvalidAMIID.NotFound "$AMILAUNCH" --account 999999999999 image check "$good"
finish
