# shellcheck shell=bash
# Runs in a clean system with /old.deb and /new.deb: what a person does with a package, and what must come of it.
set -u
settings=/etc/whimbrel/whimbrel.yaml
examples=/usr/share/doc/whimbrel/examples

pass() { echo "PASS $*"; }
check() { # check WHAT COMMAND...
    local what=$1
    shift
    if "$@"; then pass "$what"; else echo "FAIL $what"; fi
}
install() { apt-get install --yes --no-install-recommends --allow-downgrades -o Dpkg::Options::=--force-confold "$1"; }
# What the system is made of, less what changes by itself: logs, caches, and the states of dpkg and apt.
inventory() {
    find / -xdev \( -path /proc -o -path /dev -o -path /run -o -path /sys -o -path /tmp -o -path /var/cache -o -path /var/log \
        -o -path /var/lib/dpkg -o -path /var/lib/apt -o -name '*.deb' \) -prune -o -printf '%y %m %u %g %p\n' | sort
    find /var/cache /var/log -maxdepth 1 ! -name dpkg.log | sort
    find /var/lib/dpkg/info -name 'whimbrel*'
    sort /etc/passwd /etc/group
    sort /etc/shadow /etc/gshadow 2> /dev/null | cut -d: -f1,2
}
without_backups() { grep -v ' /etc/\(passwd\|group\|shadow\|gshadow\)-\?$\| /etc/\.pwd\.lock$\| /etc$' "$1"; }
says() { # says WANTED-STATUS WANTED-TEXT COMMAND...
    local status=0 wanted=$1 text=$2 said
    shift 2
    said=$("$@" 2>&1) || status=$?
    printf '%s\n' "$said"
    [ "$status" = "$wanted" ] && [[ $said == *"$text"* ]]
}
quiet() {
    local said
    said=$("$@" 2>&1) && [ -z "$said" ] && return
    printf '%s\n' "$said"
    return 1
}
as_user() { setpriv --reuid=whimbrel --regid=whimbrel --init-groups env HOME=/nonexistent XDG_CACHE_HOME=/tmp "$@"; }
wait_for() { # wait_for SECONDS COMMAND...
    local left=$(($1 * 2))
    shift
    until "$@" > /dev/null 2>&1; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.5
    done
}

inventory > /tmp/before
check "an old version is installed" install /old.deb
check "its settings are there" grep -q 'of an old version' $settings
check "the service is enabled" test -L /etc/systemd/system/multi-user.target.wants/whimbrel.service

install /new.deb > /tmp/upgrade
check "an upgrade takes new settings where nobody has changed them" grep -qv 'of an old version' <(head -1 $settings)
install /old.deb > /dev/null
sed -i 's/^  logger:/  logger: {level: notice}/' $settings
printf '# mine\n' >> $settings
rm /etc/systemd/system/multi-user.target.wants/whimbrel.service
check "an upgrade goes through with changed settings" install /new.deb
check "the changed settings survive" grep -q '^# mine' $settings
check "the new ones lie beside them" test -f $settings.dpkg-dist
check "a service that was disabled stays so" test ! -e /etc/systemd/system/multi-user.target.wants/whimbrel.service
check "installing it again changes nothing" install /new.deb
check "the postinst can be run again" dpkg-reconfigure -fnoninteractive whimbrel
rm -f $settings.dpkg-dist

check "the version" says 0 "whimbrel $(dpkg-query -Wf '${source:Upstream-Version}' whimbrel)" whimbrel --version
check "the user has the groups of the devices" says 0 "gpio i2c spi" sh -c 'id -nG whimbrel | tr " " "\n" | sort | paste -sd" "'
check "what speaks IP has a user of its own, which may only look" says 0 "whimbrel-look whimbrel-reach" \
    sh -c 'id -nG whimbrel-reach | tr " " "\n" | sort | paste -sd" "'
check "it is enabled" test -L /etc/systemd/system/multi-user.target.wants/whimbrel-reach.service
check "it has nothing to do by the settings of the package" says 0 "nothing to do" whimbrel reach
check "check finds the settings right, and no radio" says 6 "radio" whimbrel check
check "the demonstration's settings are right" says 0 "right" whimbrel check --config $examples/demo-headless.yaml
check "the settings of the HATs are right where there is hardware" says 6 "radio" whimbrel check -c $examples/adafruit-oled-bonnet.yaml
check "the recovery command of the package is in force" says 0 "/run/whimbrel/recover" whimbrel config
check "recovery refuses what is no radio" says 1 "not the name" /usr/libexec/whimbrel/recover ../../etc

