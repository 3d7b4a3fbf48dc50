#!/bin/bash
# Installs Whimbrel's package on a Raspberry Pi OS or Debian that is there already; can be run again at any time.
# usage: sudo ./install.sh [--i2c] [--spi] [--hat NAME] [--country CC] whimbrel_VERSION_all.deb
#   --i2c, --spi      switch that bus on, for a screen (after the next start)
#   --hat NAME        the settings of a HAT, unless you have changed those that are there; switches its bus on:
#                     auto              the one whose EEPROM says what it is (few have one; an Inky's is read with I2C on)
#                     bonnet            Adafruit 128x64 OLED Bonnet
#                     waveshare         Waveshare 1.3" OLED HAT
#                     lcd-1.3           Waveshare 1.3" LCD HAT, 240x240
#                     lcd-1.44          Waveshare 1.44" LCD HAT, 128x128
#                     display-hat-mini  Pimoroni Display HAT Mini, 320x240
#                     epaper-2.13       Waveshare 2.13" e-paper HAT, V3 or V4
#                     inky-phat         Pimoroni Inky pHAT, 250x122
#   --country CC      the country whose rules for radio channels hold, such as GB
set -euo pipefail

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0"; }
fail() {
    echo "install.sh: $*" >&2
    exit 1
}

# Sets what a HAT needs, by its name here.
choose() {
    case $1 in
        bonnet) example=adafruit-oled-bonnet i2c=1 ;;
        waveshare) example=waveshare-oled-hat spi=1 ;;
        lcd-1.3) example=waveshare-lcd-1.3-hat spi=1 ;;
        lcd-1.44) example=waveshare-lcd-1.44-hat spi=1 ;;
        display-hat-mini) example=pimoroni-display-hat-mini overlay=spi0-2cs,no_miso ;;
        epaper-2.13) example=waveshare-epaper-2.13-hat spi=1 ;;
        inky-phat) example=pimoroni-inky-phat spi=1 ;;
        *) fail "there is no HAT $1 here; --help lists them" ;;
    esac
}

package='' i2c='' spi='' overlay='' hat='' country=''
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --i2c) i2c=1 ;;
        --spi) spi=1 ;;
        --hat) [ $# -gt 1 ] || fail "--hat needs a name; --help lists them"; hat=$2; shift ;;
        --country) [ $# -gt 1 ] || fail "--country needs a code such as GB"; country=$2; shift ;;
        -*) fail "there is no option $1; --help lists them" ;;
        *) [ -z "$package" ] || fail "one package at a time"; package=$1 ;;
    esac
    shift
done
[ -n "$package" ] || { usage >&2; exit 2; }
[ -r "$package" ] || fail "there is no file $package"
[ "$(dpkg-deb -f "$package" Package 2> /dev/null)" = whimbrel ] || fail "$package is no package of Whimbrel"
example=''
case $hat in '' | auto) ;; *) choose "$hat" ;; esac
[ "$country" != UK ] || fail "the code of the United Kingdom is GB: --country GB"
[[ -z $country || $country =~ ^[A-Z]{2}$ ]] || fail "a country has two capital letters, such as GB"
[ "$(id -u)" = 0 ] || fail "run it as root: sudo $0 …"

# Adds a line to config.txt.
add_line() {
    local config
    for config in /boot/firmware/config.txt /boot/config.txt; do
        [ -f "$config" ] || continue
        # Under [all]: what precedes may be for one model only.
        grep -qx "$1" "$config" || printf '\n[all]\n%s\n' "$1" >> "$config"
        return
    done
    echo "no config.txt of a Raspberry Pi here: do what '$1' does in your board's own way" >&2
}

