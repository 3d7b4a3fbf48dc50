# Asks a polkitd of its own, on a bus of its own, what the users whimbrel and nobody may do with the rules file $1: of all
# actions, and of what systemd may be asked to do with a unit, $2, in lines of a verb and a unit. Prints a line for each
# thing that is allowed. Run it as root in a mount namespace of its own (unshare -m).
. "$(dirname "$0")/own-bus.sh"
mount -t tmpfs -o mode=755 tmpfs /etc/polkit-1/rules.d
install -m 644 "$1" /etc/polkit-1/rules.d/

cat > "$work/bus.conf" <<CONF
<busconfig><type>system</type><listen>unix:path=$work/bus</listen><auth>EXTERNAL</auth><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
CONF
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$work/bus"
start_bus
/usr/lib/polkit-1/polkitd --no-debug > "$work/log" 2>&1 &
polkit=$!
trap 'kill $polkit $bus; rm -rf "$work"' EXIT
until pkaction > /dev/null 2>&1; do sleep 0.1; done

for user in whimbrel nobody; do
    setpriv --reuid="$user" --clear-groups sleep 60 &
    subject=$!
    until [ "$(stat -c %U "/proc/$subject")" = "$user" ]; do sleep 0.1; done
    for action in $(pkaction | grep '^org.freedesktop'); do
        if pkcheck --action-id "$action" --process "$subject" > /dev/null 2>&1; then
            echo "$user $action"
        fi
    done
    while read -r verb unit; do
        if pkcheck --action-id org.freedesktop.systemd1.manage-units --process "$subject" \
            --detail verb "$verb" --detail unit "$unit" > /dev/null 2>&1; then
            echo "$user $verb $unit"
        fi
    done < "$2"
    kill "$subject"
done
