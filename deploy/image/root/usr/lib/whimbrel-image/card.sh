# Sourced by the scripts beside it, which keep to "set -euo pipefail": where things are on a device that runs from the
# image, and how texts get to their place. The variables are for tests.
# shellcheck shell=bash disable=SC2034

boot=${WHIMBREL_BOOT:-/boot/firmware}
run=${WHIMBREL_RUN:-/run/whimbrel-image}
state=${WHIMBREL_STATE:-/var/lib/whimbrel-image}
share=${WHIMBREL_SHARE:-/usr/share/whimbrel}
root=${WHIMBREL_ROOT:-/}
root=${root%/}
# Opens and closes the boot partition for all who write there. Whoever opens it closes it on every way out: a power cut
# while it is writable may take the whole partition with it.
card=${WHIMBREL_CARD_PROGRAM:-/usr/libexec/whimbrel/card}
export WHIMBREL_CARD=$boot
umask 022

# A text without what moves a cursor or colours a terminal.
plain() { tr -d '\000-\010\013-\037\177'; }

# What somebody else said, safe to show.
printable() { plain | head -c 4000; }

# A text whose lines end as every editor shows them.
for_editors() { sed 's/$/\r/'; }

# usage: replace FILE, with the text on standard input: at once or not at all, the old one is whole until then. It works
# also where a failure does not end the script.
replace() {
    if cat > "$1.new" && sync "$1.new" && mv -T "$1.new" "$1"; then return; fi
    rm -f "$1.new" || true
    return 1
}

# usage: keep FILE TEXT...: the texts of a file, a line each; no file without any.
keep() {
    local file=$1
    shift
    if [ $# -gt 0 ]; then printf '%s\n' "$@" > "$file"; elif [ -e "$file" ]; then rm "$file"; fi
}

# usage: untouched NAME: whether a file of the boot partition is as the image has it. Its digest is in first.sum, as
# sha256sum writes it.
untouched() { (cd "$boot" && grep "  $1\$" "$state/first.sum" | sha256sum --check --status) 2> /dev/null; }
