#!/bin/bash
# Asks apt whether the package can be installed on releases and architectures that are not this machine's, from the
# archive's own lists: names and versions of what it depends on and recommends; and looks up what it suggests. Nothing
# is installed. Raspberry Pi OS for arm64 is Debian with packages of its own beside; that for armhf is built from the
# same sources for ARMv6. usage: depends.sh PACKAGE BUILD-FOLDER [SUITE/ARCHITECTURE...]
set -euo pipefail

package=$(readlink -f "$1")
build=$(mkdir -p "$2" && readlink -f "$2")
shift 2
[ $# -gt 0 ] || set -- bookworm/armel bookworm/armhf bookworm/arm64 trixie/armel trixie/armhf trixie/arm64

# shellcheck disable=SC2016  # the words are those of apt
site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort -u | head -n 1)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
bad=0

# usage: suggested NAME [>= VERSION], of the suite whose options are set.
suggested() {
    local name=${1%% *} wanted has
    wanted=$(sed -n 's/.*(>= *\(.*\))/\1/p' <<< "$1")
    has=$(apt-cache "${options[@]}" policy "$name" | sed -n 's/^ *Candidate: //p')
    if [ -z "$has" ] || [ "$has" = "(none)" ]; then
        echo "  suggested, not there: $name"
    elif [ -n "$wanted" ] && dpkg --compare-versions "$has" lt "$wanted"; then
        echo "  suggested, too old: $name $has, wanted $wanted"
        bad=1
    fi
}

for where; do
    suite=${where%/*} architecture=${where#*/} state=$build/$suite-$architecture
    options=(-o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$state/state"
        -o Dir::Cache="$state/cache" -o Dir::State::status="$state/status" -o APT::Architecture="$architecture"
        -o APT::Architectures::="$architecture" -o APT::Sandbox::User=root -o Acquire::Languages=none)
    mkdir -p "$state/state/lists/partial" "$state/cache/archives/partial"
    : > "$state/status"
    echo "deb [arch=$architecture signed-by=$keys] $site $suite main" > "$state/sources.list"
    apt-get "${options[@]}" -qq update
    if apt-get "${options[@]}" install --simulate -o APT::Install-Recommends=true "$package" > "$state/log" 2>&1; then
        echo "$where: it can be installed, with $(grep -c '^Inst ' "$state/log") packages:" \
            "$(sed -n -E 's/^Inst (python3|python3-gpiozero|python3-luma\.lcd|systemd) \(([^ ]*).*/\1 \2/p' "$state/log" | paste -sd, | sed 's/,/, /g')"
    else
        echo "$where: it cannot be installed: $(grep -E '^E:| Depends:' "$state/log" | paste -sd' ')"
        bad=1
    fi
    while read -r name; do suggested "$name"; done < <(dpkg-deb -f "$package" Suggests | tr ',' '\n' | sed 's/^ *//; /^$/d')
done
exit "$bad"