as_user whimbrel run --config $examples/demo-headless.yaml > /tmp/run.log 2>&1 &
daemon=$!
check "the demonstration is heard" wait_for 60 sh -c 'whimbrel survey --socket /tmp/whimbrel-demo.sock | grep -q "WPA"'
check "it tells its status" says 0 "ready" whimbrel modules --socket /tmp/whimbrel-demo.sock
kill -TERM $(pgrep -u whimbrel -f 'whimbrel run')
wait $daemon
check "it ends in order when told to" test $? = 0
tail -5 /tmp/run.log

# The scores of systemd's own; ours is the one that is shipped.
score=$(systemd-analyze security --offline=true --no-pager /usr/lib/systemd/system/whimbrel.service 2>&1 | tail -1)
echo "NOTE $score"
check "systemd-analyze security says 1.5 or lower" systemd-analyze security --offline=true --threshold=15 --no-pager \
    /usr/lib/systemd/system/whimbrel.service
check "and of the radio's helper 2.0 or lower" systemd-analyze security --offline=true --threshold=20 --no-pager \
    /usr/lib/systemd/system/whimbrel-radio.service
check "and of reach 1.5 or lower" systemd-analyze security --offline=true --threshold=15 --no-pager \
    /usr/lib/systemd/system/whimbrel-reach.service
check "systemd-analyze verify has nothing to say" quiet systemd-analyze verify --man=no \
    /usr/lib/systemd/system/whimbrel.service /usr/lib/systemd/system/whimbrel-recover.service \
    /usr/lib/systemd/system/whimbrel-reach.service /usr/lib/systemd/system/whimbrel-recover.path \
    /usr/lib/systemd/system/whimbrel-radio.service /usr/lib/systemd/system/whimbrel-radio.socket
check "the completion of bash loads" bash -c '. /usr/share/bash-completion/completions/whimbrel && complete -p whimbrel'

# install.sh, on a board without raspi-config and then with one.
mkdir -p /boot/firmware && printf '[pi4]\narm_boost=1\n' > /boot/firmware/config.txt
by_script() { bash /install.sh "$@" /new.deb; }
check "install.sh keeps settings that somebody has changed" says 0 "is your own" by_script --hat bonnet --country GB
check "and really does" grep -q '^# mine' $settings
check "it switches the bus on, for all models" test "$(tail -2 /boot/firmware/config.txt)" = $'[all]\ndtparam=i2c_arm=on'
check "it keeps the country" grep -q 'ieee80211_regdom=GB' /etc/modprobe.d/whimbrel-country.conf
check "it can be run again" by_script --hat bonnet --i2c --country GB
check "and adds nothing twice" test "$(grep -c i2c_arm /boot/firmware/config.txt)" = 1
printf '#!/bin/sh\necho "$*" >> /tmp/raspi-config\n' > /usr/bin/raspi-config && chmod +x /usr/bin/raspi-config
apt-get purge --yes whimbrel > /dev/null
check "install.sh takes the settings of a HAT where there are none" by_script --hat waveshare --country DE
check "which are those" cmp $settings $examples/waveshare-oled-hat.yaml
check "it asks raspi-config where there is one" test "$(sort -u /tmp/raspi-config | paste -sd,)" = \
    "nonint do_spi 0,nonint do_wifi_country DE"
check "it refuses a country that is none" says 1 "two capital letters" by_script --country 'GB; reboot'
check "it refuses what is no package" says 1 "no package of Whimbrel" bash /install.sh /etc/passwd
check "it says how it is used" says 2 "usage" bash /install.sh
printf '# mine\n' >> $settings
rm -rf /boot/firmware /usr/bin/raspi-config /etc/modprobe.d/whimbrel-country.conf
rmdir --ignore-fail-on-non-empty /etc/modprobe.d

apt-get remove --yes whimbrel
check "a removal leaves the settings" grep -q '^# mine' $settings
check "a removal leaves the user" id whimbrel
check "a removal leaves no program" test ! -e /usr/bin/whimbrel
check "it can be installed again" install /new.deb
check "with the settings that were left" grep -q '^# mine' $settings
mkdir -p /var/lib/whimbrel /var/cache/whimbrel && touch /var/lib/whimbrel/recording.pcapng
check "it can be purged" apt-get purge --yes whimbrel
inventory > /tmp/after
left=$(diff <(without_backups /tmp/before) <(without_backups /tmp/after)) || true
check "a purge leaves nothing" test -z "$left"
printf '%s\n' "$left"
echo DONE
