#!/bin/bash
# Downloads the packages of the image once, signatures verified, and makes a local archive of them.
# usage: fetch.sh FOLDER; leaves FOLDER/debs, FOLDER/Packages, FOLDER/lock (name, version, SHA-256 of each) and
# FOLDER/date (of the archive, in seconds). What is there stays until FOLDER is removed: the image is made of that.
set -euo pipefail
. "$(dirname "$0")/common.sh"

folder=$(mkdir -p "$1" && readlink -f "$1")
state=$folder/apt
wanted=$release$'\n'$architecture$'\n'$(packages)
if [ -s "$folder/lock" ] && [ "$(cat "$folder/wanted" 2> /dev/null)" = "$wanted" ]; then
    exit 0
fi

site=$(archive)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
options=(-o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$state/state"
    -o Dir::Cache="$state/cache" -o Dir::Cache::archives="$folder/debs" -o Dir::State::status="$state/status"
    -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" -o APT::Sandbox::User=root
    -o APT::Install-Recommends=false -o Acquire::Languages=none)
mkdir -p "$state/state/lists/partial" "$state/cache" "$folder/debs/partial"
: > "$state/status"

# True when the archive's index under this name can be had, is rightly signed, and is that of the release.
index() {
    echo "deb [arch=$architecture signed-by=$keys] $site $1 main non-free-firmware" > "$state/sources.list"
    rm -rf "$state/state/lists"
    mkdir -p "$state/state/lists/partial"
    apt-get "${options[@]}" -o APT::Update::Error-Mode=any update > "$folder/update.log" 2>&1 &&
        grep -qx "Codename: $release" "$state"/state/lists/*_InRelease
}

mapfile -t names < <(packages)
# True when every package can be had under this name, too: a name may be whole while the files of another are being renewed.
download() {
    # Only what this list needs: what an earlier one left must not decide about the image.
    rm -rf "$folder/lock" "$folder/debs"
    mkdir -p "$folder/debs/partial"
    apt-get "${options[@]}" install --yes --download-only '?essential' "${names[@]}" > "$folder/download.log" 2>&1
}

found=
for suite in $suites; do
    if ! index "$suite"; then
        say "the archive's index of $architecture as '$suite' is not to be had, or is not $release's: $(grep -m 1 '^E:' "$folder/update.log" || true)"
        continue
    fi
    say "downloading packages ($release, as '$suite')"
    if download; then
        found=$suite
        break
    fi
    say "packages cannot be had as '$suite': $(grep -m 1 '^E:' "$folder/download.log" || true)"
done
[ -n "$found" ] || fail "no name of $release has an index for $architecture that can be verified, and all packages; see $folder/*.log"
(cd "$folder" && dpkg-scanpackages --arch "$architecture" --multiversion debs 2> /dev/null) > "$folder/Packages"
date --utc --date "$(sed -n 's/^Date: //p' "$state"/state/lists/*_InRelease)" +%s > "$folder/date"
sed -n 's/^Version: /Debian /p' "$state"/state/lists/*_InRelease > "$folder/version"
awk '/^Package:/ { name = $2 } /^Version:/ { version = $2 } /^SHA256:/ { print name, version, $2 }' "$folder/Packages" |
    LC_ALL=C sort > "$folder/lock.new"
echo "$wanted" > "$folder/wanted"
mv "$folder/lock.new" "$folder/lock"
say "$(wc -l < "$folder/lock") packages of $(cat "$folder/version")"
