#!/bin/bash
# image bundle and unbundle, against tar, gzip and openssl
. "$(dirname "$0")/measure.sh"

readonly key=00112233445566778899aabbccddeeff level=6 # the level is what image bundle takes by itself
mkdir "$work/bundles"
image=$work/disk.raw
# A disk such as images are: programs and texts, and some that can't be compressed.
find /usr/bin /usr/lib -xdev -type f -size +16k -size -4M 2>/dev/null | sort | xargs -d '\n' cat 2>/dev/null | head -c 48M >"$image" || true
head -c 8M /dev/urandom >>"$image"
megabytes=$(($(stat -c %s "$image") / 1000000))

pipeline() { tar -C "$work" -cS disk.raw | gzip -$level | openssl enc -aes-128-cbc -K $key -iv $key >"$work/piped"; }
unpipeline() { openssl enc -d -aes-128-cbc -K $key -iv $key <"$work/piped" | gzip -d | tar -C "$work/bundles" -xf -; }
bundle() { "$AMILAUNCH" image bundle "$image" --format raw --out "$work/bundles" --prefix b --level $level; }
unbundle() { "$AMILAUNCH" image unbundle "$work/bundles/b.manifest.xml" --out "$work/back.raw"; }

ours() {
    rm -f "$work"/bundles/* "$work/back.raw"
    measure bundle bundle
    measure unbundle unbundle
    cmp "$image" "$work/back.raw" || give_up "what comes out of a bundle isn't what went in"
}
floor() {
    rm -f "$work"/bundles/*
    measure pipeline pipeline
    measure unpipeline unpipeline
}
bundle >"$work/first" 2>&1 || give_up "$(cat "$work/first")" # makes the keys, which is done once
begin_rounds 2 5 30
while another_round; do either ours floor; done
compare "image bundle, $megabytes MB" s bundle pipeline "<=1.1" "tar, gzip -$level and openssl enc"
compare "image unbundle, $megabytes MB" s unbundle unpipeline "<=1.2" "openssl enc -d, gzip -d and tar"
