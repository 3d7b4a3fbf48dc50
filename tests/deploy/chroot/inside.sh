# shellcheck shell=bash
# Runs in a clean system with /older.deb, whose settings are a conffile, /old.deb and /new.deb: what a person does with a package, and what must come of it.
set -u
settings=/etc/whimbrel/whimbrel.yaml
examples=/usr/share/whimbrel/examples
shipped=/usr/share/whimbrel/settings

pass() { echo "PASS $*"; }
check() { # check WHAT COMMAND...
    local what=$1
    shift
    if "$@"; then pass "$what"; else echo "FAIL $what"; fi
}
# Without an answer to any question of dpkg's: one that is asked ends it with an error.
install() { apt-get install --yes --no-install-recommends --allow-downgrades "$1" < /dev/null; }
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
is_old() { [ "$(head -1 $settings)" = '# The settings of an old version.' ]; }
for before in older old; do
    check "a version is installed ($before)" install /$before.deb
    check "its settings are there ($before)" is_old
    check "the service is enabled ($before)" test -L /etc/systemd/system/multi-user.target.wants/whimbrel.service
    check "an upgrade asks nothing ($before)" install /new.deb
    check "and takes new settings where nobody has changed them ($before)" cmp $settings $shipped/whimbrel.yaml
    apt-get purge --yes whimbrel > /dev/null # no downgrade: the conffile would be asked about
    install /$before.deb > /dev/null
    hat=$(find $shipped /usr/share/doc/whimbrel -name waveshare-oled-hat.yaml 2> /dev/null)
    cp "$hat" $settings # as install.sh --hat does
    check "nor after --hat ($before)" install /new.deb
    check "and takes the new ones of the HAT ($before)" cmp $settings $shipped/waveshare-oled-hat.yaml
    check "the package is whole ($before)" test "$(dpkg-query -Wf '${db:Status-Abbrev}' whimbrel)" = "ii "
    [ $before = old ] || apt-get purge --yes whimbrel > /dev/null
done
mv $settings /tmp/aside
install /old.deb > /dev/null
check "settings that somebody deleted do not come back" test ! -e $settings
cp $shipped/whimbrel.yaml $settings
sed -i 's/^  logger:/  logger: {level: notice}/' $settings
sed -i '1i # mine' $settings
rm /etc/systemd/system/multi-user.target.wants/whimbrel.service
check "an upgrade with changed settings names them, and those of this version" says 0 \
    "$settings is your own and stays as it is; that of this version is $shipped/whimbrel.yaml" install /new.deb
check "the changed settings survive" grep -q '^# mine' $settings
check "nothing lies beside them" test "$(ls /etc/whimbrel)" = whimbrel.yaml
check "a service that was disabled stays so" test ! -e /etc/systemd/system/multi-user.target.wants/whimbrel.service
check "installing it again changes nothing" install /new.deb
check "the postinst can be run again" dpkg-reconfigure -fnoninteractive whimbrel

check "the version" says 0 "whimbrel $(dpkg-query -Wf '${source:Upstream-Version}' whimbrel)" whimbrel --version
check "the user has the groups of the devices" says 0 "gpio i2c spi" sh -c 'id -nG whimbrel | tr " " "\n" | sort | paste -sd" "'
check "what speaks IP has a user of its own, which may only look" says 0 "whimbrel-look whimbrel-reach" \
    sh -c 'id -nG whimbrel-reach | tr " " "\n" | sort | paste -sd" "'
check "it is enabled" test -L /etc/systemd/system/multi-user.target.wants/whimbrel-reach.service
check "it has nothing to do by the settings of the package" says 0 "nothing to do" whimbrel reach
check "check finds the settings right, and no radio" says 6 "radio" whimbrel check
check "of the demonstration only the web page's library is missing" says 6 "apt install python3-aiohttp" \
    whimbrel check --config $examples/demo-headless.yaml
check "the settings of the HATs are right where there is hardware" says 6 "radio" whimbrel check -c $shipped/adafruit-oled-bonnet.yaml
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
mapfile -t image < <(sed -n 's/^Wants=//p' /usr/lib/systemd/system/whimbrel-image.target | tr ' ' '\n' | sed 's|^|/usr/lib/systemd/system/|')
check "systemd-analyze verify has nothing to say" quiet systemd-analyze verify --man=no \
    /usr/lib/systemd/system/whimbrel.service /usr/lib/systemd/system/whimbrel-recover.service \
    /usr/lib/systemd/system/whimbrel-reach.service /usr/lib/systemd/system/whimbrel-recover.path \
    /usr/lib/systemd/system/whimbrel-radio.service /usr/lib/systemd/system/whimbrel-radio.socket \
    /usr/lib/systemd/system/whimbrel-copy.service /usr/lib/systemd/system/whimbrel-copy.path \
    /usr/lib/systemd/system/whimbrel-packages.service /usr/lib/systemd/system/whimbrel-security.service \
    /usr/lib/systemd/system/whimbrel-security.path /usr/lib/systemd/system/whimbrel-security@daily.timer \
    /usr/lib/systemd/system/whimbrel-time.service /usr/lib/systemd/system/whimbrel-time.path \
    /usr/lib/systemd/system/whimbrel-splash-make.service /usr/lib/systemd/system/whimbrel-splash@i2c-1.service \
    /usr/lib/systemd/system/whimbrel-image.target /usr/lib/systemd/system/whimbrel-problems.timer \
    "${image[@]}"
check "the first picture is recorded for a HAT" python3 -I -B -m whimbrel.splash $shipped/adafruit-oled-bonnet.yaml /tmp/splash
check "and its last one" test -s /tmp/splash/i2c-1.off
check "they are played without any package" quiet python3 -I -S /usr/lib/python3/dist-packages/whimbrel/splash/play.py \
    /tmp/splash/i2c-1.start
check "nothing is copied to the card unasked" quiet python3 -I -B -m whimbrel.copying
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
check "which are those" cmp $settings $shipped/waveshare-oled-hat.yaml
check "and those of another one where nobody has changed them" by_script --hat bonnet
check "which are its own" cmp $settings $shipped/adafruit-oled-bonnet.yaml
cp $shipped/waveshare-oled-hat.yaml $settings
check "it asks raspi-config where there is one" test "$(sort -u /tmp/raspi-config | paste -sd,)" = \
    "nonint do_i2c 0,nonint do_spi 0,nonint do_wifi_country DE"
check "it says that no HAT is recognised, and installs all the same" says 1 "Name it: --help lists the names. All else is installed" \
    by_script --hat auto
check "it refuses a country that is none" says 1 "two capital letters" by_script --country 'GB; reboot'
check "it refuses what is no package" says 1 "no package of Whimbrel" bash /install.sh /etc/passwd
check "it says how it is used" says 2 "usage" bash /install.sh
sed -i '1i # mine' $settings
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