# Sets a line of config.txt: raspi-config does it where there is one.
enable_bus() {
    local bus=$1 parameter=$2 config
    if command -v raspi-config > /dev/null; then
        raspi-config nonint "do_$bus" 0
        return
    fi
    for config in /boot/firmware/config.txt /boot/config.txt; do
        [ -f "$config" ] || continue
        if ! grep -q "^dtparam=$parameter=on" "$config"; then
            # Under [all]: what precedes may be for one model only.
            printf '\n[all]\ndtparam=%s=on\n' "$parameter" >> "$config"
        fi
        return
    done
    echo "no config.txt of a Raspberry Pi here: switch $bus on in your board's own way" >&2
}

set_country() {
    if command -v raspi-config > /dev/null; then
        raspi-config nonint do_wifi_country "$country" \
            || fail "raspi-config does not take the country $country: is that its code (ISO 3166)? All else is installed"
    else
        mkdir -p /etc/modprobe.d
        printf 'options cfg80211 ieee80211_regdom=%s\n' "$country" > /etc/modprobe.d/whimbrel-country.conf
        ! command -v iw > /dev/null || iw reg set "$country" || true
    fi
}

settings=/etc/whimbrel/whimbrel.yaml
shipped=/usr/share/whimbrel/settings
# Whether nobody has changed the settings: there are none, or they are those of the package or of a HAT.
untouched() {
    local file known
    [ -e "$settings" ] || return 0
    for file in "$shipped"/*.yaml /usr/share/doc/whimbrel/examples/*.yaml; do
        if cmp -s "$file" "$settings"; then return 0; fi
    done
    # They were a conffile once.
    known=$(dpkg-query -W -f '${Conffiles}' whimbrel 2> /dev/null | awk -v file="$settings" '$1 == file {print $2}') || true
    [ "$(md5sum < "$settings" | cut -d' ' -f1)" = "$known" ]
}
fresh=''
if untouched; then fresh=1; fi

export DEBIAN_FRONTEND=noninteractive
# A fresh system has no lists yet, and old ones name packages that are gone; another program may be at it just now.
apt_get() { apt-get -o DPkg::Lock::Timeout=600 --yes "$@"; }
apt_get --quiet update || echo "install.sh: some lists could not be renewed; going on with those that are here" >&2
# What is recommended, but not what that recommends in turn: a board of 512 MB has better uses for its card.
apt_get install --no-install-recommends libpcap0.8 iw wireless-regdb
# Anew, because another build may have the same number.
apt_get install --no-install-recommends --reinstall "$(readlink -f "$package")"

unknown=''
if [ "$hat" = auto ]; then
    if told=$(python3 -I -S /usr/lib/python3/dist-packages/whimbrel/hat.py 2>&1); then
        choose "${told%% *}"
    else
        unknown=$told
    fi
fi
[ -z "$i2c" ] || enable_bus i2c i2c_arm
[ -z "$spi" ] || enable_bus spi spi
[ -z "$overlay" ] || add_line "dtoverlay=$overlay"
[ -z "$country" ] || set_country
if [ -n "$example" ]; then
    if [ -n "$fresh" ]; then
        install -D -m 644 "$shipped/$example.yaml" "$settings"
        systemctl --no-block try-restart whimbrel 2> /dev/null || true
    elif ! cmp -s "$shipped/$example.yaml" "$settings"; then
        echo "$settings is your own and was left alone; compare $shipped/$example.yaml" >&2
    fi
fi

[ -z "$unknown" ] || fail "$unknown. Name it: --help lists the names. All else is installed"

echo
whimbrel check || true
cat << 'TEXT'

Whimbrel is installed, and runs from now on whenever there is a radio that can listen.

  whimbrel check                          is anything missing?
  sudo usermod -aG whimbrel "$USER"       then log in again, and you may ask it:
  whimbrel status; whimbrel survey
  journalctl -f -u whimbrel               what it notices
  sudo nano /etc/whimbrel/whimbrel.yaml   its settings; sudo systemctl reload whimbrel takes them
TEXT
[ -z "$i2c$spi$overlay" ] || echo "
Restart the board for its bus: sudo reboot"
